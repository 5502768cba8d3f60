//! What ends a scan with 1.

use std::fmt;
use std::str::FromStr;

use dockward_model::inventory::FixState;
use dockward_model::verdict::{Severity, Vulnerability};
use jiff::Timestamp;

use crate::exit::FailOn;

/// What ends a scan with 1: any of these conditions. None at all: nothing does.
///
/// Written as `exploited,high+fixable`: a comma is "or", a plus is "and". By default `high`, as
/// everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    any: Vec<Condition>,
}

/// Terms that all have to hold. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    all: Vec<Term>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Term {
    /// From this severity on.
    Severity(Severity),
    /// A newer version mends it.
    Fixable,
    /// CISA's catalogue has it.
    Exploited,
    /// A file of the package is open or mapped by a running process, or nobody knows.
    Loaded,
    /// Somebody gets to it from the network, or nobody knows.
    Reachable,
    /// A fix has been there for this many days. The advisory's day counts: vendors publish theirs
    /// with the fix.
    FixOlderThan(u16),
    /// EPSS gives it at least this probability, in per mille.
    Likely(u16),
}

impl Gate {
    /// What every form of it looks like, for help.
    pub const FORMS: &str = "critical, high, medium, low, info, fixable, exploited, \
        loaded, reachable, fix-older-than=30d, epss=0.1, joined by `+` for \"and\" and `,` for \"or\"; or never";

    /// Whether `vulnerability` ends the run with 1, as of `now`.
    #[must_use]
    pub fn fails(&self, vulnerability: &Vulnerability, now: Timestamp) -> bool {
        vulnerability.counts()
            && self.any.iter().any(|c| c.all.iter().all(|term| term.holds(vulnerability, now)))
    }

    /// Whether nothing ends the run with 1.
    #[must_use]
    pub const fn is_never(&self) -> bool {
        self.any.is_empty()
    }
}

impl Term {
    fn holds(self, vulnerability: &Vulnerability, now: Timestamp) -> bool {
        let matched = &vulnerability.matched;
        let fixable = matched.state == FixState::FixAvailable;
        match self {
            Self::Severity(least) => vulnerability.severity >= least,
            Self::Fixable => fixable,
            Self::Exploited => matched.exploited.is_some(),
            // What nobody could see may be so: unknown is never a pass.
            Self::Loaded => !vulnerability.exposure.loaded.is_absent(),
            Self::Reachable => !vulnerability.exposure.reachable.is_absent(),
            Self::FixOlderThan(days) => {
                let day = matched.advisory.published;
                let old = |at: Timestamp| now.duration_since(at).as_hours() >= i64::from(days) * 24;
                // A fix of an unknown day may be that old: unknown is never a pass.
                fixable && day.is_none_or(old)
            }
            Self::Likely(least) => {
                let probability = matched.likelihood.map(|likelihood| likelihood.probability);
                probability.is_some_and(|p| f64::from(p) * 1000.0 >= f64::from(least))
            }
        }
    }
}

impl From<FailOn> for Gate {
    fn from(fail_on: FailOn) -> Self {
        let condition = |severity| Condition { all: vec![Term::Severity(severity)] };
        Self { any: fail_on.severity().map(condition).into_iter().collect() }
    }
}

impl Default for Gate {
    fn default() -> Self {
        FailOn::default().into()
    }
}

impl FromStr for Gate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self { any: Vec::new() });
        }
        let any = text.split(',').map(condition).collect::<Result<_, _>>()?;
        Ok(Self { any })
    }
}

fn condition(text: &str) -> Result<Condition, String> {
    let all = text.split('+').map(|word| term(word.trim())).collect::<Result<_, _>>()?;
    Ok(Condition { all })
}

fn term(word: &str) -> Result<Term, String> {
    match word.split_once('=') {
        None if word == "fixable" => Ok(Term::Fixable),
        None if word == "exploited" => Ok(Term::Exploited),
        None if word == "loaded" => Ok(Term::Loaded),
        None if word == "reachable" => Ok(Term::Reachable),
        None => word.parse().map(Term::Severity).map_err(|_| unknown(word)),
        Some(("fix-older-than", age)) => days(age).map(Term::FixOlderThan),
        Some(("epss", share)) => per_mille(share).map(Term::Likely),
        Some(_) => Err(unknown(word)),
    }
}

fn unknown(word: &str) -> String {
    format!("`{word}` is none of {}", Gate::FORMS)
}

pub(crate) fn days(text: &str) -> Result<u16, String> {
    let number = text.strip_suffix('d').and_then(|number| number.parse().ok());
    number.ok_or_else(|| format!("`{text}` is no number of days, such as `30d`"))
}

fn per_mille(text: &str) -> Result<u16, String> {
    let share = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    let share = share.ok_or_else(|| format!("`{text}` is no probability from 0 to 1"))?;
    // Within 0 to 1000 by the check above.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Ok((share * 1000.0).round() as u16)
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.any.is_empty() {
            return f.write_str("never");
        }
        for (n, condition) in self.any.iter().enumerate() {
            let comma = if n > 0 { "," } else { "" };
            f.write_str(comma)?;
            for (n, term) in condition.all.iter().enumerate() {
                let plus = if n > 0 { "+" } else { "" };
                write!(f, "{plus}{term}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Severity(severity) => f.write_str(severity.name()),
            Self::Fixable => f.write_str("fixable"),
            Self::Exploited => f.write_str("exploited"),
            Self::Loaded => f.write_str("loaded"),
            Self::Reachable => f.write_str("reachable"),
            Self::FixOlderThan(days) => write!(f, "fix-older-than={days}d"),
            Self::Likely(share) => write!(f, "epss={}", f64::from(*share) / 1000.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dockward_model::facts::Fact;
    use dockward_model::inventory::{Exploited, Likelihood};
    use jiff::civil::date;

    use super::*;
    use crate::sample::vulnerability;

    fn fails(gate: &str, vulnerability: &Vulnerability) -> bool {
        let now = "2026-11-28T12:00:00Z".parse().unwrap();
        gate.parse::<Gate>().unwrap().fails(vulnerability, now)
    }

    #[test]
    fn a_comma_is_or_and_a_plus_is_and() {
        let mut found = vulnerability(Severity::High);
        assert!(fails("high", &found) && fails("low", &found) && !fails("critical", &found));
        assert!(fails("critical,high+fixable", &found));
        found.matched.state = FixState::WillNotFix;
        assert!(!fails("critical,high+fixable", &found) && fails("high", &found));
        assert!(!fails("exploited", &found));
        found.matched.exploited =
            Some(Exploited { added: date(2024, 1, 1), due: None, ransomware: false });
        assert!(fails("critical,exploited", &found));
    }

    #[test]
    fn what_is_waived_or_mended_never_fails_and_what_is_undecided_does() {
        let mut found = vulnerability(Severity::Critical);
        found.matched.state = FixState::NotAffected;
        assert!(!fails("info", &found));
        found.matched.state = FixState::Unknown;
        assert!(fails("info", &found));
        found.waived = Some(crate::sample::waived());
        assert!(!fails("info", &found));
    }

    #[test]
    fn the_age_of_a_fix_is_counted_from_its_advisory() {
        let mut found = vulnerability(Severity::Low);
        let at = "2026-10-29T12:00:00Z".parse().ok();
        Arc::make_mut(&mut found.matched.advisory).published = at;
        assert!(fails("fix-older-than=30d", &found) && !fails("fix-older-than=31d", &found));
        Arc::make_mut(&mut found.matched.advisory).published = None;
        assert!(fails("fix-older-than=31d", &found));
        found.matched.state = FixState::Affected;
        assert!(!fails("fix-older-than=0d", &found));
    }

    #[test]
    fn a_likelihood_that_nobody_gave_is_no_likelihood() {
        let mut found = vulnerability(Severity::Low);
        assert!(!fails("epss=0", &found));
        found.matched.likelihood =
            Some(Likelihood { probability: 0.1, percentile: 0.9, day: None });
        assert!(fails("epss=0.1", &found) && !fails("epss=0.101", &found));
    }

    #[test]
    fn what_is_known_not_to_be_in_use_meets_no_gate_of_it_and_what_is_unknown_does() {
        use dockward_model::inventory::Exposure;
        let mut found = vulnerability(Severity::High);
        for (exposure, loaded) in [
            (Exposure::default(), true),
            (Exposure::none(), false),
            (Exposure { loaded: Fact::Known(Vec::new()), ..Exposure::none() }, true),
        ] {
            found.exposure = exposure;
            assert_eq!(fails("high+loaded", &found), loaded, "{found:?}");
            let reachable = !found.exposure.reachable.is_absent();
            assert_eq!(fails("high+reachable", &found), reachable, "{found:?}");
            assert!(!fails("critical+loaded,critical+reachable", &found));
        }
    }

    #[test]
    fn a_gate_is_written_as_it_is_read() {
        for text in [
            "never",
            "high",
            "exploited,high+fixable",
            "high+loaded,reachable",
            "low+fix-older-than=30d,epss=0.25",
        ] {
            assert_eq!(text.parse::<Gate>().unwrap().to_string(), text);
        }
        for wrong in
            ["", "high,", "hihg", "epss=2", "epss=x", "fix-older-than=3", "never,high", "a=b"]
        {
            assert!(wrong.parse::<Gate>().is_err(), "{wrong}");
        }
    }
}
