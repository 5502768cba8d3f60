//! A value that was read, was not there, or could not be read.

use serde::{Deserialize, Serialize};

use super::Origin;
use crate::verdict::Outcome;

/// One fact. Reading can end in three ways, and they are never mixed up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact<T> {
    /// It was read.
    Known(T),
    /// It was looked for, and it is not there (or null, or an empty string where that means unset).
    Absent,
    /// It could not be read; the text says why, in a person's words.
    Unknown(String),
}

impl<T> Default for Fact<T> {
    /// What nobody looked at is unknown: a forgotten field can't turn into a pass.
    fn default() -> Self {
        Self::Unknown(not_looked_at())
    }
}

/// Out of line: what has many facts begins with as many of these.
#[inline(never)]
fn not_looked_at() -> String {
    "not looked at".to_owned()
}

impl<T> Fact<T> {
    /// The value, if it was read.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// Why it could not be read, if so.
    #[must_use]
    pub fn unknown(&self) -> Option<&str> {
        match self {
            Self::Unknown(why) => Some(why),
            Self::Known(_) | Self::Absent => None,
        }
    }

    /// Whether it was looked for and is not there.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The same fact about something else; what is absent or unknown stays so.
    pub fn map<U>(&self, f: impl FnOnce(&T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(f(value)),
            Self::Absent => Fact::Absent,
            Self::Unknown(why) => Fact::Unknown(why.clone()),
        }
    }

    /// Judges a fact: the caller says what absence means, and unknown is always unknown.
    pub fn judge(&self, absent: Outcome, known: impl FnOnce(&T) -> Outcome) -> Outcome {
        match self {
            Self::Known(value) => known(value),
            Self::Absent => absent,
            Self::Unknown(why) => Outcome::Unknown(why.clone()),
        }
    }
}

/// A fact and where it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field<T> {
    /// What was read.
    pub fact: Fact<T>,
    /// Where it was read, or where one would look for it.
    pub origin: Origin,
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self { fact: Fact::default(), origin: Origin::Nowhere }
    }
}

impl<T> Field<T> {
    /// A value that was read at `origin`.
    pub const fn known(value: T, origin: Origin) -> Self {
        Self { fact: Fact::Known(value), origin }
    }

    /// Looked for at `origin`, and not there.
    pub const fn absent(origin: Origin) -> Self {
        Self { fact: Fact::Absent, origin }
    }

    /// Could not be read at `origin`.
    pub fn unknown(why: impl Into<String>, origin: Origin) -> Self {
        Self { fact: Fact::Unknown(why.into()), origin }
    }

    /// The value, if it was read.
    pub const fn get(&self) -> Option<&T> {
        self.fact.known()
    }

    /// The same field about something else, from the same origin.
    pub fn map<U>(&self, f: impl FnOnce(&T) -> U) -> Field<U> {
        Field { fact: self.fact.map(f), origin: self.origin.clone() }
    }

    /// See [`Fact::judge`].
    pub fn judge(&self, absent: Outcome, known: impl FnOnce(&T) -> Outcome) -> Outcome {
        self.fact.judge(absent, known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_looked_at_is_unknown() {
        let field: Field<bool> = Field::default();
        assert!(matches!(field.judge(Outcome::Pass, |_| Outcome::Pass), Outcome::Unknown(_)));
    }

    #[test]
    fn mapping_keeps_absent_and_unknown() {
        assert_eq!(Fact::<u8>::Absent.map(|n| n + 1), Fact::Absent);
        assert_eq!(Fact::<u8>::Unknown("eof".into()).map(|n| n + 1), Fact::Unknown("eof".into()));
        assert_eq!(Fact::Known(1).map(|n| n + 1), Fact::Known(2));
    }
}
