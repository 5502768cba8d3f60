//! What the rules' own tests share: a case to start from, and how it must end.

use dockward_model::facts::{
    Case, Container, Daemon, Fact, Field, Host, KernelView, Mount, MountKind, Origin, Place, sample,
};
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

/// What a person has to decide on.
#[track_caller]
pub(crate) fn assert_reviews(judge: Judge, facts: &Facts) -> Failure {
    match judge(&facts.case()) {
        Outcome::Review(failure) => failure,
        other => panic!("expected something to review, got {other:?}"),
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

/// The sample container as it runs, with the kernel's word on it changed.
pub(crate) fn running_with(change: impl FnOnce(&mut KernelView)) -> Facts {
    let mut kernel = sample::kernel();
    change(&mut kernel);
    case_with(|c| c.kernel = Fact::Known(kernel))
}

/// The sample container under an engine whose `/info` lists these security options.
pub(crate) fn under_options(options: &[&str], change: impl FnOnce(&mut Container)) -> Facts {
    let mut facts = case_with(change);
    let list = options.iter().map(ToString::to_string).collect();
    let origin = Origin::api(&"/info".into(), "SecurityOptions");
    facts.daemon.security_options = Field::known(list, origin);
    facts
}

/// A bind mount of `source` at `/mnt`, resolved to itself.
pub(crate) fn bind(source: &str, writable: bool) -> Mount {
    Mount {
        kind: MountKind::Bind,
        volume: None,
        driver: None,
        source: source.into(),
        host_path: Fact::Known(source.into()),
        node: Fact::Known("dir".into()),
        target: "/mnt".into(),
        writable,
        propagation: String::new(),
        origin: Origin::api(&"/containers/web/json".into(), "Mounts[0]"),
    }
}

/// The sample container with one bind mount of `source`.
pub(crate) fn mounting(source: &str, writable: bool) -> Facts {
    let mounts = vec![bind(source, writable)];
    case_with(|c| c.mounts = sample::known(mounts, "Mounts"))
}

/// The sample container with a harmless bind mount whose real path could not be read.
pub(crate) fn mounting_unresolved(source: &str) -> Facts {
    let mut facts = mounting(source, true);
    let mut mount = bind(source, true);
    mount.host_path = Fact::Unknown("permission denied".into());
    facts.container.mounts = sample::known(vec![mount], "Mounts");
    facts
}
