//! What goes over the wire for one request.

use std::time::Duration;

/// How a body's end is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Framing {
    /// `Content-Length`.
    ContentLength,
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// Neither: the body ends where the connection does.
    UntilClose,
}

/// A reply; made by one of the constructors, changed by `with_...`.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) framing: Framing,
    pub(super) body: Body,
    pub(super) then_close: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    /// All of it at once.
    Whole(Vec<u8>),
    /// Instead of an HTTP answer: exactly these bytes, then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes of a longer promised body (its length), then nothing more on an open connection.
    HangAfter(Vec<u8>, u64),
    /// These bytes of a longer promised body (its length), then the connection is closed.
    CloseAfter(Vec<u8>, u64),
    /// So many bytes, made on the way.
    Stream(u64),
    /// A byte at a time.
    Drip(Vec<u8>, Duration),
    /// The request is read and never answered.
    Never,
}

impl Reply {
    /// A JSON answer (or what is said to be one).
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::of(status, Body::Whole(body.into())).with_header("Content-Type", "application/json")
    }

    /// The answer to `/_ping`; the version may be any text, also a senseless one.
    pub fn ping(api_version: &str) -> Self {
        Self::of(200, Body::Whole(b"OK".to_vec()))
            .with_header("Api-Version", api_version)
            .with_header("Ostype", "linux")
            .with_header("Server", "Docker/fake (linux)")
    }

    /// The engine's own way of failing: a status and a message.
    pub fn error(status: u16, message: &str) -> Self {
        Self::json(status, serde_json::json!({ "message": message }).to_string())
    }

    /// Bytes that need not be HTTP; the connection is closed after them, at once when there are none.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::of(200, Body::Raw(bytes.into()))
    }

    /// The request is read and never answered; the connection stays open.
    pub fn never() -> Self {
        Self::of(200, Body::Never)
    }

    /// A JSON answer of `promised` bytes that stops after `start` and leaves the connection open.
    pub fn hang_after(start: impl Into<Vec<u8>>, promised: u64) -> Self {
        Self::of(200, Body::HangAfter(start.into(), promised))
            .with_header("Content-Type", "application/json")
    }

    /// A JSON answer of `promised` bytes that stops after `start`, where the connection is closed.
    pub fn close_after(start: impl Into<Vec<u8>>, promised: u64) -> Self {
        Self::of(200, Body::CloseAfter(start.into(), promised))
            .with_header("Content-Type", "application/json")
    }

    /// A JSON string of that many bytes (at least 2), sent as fast as it is read; nothing of the kind is kept in
    /// memory.
    pub fn stream(bytes: u64) -> Self {
        Self::of(200, Body::Stream(bytes.max(2))).with_header("Content-Type", "application/json")
    }

    /// A JSON answer that comes a byte at a time; `pause` is a tenth of a second for a usual slow drip.
    pub fn drip(body: impl Into<Vec<u8>>, pause: Duration) -> Self {
        Self::of(200, Body::Drip(body.into(), pause))
            .with_header("Content-Type", "application/json")
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With another framing than `Content-Length`.
    #[must_use]
    pub fn with_framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// Closes the connection after the whole answer, without having said so.
    #[must_use]
    pub fn then_close(mut self) -> Self {
        self.then_close = true;
        self
    }

    /// The body's length as its header tells it, in bytes.
    pub(super) fn length(&self) -> u64 {
        match &self.body {
            Body::Whole(body) | Body::Drip(body, _) => body.len() as u64,
            Body::HangAfter(_, promised)
            | Body::CloseAfter(_, promised)
            | Body::Stream(promised) => *promised,
            Body::Raw(_) | Body::Never => 0,
        }
    }

    fn of(status: u16, body: Body) -> Self {
        Self {
            status,
            headers: Vec::new(),
            framing: Framing::ContentLength,
            body,
            then_close: false,
        }
    }
}
