//! Addresses of HTTP and HTTPS, as far as redirects need them (RFC 3986).

/// An address, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    pub(crate) secure: bool,
    /// Host and port, and credentials before an at sign.
    authority: &'a str,
    /// From the first slash on; may be empty.
    path: &'a str,
}

impl<'a> Address<'a> {
    pub(crate) fn of(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let clean = |c: char| c.is_ascii_graphic();
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        (!authority.is_empty() && rest.chars().all(clean)).then_some(Self {
            secure,
            authority,
            path,
        })
    }

    /// Host and port, without credentials.
    pub(crate) fn host(&self) -> &'a str {
        self.authority.rsplit_once('@').map_or(self.authority, |(_, host)| host)
    }

    /// Where a redirect from here leads (section 5.2, without dot segments: servers resolve those).
    pub(crate) fn join(&self, to: &str) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        if Address::of(to).is_some() || to.contains("://") {
            return to.to_owned();
        }
        if let Some(rest) = to.strip_prefix("//") {
            return format!("{scheme}://{rest}");
        }
        if to.starts_with('/') {
            return format!("{scheme}://{}{to}", self.authority);
        }
        let path = self.path.split(['?', '#']).next().unwrap_or_default();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{}{folder}/{to}", self.authority)
    }
}

/// An address as it may be told: without credentials and query, which may hold a token.
#[must_use]
pub fn shown(url: &str) -> String {
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    let plain =
        plain.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect::<String>();
    match plain.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            format!("{scheme}://{host}{path}")
        }
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_where_browsers_would_go() {
        let from = Address::of("https://a.example:8443/x/y.zip?q=1").unwrap();
        for (to, url) in [
            ("https://b.example/z", "https://b.example/z"),
            ("//b.example/z", "https://b.example/z"),
            ("/z", "https://a.example:8443/z"),
            ("z.zip", "https://a.example:8443/x/z.zip"),
            ("ftp://b.example/", "ftp://b.example/"),
        ] {
            assert_eq!(from.join(to), url, "{to}");
        }
        assert_eq!(Address::of("http://a").unwrap().join("z"), "http://a/z");
    }

    #[test]
    fn what_is_no_address_is_none() {
        for url in [
            "",
            "a.example",
            "ftp://a.example",
            "https://",
            "https:///x",
            "http://a b/",
            "http://a/\n",
        ] {
            assert_eq!(Address::of(url), None, "{url:?}");
        }
    }

    #[test]
    fn no_token_is_told() {
        assert_eq!(shown("https://user:word@a.example/x?token=1#y"), "https://a.example/x");
    }
}
