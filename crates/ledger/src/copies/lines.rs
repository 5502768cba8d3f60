//! Entries as lines of JSON, and checkpoints among them.

use std::fmt;
use std::io::Write;

use super::Publish;

/// Writes each entry as a line; a checkpoint is the line `{"checkpoint":"…"}`.
pub struct Lines<W> {
    name: String,
    to: W,
}

impl<W> fmt::Debug for Lines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lines").field(&self.name).finish()
    }
}

impl<W: Write + Send> Lines<W> {
    /// Lines to that writer, which is called so.
    pub fn new(name: impl Into<String>, to: W) -> Self {
        Self { name: name.into(), to }
    }
}

/// A checkpoint in one line.
pub(super) fn checkpoint(note: &str) -> String {
    serde_json::json!({ "checkpoint": note }).to_string()
}

impl<W: Write + Send> Publish for Lines<W> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn checkpoint(&mut self, note: &str) -> Result<(), String> {
        self.entry(&checkpoint(note))
    }

    fn entry(&mut self, line: &str) -> Result<(), String> {
        let written = writeln!(self.to, "{line}").and_then(|()| self.to.flush());
        written.map_err(|error| error.to_string())
    }
}
