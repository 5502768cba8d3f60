//! The target of a request: path and query, as Go's `net/url` reads them, and nothing that could be
//! read in two ways.

use crate::Refusal;

/// No request of a client has a longer one; the engine's own limit is on the whole head.
const LONGEST: usize = 32 * 1024;

/// A path, decoded, and what stands behind the `?`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) path: String,
    /// Names and values in their order, decoded.
    pub(crate) query: Vec<(String, String)>,
}

/// Takes a target of the origin form (RFC 9112 section 3.2.1) apart.
pub(crate) fn target(bytes: &[u8]) -> Result<Target, Refusal> {
    let text =
        std::str::from_utf8(bytes).ok().filter(|text| text.bytes().all(|b| b.is_ascii_graphic()));
    let text = text.ok_or_else(|| Refusal::malformed("the target is not of printable ASCII"))?;
    if text.len() > LONGEST {
        return Err(Refusal::malformed("the target is longer than 32 KiB"));
    }
    if !text.starts_with('/') || text.contains('#') {
        return Err(Refusal::malformed("the target is no path"));
    }
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    Ok(Target { path: self::path(path)?, query: self::query(query)? })
}

/// The router of the engine matches decoded paths, and redirects where one is not clean.
fn path(text: &str) -> Result<String, Refusal> {
    let path = decoded(text, false)?;
    let clean = path.split('/').skip(1).all(|part| !matches!(part, "" | "." | ".."));
    if path != "/" && !clean {
        return Err(Refusal::malformed(format!("the path `{text}` is not a clean one")));
    }
    Ok(path)
}

fn query(text: &str) -> Result<Vec<(String, String)>, Refusal> {
    // Go refuses what has a semicolon, and older versions took it for an ampersand.
    if text.contains(';') {
        return Err(Refusal::malformed("the query has a semicolon"));
    }
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Ok((decoded(name, true)?, decoded(value, true)?))
        })
        .collect()
}

/// Undoes percent-encoding once; in a query a plus is a space.
fn decoded(text: &str, in_query: bool) -> Result<String, Refusal> {
    let wrong = || Refusal::malformed("the target has a wrong percent-encoding");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let pair = (rest.next().and_then(digit), rest.next().and_then(digit));
                let (Some(high), Some(low)) = pair else { return Err(wrong()) };
                (high << 4) | low
            }
            b'+' if in_query => b' ',
            plain => plain,
        });
    }
    let decoded = String::from_utf8(bytes).map_err(|_| wrong())?;
    // Values of a query may have line ends (instructions of a commit, arguments of a build).
    if decoded.chars().any(|c| c.is_control() && !(in_query && matches!(c, '\n' | '\r' | '\t'))) {
        return Err(Refusal::malformed("the target has control characters"));
    }
    Ok(decoded)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Writes `text` so that it is read back as itself, in a path (`keep` is then `/`) or a query.
pub(crate) fn encode(text: &str, keep: &str, to: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric()
            || b"-_.~:@".contains(&byte)
            || keep.as_bytes().contains(&byte);
        if plain {
            to.push(char::from(byte));
        } else {
            to.push('%');
            to.extend([byte >> 4, byte & 15].map(|half| char::from(HEX[usize::from(half)])));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_once() {
        assert_eq!(target(b"/containers/%63reate").unwrap().path, "/containers/create");
        assert_eq!(target(b"/containers/%2563reate").unwrap().path, "/containers/%63reate");
        assert_eq!(target(b"/images/a%2Fb/json").unwrap().path, "/images/a/b/json");
        assert_eq!(target(b"/a+b").unwrap().path, "/a+b");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for odd in [
            "",
            "containers",
            "http://x/containers/json",
            "*",
            "//containers/json",
            "/containers//create",
            "/containers/./create",
            "/a/../containers/create",
            "/containers/%2e%2e/json",
            "/containers/create/",
            "/containers%2f%2fcreate",
            "/a%00",
            "/a%0d%0a",
            "/a%zz",
            "/a%4",
            "/a%ff",
            "/a#b",
            "/a?b=1;c=2",
            "/a b",
            "/\u{e9}",
        ] {
            assert!(target(odd.as_bytes()).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_query_is_read_as_go_reads_it() {
        let query = target(b"/build?t=a%3Ab&q&x=1+2&&changes=A%0AB").unwrap().query;
        let expected = [("t", "a:b"), ("q", ""), ("x", "1 2"), ("changes", "A\nB")];
        assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["a b", "100%", "é", "a&b=c;d", "a+b", "\n", "/x"] {
            let mut query = "/a?q=".to_owned();
            encode(text, "", &mut query);
            assert_eq!(target(query.as_bytes()).unwrap().query[0].1, text);
        }
    }
}
