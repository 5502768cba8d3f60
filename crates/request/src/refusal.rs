//! Why a request can't be judged.

use std::borrow::Cow;
use std::fmt;

/// A request that is not understood, and so goes nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: u16,
    what: String,
    hint: Option<Cow<'static, str>>,
}

impl Refusal {
    /// It is no request that the engine could mean to take: HTTP 400.
    #[must_use]
    pub fn malformed(what: impl Into<String>) -> Self {
        Self { status: 400, what: what.into(), hint: None }
    }

    /// The engine may understand it, and we don't: HTTP 403.
    pub(crate) fn unknown(what: impl Into<String>) -> Self {
        Self { status: 403, what: what.into(), hint: None }
    }

    /// How to do it right.
    pub(crate) fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The status of the answer: 400 for what is no request, 403 for what is not known here.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

impl std::error::Error for Refusal {}
