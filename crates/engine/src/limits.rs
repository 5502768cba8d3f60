//! How long and how much an engine may answer.

use std::time::Duration;

/// Caps on time. An answer that drips in a byte at a time is held to the same deadline as one
/// that does not come at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// For connecting.
    pub connect: Duration,
    /// For one answer, from its request to its last byte.
    pub answer: Duration,
    /// For everything that one [`Client`](crate::Client) asks, from its first connection on.
    pub overall: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            answer: Duration::from_secs(15),
            overall: Duration::from_secs(60),
        }
    }
}

/// Caps on what one engine may cost us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Caps on time.
    pub deadlines: Deadlines,
    /// Connections open at a time, and threads that ask.
    pub connections: usize,
    /// Bytes of an answer's status line and headers, and of a chunked one's trailers.
    pub head: usize,
    /// Bytes of the body of `/_ping`, `/version` and of any answer that reports an error.
    pub small: usize,
    /// Bytes of the body of one inspected thing.
    pub one: usize,
    /// Bytes of the body of a list, and of `/info`.
    pub list: usize,
    /// Bytes of all answers together, each counted as 4 KiB more than it is: a small one takes
    /// memory too.
    pub all: usize,
    /// Levels of lists and objects in an answer's JSON.
    pub depth: usize,
}

const MIB: usize = 1024 * 1024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            deadlines: Deadlines::default(),
            connections: 4,
            head: 64 * 1024,
            small: MIB,
            one: 4 * MIB,
            list: 64 * MIB,
            all: 512 * MIB,
            depth: 64,
        }
    }
}
