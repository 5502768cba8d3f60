//! What newer advisories say that older ones did not.

use std::collections::HashMap;

use dockward_model::inventory::{FixState, Match};
use dockward_model::verdict::{Vulnerability, WeaknessNews};

/// Which vulnerabilities of one inventory are news, as positions in `now` and in its order: what
/// counts, and was not among the matches `before` of the same inventory with older advisories, or is
/// exploited or can be mended only now.
#[must_use]
pub fn news(before: &[Match], now: &[Vulnerability]) -> Vec<(usize, WeaknessNews)> {
    let key = |of: &Match| (of.package, of.id.clone());
    let before: HashMap<_, &Match> = before.iter().map(|had| (key(had), had)).collect();
    let counting = now.iter().zip(0..).filter(|(found, _)| found.counts());
    let news = counting.filter_map(|(found, at)| {
        let what = of(before.get(&key(&found.matched)).copied(), &found.matched)?;
        Some((at, what))
    });
    news.collect()
}

fn of(before: Option<&Match>, now: &Match) -> Option<WeaknessNews> {
    let Some(before) = before else { return Some(WeaknessNews::Appeared) };
    if now.exploited.is_some() && before.exploited.is_none() {
        return Some(WeaknessNews::Exploited);
    }
    let mends = |of: &Match| of.state == FixState::FixAvailable;
    (mends(now) && !mends(before)).then_some(WeaknessNews::Mendable)
}

#[cfg(test)]
mod tests {
    use dockward_model::inventory::{Exploited, sample};
    use dockward_model::verdict::{Severity, Waived};

    use super::*;

    fn found(matched: Match) -> Vulnerability {
        let severity = Severity::High;
        Vulnerability {
            matched,
            severity,
            exposure: Default::default(),
            waived: None,
            fails: false,
        }
    }

    #[test]
    fn only_what_says_something_else_than_before_is_news() {
        let same = sample::matched();
        let other = Match { id: "CVE-2026-1".into(), ..same.clone() };
        let of_another_package = Match { package: 1, ..same.clone() };
        let added = jiff::civil::date(2026, 11, 1);
        let exploited = Match {
            exploited: Some(Exploited { added, due: None, ransomware: false }),
            ..same.clone()
        };
        let unmended = Match { state: FixState::Affected, ..same.clone() };
        let mended = Match { state: FixState::Fixed, ..other.clone() };
        let said = |before: &[Match], now: Match| news(before, &[found(now)]);
        let had = std::slice::from_ref(&same);
        assert_eq!(said(had, same.clone()), []);
        assert_eq!(said(&[], same.clone()), [(0, WeaknessNews::Appeared)]);
        assert_eq!(said(had, other), [(0, WeaknessNews::Appeared)]);
        assert_eq!(said(had, of_another_package), [(0, WeaknessNews::Appeared)]);
        assert_eq!(said(had, exploited.clone()), [(0, WeaknessNews::Exploited)]);
        let one = std::slice::from_ref;
        assert_eq!(said(one(&exploited), exploited.clone()), []);
        assert_eq!(said(one(&unmended), same.clone()), [(0, WeaknessNews::Mendable)]);
        assert_eq!(said(had, unmended), []);
        assert_eq!(said(had, mended), [], "what does not count is none");
        let waived = Some(Waived {
            owner: String::new(),
            reason: String::new(),
            until: None,
            origin: dockward_model::facts::Origin::Nowhere,
        });
        assert_eq!(news(&[], &[Vulnerability { waived, ..found(same) }]), []);
    }
}
