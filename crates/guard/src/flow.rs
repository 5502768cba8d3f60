//! A body on its way from one end to the other.

use std::io::{self, IoSlice};

use crate::Body;
use crate::buffer::Inbox;
use crate::http::Bad;
use crate::http::answer::Follows;
use crate::http::chunked::{Chunked, Decoded};
use crate::wire::Wire;

/// How a body's end is known where it comes from.
#[derive(Debug)]
pub(crate) enum Comes {
    /// After that many bytes more.
    Sized(u64),
    /// After the last chunk.
    Chunked(Chunked),
    /// When its sender closes.
    UntilClosed,
}

impl From<Body> for Comes {
    fn from(body: Body) -> Self {
        match body {
            Body::Nothing => Self::Sized(0),
            Body::Sized(length) => Self::Sized(length),
            Body::Chunked => Self::Chunked(Chunked::default()),
        }
    }
}

impl From<Follows> for Comes {
    fn from(follows: Follows) -> Self {
        match follows {
            Follows::Nothing => Self::Sized(0),
            Follows::Sized(length) => Self::Sized(length),
            Follows::Chunked => Self::Chunked(Chunked::default()),
            Follows::UntilClosed | Follows::Raw => Self::UntilClosed,
        }
    }
}

impl Comes {
    fn decode(&mut self, bytes: &mut [u8]) -> Result<Decoded, Bad> {
        match self {
            Self::Sized(left) => {
                let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left = left.saturating_sub(here as u64);
                Ok(Decoded { content: here, consumed: here })
            }
            Self::Chunked(reader) => reader.decode(bytes),
            Self::UntilClosed => Ok(Decoded { content: bytes.len(), consumed: bytes.len() }),
        }
    }

    fn ended(&self) -> bool {
        match self {
            Self::Sized(left) => *left == 0,
            Self::Chunked(reader) => reader.ended(),
            Self::UntilClosed => false,
        }
    }
}

/// How a body is written where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goes {
    /// As it is.
    Plain,
    /// In chunks of our own.
    Chunked,
}

/// What is written instead of a piece of content, which may be the last.
pub(crate) type Becomes<'a, E> = &'a mut dyn FnMut(&[u8], bool) -> Result<Vec<u8>, E>;

/// One body on its way. It holds at most what its source's [`Inbox`] holds.
#[derive(Debug)]
pub(crate) struct Flow {
    comes: Comes,
    goes: Goes,
    ended: bool,
    out: Outgoing,
}

/// What is to be written before more is read: `prefix`, content from the inbox, `own`, `suffix`.
#[derive(Debug, Default)]
struct Outgoing {
    prefix: Vec<u8>,
    decoded: Option<Decoded>,
    own: Vec<u8>,
    suffix: &'static [u8],
    written: usize,
}

impl Flow {
    /// A body behind a head that is written with its first bytes.
    pub(crate) fn new(comes: Comes, goes: Goes, head: Vec<u8>) -> Self {
        let ended = comes.ended();
        let mut out = Outgoing { prefix: head, ..Outgoing::default() };
        if ended {
            out.suffix = end_of(goes, 0);
        }
        Self { comes, goes, ended, out }
    }

    /// Nothing at all.
    pub(crate) fn nothing() -> Self {
        Self::new(Comes::Sized(0), Goes::Plain, Vec::new())
    }

    /// Whether more must be read before more can be written.
    pub(crate) fn wants_input(&self) -> bool {
        !self.ended && !self.has_output()
    }

    /// Whether something waits to be written.
    pub(crate) fn has_output(&self) -> bool {
        self.out.length() > 0
    }

    /// Whether it came to its end and was written whole.
    pub(crate) fn done(&self) -> bool {
        self.ended && !self.has_output()
    }

    /// Takes what the inbox holds of the body.
    pub(crate) fn feed(&mut self, inbox: &mut Inbox) -> Result<(), Bad> {
        let decoded = self.decode(inbox)?;
        self.frame(decoded.content);
        self.out.decoded = Some(decoded);
        if !self.has_output() {
            self.out.finish(inbox);
        }
        Ok(())
    }

    /// As [`feed`](Self::feed), but writes what `becomes` makes of the content.
    pub(crate) fn feed_through<E: From<Bad>>(
        &mut self,
        inbox: &mut Inbox,
        becomes: Becomes<'_, E>,
    ) -> Result<(), E> {
        let decoded = self.decode(inbox)?;
        let content = inbox.data().get(..decoded.content).unwrap_or_default();
        let made = becomes(content, self.ended)?;
        inbox.used(decoded.consumed);
        self.frame(made.len());
        self.out.own = made;
        Ok(())
    }

    fn decode(&mut self, inbox: &mut Inbox) -> Result<Decoded, Bad> {
        let decoded = self.comes.decode(inbox.data_mut())?;
        self.ended = self.comes.ended();
        Ok(decoded)
    }

    /// The source closed. Whether the body may end so.
    pub(crate) fn source_closed(&mut self) -> bool {
        if self.ended {
            return true;
        }
        if !matches!(self.comes, Comes::UntilClosed) {
            return false;
        }
        self.ended = true;
        self.frame(0);
        true
    }

    /// Ends it here, as if it had come to its end.
    pub(crate) fn end_here(&mut self) {
        self.ended = true;
        self.frame(0);
    }

    fn frame(&mut self, content: usize) {
        if self.goes == Goes::Chunked && content > 0 {
            self.out.prefix.extend_from_slice(format!("{content:x}\r\n").as_bytes());
            self.out.suffix = b"\r\n";
        }
        if self.ended {
            self.out.suffix = end_of(self.goes, content);
        }
    }

    /// Writes once. Gives back how many bytes went.
    pub(crate) fn write(&mut self, inbox: &mut Inbox, to: &mut Wire) -> io::Result<usize> {
        let content = self.out.decoded.map_or(0, |decoded| decoded.content);
        let content = inbox.data().get(..content).unwrap_or_default();
        let mut parts =
            [&*self.out.prefix, content, &*self.out.own, self.out.suffix].map(IoSlice::new);
        let mut rest = &mut parts[..];
        IoSlice::advance_slices(&mut rest, self.out.written);
        let count = to.write(rest)?;
        self.out.written = self.out.written.saturating_add(count);
        if self.out.length() == 0 {
            self.out.finish(inbox);
        }
        Ok(count)
    }
}

fn end_of(goes: Goes, content: usize) -> &'static [u8] {
    match (goes, content) {
        (Goes::Plain, _) => b"",
        (Goes::Chunked, 0) => b"0\r\n\r\n",
        (Goes::Chunked, _) => b"\r\n0\r\n\r\n",
    }
}

impl Outgoing {
    /// Bytes that are still to be written.
    fn length(&self) -> usize {
        let content = self.decoded.map_or(0, |decoded| decoded.content);
        let all = [self.prefix.len(), content, self.own.len(), self.suffix.len()];
        all.iter().sum::<usize>().saturating_sub(self.written)
    }

    fn finish(&mut self, inbox: &mut Inbox) {
        if let Some(decoded) = self.decoded.take() {
            inbox.used(decoded.consumed);
        }
        // A stream that is silent for days keeps nothing.
        *self = Self::default();
    }
}
