//! URLs with a password in their authority (RFC 3986, section 3.2.1), and Go's data source names.

use dockward_model::facts::SecretKind;

use crate::held::Held;
use crate::span::Span;
use crate::value;

/// No user and password that anybody writes is longer, in bytes.
const LONGEST: usize = 256;

pub(super) fn find(text: &str, held: Held) -> Vec<Span> {
    if !held.all(const { Held::of(":@") }) {
        return Vec::new();
    }
    let after_scheme = text.match_indices("://").filter_map(|(at, found)| {
        let scheme = at.checked_sub(1).and_then(|i| text.as_bytes().get(i));
        scheme.is_some_and(u8::is_ascii_alphanumeric).then(|| password(text, at + found.len()))?
    });
    let sources = ["@tcp(", "@unix("].into_iter().flat_map(|network| {
        text.match_indices(network).filter_map(|(at, _)| source_password(text, at))
    });
    after_scheme.chain(sources).collect()
}

/// The password of the authority that begins at `start`.
fn password(text: &str, start: usize) -> Option<Span> {
    let url = text.as_bytes().get(start..)?;
    let in_authority = |byte: &u8| !ends_url(*byte) && !matches!(byte, b'/' | b'?' | b'#');
    let length = url.iter().take_while(|byte| in_authority(byte)).count();
    let authority = url.get(..length)?;
    let colon = authority.iter().position(|byte| *byte == b':')?;
    let at = match authority.iter().rposition(|byte| *byte == b'@') {
        Some(at) => at,
        None => unescaped_end(url, colon, length)?,
    };
    let user = text.get(start..start + colon)?;
    let begin = if value::looks_random(user) { start } else { start + colon + 1 };
    (at > colon).then(|| span(text, begin, start + at))?
}

/// Some drivers take a password with a slash in it as it is: no port, and an `@` further on.
fn unescaped_end(url: &[u8], colon: usize, authority_end: usize) -> Option<usize> {
    let port = url.get(colon + 1..authority_end)?;
    if port.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut beyond = url.get(authority_end..)?.iter().take(LONGEST);
    let at = beyond.position(|byte| *byte == b'@' || ends_url(*byte))?;
    (url.get(authority_end + at) == Some(&b'@')).then_some(authority_end + at)
}

/// `user:password@tcp(host:port)/name`.
fn source_password(text: &str, at: usize) -> Option<Span> {
    let before = text.as_bytes().get(at.saturating_sub(LONGEST)..at)?;
    let length = before.iter().rev().take_while(|byte| !ends_url(**byte)).count();
    let start = at - length;
    let colon = text.as_bytes().get(start..at)?.iter().position(|byte| *byte == b':')?;
    span(text, start + colon + 1, at)
}

fn span(text: &str, start: usize, end: usize) -> Option<Span> {
    let password = text.get(start..end)?;
    value::is_text_of_its_own(password, value::Writing::Shell)
        .then(|| Span::new(start, end, SecretKind::UrlPassword))
}

fn ends_url(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        find(text, Held::of(text)).into_iter().map(|span| span.text(text)).collect()
    }

    #[test]
    fn the_password_alone_is_found() {
        assert_eq!(found("postgres://app:s3cret@db:5432/shop?x=a@b"), ["s3cret"]);
        assert_eq!(found("redis://:s3cret@cache/0"), ["s3cret"]);
        assert_eq!(found("amqp://a:one@h1,amqp://b:two@h2"), ["one", "two"]);
        assert_eq!(found("root:s3cret@tcp(db:3306)/shop"), ["s3cret"]);
    }

    #[test]
    fn a_token_in_the_place_of_the_user_goes_too() {
        let token = "k3Vq9tR7mX2pLw8ZbN4c:x-oauth-basic";
        assert_eq!(found(&format!("git clone https://{token}@github.com/x")), [token]);
    }

    #[test]
    fn a_password_with_an_at_or_a_slash_in_it_is_found_whole() {
        assert_eq!(found("mysql://a:s3@cret@db/shop"), ["s3@cret"]);
        assert_eq!(found("postgres://a:s3/cret@db/shop"), ["s3/cret"]);
    }

    #[test]
    fn urls_without_a_password_are_none() {
        for url in [
            "https://example.com:8080/@scope/pkg",
            "ssh://git@example.com:22/x@v1",
            "tcp://10.96.0.1:443",
            "https://user:@example.com",
            "https://example.com/a:b@c",
            "postgres://app:${DB_PASSWORD}@db/shop",
            "postgres://app:$PASS@db/shop",
            "postgres://app:<password>@db/shop",
            "postgres://app:[password]@db/shop",
        ] {
            assert_eq!(found(url), [""; 0], "{url}");
        }
    }
}
