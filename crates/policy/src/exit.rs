//! How a run ends.

use std::fmt;
use std::str::FromStr;

use dockward_model::verdict::{Finding, Scan, Severity, Status, WaiverNote};

use crate::gate::Gate;

/// How a run ends, as a process's exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All was judged, and nothing that counts was found.
    Clean = 0,
    /// Something was found that counts, or a waiver has expired.
    Findings = 1,
    /// Wrong use or failure.
    Failure = 2,
    /// Not all was judged that this run was asked for.
    Incomplete = 3,
}

impl Exit {
    /// The exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Which of two holds where both do: 2 before 1 before 3 before 0.
    #[must_use]
    pub const fn or_worse(self, other: Self) -> Self {
        if self.rank() >= other.rank() { self } else { other }
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Incomplete => 1,
            Self::Findings => 2,
            Self::Failure => 3,
        }
    }
}

/// From which severity on a finding fails the run. By default from `high` on: a run in CI stops on
/// what leads to the host or its data, and shows the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// From this severity on.
    At(Severity),
    /// Findings and expired waivers are shown and never fail the run. What couldn't be judged still
    /// makes it incomplete.
    Never,
}

impl FailOn {
    /// The words for it, worst first.
    pub const WORDS: [&str; 6] = ["critical", "high", "medium", "low", "info", "never"];

    /// The severity from which on; absent where none fails the run.
    #[must_use]
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Self::At(severity) => Some(severity),
            Self::Never => None,
        }
    }

    /// Whether a finding fails the run: a failure, not waived, and bad enough.
    #[must_use]
    pub fn fails(self, finding: &Finding) -> bool {
        matches!(self, Self::At(least) if finding.counts() && finding.severity >= least)
    }
}

impl Default for FailOn {
    fn default() -> Self {
        Self::At(Severity::High)
    }
}

impl fmt::Display for FailOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(severity) => f.pad(severity.name()),
            Self::Never => f.pad("never"),
        }
    }
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self::Never);
        }
        text.parse().map(Self::At).map_err(|error| format!("{error}, never"))
    }
}

/// Whether every finding is a judgement: no unknown that nobody waived.
#[must_use]
pub fn judged_all(findings: &[Finding]) -> bool {
    findings.iter().all(|f| f.status != Status::Unknown || f.waived.is_some())
}

/// How a run ends that found this. `complete` is false where something couldn't be looked at that
/// no finding stands for; an unknown among the findings makes the run incomplete in any case.
///
/// An expired waiver fails the run, whether or not it matches anything: somebody promised to look
/// again by that day.
#[must_use]
pub fn exit(findings: &[Finding], notes: &[WaiverNote], complete: bool, fail_on: FailOn) -> Exit {
    let expired = notes.iter().any(|note| matches!(note, WaiverNote::Expired { .. }));
    let fails = findings.iter().any(|finding| fail_on.fails(finding));
    if fails || (expired && fail_on != FailOn::Never) {
        Exit::Findings
    } else if !complete || !judged_all(findings) {
        Exit::Incomplete
    } else {
        Exit::Clean
    }
}

/// How a scan ends: as [`exit`] says of other runs, with `gate` for what fails it.
#[must_use]
pub fn scan_exit(scan: &Scan, gate: &Gate) -> Exit {
    let expired = scan.waivers.iter().any(|note| matches!(note, WaiverNote::Expired { .. }));
    let fails = scan.scanned.iter().any(|one| one.vulnerabilities.iter().any(|found| found.fails));
    if fails || (expired && !gate.is_never()) {
        Exit::Findings
    } else if scan.complete {
        Exit::Clean
    } else {
        Exit::Incomplete
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{daemon, failure};
    use dockward_model::facts::Origin;
    use dockward_model::verdict::Waived;

    const HIGH: FailOn = FailOn::At(Severity::High);

    fn found(status: Status, severity: Severity) -> Finding {
        Finding { status, severity, ..failure("daemon-tls", daemon()) }
    }

    fn waived(finding: Finding) -> Finding {
        let (owner, reason) = ("ops".to_owned(), "planned".to_owned());
        let waived = Waived { owner, reason, until: None, origin: Origin::Nowhere };
        Finding { waived: Some(waived), ..finding }
    }

    fn expired() -> WaiverNote {
        let (at, rule, until) = ("a:1".to_owned(), "x".to_owned(), "2020-01-01".to_owned());
        WaiverNote::Expired { at, rule, until }
    }

    #[test]
    fn the_codes_are_those_that_are_documented() {
        let all = [Exit::Clean, Exit::Findings, Exit::Failure, Exit::Incomplete];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 3]);
    }

    #[test]
    fn two_holds_before_one_before_three() {
        let order = [Exit::Failure, Exit::Findings, Exit::Incomplete, Exit::Clean];
        for (n, worse) in order.into_iter().enumerate() {
            for other in order.into_iter().skip(n) {
                assert_eq!((worse.or_worse(other), other.or_worse(worse)), (worse, worse));
            }
        }
    }

    #[test]
    fn a_failure_fails_the_run_from_the_severity_on_that_was_asked_for() {
        let ends = |severity, fail_on| exit(&[found(Status::Fail, severity)], &[], true, fail_on);
        assert_eq!(ends(Severity::Critical, HIGH), Exit::Findings);
        assert_eq!(ends(Severity::High, HIGH), Exit::Findings);
        assert_eq!(ends(Severity::Medium, HIGH), Exit::Clean);
        assert_eq!(ends(Severity::Info, FailOn::At(Severity::Info)), Exit::Findings);
        assert_eq!(ends(Severity::Critical, FailOn::Never), Exit::Clean);
    }

    #[test]
    fn what_is_accepted_or_left_to_a_person_fails_nothing() {
        let accepted = waived(found(Status::Fail, Severity::Critical));
        let review = found(Status::Review, Severity::Critical);
        assert_eq!(exit(&[accepted, review], &[], true, HIGH), Exit::Clean);
    }

    #[test]
    fn an_unknown_is_never_a_clean_run_unless_it_is_accepted() {
        let unknown = found(Status::Unknown, Severity::Info);
        let all = std::slice::from_ref(&unknown);
        assert_eq!(exit(all, &[], true, HIGH), Exit::Incomplete);
        assert_eq!(exit(all, &[], true, FailOn::Never), Exit::Incomplete);
        assert!(!judged_all(all));
        assert!(judged_all(&[waived(unknown.clone())]));
        assert_eq!(exit(&[waived(unknown)], &[], true, HIGH), Exit::Clean);
    }

    #[test]
    fn a_finding_comes_before_an_incomplete_look() {
        let all = [found(Status::Unknown, Severity::High), found(Status::Fail, Severity::High)];
        assert_eq!(exit(&all, &[], false, HIGH), Exit::Findings);
        assert_eq!(exit(&[], &[], false, HIGH), Exit::Incomplete);
    }

    #[test]
    fn an_expired_waiver_fails_the_run_unless_nothing_may() {
        assert_eq!(exit(&[], &[expired()], true, FailOn::At(Severity::Critical)), Exit::Findings);
        assert_eq!(exit(&[], &[expired()], false, HIGH), Exit::Findings);
        assert_eq!(exit(&[], &[expired()], true, FailOn::Never), Exit::Clean);
    }

    #[test]
    fn a_scan_ends_as_other_runs_do() {
        let scan = |complete, fails, waivers| Scan {
            version: String::new(),
            now: jiff::Timestamp::UNIX_EPOCH,
            took_ms: None,
            scanned: vec![dockward_model::verdict::Scanned {
                inventory: dockward_model::inventory::Inventory::default(),
                support: None,
                vulnerabilities: vec![dockward_model::verdict::Vulnerability {
                    fails,
                    ..crate::sample::vulnerability(Severity::High)
                }],
                updates: Vec::new(),
                unmatched: Vec::new(),
            }],
            failed: Vec::new(),
            sources: Vec::new(),
            gate: String::new(),
            waivers,
            complete,
        };
        let (high, never) = (Gate::default(), Gate::from(FailOn::Never));
        assert_eq!(scan_exit(&scan(true, false, vec![]), &high), Exit::Clean);
        assert_eq!(scan_exit(&scan(false, false, vec![]), &never), Exit::Incomplete);
        assert_eq!(scan_exit(&scan(false, true, vec![]), &high), Exit::Findings);
        assert_eq!(scan_exit(&scan(true, false, vec![expired()]), &high), Exit::Findings);
        assert_eq!(scan_exit(&scan(true, false, vec![expired()]), &never), Exit::Clean);
    }

    #[test]
    fn fail_on_is_read_and_written_alike() {
        for word in FailOn::WORDS {
            assert_eq!(word.parse::<FailOn>().unwrap().to_string(), word);
        }
        assert_eq!(
            "High".parse::<FailOn>(),
            Err("`High` is none of critical, high, medium, low, info, never".to_owned())
        );
    }

    fn any_finding() -> impl Strategy<Value = Finding> {
        let status = prop::sample::select(vec![Status::Fail, Status::Review, Status::Unknown]);
        let severity = prop::sample::select(Severity::WORST_FIRST.to_vec());
        (status, severity, any::<bool>()).prop_map(|(status, severity, accepted)| {
            let finding = found(status, severity);
            if accepted { waived(finding) } else { finding }
        })
    }

    proptest! {
        #[test]
        fn a_stricter_word_never_ends_a_run_better(
            findings in proptest::collection::vec(any_finding(), 0..6), complete in any::<bool>()
        ) {
            let ends = FailOn::WORDS.map(|word| {
                exit(&findings, &[], complete, word.parse().unwrap())
            });
            let lenient_to_strict = [5, 0, 1, 2, 3, 4].map(|n| ends[n]);
            for pair in lenient_to_strict.windows(2) {
                prop_assert_eq!(pair[0].or_worse(pair[1]), pair[1]);
            }
            if ends.contains(&Exit::Clean) {
                prop_assert!(complete && judged_all(&findings));
            }
        }
    }
}
