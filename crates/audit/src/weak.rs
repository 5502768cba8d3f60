//! Packages that advisories name, as one verdict over an image or a host.

use dockward_model::facts::{Inspection, WeakPackage};
use dockward_model::inventory::{FixState, Match, TargetKind};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::Expectations;

/// How many packages are named in the evidence.
const MOST: usize = 40;
/// How many of a package's weaknesses are named.
const NAMED: usize = 3;

/// A package, and those of its weaknesses that nobody waived.
struct Counted<'a> {
    weak: &'a WeakPackage,
    matches: Vec<&'a Match>,
    worst: Severity,
}

/// Fails for what is known to be weak and not waived, as bad as the worst of it. Unknown, where that
/// is all clear but something could not be read or compared.
pub(crate) fn judge(
    inspection: &Inspection,
    name: &str,
    kind: TargetKind,
    held: &Expectations<'_>,
) -> Outcome {
    let counted: Vec<_> =
        inspection.weak.iter().filter_map(|weak| count(weak, name, kind, held)).collect();
    let Some(worst) = counted.iter().map(|counted| counted.worst).max() else {
        return unread(inspection);
    };
    let mut evidence = counted.iter().take(MOST).map(evidence);
    let Some(first) = evidence.next() else { return Outcome::Pass };
    let failure = Failure::new(message(&counted), first, fix(&counted)).and(evidence);
    failure.severity(worst).into()
}

fn count<'a>(
    weak: &'a WeakPackage,
    name: &str,
    kind: TargetKind,
    held: &Expectations<'_>,
) -> Option<Counted<'a>> {
    let waived = |matched: &Match| {
        held.waives.is_some_and(|waives| waives(&weak.subject(matched, name, kind)))
    };
    let matches: Vec<_> = weak.matches.iter().filter(|matched| !waived(matched)).collect();
    let severity = |m: &&Match| m.advisory.rating.severity.unwrap_or(held.unrated);
    // Headers alone hold nothing that could be attacked.
    let worst = matches.iter().map(|m| if m.headers_only { Severity::Info } else { severity(m) });
    worst.max().map(|worst| Counted { weak, matches, worst })
}

/// With nothing found: a pass only where all was read and compared.
fn unread(inspection: &Inspection) -> Outcome {
    if let Some(problem) = inspection.problems.first() {
        return Outcome::Unknown(format!("{}: {}", problem.place, problem.why));
    }
    match inspection.unmatched.first() {
        Some(unmatched) => Outcome::Unknown(unmatched.to_string()),
        None => Outcome::Pass,
    }
}

fn message(counted: &[Counted<'_>]) -> String {
    let all = || counted.iter().flat_map(|counted| &counted.matches);
    let mut names: Vec<_> = all().map(|m| m.name()).collect();
    names.sort_unstable();
    names.dedup();
    let mut exploited: Vec<_> = all().filter(|m| m.exploited.is_some()).map(|m| m.name()).collect();
    exploited.sort_unstable();
    exploited.dedup();
    let weaknesses = plural(names.len(), "known weakness", "known weaknesses");
    let packages = plural(counted.len(), "package", "packages");
    let exploited = match exploited.as_slice() {
        [] => String::new(),
        [first] => format!(", exploited: {first}"),
        [first, rest @ ..] => format!(", exploited: {first} and {} more", rest.len()),
    };
    format!("{weaknesses} in {packages}{exploited}")
}

fn plural(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

fn evidence(counted: &Counted<'_>) -> Evidence {
    let package = &counted.weak.package;
    let named: Vec<_> = counted.matches.iter().take(NAMED).map(|m| m.name()).collect();
    let rest = counted.matches.len().saturating_sub(NAMED);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let seen = format!("{} {}: {}{more}", package.name, package.version, named.join(", "));
    let expected = mending(counted)
        .map_or_else(|| "an update: there is none yet".to_owned(), |fix| format!("{fix} or newer"));
    Evidence::at(&package.origin, seen, expected)
}

/// The lowest version that mends all of a package's weaknesses that can be mended.
fn mending<'a>(counted: &Counted<'a>) -> Option<&'a str> {
    let order = dockward_advisory::order(counted.weak.package.kind);
    let fixable = counted.matches.iter().filter(|m| m.state == FixState::FixAvailable);
    fixable.filter_map(|m| m.fixes.first()).map(String::as_str).max_by(|a, b| order(a, b))
}

fn fix(counted: &[Counted<'_>]) -> String {
    let updates: Vec<_> = counted
        .iter()
        .filter_map(|c| mending(c).map(|fix| format!("{} {fix}", c.weak.package.name)))
        .collect();
    match updates.as_slice() {
        [] => "no update mends these yet: see `dockward scan` for each".to_owned(),
        [first] => format!("update {first}"),
        [first, rest @ ..] => {
            format!("update {first} and {}", plural(rest.len(), "more package", "more packages"))
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown};
    use dockward_model::inventory::{
        AdvisoryFacts, Exposure, Problem, Unmatched, UnmatchedWhy, sample,
    };
    use dockward_model::verdict::Subject;

    pub(crate) fn inspection() -> Inspection {
        let package = sample::inventory().contents.packages.remove(0);
        let weak = vec![WeakPackage {
            package,
            matches: vec![sample::matched()],
            exposure: Exposure::none(),
        }];
        Inspection { packages: 2, weak, ..Inspection::default() }
    }

    fn judged(inspection: &Inspection) -> Outcome {
        judge(inspection, "shop:1", TargetKind::Image, &Expectations::default())
    }

    #[test]
    fn what_is_weak_fails_as_bad_as_the_worst_and_names_the_update() {
        let failure = assert_fails(judged(&inspection()));
        assert_eq!(failure.message, "1 known weakness in 1 package");
        assert_eq!(failure.severity, Some(Severity::High));
        assert_eq!(failure.fix, "update libssl1.1 1.1.1n-0+deb11u4");
        assert_eq!(failure.evidence[0].seen, "libssl1.1 1.1.1n-0+deb11u3: CVE-2023-0286");
        assert_eq!(failure.evidence[0].expected, "1.1.1n-0+deb11u4 or newer");
    }

    #[test]
    fn what_nobody_rated_counts_as_the_settings_say_and_headers_as_nothing() {
        let mut inspection = inspection();
        let unrated = AdvisoryFacts::default();
        inspection.weak[0].matches[0].advisory = unrated.into();
        assert_eq!(assert_fails(judged(&inspection)).severity, Some(Severity::High));
        inspection.weak[0].matches[0].headers_only = true;
        assert_eq!(assert_fails(judged(&inspection)).severity, Some(Severity::Info));
    }

    #[test]
    fn what_is_waived_does_not_count() {
        let waives = |subject: &Subject| {
            let Subject::Package { advisories, within, .. } = subject else { return false };
            within == "shop:1" && advisories.iter().any(|name| name == "CVE-2023-0286")
        };
        let held = Expectations { waives: Some(&waives), ..Expectations::default() };
        assert_passes(judge(&inspection(), "shop:1", TargetKind::Image, &held));
        assert_fails(judge(&inspection(), "shop:2", TargetKind::Image, &held));
    }

    #[test]
    fn nothing_found_is_a_pass_only_where_all_was_read_and_compared() {
        let nothing = Inspection::default();
        assert_passes(judged(&nothing));
        let why = UnmatchedWhy::NoSource("Debian:12".to_owned());
        let unmatched = vec![Unmatched { packages: 3, why }];
        assert_unknown(judged(&Inspection { unmatched, ..nothing.clone() }));
        let problems = vec![Problem::default()];
        assert_unknown(judged(&Inspection { problems, ..nothing }));
    }
}
