//! Reading `ssh://[user@]host[:port][/path]`.
//!
//! All of it reaches the command line of `ssh`, its configuration's `%h` and `%r` (CVE-2023-51385),
//! and the path even the remote shell: whatever could mean something there is refused.

use std::fmt;

use super::host_and_port;

/// A host that is reached with the system's `ssh`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ssh {
    /// The user to log in as; otherwise `ssh` decides.
    pub(crate) user: Option<String>,
    /// A name or address, or what `ssh_config` calls it.
    pub(crate) host: String,
    /// The port; otherwise `ssh` decides.
    pub(crate) port: Option<u16>,
    /// The engine's socket there; otherwise the docker command there decides.
    pub(crate) socket: Option<String>,
}

impl Ssh {
    /// The user to log in as; where none is named, `ssh` decides.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// A name or address, or what `ssh_config` calls it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Reads what follows `ssh://`.
    pub(super) fn parse(rest: &str) -> Result<Self, &'static str> {
        let (place, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, place) = match place.rsplit_once('@') {
            Some((user, _)) if user.contains(':') => {
                return Err("it holds a password, which ssh would not take");
            }
            Some((user, place)) => (Some(user), place),
            None => (None, place),
        };
        let (host, port) = host_and_port(place)?;
        if user.is_some_and(|user| !is_word(user, b"._+@-")) {
            return Err("its user has characters that are not allowed, or begins with `-`");
        }
        if !is_word(host, b"._:-") {
            return Err("its host has characters that are not allowed, or begins with `-`");
        }
        if !path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte)) {
            return Err("its path has other characters than letters, digits and `/._-`");
        }
        let socket = !path.bytes().all(|byte| byte == b'/');
        Ok(Self {
            user: user.map(str::to_owned),
            host: host.to_owned(),
            port,
            socket: socket.then(|| path.to_owned()),
        })
    }
}

/// Letters, digits and these, not empty, and no option.
fn is_word(text: &str, also: &[u8]) -> bool {
    let all = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || also.contains(&byte));
    all && !text.is_empty() && !text.starts_with('-')
}

impl fmt::Display for Ssh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ssh://")?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(self.socket.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Endpoint, Error, Way};

    #[test]
    fn each_part_but_the_host_may_be_missing() {
        for address in [
            "ssh://web-7",
            "ssh://ops@web-7",
            "ssh://ops@corp@web-7",
            "ssh://ops@web-7:2222/run/user/1000/docker.sock",
            "ssh://ops@[fe80::1]:22",
        ] {
            let endpoint = Endpoint::parse(address, None).unwrap();
            assert_eq!(endpoint.to_string(), address);
            assert_eq!(endpoint.way(), Way::Ssh);
            assert!(!endpoint.is_unix());
        }
        let Endpoint::Ssh(ssh) = Endpoint::parse("ssh://ops@web-7/", None).unwrap() else {
            panic!("not SSH");
        };
        assert_eq!((ssh.user(), ssh.host()), (Some("ops"), "web-7"));
        assert_eq!(ssh.socket, None);
    }

    #[test]
    fn no_part_can_become_an_option_or_a_word_of_a_shell() {
        for address in [
            "ssh://",
            "ssh://-oProxyCommand=x",
            "ssh://-oProxyCommand=x@web-7",
            "ssh://ops@-oProxyCommand=x",
            "ssh://@web-7",
            "ssh://ops:hunter2@web-7",
            "ssh://ops@web-7:-1",
            "ssh://ops@web-7:22x",
            "ssh://web 7",
            "ssh://web\n7",
            "ssh://`x`",
            "ssh://$(x)",
            "ssh://w%65b",
            "ssh://o;x@web-7",
            "ssh://web-7/run/a b",
            "ssh://web-7/run/$(x)",
            "ssh://web-7/run/';x",
            "ssh://web-7/run/x?y",
            "ssh://web-7/run/x#y",
            "ssh://web-7?x",
        ] {
            let error = Endpoint::parse(address, None).unwrap_err();
            assert!(matches!(error, Error::BadAddress { .. }), "{address}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
