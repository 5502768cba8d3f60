//! An answer's head out of bytes, and what follows it.

use super::{Bad, MOST_HEADERS, fields, framing};
use crate::{Answering, Body, Header};

/// An answer's head.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// What stands behind the status; it says nothing, and is handed on.
    pub(crate) reason: String,
    pub(crate) headers: Vec<Header>,
    /// The names as the engine wrote them, each for the header at the same place.
    pub(crate) names: Vec<String>,
    /// The length that the head tells, also where no body follows.
    pub(crate) told: Body,
    pub(crate) closes: bool,
}

/// What follows an answer's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follows {
    /// No byte of this answer.
    Nothing,
    /// That many bytes.
    Sized(u64),
    /// Chunks.
    Chunked,
    /// All until the connection ends.
    UntilClosed,
    /// The connection is a raw stream, both ways, from here on.
    Raw,
}

const RAW_STREAMS: [&[u8]; 2] =
    [b"application/vnd.docker.raw-stream", b"application/vnd.docker.multiplexed-stream"];

/// Reads a head that [`Scan`](super::scan::Scan) found complete.
pub(crate) fn parse(bytes: &[u8]) -> Result<Answer, Bad> {
    // Not on the stack: a thread keeps the pages that it touched once.
    let mut space = vec![httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Response::new(&mut space);
    match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length == bytes.len() => {}
        Ok(_) => return Err(Bad("a head that ends early")),
        Err(_) => return Err(Bad("what is no HTTP")),
    }
    let status = parsed.code.unwrap_or_default();
    if !(100..600).contains(&status) {
        return Err(Bad("a status that is none"));
    }
    let headers = fields::owned(parsed.headers);
    let http_1_0 = parsed.version == Some(0);
    Ok(Answer {
        status,
        reason: parsed.reason.unwrap_or_default().to_owned(),
        names: parsed.headers.iter().map(|header| header.name.to_owned()).collect(),
        told: framing::of(&headers, http_1_0)?,
        closes: http_1_0 || fields::says(&headers, "connection", "close"),
        headers,
    })
}

impl Answer {
    /// The first value of a header, by its lower-case name.
    pub(crate) fn header<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        fields::values(&self.headers, name).next()
    }

    /// Whether it only comes before the answer (RFC 9110, section 15.2).
    pub(crate) fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    /// What follows, given what was asked: only a request that may upgrade gets a raw stream.
    pub(crate) fn follows(&self, method: &str, asked: &Answering) -> Result<Follows, Bad> {
        if self.status == 101 {
            return self.switched(asked);
        }
        if method == "HEAD" || matches!(self.status, 204 | 304) {
            return Ok(Follows::Nothing);
        }
        Ok(match self.told {
            Body::Sized(length) => Follows::Sized(length),
            Body::Chunked => Follows::Chunked,
            Body::Nothing if self.is_hijacked(asked) => Follows::Raw,
            Body::Nothing => Follows::UntilClosed,
        })
    }

    fn switched(&self, asked: &Answering) -> Result<Follows, Bad> {
        let Answering::Upgrade { to: Some(to) } = asked else {
            return Err(Bad("a switch of protocols that nobody asked for"));
        };
        if self.told != Body::Nothing {
            return Err(Bad("a switch of protocols with a length"));
        }
        match fields::only(&self.headers, "upgrade", "two protocols to switch to")? {
            Some(its) if its.eq_ignore_ascii_case(to.as_bytes()) => Ok(Follows::Raw),
            _ => Err(Bad("a switch to another protocol than the one asked for")),
        }
    }

    /// Engines make a raw stream of a plain answer where they weren't asked to switch
    /// (`daemon/server/httputils`, `hijackConnection` in the engine's routers).
    fn is_hijacked(&self, asked: &Answering) -> bool {
        matches!(asked, Answering::Upgrade { .. })
            && self.status == 200
            && self.header("content-type").is_some_and(|kind| RAW_STREAMS.contains(&kind))
    }

    /// The head as it is written to the caller: the engine's, but for what tells of the connection,
    /// which is `connection`.
    pub(crate) fn write(&self, connection: &str) -> Vec<u8> {
        let mut out = format!("HTTP/1.1 {} {}\r\n", self.status, self.reason).into_bytes();
        for (header, name) in self.headers.iter().zip(&self.names) {
            if !is_of_the_connection(&header.name) {
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(b": ");
                out.extend_from_slice(&header.value);
                out.extend_from_slice(b"\r\n");
            }
        }
        out.extend_from_slice(connection.as_bytes());
        out.extend_from_slice(b"\r\n");
        out
    }
}

/// Headers about one connection and about how long a body is on it (RFC 9110, section 7.6.1): each
/// side of the guard has its own.
pub(crate) fn is_of_the_connection(name: &str) -> bool {
    const NAMES: [&str; 11] = [
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    NAMES.iter().any(|its| its.eq_ignore_ascii_case(name))
}
