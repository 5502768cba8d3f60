//! Known weaknesses by what mends them.

use std::collections::BTreeMap;

use dockward_model::inventory::{FixState, Inventory, Package, PackageKind};
use dockward_model::verdict::{Update, Vulnerability};

use crate::{apk, dpkg, rpm};

/// What to update, the most urgent first: each source once, with the lowest version that mends all
/// of it that can be mended. What does not count (waived, mended, not affected) is left out, and the
/// order of `vulnerabilities` is that of urgency.
#[must_use]
pub fn updates(inventory: &Inventory, vulnerabilities: &[Vulnerability]) -> Vec<Update> {
    let mut by_source: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut updates: Vec<Update> = Vec::new();
    let counted = vulnerabilities.iter().enumerate().filter(|(_, v)| v.counts());
    for (position, vulnerability) in counted {
        let index = vulnerability.matched.package;
        let Some(package) = inventory.contents.packages.get(index) else { continue };
        let (source, from) = (package.source_name(), package.source_version());
        let at = *by_source.entry((source, from)).or_insert_with(|| {
            updates.push(empty(source, from));
            updates.len() - 1
        });
        let Some(update) = updates.get_mut(at) else { continue };
        add(update, package, position, vulnerabilities);
    }
    for update in &mut updates {
        update.packages.sort_unstable();
    }
    updates
}

fn empty(source: &str, from: &str) -> Update {
    Update {
        source: source.to_owned(),
        from: from.to_owned(),
        to: None,
        packages: Vec::new(),
        mends: Vec::new(),
        leaves: Vec::new(),
    }
}

fn add(update: &mut Update, package: &Package, position: usize, all: &[Vulnerability]) {
    let Some(matched) = all.get(position).map(|v| &v.matched) else { return };
    if !update.packages.contains(&matched.package) {
        update.packages.push(matched.package);
    }
    let fixable = matched.state == FixState::FixAvailable;
    let list = if fixable { &mut update.mends } else { &mut update.leaves };
    let same = |other: &usize| all.get(*other).is_some_and(|o| o.matched.id == matched.id);
    if !list.iter().any(same) {
        list.push(position);
    }
    let Some(fix) = matched.fixes.first().filter(|_| fixable) else { return };
    let newer = |to: &String| order(package.kind)(fix, to).is_gt();
    if update.to.as_ref().is_none_or(newer) {
        update.to = Some(fix.clone());
    }
}

/// How versions of packages of this kind are ordered.
#[must_use]
pub fn order(kind: PackageKind) -> fn(&str, &str) -> std::cmp::Ordering {
    match kind {
        PackageKind::Deb => dpkg::compare,
        PackageKind::Apk => apk::compare,
        PackageKind::Rpm => rpm::compare,
    }
}

#[cfg(test)]
mod tests {
    use dockward_model::inventory::{Match, sample};
    use dockward_model::verdict::Severity;

    use super::*;

    fn found(id: &str, fix: Option<&str>, package: usize) -> Vulnerability {
        let state = if fix.is_some() { FixState::FixAvailable } else { FixState::Affected };
        let fixes = fix.map(str::to_owned).into_iter().collect();
        let matched = Match { id: id.into(), state, fixes, package, ..sample::matched() };
        Vulnerability {
            matched,
            severity: Severity::High,
            exposure: Default::default(),
            waived: None,
            fails: false,
        }
    }

    #[test]
    fn the_lowest_version_that_mends_all_is_the_newest_of_the_fixes() {
        let all = [
            found("CVE-1", Some("1.1.1n-0+deb11u9"), 0),
            found("CVE-2", Some("1.1.1n-0+deb11u10"), 0),
            found("CVE-3", None, 0),
        ];
        let updates = updates(&sample::inventory(), &all);
        let [update] = &updates[..] else { panic!("{updates:?}") };
        assert_eq!((&*update.source, &*update.from), ("openssl", "1.1.1n-0+deb11u3"));
        assert_eq!(update.to.as_deref(), Some("1.1.1n-0+deb11u10"));
        assert_eq!((&update.mends[..], &update.leaves[..]), (&[0, 1][..], &[2][..]));
    }

    #[test]
    fn a_weakness_of_two_packages_of_a_source_is_one() {
        let mut inventory = sample::inventory();
        inventory.contents.packages.push(sample::package("openssl", "1.1.1n-0+deb11u3", None, 0));
        let all =
            [found("CVE-1", Some("2"), 0), found("CVE-1", Some("2"), 2), found("CVE-9", None, 1)];
        let updates = updates(&inventory, &all);
        let [openssl, nginx] = &updates[..] else { panic!("{updates:?}") };
        assert_eq!((&openssl.packages[..], &openssl.mends[..]), (&[0, 2][..], &[0][..]));
        assert_eq!((&*nginx.source, &nginx.to), ("nginx", &None));
    }

    #[test]
    fn what_does_not_count_is_no_update() {
        let mut waived = found("CVE-1", Some("2"), 0);
        waived.matched.state = FixState::NotAffected;
        assert_eq!(updates(&sample::inventory(), &[waived]), []);
    }
}
