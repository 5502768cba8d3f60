//! Why a request is not let through.

use std::fmt;

/// A rule that a request breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule's id.
    pub rule: &'static str,
    /// One line: what is wrong.
    pub message: String,
    /// How to do it right, as the user would write it; empty where nothing would.
    pub fix: String,
}

impl Violation {
    pub(crate) fn new(
        rule: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { rule, message: message.into(), fix: fix.into() }
    }
}

/// Several in one line, as the docker command prints an error.
#[derive(Debug, Clone, Copy)]
pub struct InOneLine<'a>(pub &'a [Violation]);

impl fmt::Display for InOneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, rest)) = self.0.split_first() else { return Ok(()) };
        write!(f, "dockward: {} ({})", first.message, first.rule)?;
        if !first.fix.is_empty() {
            write!(f, "; {}", first.fix)?;
        }
        if !rest.is_empty() {
            let ids: Vec<&str> = rest.iter().map(|one| one.rule).collect();
            write!(f, "; also {}", ids.join(", "))?;
        }
        Ok(())
    }
}
