//! Where news is sent.

use crate::near;
use crate::problems::{Found, Kind};
use crate::raw::{RawWebhook, WEBHOOK};
use crate::shown::shown;

/// Where news is sent: one address, and the secret that it is signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// An `https` address, or an `http` one of this host.
    pub url: String,
    /// The file that holds the secret; absent where systemd hands it over as a credential.
    pub secret_file: Option<String>,
    /// Whether something is sent even where nothing is new.
    pub always: bool,
}

/// The settings of a webhook; says what is wrong with them.
pub(crate) fn webhook(raw: &RawWebhook<'_>, found: &mut Found<'_>) -> Option<Webhook> {
    let Some(url) = raw.url.there() else {
        if raw.url.is_absent() {
            let message = "a webhook without `url` sends nothing";
            found.add(Kind::Missing, raw.header.clone(), message, || {
                Some("write `url = \"https://…\"` below `[webhook]`".to_owned())
            });
        }
        return None;
    };
    if let Err((message, hint)) = address(url.get_ref()) {
        found.add(Kind::Empty, url.span(), message, || Some(hint.to_owned()));
    }
    let secret = raw.secret_file.there();
    if let Some(file) = secret.filter(|file| !file.get_ref().starts_with('/')) {
        let message = format!("`{}` is no absolute path", shown(file.get_ref()));
        found.add(Kind::Empty, file.span(), message, || {
            Some("the secret stands in a file of its own, named from `/` on".to_owned())
        });
    }
    Some(Webhook {
        url: (*url.get_ref()).to_owned(),
        secret_file: secret.map(|file| (*file.get_ref()).to_owned()),
        always: raw.always.there().is_some_and(|always| *always.get_ref()),
    })
}

/// News tells an attacker where to go, so it leaves the host encrypted only.
fn address(url: &str) -> Result<(), (String, &'static str)> {
    let wrong = |what: &str| format!("`{}` {what}", shown(url));
    if url.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err((wrong("is no address"), "leave out blanks"));
    }
    if let Some(rest) = url.strip_prefix("https://") {
        let named = !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']);
        return if named {
            credentials(rest)
        } else {
            Err((wrong("names no host"), "write `https://host/path`"))
        };
    }
    let here = ["localhost", "127.0.0.1", "[::1]"];
    let local = url.strip_prefix("http://").and_then(|rest| rest.split(['/', '?', '#']).next());
    let host = local.map(|authority| {
        authority.rsplit_once(':').map_or(authority, |(host, port)| {
            if port.bytes().all(|b| b.is_ascii_digit()) { host } else { authority }
        })
    });
    match host {
        Some(host) if here.contains(&host) => Ok(()),
        _ => Err((
            wrong("is not encrypted"),
            "write an `https://` address; `http://` is for this host alone",
        )),
    }
}

fn credentials(rest: &str) -> Result<(), (String, &'static str)> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        let host = authority.rsplit('@').next().unwrap_or_default();
        let message = format!("the address at `{}` holds a password", shown(host));
        return Err((message, "requests are signed: the secret stands in `secret-file`"));
    }
    Ok(())
}

/// A key that means nothing below `[webhook]`.
pub(crate) fn unknown(key: &str) -> Option<String> {
    near::question(key, WEBHOOK)
        .or_else(|| Some("a webhook has `url`, `secret-file`, `always`".to_owned()))
}

#[cfg(test)]
mod tests {
    use crate::sample::{config, told};

    #[test]
    fn a_webhook_needs_an_address() {
        let text = "[webhook]\nurl = \"https://ops.example/hook\"\nsecret-file = \"/etc/dockward/webhook.secret\"\n";
        let webhook = config(text).webhook.unwrap();
        assert_eq!(webhook.url, "https://ops.example/hook");
        assert_eq!(webhook.secret_file.as_deref(), Some("/etc/dockward/webhook.secret"));
        assert!(!webhook.always);
        assert!(told("[webhook]\nalways = true\n").contains("without `url`"));
        assert!(config("").webhook.is_none());
    }

    #[test]
    fn news_leaves_the_host_encrypted_only() {
        for good in
            ["https://a.example", "http://localhost:8080/x", "http://[::1]/", "http://127.0.0.1"]
        {
            assert!(config(&format!("[webhook]\nurl = \"{good}\"\n")).webhook.is_some(), "{good}");
        }
        for bad in [
            "http://ops.example/hook",
            "http://localhost.example/",
            "http://127.0.0.1.example/",
            "ftp://a",
            "https://",
            "https:///x",
            "https://a b",
            "https://me:word@a.example/",
        ] {
            let told = told(&format!("[webhook]\nurl = \"{bad}\"\n"));
            assert!(!told.is_empty(), "{bad}");
        }
    }

    #[test]
    fn what_is_misspelt_is_named() {
        let told = told("[webhook]\nurl = \"https://a\"\nsecret_file = \"/x\"\n");
        assert!(told.contains("did you mean `secret-file`"), "{told}");
    }
}
