//! Where an engine listens, and in which order to look for it.

use std::env;
use std::path::{Path, PathBuf};

use crate::error::{Error, plain};

/// One place where an engine may listen.
///
/// TCP with TLS, SSH and contexts will be further variants.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// A Unix socket, by its absolute path.
    Unix(PathBuf),
}

/// What names an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The `--host` option.
    pub host: Option<String>,
    /// The variable `DOCKER_HOST`.
    pub docker_host: Option<String>,
    /// The variable `DOCKER_CONTEXT`.
    pub docker_context: Option<String>,
    /// The variable `XDG_RUNTIME_DIR`, where a rootless engine listens.
    pub runtime_dir: Option<PathBuf>,
}

impl Named {
    /// The `--host` option, and the variables of this process.
    pub fn from_env(host: Option<String>) -> Self {
        Self {
            host,
            docker_host: env::var("DOCKER_HOST").ok(),
            docker_context: env::var("DOCKER_CONTEXT").ok(),
            runtime_dir: env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from),
        }
    }

    /// The places to look at, in this order: `--host`, `DOCKER_HOST`, and only without either
    /// `/var/run/docker.sock`, `/run/docker.sock` and the rootless engine's socket. That one
    /// belongs to whoever owns its directory: it proves nothing about root's engine.
    ///
    /// # Errors
    /// An address that is malformed, or of a kind that this version does not support.
    pub fn endpoints(&self) -> Result<Vec<Endpoint>, Error> {
        let named = [&self.host, &self.docker_host];
        if let Some(address) = named.into_iter().find_map(|one| filled(one.as_deref())) {
            return Ok(vec![Endpoint::parse(address)?]);
        }
        match filled(self.docker_context.as_deref()) {
            None | Some("default") => Ok(self.usual()),
            Some(_) => {
                Err(Error::Unsupported { kind: "a Docker context (DOCKER_CONTEXT)".to_owned() })
            }
        }
    }

    fn usual(&self) -> Vec<Endpoint> {
        let mut all = vec![
            Endpoint::Unix("/var/run/docker.sock".into()),
            Endpoint::Unix("/run/docker.sock".into()),
        ];
        let rootless = self.runtime_dir.as_deref().filter(|dir| dir.is_absolute());
        all.extend(rootless.map(|dir| Endpoint::Unix(dir.join("docker.sock"))));
        all
    }
}

fn filled(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

impl Endpoint {
    /// Reads an address: `unix:///path`, or only the path.
    ///
    /// # Errors
    /// An address that is malformed, or of a kind that this version does not support.
    pub fn parse(address: &str) -> Result<Self, Error> {
        let path = match address.split_once("://") {
            Some(("unix", "")) => "/var/run/docker.sock",
            Some(("unix", path)) => path,
            Some((scheme, _)) => return Err(other_scheme(scheme, address)),
            None => address,
        };
        if Path::new(path).is_absolute() && !path.contains('\0') {
            return Ok(Self::Unix(path.into()));
        }
        Err(bad(address, "no absolute path"))
    }
}

/// The rest of the address is not repeated: it may hold a password.
fn other_scheme(scheme: &str, address: &str) -> Error {
    match scheme {
        "tcp" | "http" | "https" | "ssh" | "npipe" | "fd" => {
            Error::Unsupported { kind: format!("an engine at {scheme}://") }
        }
        _ => bad(address, "no scheme that Docker knows"),
    }
}

fn bad(address: &str, why: &'static str) -> Error {
    let shown = address.rsplit('@').next().unwrap_or_default();
    Error::BadAddress { value: plain(shown, 100), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(named: &Named) -> Vec<String> {
        let all = named.endpoints().unwrap();
        all.iter().map(|Endpoint::Unix(path)| path.display().to_string()).collect()
    }

    #[test]
    fn the_host_option_comes_before_the_variable_and_both_before_the_usual_places() {
        let mut named = Named {
            host: Some("unix:///a.sock".into()),
            docker_host: Some("unix:///b.sock".into()),
            docker_context: Some("far".into()),
            runtime_dir: Some("/run/user/7".into()),
        };
        assert_eq!(paths(&named), ["/a.sock"]);
        named.host = None;
        assert_eq!(paths(&named), ["/b.sock"]);
        named.docker_host = Some(String::new());
        named.docker_context = Some("default".into());
        assert_eq!(
            paths(&named),
            ["/var/run/docker.sock", "/run/docker.sock", "/run/user/7/docker.sock"]
        );
    }

    #[test]
    fn a_relative_runtime_directory_is_not_looked_at() {
        let named = Named { runtime_dir: Some("tmp".into()), ..Named::default() };
        assert_eq!(paths(&named).len(), 2);
    }

    #[test]
    fn other_kinds_of_address_are_not_yet_supported_and_say_so_without_the_password() {
        for address in [
            "tcp://user:hunter2@10.0.0.1:2376",
            "ssh://root@host",
            "npipe:////./pipe/docker",
            "https://host",
        ] {
            let error = Endpoint::parse(address).unwrap_err();
            let text = error.to_string();
            assert!(text.contains("not yet supported by this version"), "{text}");
            assert!(!text.contains("hunter2"));
            assert!(error.hint().is_some());
        }
    }

    #[test]
    fn a_context_is_not_yet_supported() {
        let named = Named { docker_context: Some("far".into()), ..Named::default() };
        assert!(matches!(named.endpoints(), Err(Error::Unsupported { .. })));
    }

    #[test]
    fn an_address_that_says_nothing_is_refused() {
        for address in ["docker.sock", "unix://docker.sock", "foo:///x", "unix:///a\0b"] {
            let error = Endpoint::parse(address).unwrap_err();
            assert!(matches!(error, Error::BadAddress { .. }), "{address}");
        }
        assert_eq!(
            Endpoint::parse("unix://").unwrap(),
            Endpoint::Unix("/var/run/docker.sock".into())
        );
        assert_eq!(Endpoint::parse("/x/y").unwrap(), Endpoint::Unix("/x/y".into()));
    }
}
