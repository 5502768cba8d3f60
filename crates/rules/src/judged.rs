//! What the rules' own tests share: a case to start from, and how it must end.

use dockward_model::facts::{Case, Container, Daemon, Host, Place, sample};
use dockward_model::verdict::{Failure, Outcome};

/// The facts of a case, owned, so that a test can change any of them.
pub(crate) struct Facts {
    pub(crate) container: Container,
    pub(crate) daemon: Daemon,
    pub(crate) host: Host,
}

impl Facts {
    pub(crate) fn case(&self) -> Case<'_> {
        Case::new(&self.container, &self.daemon, &self.host, Place::Record)
    }
}

/// The sample container, changed.
pub(crate) fn case_with(change: impl FnOnce(&mut Container)) -> Facts {
    let mut container = sample::container();
    change(&mut container);
    Facts { container, daemon: sample::daemon(), host: sample::host() }
}

type Judge = fn(&Case<'_>) -> Outcome;

#[track_caller]
pub(crate) fn assert_passes(judge: Judge, facts: &Facts) {
    assert_eq!(judge(&facts.case()), Outcome::Pass);
}

/// The failure, which must have evidence and a fix.
#[track_caller]
pub(crate) fn assert_fails(judge: Judge, facts: &Facts) -> Failure {
    match judge(&facts.case()) {
        Outcome::Fail(failure) => {
            assert!(!failure.evidence.is_empty(), "a failure without evidence");
            assert!(!failure.fix.is_empty(), "a failure without a fix");
            failure
        }
        other => panic!("expected a failure, got {other:?}"),
    }
}

#[track_caller]
pub(crate) fn assert_unknown(judge: Judge, facts: &Facts) {
    let outcome = judge(&facts.case());
    assert!(matches!(outcome, Outcome::Unknown(_)), "expected unknown, got {outcome:?}");
}

#[track_caller]
pub(crate) fn assert_not_applicable(judge: Judge, facts: &Facts) {
    let outcome = judge(&facts.case());
    assert!(matches!(outcome, Outcome::NotApplicable(_)), "expected none, got {outcome:?}");
}
