//! Access keys of cloud providers.

use dockward_model::facts::SecretKind;

use super::{base64, begins_word, run_end, url_safe};
use crate::held::{Held, Part};
use crate::span::Span;

/// How long the secret half of an AWS access key is.
pub(crate) const AWS_SECRET_LENGTH: usize = 40;
const AWS_ID_LENGTH: usize = 20;
const GOOGLE: &str = "AIza";
const GOOGLE_TAIL: usize = 35;
/// Parts of Azure's connection strings; the key follows.
const AZURE: &[Part] =
    &[Part::new("AccountKey="), Part::new("SharedAccessKey="), Part::new("SharedAccessSignature=")];

pub(super) fn find(text: &str, held: Held) -> Vec<Span> {
    let may = held.all(const { Held::of("AIK") }) || held.all(const { Held::of("AIS") });
    let mut spans = if may { aws(text) } else { Vec::new() };
    let bytes = text.as_bytes();
    if held.all(const { Held::of(GOOGLE) }) {
        spans.extend(text.match_indices(GOOGLE).filter_map(|(at, _)| {
            let end = run_end(bytes, at, url_safe);
            let whole = begins_word(bytes, at) && end >= at + GOOGLE.len() + GOOGLE_TAIL;
            whole.then(|| Span::new(at, end, SecretKind::CloudKey))
        }));
    }
    for part in AZURE.iter().filter(|part| held.all(part.bytes)) {
        spans.extend(text.match_indices(part.text).filter_map(|(at, _)| {
            let start = at + part.text.len();
            let end = run_end(bytes, start, azure);
            (end >= start + 40).then(|| Span::new(start, end, SecretKind::CloudKey))
        }));
    }
    spans
}

/// Base64, or a signature's URL parameters.
fn azure(byte: u8) -> bool {
    base64(byte) || matches!(byte, b'%' | b'&' | b'-' | b'_' | b'.' | b':')
}

/// An id names a key and is no secret; with a secret beside it, both are the key.
fn aws(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let has_id = ["AKIA", "ASIA"].iter().any(|prefix| {
        text.match_indices(prefix).any(|(at, _)| {
            let end = run_end(bytes, at, |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            begins_word(bytes, at) && end == at + AWS_ID_LENGTH
        })
    });
    if has_id { aws_secrets(text) } else { Vec::new() }
}

fn aws_secrets(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let (mut spans, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let end = run_end(bytes, at, |byte| base64(byte) && byte != b'=');
        let word = bytes.get(at..end).unwrap_or_default();
        if word.len() == AWS_SECRET_LENGTH && is_mixed(word) {
            spans.push(Span::new(at, end, SecretKind::CloudKey));
        }
        at = end.max(at + 1);
    }
    spans
}

/// A hash in hexadecimal is as long, but not mixed.
fn is_mixed(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_uppercase)
        && word.iter().any(u8::is_ascii_lowercase)
        && word.iter().any(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzK3";

    fn found(text: &str) -> Vec<&str> {
        find(text, Held::of(text)).into_iter().map(|span| span.text(text)).collect()
    }

    #[test]
    fn a_secret_beside_its_id_is_found() {
        let id = ["AKIA", "IOSFODNN7ABCDEFG"].concat();
        assert_eq!(found(&format!("{id}:{SECRET}")), [SECRET]);
        assert_eq!(found(&id), [""; 0]);
        assert_eq!(found(SECRET), [""; 0]);
    }

    #[test]
    fn a_commit_beside_an_id_is_none() {
        let id = ["ASIA", "IOSFODNN7ABCDEFG"].concat();
        let commit = "4f9a".repeat(10);
        assert_eq!(found(&format!("{id} {commit}")), [""; 0]);
    }

    #[test]
    fn keys_of_google_and_azure_are_found() {
        let google = format!("AIza{}", "Sy0".repeat(12));
        assert_eq!(found(&google), [google.as_str()]);
        let key = format!("{}==", "aB3+".repeat(21));
        let azure = format!("AccountName=shop;AccountKey={key};EndpointSuffix=core.windows.net");
        assert_eq!(found(&azure), [key.as_str()]);
    }
}
