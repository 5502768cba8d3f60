//! A request's head out of bytes.

use super::{Bad, MOST_HEADERS, fields, framing};
use crate::{Head, Header};

/// What of a head is the connection's business, and not the gate's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) head: Head,
    /// Whether another request may follow.
    pub(crate) keep_alive: bool,
    /// Whether the caller waits for `100 Continue` before it sends the body.
    pub(crate) expects_continue: bool,
}

/// What a connection may be told of itself. Any other name in `Connection` would make the header of
/// that name one of the connection, for some readers.
const OPTIONS: [&str; 4] = ["close", "keep-alive", "upgrade", "te"];

/// Reads a head that [`Scan`](super::scan::Scan) found complete.
pub(crate) fn parse(bytes: &[u8]) -> Result<Request, Bad> {
    // Not on the stack: a thread keeps the pages that it touched once.
    let mut space = vec![httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Request::new(&mut space);
    match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length == bytes.len() => {}
        Ok(_) => return Err(Bad("a head that ends early")),
        Err(error) => return Err(Bad(why(error))),
    }
    let method = parsed.method.unwrap_or_default();
    let target = parsed.path.unwrap_or_default();
    let http_1_0 = parsed.version == Some(0);
    let headers = fields::owned(parsed.headers);
    origin_form(method, target)?;
    host(&headers, http_1_0)?;
    connection(&headers)?;
    let head = Head {
        method: method.to_owned(),
        target: target.to_owned(),
        body: framing::of(&headers, http_1_0)?,
        upgrade: upgrade(&headers, http_1_0)?,
        headers,
        http_1_0,
    };
    Ok(Request {
        keep_alive: !http_1_0 && !fields::says(&head.headers, "connection", "close"),
        expects_continue: expectation(&head.headers, http_1_0)?,
        head,
    })
}

fn why(error: httparse::Error) -> &'static str {
    match error {
        httparse::Error::HeaderName => "a header's name that is no token, or a folded line",
        httparse::Error::HeaderValue => "a header's value with a control character",
        httparse::Error::NewLine => "a line end that is none",
        httparse::Error::Token => "a method or target that is none",
        httparse::Error::TooManyHeaders => "more than 100 headers",
        httparse::Error::Version => "a version other than HTTP/1.1 and HTTP/1.0",
        _ => "a head that is no HTTP",
    }
}

/// RFC 9112, section 3.2.1. The engine needs no other form, and proxies are what the others are for.
fn origin_form(method: &str, target: &str) -> Result<(), Bad> {
    if method.is_empty() || method.eq_ignore_ascii_case("connect") {
        return Err(Bad("a method for proxies"));
    }
    if !target.starts_with('/') {
        return Err(Bad("a target that does not begin with `/`"));
    }
    if !target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return Err(Bad("a target with a character that must be percent-encoded"));
    }
    Ok(())
}

fn host(headers: &[Header], http_1_0: bool) -> Result<(), Bad> {
    let host = fields::only(headers, "host", "more than one Host")?;
    match host {
        None if !http_1_0 => Err(Bad("no Host")),
        Some(name) if !name.iter().all(u8::is_ascii_graphic) => Err(Bad("a Host that is none")),
        _ => Ok(()),
    }
}

fn connection(headers: &[Header]) -> Result<(), Bad> {
    let known =
        |word: &[u8]| OPTIONS.iter().any(|option| word.eq_ignore_ascii_case(option.as_bytes()));
    if fields::words(headers, "connection").all(known) {
        Ok(())
    } else {
        Err(Bad("a Connection option that is unknown"))
    }
}

fn upgrade(headers: &[Header], http_1_0: bool) -> Result<Option<String>, Bad> {
    let to = fields::only(headers, "upgrade", "more than one Upgrade")?;
    let asked = fields::says(headers, "connection", "upgrade");
    match to {
        None if asked => Err(Bad("`Connection: upgrade` without Upgrade")),
        None => Ok(None),
        Some(_) if !asked => Err(Bad("Upgrade without `Connection: upgrade`")),
        Some(_) if http_1_0 => Err(Bad("Upgrade in HTTP/1.0")),
        Some(to) if is_token(to) => Ok(Some(String::from_utf8_lossy(to).into_owned())),
        Some(_) => Err(Bad("an Upgrade that is not one protocol")),
    }
}

fn expectation(headers: &[Header], http_1_0: bool) -> Result<bool, Bad> {
    match fields::only(headers, "expect", "more than one Expect")? {
        None => Ok(false),
        Some(expected) if expected.eq_ignore_ascii_case(b"100-continue") => Ok(!http_1_0),
        Some(_) => Err(Bad("an Expect other than `100-continue`")),
    }
}

/// RFC 9110, section 5.6.2.
pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}
