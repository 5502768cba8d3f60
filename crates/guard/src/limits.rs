//! How long and how much callers and the engine may take.

use std::time::Duration;

/// Caps on what one caller, and all of them, may cost.
///
/// Not limited: how long the engine takes to begin its answer (`wait`, a slow pull), how long an open
/// stream or an idle connection is silent, and how long either end of a raw stream doesn't read (a
/// terminal that is stopped). What these hold is held by `connections`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the first byte of a request's head to its last.
    pub head: Duration,
    /// From when a body that the gate takes whole is begun to its last byte.
    pub whole: Duration,
    /// How long a body that is handed on may stand still, and how long a caller may not take what
    /// is sent to it. Long: a pager that is not scrolled stops `logs -f`, a slow disk a `load`.
    pub stuck: Duration,
    /// After how long a silence an answer that is handed on gives its thread back, until one of its
    /// ends is heard of.
    pub silence: Duration,
    /// For connecting to the engine.
    pub connect: Duration,
    /// How long calls in flight may go on once the guard is told to stop.
    pub grace: Duration,
    /// Connections at a time. One caller alone gets half of them, and the next always half of what
    /// is left.
    pub connections: usize,
    /// Bytes of one line of [`Answering::Lines`](crate::Answering::Lines).
    pub line: usize,
    /// Bytes of stack of a connection's thread, which the gate runs on too. Only what is touched of
    /// it takes memory.
    pub stack: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            whole: Duration::from_secs(60),
            stuck: Duration::from_secs(15 * 60),
            silence: Duration::from_secs(1),
            connect: Duration::from_secs(3),
            grace: Duration::from_secs(10),
            connections: 4096,
            line: 1024 * 1024,
            stack: 512 * 1024,
        }
    }
}
