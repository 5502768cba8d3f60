//! Reading `tcp://host:port`.

use super::{Endpoint, host_and_port};
use crate::tls::Tls;

/// The ports that IANA registered for engines without and with TLS.
const PORT: u16 = 2375;
const TLS_PORT: u16 = 2376;

/// Reads what follows `tcp://`. A missing host is this one, as the docker command takes it.
pub(super) fn parse(rest: &str, tls: Option<&Tls>) -> Result<Endpoint, &'static str> {
    if rest.contains('@') {
        return Err("a user or a password means nothing to an engine over TCP");
    }
    let (host, port) = host_and_port(rest.strip_suffix('/').unwrap_or(rest))?;
    if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte)) {
        return Err("no host name before its port");
    }
    let host = if host.is_empty() { "localhost" } else { host };
    let port = port.unwrap_or(if tls.is_some() { TLS_PORT } else { PORT });
    Ok(Endpoint::Tcp { host: host.to_owned(), port, tls: tls.cloned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, Way};

    fn shown(address: &str, tls: Option<&Tls>) -> String {
        Endpoint::parse(address, tls).unwrap().to_string()
    }

    #[test]
    fn the_port_is_2375_without_tls_and_2376_with_it() {
        let tls = Tls { verify: true, ..Tls::default() };
        assert_eq!(shown("tcp://db-1", None), "tcp://db-1:2375");
        assert_eq!(shown("tcp://db-1", Some(&tls)), "tcp://db-1:2376");
        assert_eq!(shown("tcp://db-1:4243/", Some(&tls)), "tcp://db-1:4243");
        assert_eq!(shown("tcp://", None), "tcp://localhost:2375");
        assert_eq!(shown("db-1:2375", None), "tcp://db-1:2375");
    }

    #[test]
    fn an_ipv6_address_stands_in_brackets() {
        assert_eq!(shown("tcp://[::1]:2376", None), "tcp://[::1]:2376");
        assert_eq!(shown("tcp://[fe80::2]", None), "tcp://[fe80::2]:2375");
        let Endpoint::Tcp { host, .. } = Endpoint::parse("tcp://[::1]:1", None).unwrap() else {
            panic!("not TCP");
        };
        assert_eq!(host, "::1");
    }

    #[test]
    fn how_safe_the_way_is_can_be_told() {
        let way = |tls: Option<&Tls>| Endpoint::parse("tcp://a", tls).unwrap().way();
        assert_eq!(way(None), Way::Plain);
        assert_eq!(way(Some(&Tls::default())), Way::Unverified);
        assert_eq!(way(Some(&Tls { verify: true, ..Tls::default() })), Way::Verified);
    }

    #[test]
    fn what_is_no_host_and_port_is_refused() {
        for address in [
            "tcp://me:hunter2@10.0.0.1:2376",
            "tcp://a:0",
            "tcp://a:65536",
            "tcp://a:+1",
            "tcp://a:b",
            "tcp://a/b",
            "tcp://::1",
            "tcp://[::1",
            "tcp://[a]:1",
            "tcp://[::1]1",
            "tcp://a b",
            "tcp://a\r\nb",
        ] {
            let error = Endpoint::parse(address, None).unwrap_err();
            assert!(matches!(error, Error::BadAddress { .. }), "{address}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
            assert!(!error.to_string().contains('\n'), "{error}");
        }
    }
}
