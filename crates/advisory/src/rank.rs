//! In which order people should look at matches.

use std::cmp::Reverse;

use dockward_model::facts::Fact;
use dockward_model::inventory::{Exposure, FixState, Match};

/// How near a package is to somebody who would attack it, for [`rank`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nearness {
    /// Whether somebody gets to it from the network.
    reachable: Told,
    /// Whether a file of the package is open or mapped by a running process.
    loaded: Told,
}

/// What is not known may well be so: it comes before what is known not to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    No,
    #[default]
    Unknown,
    Yes,
}

impl<T> From<&Fact<T>> for Told {
    fn from(fact: &Fact<T>) -> Self {
        match fact {
            Fact::Known(_) => Self::Yes,
            Fact::Absent => Self::No,
            Fact::Unknown(_) => Self::Unknown,
        }
    }
}

impl From<&Exposure> for Nearness {
    fn from(exposure: &Exposure) -> Self {
        Self { reachable: (&exposure.reachable).into(), loaded: (&exposure.loaded).into() }
    }
}

/// Puts first what should be looked at first: what is exploited, reachable, loaded, likely to be
/// exploited, bad, and can be mended. What is weak elsewhere (a kernel's headers) comes last.
///
/// Likelihoods count by their order of magnitude: between 0.02 and 0.03 the severity says more.
pub fn rank(matches: &mut [Match], near: impl Fn(&Match) -> Nearness) {
    matches.sort_by_cached_key(|found| {
        let first = (
            found.exploited.is_some(),
            near(found),
            likely(found),
            found.advisory.rating.severity,
            found.state == FixState::FixAvailable,
        );
        let then = (found.package, found.id.clone());
        (found.headers_only, !found.state.is_affected(), Reverse(first), then)
    });
}

/// Above one in two, one in ten, one in a hundred.
fn likely(found: &Match) -> usize {
    let probability = found.likelihood.map_or(0.0, |likely| likely.probability);
    [0.01, 0.1, 0.5].iter().filter(|step| probability >= **step).count()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dockward_model::inventory::{
        AdvisoryFacts, Compared, Exploited, Likelihood, MatchedName, Rating,
    };
    use dockward_model::verdict::Severity;
    use jiff::civil::date;

    use super::*;

    fn of(id: &str, severity: Option<Severity>) -> Match {
        let rating = Rating { severity, ..Rating::default() };
        let compared = Compared {
            ecosystem: String::new(),
            name: String::new(),
            by: MatchedName::Source,
            version: String::new(),
            range: String::new(),
        };
        Match {
            package: 0,
            id: id.into(),
            advisory: Arc::new(AdvisoryFacts { rating, ..AdvisoryFacts::default() }),
            also: Vec::new(),
            state: FixState::Affected,
            compared,
            fixes: Vec::new(),
            exploited: None,
            likelihood: None,
            headers_only: false,
            note: String::new(),
            against: Vec::new(),
        }
    }

    fn likely(probability: f32) -> Option<Likelihood> {
        Some(Likelihood { probability, percentile: 0.5, day: None })
    }

    #[test]
    fn each_reason_comes_before_the_next() {
        let exploited = Some(Exploited { added: date(2024, 1, 1), due: None, ransomware: false });
        let headers =
            Match { headers_only: true, exploited: exploited.clone(), ..of("headers", None) };
        let mut found = vec![
            headers,
            Match { state: FixState::Unknown, ..of("undecided", Some(Severity::Critical)) },
            of("unrated", None),
            of("not loaded", Some(Severity::Critical)),
            of("low", Some(Severity::Low)),
            Match { state: FixState::FixAvailable, ..of("low, mended", Some(Severity::Low)) },
            Match { likelihood: likely(0.03), ..of("likely, low", Some(Severity::Low)) },
            Match { likelihood: likely(0.02), ..of("likely, high", Some(Severity::High)) },
            Match { likelihood: likely(0.9), ..of("very likely", None) },
            of("loaded", None),
            of("reachable", None),
            Match { exploited, ..of("exploited", None) },
        ];
        rank(&mut found, |found| {
            let mut exposure = Exposure::default();
            match &*found.id {
                "reachable" => exposure.reachable = Fact::Known(Vec::new()),
                "loaded" => exposure.loaded = Fact::Known(Vec::new()),
                "not loaded" => exposure.loaded = Fact::Absent,
                _ => {}
            }
            (&exposure).into()
        });
        let order: Vec<_> = found.iter().map(Match::name).collect();
        let wanted = [
            "exploited",
            "reachable",
            "loaded",
            "very likely",
            "likely, high",
            "likely, low",
            "low, mended",
            "low",
            "unrated",
            "not loaded",
            "undecided",
            "headers",
        ];
        assert_eq!(order, wanted);
    }
}
