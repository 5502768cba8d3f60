//! A distribution's own package: old by its version, and mended where its changelog says so.

use dockward_advisory::{self as advisory, Weakness, dpkg, rpm};
use dockward_model::facts::{Change, Fact, Manager, Origin, Package};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use super::{Judged, package_evidence, upgrade};

/// Judges a package by its changelog, and by whether its distribution still gets fixes.
pub(super) fn judge(judged: &Judged<'_>, package: &Package) -> Outcome {
    let (closed, open): (Vec<&Weakness>, Vec<&Weakness>) =
        judged.weak.iter().copied().partition(|weakness| mended(package, weakness).is_some());
    let ended = ended(judged);
    let fix = upgrade(package.manager, &package.name);
    let proofs = proofs(judged, package, &closed);
    let failure = match (open.is_empty(), &ended) {
        (true, None) => return judged.without_known_weakness(),
        (true, Some(ended)) => {
            let message = format!("{} is a package of {ended}", package.name);
            Failure::new(message, judged.evidence("a release that still gets fixes"), "")
                .severity(Severity::Medium)
        }
        (false, _) => {
            let changes = match &package.changes.fact {
                Fact::Known(_) => "its changelog names no change for",
                _ => "no changelog of it was read, and upstream that version has",
            };
            let told = judged.told(&open);
            let message = format!("{} {}: {changes} {told}", package.name, package.version);
            judged.failure(message, &open, String::new())
        }
    };
    let mut failure = failure.and(proofs);
    let Some(ended) = ended else {
        failure.fix = format!("{fix}; your distribution's security tracker says what is left open");
        return Outcome::Review(failure);
    };
    failure.fix = "move to a release of the distribution that still gets fixes".into();
    if !open.is_empty() {
        failure.message = format!("{}; it is a package of {ended}", failure.message);
    }
    judged.opened(failure, &open).into()
}

/// Judges a package that could not be told: by its manager's kind only.
pub(super) fn unread(judged: &Judged<'_>, manager: Manager) -> Outcome {
    if judged.weak.is_empty() {
        return judged.without_known_weakness();
    }
    let message = format!(
        "upstream, {} has {}; whether the package that it came in mends that was not read",
        judged.name(),
        judged.told(&judged.weak)
    );
    let records = Evidence::of(judged.of.owner, "records of packages", "the package's own word");
    let newest = match manager {
        Manager::Rpm => "dnf updateinfo list --security, and dnf upgrade for what it names".into(),
        other => upgrade(other, "the package"),
    };
    let fix = format!("{newest}; the distribution's advisories say what is left open");
    Outcome::Review(judged.failure(message, &judged.weak, fix).and([records]))
}

/// The entry by which a weakness was mended: not above what is installed, and without a doubt.
fn mended<'a>(package: &'a Package, weakness: &Weakness) -> Option<&'a Change> {
    let change = package.changes.get()?.get(weakness.id)?;
    let compare = if package.manager == Manager::Rpm { rpm::compare } else { dpkg::compare };
    let is_installed = compare(&change.version, &package.version).is_le();
    (!change.doubtful && is_installed).then_some(change)
}

/// `Debian 11, which got its last fixes by 2026-08-31`, where that day has passed.
fn ended(judged: &Judged<'_>) -> Option<String> {
    let distribution = judged.of.distribution.get()?;
    let (id, version) = (&*distribution.id, &*distribution.version);
    let support = advisory::distribution(advisory::Distribution { id, version })?;
    let until = support.with_contract.unwrap_or(support.until);
    let passed = judged.of.today > until;
    passed.then(|| format!("{}, which got its last fixes by {until}", distribution.name))
}

fn proofs(judged: &Judged<'_>, package: &Package, closed: &[&Weakness]) -> Vec<Evidence> {
    let own = package_evidence(judged.of.owner, package, "a package without known weaknesses");
    let newest = closed.iter().find_map(|weakness| Some((weakness.id, mended(package, weakness)?)));
    let changes = newest.map(|(id, change)| {
        let path = package.changes.origin.to_string();
        let seen = match closed.len() {
            1 => format!("{}: {id}", change.version),
            count => format!("{}: {id}; {count} in all are named as mended", change.version),
        };
        Evidence::at(&Origin::file(path, Some(change.line)), seen, "all that are known")
    });
    [Some(own), changes].into_iter().flatten().collect()
}
