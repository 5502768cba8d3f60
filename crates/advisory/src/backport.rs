//! What a package's own changelog says against a match: its vendor, or whoever built it anew, may have
//! mended the weakness in a version that the advisory does not know.

use std::collections::BTreeMap;

use dockward_model::facts::{Change, Field, Origin};
use dockward_model::inventory::{HeldAgainst, Package};

use crate::updates::order;

/// What the changelog of a package says against its having a weakness: that an entry for this version
/// or an earlier one names it, and says nothing that casts doubt on that. It is evidence, not a
/// verdict: whoever makes an image can write into its changelogs.
#[must_use]
pub fn held_against(
    package: &Package,
    weakness: &str,
    changes: &Field<BTreeMap<String, Change>>,
) -> Option<HeldAgainst> {
    let change = changes.get()?.get(weakness).filter(|change| !change.doubtful)?;
    if order(package.kind)(&change.version, package.source_version()).is_gt() {
        return None;
    }
    let says = format!("its changelog names {weakness} in the entry of {}", change.version);
    let origin = match &changes.origin {
        Origin::File { path, .. } => Origin::file(path.clone(), Some(change.line)),
        other => other.clone(),
    };
    Some(HeldAgainst { says, origin })
}

#[cfg(test)]
mod tests {
    use dockward_model::inventory::sample;

    use super::*;

    fn changes(version: &str, doubtful: bool) -> Field<BTreeMap<String, Change>> {
        let change = Change { version: version.to_owned(), line: 7, doubtful };
        let origin = Origin::file("/usr/share/doc/openssl/changelog.Debian.gz", None);
        Field::known([("CVE-2023-0286".to_owned(), change)].into(), origin)
    }

    #[test]
    fn an_entry_of_this_version_or_an_earlier_one_speaks_against_a_match() {
        let package = sample::package("openssl", "1.1.1n-0+deb11u3", None, 0);
        let against = |weakness: &str, version: &str, doubtful: bool| {
            held_against(&package, weakness, &changes(version, doubtful))
        };
        for version in ["1.1.1n-0+deb11u3", "1.1.1n-0+deb11u2"] {
            let held = against("CVE-2023-0286", version, false).unwrap();
            assert!(held.says.ends_with(version), "{held:?}");
            let place = "/usr/share/doc/openssl/changelog.Debian.gz:7";
            assert_eq!(held.origin.to_string(), place);
        }
        assert_eq!(against("CVE-2023-0286", "1.1.1n-0+deb11u4", false), None, "not there yet");
        assert_eq!(against("CVE-2023-0286", "1.1.1n-0+deb11u2", true), None, "reverted");
        assert_eq!(against("CVE-2023-0215", "1.1.1n-0+deb11u2", false), None, "another one");
        let unknown = Field::unknown("cut", Origin::Nowhere);
        assert_eq!(held_against(&package, "CVE-2023-0286", &unknown), None);
    }

    #[test]
    fn a_rebuild_has_the_entries_of_its_source() {
        let mut package = sample::package("openssl", "1.1.1n-0+deb11u3+b1", Some("openssl"), 0);
        if let Some(source) = &mut package.source {
            source.version = Some("1.1.1n-0+deb11u3".into());
        }
        let changes = changes("1.1.1n-0+deb11u3", false);
        assert!(held_against(&package, "CVE-2023-0286", &changes).is_some());
    }
}
