//! JSON web tokens (RFC 7519) in their compact form.

use dockward_model::facts::SecretKind;

use super::{begins_word, run_end, url_safe};
use crate::held::Held;
use crate::span::Span;

/// `{"` in base64: how a token's header and claims both begin.
const OBJECT: &str = "eyJ";

pub(super) fn find(text: &str, held: Held) -> Vec<Span> {
    if !held.all(const { Held::of(OBJECT) }) {
        return Vec::new();
    }
    let (bytes, mut next) = (text.as_bytes(), 0);
    let mut spans = Vec::new();
    for (at, _) in text.match_indices(OBJECT) {
        let begins = at >= next && begins_word(bytes, at);
        if let Some(end) = begins.then(|| token_end(text, at)).flatten() {
            spans.push(Span::new(at, end, SecretKind::JsonWebToken));
            next = end;
        }
    }
    spans
}

/// Header, claims and, where it is signed, the signature.
fn token_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let header = run_end(bytes, at, url_safe);
    let claims = header + 1;
    let is_object = text.get(header..)?.starts_with('.') && text.get(claims..)?.starts_with(OBJECT);
    let claims_end = run_end(bytes, claims, url_safe);
    if !is_object || claims_end < claims + 8 {
        return None;
    }
    match bytes.get(claims_end) {
        Some(b'.') => Some(run_end(bytes, claims_end + 1, url_safe)),
        _ => Some(claims_end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N";

    fn found(text: &str) -> Vec<&str> {
        find(text, Held::of(text)).into_iter().map(|span| span.text(text)).collect()
    }

    #[test]
    fn a_token_is_found_with_its_signature() {
        assert_eq!(found(&format!("Bearer {SIGNED}\"")), [SIGNED]);
    }

    #[test]
    fn base64_of_an_object_alone_is_none() {
        assert_eq!(found("eyJhbGciOiJIUzI1NiJ9"), [""; 0]);
        assert_eq!(found("eyJhbGciOiJIUzI1NiJ9.config.json"), [""; 0]);
    }
}
