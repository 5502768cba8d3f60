//! Names with a value within a text: `KEY=value`, `"key": "value"`, a header.

use dockward_model::facts::SecretKind;

use crate::held::Held;
use crate::name::{self, Class};
use crate::span::Span;
use crate::value::{self, Writing};

/// No name that anybody writes is longer, in bytes.
const LONGEST_NAME: usize = 128;

/// Every secret that has a name in this text.
pub(crate) fn all(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let (mut spans, mut next) = (Vec::new(), 0);
    let held = Held::of(text);
    if held.all(const { Held::of("earer ") }) {
        spans.extend(bearer(text));
    }
    if !held.any(const { Held::of("=:") }) {
        return spans;
    }
    for (at, _) in text.match_indices(['=', ':']) {
        if at < next {
            continue;
        }
        let Some(pair) = Pair::at(bytes, at) else { continue };
        let name = text.get(pair.name.0..pair.name.1).unwrap_or_default();
        let Some(class) = name::class(name) else { continue };
        let Some(place) = pair.value(text, class) else { continue };
        if value::is_secret(
            class,
            text.get(place.start..place.end).unwrap_or_default(),
            Writing::Shell,
        ) {
            spans.push(Span::new(place.start, place.end, SecretKind::NamedSecret));
            next = place.end;
        } else if place.end - place.start > Place::WORTH_A_SECOND_LOOK {
            next = place.end;
        }
    }
    spans
}

/// A value's place, without the quotes around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Place {
    /// Longer values that are no secrets are not searched again, so that time stays linear.
    const WORTH_A_SECOND_LOOK: usize = 4096;

    /// The value that begins at `start`: up to the closing quote, or up to what ends a bare word.
    pub(crate) fn at(text: &str, start: usize, ends: fn(u8) -> bool) -> Self {
        let rest = text.get(start..).unwrap_or_default();
        for quote in ["\\\"", "\\'", "\"", "'"] {
            if let Some(inner) = rest.strip_prefix(quote) {
                let start = start + quote.len();
                return Self { start, end: start + quoted_length(inner, quote) };
            }
        }
        let bytes = rest.as_bytes();
        Self { start, end: start + bytes.iter().take_while(|byte| !ends(**byte)).count() }
    }
}

/// Up to the closing quote; one that was never closed ends with its line.
fn quoted_length(inner: &str, quote: &str) -> usize {
    let escapes = quote.len() == 1;
    let mut escaped = false;
    for (at, byte) in inner.bytes().enumerate() {
        if !escaped && inner.get(at..).is_some_and(|rest| rest.starts_with(quote)) {
            return at;
        }
        escaped = escapes && byte == b'\\' && !escaped;
    }
    inner.find('\n').unwrap_or(inner.len())
}

/// What ends a bare word in a shell.
pub(crate) fn ends_word(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"\"'`;&|<>)".contains(&byte)
}

/// What ends a bare word in JSON or YAML.
fn ends_item(byte: u8) -> bool {
    ends_word(byte) || b",}]".contains(&byte)
}

/// A name before a sign, in a text.
struct Pair {
    name: (usize, usize),
    /// Where the sign is.
    sign: usize,
    /// Whether the name stands in quotes.
    quoted: bool,
    /// Whether blanks stand between name and sign.
    spaced: bool,
}

impl Pair {
    /// The name before the sign at `sign`, if there is one.
    fn at(bytes: &[u8], sign: usize) -> Option<Self> {
        let byte = |i: usize| bytes.get(i).copied().unwrap_or_default();
        let spaces = (1..=4).take_while(|n| sign >= *n && byte(sign - n) == b' ').count();
        let mut end = sign - spaces;
        let quoted = end > 0 && matches!(byte(end - 1), b'"' | b'\'');
        if quoted {
            end -= 1;
            end -= usize::from(end > 0 && byte(end - 1) == b'\\');
        }
        let head = bytes.get(end.saturating_sub(LONGEST_NAME)..end)?;
        let length = head.iter().rev().take_while(|b| is_name(**b)).count();
        let variable = matches!(byte((end - length).wrapping_sub(1)), b'$');
        let compares = byte(sign + 1) == b'=';
        (length > 0 && !variable && !compares).then_some(Self {
            name: (end - length, end),
            sign,
            quoted,
            spaced: spaces > 0,
        })
    }

    /// Where its value is. A colon makes a pair after a quoted name, or before a blank where a line
    /// or a text begins with the name; in prose it doesn't.
    fn value(&self, text: &str, class: Class) -> Option<Place> {
        let bytes = text.as_bytes();
        let colon = bytes.get(self.sign) == Some(&b':');
        let after = bytes.get(self.sign + 1..)?;
        let blanks = after.iter().take(8).take_while(|byte| **byte == b' ').count();
        let start = self.sign + 1 + blanks;
        if colon {
            let name = bytes.get(self.name.0..).unwrap_or_default();
            let header = class == Class::Header || name.starts_with(b"X-");
            let begins = header || begins_line(bytes, self.name.0);
            if !self.quoted
                && ((blanks == 0 && !header) || !begins || self.closes_quote(bytes, start))
            {
                return None;
            }
        } else if blanks > 0 && !self.spaced {
            return None;
        }
        let start = if class == Class::Header { after_scheme(text, start) } else { start };
        Some(Place::at(text, start, if colon { ends_item } else { ends_word }))
    }

    /// `"Password: " next`: the quote after the sign closes one that was opened before the name.
    fn closes_quote(&self, bytes: &[u8], at: usize) -> bool {
        let quote = bytes.get(at).filter(|byte| matches!(byte, b'"' | b'\''));
        let before = self.name.0.checked_sub(1).and_then(|i| bytes.get(i));
        quote.is_some()
            && (before == quote || bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace))
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)
}

/// Whether nothing but blanks and what opens a list or a text stands before `at`.
fn begins_line(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    let blanks = before.iter().rev().take(64).take_while(|byte| **byte == b' ').count();
    match at.checked_sub(blanks + 1).and_then(|i| bytes.get(i)) {
        None => true,
        Some(byte) => b"\n\t\"'{,-".contains(byte),
    }
}

/// The credential of an `Authorization` header's value.
pub(crate) fn credential(value: &str) -> &str {
    value.get(after_scheme(value, 0)..).unwrap_or(value)
}

/// Where the credential of an `Authorization` header begins: after `Bearer` or `Basic`.
fn after_scheme(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let quote = usize::from(rest.starts_with(['"', '\'']));
    let bytes = rest.as_bytes().get(quote..).unwrap_or_default();
    let scheme = bytes.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let blank = bytes.get(scheme) == Some(&b' ');
    if scheme > 0 && blank { start + quote + scheme + 1 } else { start }
}

/// `Bearer` and a credential, where no header's name stands before it.
fn bearer(text: &str) -> Vec<Span> {
    const WORD: &str = "earer ";
    const SHORTEST: usize = 16;
    let credentials = text.match_indices(WORD).filter_map(|(at, _)| {
        let place = Place::at(text, at + WORD.len(), ends_item);
        let credential = text.get(place.start..place.end)?;
        let is_secret = credential.len() >= SHORTEST
            && credential.bytes().any(|byte| byte.is_ascii_digit())
            && value::is_secret(Class::Token, credential, Writing::Shell);
        is_secret.then(|| Span::new(place.start, place.end, SecretKind::NamedSecret))
    });
    credentials.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        all(text).into_iter().map(|span| span.text(text)).collect()
    }

    #[test]
    fn assignments_are_found_with_and_without_quotes() {
        assert_eq!(found("export DB_PASSWORD=hunter2; run"), ["hunter2"]);
        assert_eq!(found("PASSWORD='two words' run"), ["two words"]);
        assert_eq!(found("Server=db;Password=hunter2;Port=1"), ["hunter2"]);
        assert_eq!(found("password = \"hunter2\""), ["hunter2"]);
        assert_eq!(found("java -Dspring.datasource.password=hunter2 -jar"), ["hunter2"]);
    }

    #[test]
    fn json_and_yaml_are_found() {
        assert_eq!(found(r#"{"user":"a","password":"hunter2"}"#), ["hunter2"]);
        assert_eq!(found(r#"{\"password\": \"hunter2\"}"#), ["hunter2"]);
        assert_eq!(found("user: a\n  password: hunter2\n"), ["hunter2"]);
        assert_eq!(found(r#"{"auths":{"r":{"auth":"dXNlcjpzM2NyZXQ="}}}"#), ["dXNlcjpzM2NyZXQ="]);
    }

    #[test]
    fn headers_are_found_without_their_scheme() {
        assert_eq!(found("curl -H 'Authorization: Bearer abcdef123'"), ["abcdef123"]);
        assert_eq!(found("Authorization: Basic dXNlcjpzM2NyZXQ="), ["dXNlcjpzM2NyZXQ="]);
        assert_eq!(found("-H \"X-Api-Key: abcdef123\""), ["abcdef123"]);
        assert_eq!(found("-H X-Api-Key:abcdef123"), ["abcdef123"]);
        assert_eq!(found("send Bearer abcdef1234567890 to"), ["abcdef1234567890"]);
    }

    #[test]
    fn prose_prompts_and_references_are_none() {
        for text in [
            "read -p \"Password: \" answer",
            "prompts for a password: it must be long",
            "docker pull my-token:latest",
            "PASSWORD=$DB_PASSWORD run",
            "PASSWORD=\"$(cat /run/secrets/db)\" run",
            "PASSWORD= run",
            "sed -i 's/password=.*/password=/' f",
            "{\"secret\": {\"name\": \"db\"}}",
            "docker build --secret id=npm",
            "if [ $password == hunter ]",
            "if [ \"$password\" = hunter ]",
            "Authorization: Bearer $TOKEN",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
