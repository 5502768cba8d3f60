//! What goes wrong, and what to do about it.

use std::fmt;
use std::io;

/// Why a change is not planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What stands in the way, and where it was read.
    pub why: String,
    /// What to do about it.
    pub hint: String,
}

impl Reason {
    pub(crate) fn new(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { why: why.into(), hint: hint.into() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.why, self.hint)
    }
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The host is not one that this is known to work on.
    #[error("{}", each(.0))]
    Refused(Vec<Reason>),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A command did not end well.
    #[error("`{command}` failed: {why}")]
    Command {
        /// The command.
        command: String,
        /// How it ended, and what it said.
        why: String,
    },
    /// Nobody answers as they should.
    #[error("no engine answers at {socket}: {why}")]
    NoAnswer {
        /// The socket.
        socket: String,
        /// What was said last.
        why: String,
    },
    /// A step failed, and everything was taken back.
    #[error("{why}; all that was done is taken back, the host is as it was")]
    TakenBack {
        /// What failed.
        why: Box<Self>,
    },
    /// A step failed, and not everything could be taken back.
    #[error("{why}; and not all could be taken back: {}", all(.left))]
    Left {
        /// What failed.
        why: Box<Self>,
        /// What could not be taken back.
        left: Vec<Self>,
    },
    /// What was planned against is no longer there.
    #[error("{path} was changed since {since}")]
    Changed {
        /// The file.
        path: String,
        /// Since when.
        since: &'static str,
    },
    /// The record of an earlier change is not as it was written.
    #[error("{path} is no record of an installation: {why}")]
    Journal {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Left { .. } => {
                Some("`dockward guard install --undo --apply` tries the rest again")
            }
            Self::Changed { .. } => {
                Some("undoing would lose that change: move the file away, or put its text back")
            }
            _ => None,
        }
    }

    pub(crate) fn file(path: &str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

fn each(reasons: &[Reason]) -> String {
    reasons.iter().map(Reason::to_string).collect::<Vec<_>>().join("\n")
}

fn all(errors: &[Error]) -> String {
    errors.iter().map(Error::to_string).collect::<Vec<_>>().join("; ")
}
