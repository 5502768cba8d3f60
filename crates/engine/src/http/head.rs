//! Status line and headers of an answer.

use super::{Fault, Source};
use crate::error::plain;

/// An engine sends about ten.
const MOST_HEADERS: usize = 64;
/// Interim answers (`100 Continue`) before the real one.
const MOST_INTERIM: usize = 4;

/// How long the body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Nothing,
    Length(usize),
    Chunked,
    UntilClosed,
}

/// A parsed head.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) framing: Framing,
    pub(crate) keep_alive: bool,
    headers: Vec<(String, String)>,
}

impl Head {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = move |(its, _): &&(String, String)| its.eq_ignore_ascii_case(name);
        self.headers.iter().filter(named).map(|(_, value)| &**value)
    }

    /// Whether a comma-separated header holds this word.
    fn says(&self, name: &str, word: &str) -> bool {
        self.all(name)
            .flat_map(|value| value.split(','))
            .any(|its| its.trim().eq_ignore_ascii_case(word))
    }
}

/// Reads the head of the answer, past interim ones.
pub(super) fn read(source: &mut Source<'_>, limit: usize) -> Result<Head, Fault> {
    for _ in 0..=MOST_INTERIM {
        if source.buffer.is_empty() {
            source.need()?;
        }
        looks_like_http(source)?;
        let length = source.up_to(b"\r\n\r\n", "headers", limit)?;
        let bytes = source.buffer.bytes().get(..length).unwrap_or_default();
        let head = parse(bytes)?;
        source.buffer.used(length);
        if !(100..200).contains(&head.status) || head.status == 101 {
            return Ok(head);
        }
    }
    Err(not_http("too many interim answers"))
}

/// Tells at the first bytes what would otherwise be waited for until the deadline.
fn looks_like_http(source: &mut Source<'_>) -> Result<(), Fault> {
    const START: &[u8] = b"HTTP/1.";
    loop {
        let bytes = source.buffer.bytes();
        let common = bytes.len().min(START.len());
        if bytes.get(..common) != START.get(..common) {
            let begin = String::from_utf8_lossy(bytes.get(..bytes.len().min(40)).unwrap_or(bytes));
            return Err(Fault::NotHttp(format!("it begins with `{}`", plain(&begin, 40))));
        }
        if common == START.len() {
            return Ok(());
        }
        source.need()?;
    }
}

fn parse(bytes: &[u8]) -> Result<Head, Fault> {
    let mut space = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Response::new(&mut space);
    match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Err(not_http("its head does not end")),
        Err(httparse::Error::TooManyHeaders) => {
            let limit = MOST_HEADERS;
            return Err(Fault::NotHttp(format!("more than {limit} headers")));
        }
        Err(error) => return Err(Fault::NotHttp(error.to_string())),
    }
    let headers = parsed.headers.iter().map(owned).collect();
    let mut head = Head {
        status: parsed.code.unwrap_or_default(),
        framing: Framing::Nothing,
        keep_alive: false,
        headers,
    };
    head.framing = framing(&head)?;
    head.keep_alive = keep_alive(&head, parsed.version == Some(1));
    Ok(head)
}

fn owned(header: &httparse::Header<'_>) -> (String, String) {
    let value = String::from_utf8_lossy(header.value).trim().to_owned();
    (header.name.to_owned(), value)
}

fn keep_alive(head: &Head, http_1_1: bool) -> bool {
    head.framing != Framing::UntilClosed
        && !head.says("connection", "close")
        && (http_1_1 || head.says("connection", "keep-alive"))
}

/// RFC 9112, section 6.3; what it lets a client guess at, we refuse.
fn framing(head: &Head) -> Result<Framing, Fault> {
    if head.status == 101 {
        return Err(not_http("it switches to another protocol"));
    }
    if let Some(encoding) = head.header("content-encoding")
        && !encoding.eq_ignore_ascii_case("identity")
    {
        return Err(Fault::Encoded(plain(encoding, 40)));
    }
    if head.status < 200 || matches!(head.status, 204 | 304) {
        return Ok(Framing::Nothing);
    }
    let mut lengths = head.all("content-length");
    let mut codings = head.all("transfer-encoding");
    match (lengths.next(), codings.next()) {
        (None, None) => Ok(Framing::UntilClosed),
        (Some(_), Some(_)) => Err(not_http("it has both a length and a transfer encoding")),
        (Some(length), None) => {
            if lengths.any(|other| other != length) {
                return Err(not_http("it has two lengths"));
            }
            self::length(length).map(Framing::Length)
        }
        (None, Some(coding)) => {
            if codings.next().is_some() || !coding.eq_ignore_ascii_case("chunked") {
                return Err(not_http("an unknown transfer encoding"));
            }
            Ok(Framing::Chunked)
        }
    }
}

fn length(text: &str) -> Result<usize, Fault> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(not_http("its length is not a number"));
    }
    // Too many digits are a length too large, not a broken one.
    Ok(text.parse().unwrap_or(usize::MAX))
}

pub(super) fn not_http(why: &str) -> Fault {
    Fault::NotHttp(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &str) -> Result<Head, Fault> {
        parse(format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n").as_bytes())
    }

    fn framing_of(lines: &str) -> Framing {
        head(lines).unwrap().framing
    }

    #[test]
    fn the_length_of_the_body_is_read_from_the_headers() {
        assert_eq!(framing_of("Content-Length: 12"), Framing::Length(12));
        assert_eq!(framing_of("content-length:7\r\nContent-Length: 7"), Framing::Length(7));
        assert_eq!(framing_of("Transfer-Encoding: Chunked"), Framing::Chunked);
        assert_eq!(framing_of("Server: x"), Framing::UntilClosed);
        assert_eq!(
            framing_of("Content-Length: 99999999999999999999999"),
            Framing::Length(usize::MAX)
        );
    }

    #[test]
    fn what_two_readers_would_read_differently_is_refused() {
        for lines in [
            "Content-Length: 1\r\nTransfer-Encoding: chunked",
            "Content-Length: 1\r\nContent-Length: 2",
            "Content-Length: 1, 1",
            "Content-Length: +1",
            "Content-Length: ",
            "Transfer-Encoding: chunked, chunked",
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        ] {
            assert!(matches!(head(lines), Err(Fault::NotHttp(_))), "{lines}");
        }
    }

    #[test]
    fn a_compressed_body_is_refused_by_its_name() {
        match head("Content-Length: 9\r\nContent-Encoding: gzip") {
            Err(Fault::Encoded(encoding)) => assert_eq!(encoding, "gzip"),
            other => panic!("{other:?}"),
        }
        assert!(head("Content-Length: 9\r\nContent-Encoding: identity").is_ok());
    }

    #[test]
    fn a_connection_is_kept_only_where_both_sides_know_where_the_body_ends() {
        let kept = |lines| head(lines).unwrap().keep_alive;
        assert!(kept("Content-Length: 1"));
        assert!(!kept("Content-Length: 1\r\nConnection: foo, Close"));
        assert!(!kept("Server: x"));
        let old = parse(b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n").unwrap();
        assert!(!old.keep_alive);
    }

    #[test]
    fn a_header_with_bytes_that_are_no_utf_8_is_read() {
        let head = parse(b"HTTP/1.1 200 OK\r\nServer: \xff\xfe\r\n\r\n").unwrap();
        assert_eq!(head.header("server"), Some("\u{fffd}\u{fffd}"));
    }
}
