//! What stands between callers and the engine. Deciding is behind these traits; this crate's
//! transport calls them and does all input and output around them.

use std::sync::Arc;

use crate::{Caller, Head};

/// What stands between callers and the engine.
pub trait Gate: Send + Sync {
    /// Meets a request's head: refuses it, or says how its body is to be taken. The body has not
    /// been read yet, nor has its sender been told to go on (`Expect: 100-continue`).
    ///
    /// # Errors
    /// The denial that the caller is told.
    fn meet(&self, caller: &Arc<Caller>, head: &Head) -> Result<Box<dyn Passage>, Denial>;
}

/// One request on its way through. It runs on its connection's thread, with the stack that
/// `Limits::stack` gives; after a silence ([`Limits::silence`](crate::Limits::silence)) that is
/// another one than before. A panic of any of these ends the call with status 500.
pub trait Passage: Send {
    /// How the body is taken. Asked once, before [`judge`](Self::judge).
    fn taking(&self) -> Taking;

    /// Judges it. `body` is whole where [`Taking::Whole`], else empty.
    ///
    /// # Errors
    /// The denial that the caller is told.
    fn judge(&mut self, body: &[u8]) -> Result<Ruling, Denial>;

    /// What of an answer goes on to the caller: all of it for [`Answering::Whole`] (of one without a
    /// body nothing is sent, whatever is given back), one line
    /// without its end for [`Answering::Lines`] (nothing is sent where nothing is given back).
    /// `status` is the engine's, which an error also has.
    ///
    /// # Errors
    /// The denial that the caller is told instead; in the middle of lines their stream is cut.
    fn filter(
        &mut self,
        status: u16,
        content_type: Option<&str>,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Denial>;

    /// What the caller is told in place of the value of a header of the engine's answer; none where
    /// it goes on as it came. `name` is in lower-case. Asked for each header before
    /// [`filter`](Self::filter).
    fn told(&self, name: &str, value: &[u8]) -> Option<String> {
        let _ = (name, value);
        None
    }

    /// It ended. Called exactly once for each [`judge`](Self::judge) that had it forwarded, also on
    /// panics, disconnections and shutdown; before the connection's next request is met.
    fn ended(&mut self, outcome: &Outcome);
}

/// How a request's body is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taking {
    /// There must be none, or an empty one.
    Nothing,
    /// Whole, at most that many bytes.
    Whole {
        /// Bytes; a longer one is refused with status 413.
        most: usize,
    },
    /// Unread, handed on as it comes once [`Passage::judge`] has allowed it.
    Stream,
}

/// What becomes of a request that is not denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// It goes to the engine.
    Forward(Forward),
    /// The gate answers itself, and the engine hears nothing of it.
    Answer(Reply),
}

impl From<Forward> for Ruling {
    fn from(forward: Forward) -> Self {
        Self::Forward(forward)
    }
}

/// An answer of the gate's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status, 200 to 299.
    pub status: u16,
    /// JSON, or nothing.
    pub body: Vec<u8>,
    /// The protocol that is switched to (status 101 then), over which nothing comes.
    pub switched_to: Option<String>,
}

/// What goes to the engine. Method, target and headers are the gate's own words, never the caller's
/// bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// The method, in capital letters.
    pub method: String,
    /// Path and query, percent-encoded.
    pub target: String,
    /// Headers with their values. Those of the connection (`Host`, `Connection`, `Upgrade`,
    /// `Expect` and those of the body's length) are the transport's to write, and a call whose gate
    /// names one fails.
    pub headers: Vec<(String, String)>,
    /// The body that is sent. None sends none, or, where [`Taking::Stream`], the caller's.
    pub body: Option<Vec<u8>>,
    /// What may come back.
    pub answer: Answering,
}

/// What may come back of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answering {
    /// Anything that is an ordinary answer; it is handed on as it comes.
    Pass,
    /// As `Pass`, or the connection turns into a raw stream both ways (attach, exec, `/session`,
    /// `/grpc`).
    Upgrade {
        /// What the engine is asked to switch to (`tcp`, `h2c`). None where the caller didn't ask to
        /// switch: the engine then makes a raw stream of an answer 200 without a length.
        to: Option<String>,
    },
    /// It is read to its end and goes through [`Passage::filter`].
    Whole {
        /// Bytes; a longer one is told as an error with status 502.
        most: usize,
    },
    /// A stream of lines (events), each of which goes through [`Passage::filter`] as it comes.
    Lines,
}

/// A refusal. The caller gets `{"message": …}`, as the engine's errors look; the docker command
/// prints it in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The status, 400 to 599.
    pub status: u16,
    /// One line: what, why, and how to do it right.
    pub message: String,
}

impl Denial {
    /// A refusal with that status and message.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

/// How an allowed request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The status of the engine's answer, where one came.
    pub status: Option<u16>,
    /// How it ended.
    pub end: End,
}

/// The end of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The whole answer was handed on, or the raw stream was closed by one of its ends.
    Answered,
    /// The caller went away, sent a broken body, or didn't take or send anything for too long.
    CallerGone,
    /// The engine could not be reached, went away in the middle, or answered what is no HTTP.
    EngineGone,
    /// The gate refused the answer, or it was larger than the gate takes.
    Refused,
    /// The guard was told to stop.
    Stopped,
    /// The gate panicked.
    Panicked,
}
