//! From the bytes of a body to a typed answer with its raw text beside it.

use std::fmt;

use serde_json::Value;

use crate::budget;
use crate::error::{Error, plain};
use crate::from_json::FromJson;
use crate::lenient::Lenient;

/// A typed answer, and the evidence for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// What was read from it.
    pub value: T,
    /// The JSON as it came; bytes that are no UTF-8 are replaced. It can hold secrets.
    pub raw: Box<str>,
    /// What was asked: the path with its version, such as `/v1.51/info`.
    pub endpoint: String,
}

/// Without the raw text, which can hold secrets and is long.
impl<T: fmt::Debug> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("endpoint", &self.endpoint)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// Reads a body as JSON of at most `depth` levels, whose lists take at most `memory` bytes.
pub(crate) fn read<T: FromJson>(
    endpoint: String,
    body: Vec<u8>,
    depth: usize,
    memory: usize,
) -> Result<Answer<T>, Error> {
    let raw = text(body);
    if too_deep(raw.as_bytes(), depth) {
        return Err(Error::TooDeep { what: endpoint, limit: depth });
    }
    match budget::within(memory, || value(&raw)) {
        Some(Ok(value)) => Ok(Answer { value, raw: raw.into_boxed_str(), endpoint }),
        None => Err(Error::TooLarge { what: endpoint, part: "lists in memory", limit: memory }),
        Some(Err(why)) => Err(Error::NotJson { what: endpoint, why: plain(&why, 200) }),
    }
}

fn value<T: FromJson>(raw: &str) -> Result<T, String> {
    let read: Lenient<T> = serde_json::from_str(raw).map_err(|error| error.to_string())?;
    match read {
        Lenient::Known(value) => Ok(value),
        Lenient::Odd(what) => Err(format!("it is {what}")),
        _ => T::from_null_answer().ok_or_else(|| "it is null".to_owned()),
    }
}

/// The body of `/swarm` without the tokens that let a machine join it: they are dropped before
/// anything else sees them.
pub(crate) fn without_join_tokens(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let Ok(Value::Object(mut swarm)) = serde_json::from_str(&text) else {
        return b"null".to_vec();
    };
    swarm.retain(|key, _| !key.eq_ignore_ascii_case("JoinTokens"));
    Value::Object(swarm).to_string().into_bytes()
}

/// One bad byte in a label must not lose the container.
fn text(body: Vec<u8>) -> String {
    String::from_utf8(body)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Whether lists and objects are nested more than `limit` levels deep. What is skipped when
/// reading is not limited otherwise, and the raw text is read again by others.
fn too_deep(json: &[u8], limit: usize) -> bool {
    let mut depth = 0_usize;
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_text(&mut bytes),
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

fn skip_text(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => _ = bytes.next(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ContainerInspect, Info};

    fn read_as<T: FromJson>(body: &[u8]) -> Result<Answer<T>, Error> {
        read("/x".to_owned(), body.to_vec(), 8, 100_000)
    }

    #[test]
    fn depth_is_counted_outside_of_texts_only() {
        assert!(!too_deep(br#"{"a":["[[[[","\"[[[",{}]}"#, 3));
        assert!(too_deep(br#"{"a":["[",[{}]]}"#, 3));
        assert!(too_deep(&b"[".repeat(1_000_000), 64));
    }

    #[test]
    fn json_that_is_nested_too_deeply_is_an_error_even_in_a_field_that_nobody_reads() {
        let body = format!(r#"{{"Foo":{}{}}}"#, "[".repeat(9), "]".repeat(9));
        let error = read_as::<Info>(body.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::TooDeep { limit: 8, .. }));
    }

    #[test]
    fn bytes_that_are_no_utf_8_do_not_lose_the_container() {
        let answer = read_as::<ContainerInspect>(b"{\"Id\":\"a\",\"Name\":\"/\xff\xfe\"}").unwrap();
        assert_eq!(answer.value.id, Lenient::Known("a".into()));
        assert_eq!(answer.value.name, Lenient::Known("/\u{fffd}\u{fffd}".into()));
        assert_eq!(&*answer.raw, "{\"Id\":\"a\",\"Name\":\"/\u{fffd}\u{fffd}\"}");
    }

    #[test]
    fn a_body_that_is_no_json_or_of_another_kind_is_an_error() {
        for body in ["", "OK", "{", "[]", "null", "7", "{} x", r#"{"a":}"#] {
            let error = read_as::<Info>(body.as_bytes()).unwrap_err();
            assert!(matches!(error, Error::NotJson { .. }), "{body}");
        }
    }

    #[test]
    fn a_list_of_many_small_elements_is_refused_before_it_takes_much_memory() {
        for element in ["{},", "0,", "null,", "[],"] {
            let body = format!("[{}{{}}]", element.repeat(1_000_000));
            let error = read_as::<Vec<Info>>(body.as_bytes()).map(drop).unwrap_err();
            assert!(matches!(error, Error::TooLarge { limit: 100_000, .. }), "{error}");
        }
        let body = format!(r#"{{"Labels":[{}""]}}"#, r#""","#.repeat(1_000_000));
        let error = read_as::<Info>(body.as_bytes()).map(drop).unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    }

    #[test]
    fn a_list_that_is_null_is_empty() {
        let answer = read_as::<Vec<Info>>(b"null").unwrap();
        assert_eq!(answer.value, []);
    }

    #[test]
    fn join_tokens_are_dropped_from_the_raw_text_too() {
        let body = br#"{"ID":"x","JoinTokens":{"Worker":"SWMTKN-1"},"jointokens":"SWMTKN-2"}"#;
        let body = without_join_tokens(body);
        assert_eq!(body, br#"{"ID":"x"}"#);
        assert_eq!(without_join_tokens(b"SWMTKN"), b"null");
    }

    #[test]
    fn debugging_an_answer_does_not_print_its_raw_text() {
        let answer = read_as::<Vec<String>>(b"[ ]").unwrap();
        assert!(!format!("{answer:?}").contains("[ ]"));
    }
}
