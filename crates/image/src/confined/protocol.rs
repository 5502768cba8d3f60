//! What is asked, and what is answered.

use std::time::{Duration, Instant};

use dockward_model::inventory::Problem;
use serde::{Deserialize, Serialize};

use crate::layer::{self, LayerIndex};
use crate::source::{Kept, Member, Span};

/// A request. What it is to read from comes along as a descriptor.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    /// How much time there is, in milliseconds; without end where none.
    pub(super) left: Option<u64>,
    /// What is looked for beside the catalogers' own places.
    pub(super) extras: Vec<(u8, String, String)>,
    pub(super) what: What,
}

/// What is to be read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum What {
    /// A layer that is a part of a file, not compressed.
    Part { start: u64, length: u64 },
    /// A layer of so many bytes out of a pipe.
    Pipe { length: u64 },
    /// The members of an archive that is a file.
    Archive { length: u64 },
    /// An archive as it comes out of a pipe or a file.
    Stream,
    /// A record of packages, and what lies beside it: a second descriptor.
    Record { cataloger: String, path: String, size: u64, beside: Option<u64> },
}

/// An answer, or a part of one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    /// Reading has got so far: where, in bytes unpacked, and the record that is read next.
    At(u64, String),
    Index(LayerIndex),
    Member(String, Member<Span>),
    Kept(String, Member<Kept>),
    Record(layer::Record),
    /// There are no more members; what is wrong with the archive.
    End(Option<Problem>),
    /// It can't be read.
    Failed(String),
}

/// How much time there is until then, in milliseconds.
pub(super) fn left(deadline: Option<Instant>) -> Option<u64> {
    let left = deadline?.saturating_duration_since(Instant::now());
    Some(u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
}

/// When so many milliseconds are over.
pub(super) fn deadline(left: Option<u64>) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_millis(left?))
}
