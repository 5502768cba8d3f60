//! The proxy that the environment names, as curl has it: `https_proxy` or `HTTPS_PROXY` for HTTPS,
//! `http_proxy` for HTTP (only in lower case: a CGI server sets the other from a request's header),
//! `ALL_PROXY` for both; `NO_PROXY` names the hosts without.

use ureq::Proxy;

use crate::error::WebError;

const SECURE: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const PLAIN: [&str; 3] = ["http_proxy", "all_proxy", "ALL_PROXY"];
const WITHOUT: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// The value of a variable.
pub(crate) type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The proxy for one kind of address; none where none is named.
pub(crate) fn of(secure: bool, variable: Variables<'_>) -> Result<Option<Proxy>, WebError> {
    let names = if secure { &SECURE[..] } else { &PLAIN };
    let set =
        |name: &&'static str| Some((*name, variable(name).filter(|value| !value.is_empty())?));
    let Some((name, value)) = names.iter().find_map(set) else { return Ok(None) };
    let proxy = Proxy::new(&value).map_err(|_| WebError::Proxy { variable: name })?;
    let mut builder = Proxy::builder(proxy.protocol()).host(proxy.host()).port(proxy.port());
    if let (Some(user), Some(password)) = (proxy.username(), proxy.password()) {
        builder = builder.username(user).password(password);
    }
    for host in hosts(&WITHOUT.iter().find_map(|name| variable(name)).unwrap_or_default()) {
        builder = builder.no_proxy(&host);
    }
    builder.build().map(Some).map_err(|_| WebError::Proxy { variable: name })
}

/// `example.org` and `.example.org` both mean the host and all below it.
fn hosts(list: &str) -> Vec<String> {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    let both = |name: &str| match name.trim_start_matches('.') {
        "*" => vec!["*".to_owned()],
        bare => vec![bare.to_owned(), format!(".{bare}")],
    };
    names.flat_map(both).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(secure: bool, set: &[(&str, &str)]) -> Option<Proxy> {
        let variable =
            |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        of(secure, &variable).unwrap()
    }

    #[test]
    fn each_kind_of_address_has_its_own_proxy() {
        let set = [
            ("HTTPS_PROXY", "http://u:p@a:3128"),
            ("HTTP_PROXY", "http://b"),
            ("http_proxy", "c:8080"),
        ];
        let secure = proxy(true, &set).unwrap();
        assert_eq!((secure.host(), secure.port(), secure.username()), ("a", 3128, Some("u")));
        let plain = proxy(false, &set).unwrap();
        assert_eq!((plain.host(), plain.port()), ("c", 8080));
        assert!(proxy(true, &[("HTTP_PROXY", "http://b"), ("https_proxy", "")]).is_none());
        assert_eq!(proxy(true, &[("ALL_PROXY", "http://d:1")]).unwrap().host(), "d");
    }

    #[test]
    fn hosts_without_a_proxy_are_left_out_with_all_below_them() {
        let proxy = proxy(
            true,
            &[("HTTPS_PROXY", "http://a"), ("NO_PROXY", "x.example, .y.example,10.0.0.1")],
        );
        let proxy = proxy.unwrap();
        for (url, without) in [
            ("https://x.example/", true),
            ("https://w.x.example/", true),
            ("https://y.example/", true),
            ("https://w.y.example/", true),
            ("https://10.0.0.1/", true),
            ("https://xx.example/", false),
            ("https://example/", false),
        ] {
            assert_eq!(proxy.is_no_proxy(&url.parse().unwrap()), without, "{url}");
        }
    }

    #[test]
    fn a_proxy_that_is_none_is_an_error_and_not_gone_around() {
        let variable = |name: &str| (name == "https_proxy").then(|| "http://".to_owned());
        assert!(matches!(of(true, &variable), Err(WebError::Proxy { variable: "https_proxy" })));
    }
}
