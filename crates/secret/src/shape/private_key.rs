//! Private keys: PEM (RFC 7468), PEM in base64, age.

use dockward_model::facts::SecretKind;

use super::{base64, begins_word, run_end};
use crate::held::{Held, Part};
use crate::span::Span;

/// What `-----BEGIN … PRIVATE KEY` is in base64, for the keys that are in use: PKCS #8, encrypted
/// PKCS #8, PKCS #1, SEC 1, OpenSSH.
const ENCODED: &[Part] = &[
    Part::new("LS0tLS1CRUdJTiBQUklWQVRFIEtFW"),
    Part::new("LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJVkFURSBLRV"),
    Part::new("LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRV"),
    Part::new("LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFW"),
    Part::new("LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZ"),
];
const AGE: Part = Part::new("AGE-SECRET-KEY-1");
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

pub(super) fn find(text: &str, held: Held) -> Vec<Span> {
    let has_pem = held.all(const { Held::of(BEGIN) });
    let mut spans = if has_pem { pem(text) } else { Vec::new() };
    for part in ENCODED.iter().filter(|part| held.all(part.bytes)) {
        spans.extend(beginning_with(text, part.text, base64));
    }
    if held.all(AGE.bytes) {
        spans.extend(beginning_with(text, AGE.text, age));
    }
    spans
}

/// Words that begin like this and are long enough for a key.
fn beginning_with<'a>(
    text: &'a str,
    beginning: &'static str,
    alphabet: fn(u8) -> bool,
) -> impl Iterator<Item = Span> + 'a {
    text.match_indices(beginning).filter_map(move |(at, _)| {
        let end = run_end(text.as_bytes(), at, alphabet);
        let whole = begins_word(text.as_bytes(), at) && end > at + beginning.len() + 16;
        whole.then(|| Span::new(at, end, SecretKind::PrivateKey))
    })
}

fn age(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-'
}

/// Keys in PEM form. One without an end reaches to the end of the text: it was cut off there.
fn pem(text: &str) -> Vec<Span> {
    let (mut spans, mut from) = (Vec::new(), 0);
    while let Some(at) = position(text, from, BEGIN) {
        let label = at + BEGIN.len();
        match body(text, label) {
            Some(body) => {
                let end = position(text, body, END).map_or(text.len(), |end| {
                    let label = end + END.len();
                    position(text, label, "-----").map_or(text.len(), |dashes| dashes + 5)
                });
                spans.push(Span::new(at, end, SecretKind::PrivateKey));
                from = end;
            }
            None => from = label,
        }
    }
    spans
}

/// Where the key's own lines begin, if this is a private key and has any.
fn body(text: &str, label: usize) -> Option<usize> {
    const LONGEST_LABEL: usize = 40;
    let rest = text.as_bytes().get(label..)?;
    let label_end = rest.iter().take(LONGEST_LABEL).position(|byte| *byte == b'-')?;
    let name = rest.get(..label_end)?;
    if !(name.ends_with(b"PRIVATE KEY") || name.ends_with(b"PRIVATE KEY BLOCK")) {
        return None;
    }
    let start = label_end + 5;
    let lines = rest.get(start..)?.iter().take(64);
    (lines.filter(|byte| base64(**byte)).count() >= 16).then_some(label + start)
}

fn position(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";

    fn found(text: &str) -> Vec<&str> {
        find(text, Held::of(text)).into_iter().map(|span| span.text(text)).collect()
    }

    #[test]
    fn a_key_is_found_whole_in_lines_and_in_json() {
        for newline in ["\n", "\\n", " "] {
            let key = format!(
                "-----BEGIN RSA PRIVATE KEY-----{newline}{BODY}{newline}-----END RSA PRIVATE KEY-----"
            );
            assert_eq!(found(&format!("x {key} y")), [key]);
        }
    }

    #[test]
    fn a_key_that_was_cut_off_reaches_to_the_end() {
        let text = format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{BODY}\nabc");
        assert_eq!(found(&text), [text.as_str()]);
    }

    #[test]
    fn a_certificate_and_a_mere_header_are_none() {
        let certificate = format!("-----BEGIN CERTIFICATE-----\n{BODY}\n-----END CERTIFICATE-----");
        assert_eq!(found(&certificate), [""; 0]);
        assert_eq!(found("grep -- '-----BEGIN PRIVATE KEY-----' key.pem"), [""; 0]);
    }

    #[test]
    fn a_key_in_base64_is_found() {
        let text = "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2UUlCQURBTkJna3Foa2lHOXc=";
        assert_eq!(found(text), [text]);
    }
}
