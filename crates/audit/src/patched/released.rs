//! A release as its makers published it, packed by them or put there by hand.

use dockward_advisory::line;
use dockward_model::facts::Package;
use dockward_model::verdict::{Failure, Outcome, Severity};

use super::{Judged, package_evidence, upgrade};

pub(super) fn judge(judged: &Judged<'_>, package: Option<&Package>) -> Outcome {
    let owner = judged.of.owner;
    let fix = |release: &str| match package {
        Some(package) => format!("{} (to {release})", upgrade(package.manager, &package.name)),
        None => format!(
            "no package keeps {} up to date: put {release} in its place, better as a package",
            owner.origin
        ),
    };
    let proof = package.map(|package| package_evidence(owner, package, "a release without them"));
    if !judged.weak.is_empty() {
        let release = format!("{} or later", judged.release_without(&judged.weak));
        let message = format!("{} has {}", judged.name(), judged.told(&judged.weak));
        let failure = judged.failure(message, &judged.weak, fix(&release)).and(proof);
        return judged.opened(failure, &judged.weak).into();
    }
    let Some(ended) = line(judged.of.program, &judged.version) else {
        return judged.without_known_weakness();
    };
    if judged.of.today <= ended {
        return judged.without_known_weakness();
    }
    let message = format!("the release line of {} got its last fixes by {ended}", judged.name());
    let evidence = judged.evidence("a release line that still gets fixes");
    let failure = Failure::new(message, evidence, fix("a release line that still gets fixes"));
    failure.severity(Severity::Medium).and(proof).into()
}
