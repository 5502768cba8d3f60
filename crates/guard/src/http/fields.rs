//! What header fields say together.

use super::Bad;
use crate::Header;

/// Headers out of a parsed head, in order, names in lower-case.
///
/// # Errors
/// A value that begins its line with a blank is a folded one (RFC 9112, section 5.2); the parser
/// refuses it as a name.
pub(crate) fn owned(headers: &[httparse::Header<'_>]) -> Vec<Header> {
    let owned = |header: &httparse::Header<'_>| Header {
        name: header.name.to_ascii_lowercase(),
        value: header.value.trim_ascii().to_vec(),
    };
    headers.iter().map(owned).collect()
}

/// The values of one field, in order.
pub(crate) fn values<'a>(headers: &'a [Header], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    headers.iter().filter(move |header| header.name == name).map(|header| &*header.value)
}

/// The only value of a field, or none where it isn't there.
pub(crate) fn only<'a>(
    headers: &'a [Header],
    name: &'a str,
    twice: &'static str,
) -> Result<Option<&'a [u8]>, Bad> {
    let mut all = values(headers, name);
    let first = all.next();
    if all.next().is_some() { Err(Bad(twice)) } else { Ok(first) }
}

/// The words of a field that is a list.
pub(crate) fn words<'a>(headers: &'a [Header], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    values(headers, name)
        .flat_map(|value| value.split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
}

/// Whether a list holds a word, in any case.
pub(crate) fn says(headers: &[Header], name: &str, word: &str) -> bool {
    words(headers, name).any(|its| its.eq_ignore_ascii_case(word.as_bytes()))
}
