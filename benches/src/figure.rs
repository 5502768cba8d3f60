//! What was measured, beside what it may be.

use std::fmt;

/// A measured value and its limit, in the same unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure<'a> {
    /// What it is.
    pub name: &'a str,
    /// What was measured.
    pub measured: f64,
    /// The most that it may be.
    pub limit: f64,
    /// The unit of both.
    pub unit: &'static str,
}

/// A line for `benches/run`: four columns, tabs between them.
impl fmt::Display for Figure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, measured, limit, unit } = self;
        write!(f, "{name}\t{measured:.2}\t{limit:.2}\t{unit}")
    }
}

/// The middle value, the higher of two; nothing else on the machine moves it as easily as a mean.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
