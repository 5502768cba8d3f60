//! Why the two differ: every reason that there is, and which differences it explains.

use std::collections::BTreeSet;

use dockward_model::inventory::FixState;

use crate::{Drawn, Pair, Root, Said};

/// Who alone found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Dockward.
    Ours,
    /// Trivy.
    Theirs,
}

/// One weakness of one package that only one of them found.
#[derive(Debug, Clone)]
pub struct Difference<'a> {
    /// Where.
    pub root: &'a Root,
    /// By whom.
    pub side: Side,
    /// What.
    pub pair: &'a Pair,
    /// What Dockward makes of it, where it found it.
    pub state: Option<FixState>,
    /// The package.
    pub package: &'a Drawn,
    /// What records say of this weakness of the package, each with the release that it is about.
    pub said: Vec<(&'a str, &'a Said)>,
}

/// A reason: what it is, and whether it explains a difference.
pub struct Reason {
    /// In a sentence.
    pub why: &'static str,
    /// Whether it is the reason of this one.
    pub explains: fn(&Difference<'_>) -> bool,
}

/// All reasons. The first that explains a difference has it.
pub const REASONS: &[Reason] = &[
    Reason {
        why: "the tracker has not looked into it: Dockward says that it is unknown, Trivy says nothing",
        explains: |one| one.state == Some(FixState::Unknown) && one.any("untriaged"),
    },
    Reason {
        why: "only the release that is sold has a row: the free one stays weak, and Trivy does not know",
        explains: |one| {
            let sold = |(release, _): &(&str, &Said)| release.starts_with("Ubuntu:Pro:");
            one.side == Side::Ours && !one.said.is_empty() && one.said.iter().all(sold)
        },
    },
    Reason {
        why: "there is no fix yet: Trivy leaves that out for Wolfi",
        explains: |one| {
            let open = [Some(FixState::Affected), Some(FixState::WillNotFix)];
            one.root.release == "Wolfi" && open.contains(&one.state) && one.fixes().is_empty()
        },
    },
    Reason {
        why: "a package that was only built again (`+b1`) has what its source has: Trivy takes it for newer than \
              Ubuntu's fixes",
        explains: |one| {
            let version = one.package.source_version.as_ref().unwrap_or(&one.package.version);
            one.side == Side::Ours && version.ends_with("+b1")
        },
    },
    Reason {
        why: "a release candidate (`1.3.0_rc1-r0`) comes before the fix (`1.3.0`), as apk has it, also where the fix \
              has no `-r0`: Trivy takes it for newer",
        explains: |one| {
            let plain = |fix: &&str| !fix.contains("-r");
            let candidate = one.package.version.contains("_rc");
            one.side == Side::Ours && candidate && one.fixes().iter().all(plain)
        },
    },
    Reason {
        why: "a module's build without a label: Dockward goes by the version, Trivy leaves it out",
        explains: |one| {
            let modular = one.package.version.contains(".module");
            one.side == Side::Ours && modular && one.package.module.is_empty()
        },
    },
    Reason {
        why: "a record about a module's build does not name the stream: Dockward takes it for all, Trivy for none",
        explains: |one| {
            let nameless = |(_, said): &(&str, &Said)| said.streams.is_empty();
            let labelled = !one.package.module.is_empty();
            one.side == Side::Ours
                && labelled
                && one.are_fixes_modular()
                && one.said.iter().any(nameless)
        },
    },
    Reason {
        why: "a fix of a module's build says nothing about a package that is none: Trivy takes it for one where the \
              record does not name the stream",
        explains: |one| {
            let plain = !one.package.version.contains(".module") && one.package.module.is_empty();
            one.side == Side::Theirs && plain && one.are_fixes_modular()
        },
    },
    Reason {
        why: "several fixes of one weakness: Trivy keeps one, and a version may have that and lack another",
        explains: |one| one.side == Side::Ours && one.fixes().len() > 1,
    },
    Reason {
        why: "a signed kernel or boot loader is another source's, which advisories name: Trivy looks for the signed one",
        explains: |one| one.side == Side::Ours && one.package.source.contains("-signed"),
    },
    Reason {
        why: "a record names the last version that is affected: Trivy's database has no place for that",
        explains: |one| one.side == Side::Theirs && one.has_event("last_affected"),
    },
    Reason {
        why: "a record has several ranges, or one that does not begin with the first version: Trivy keeps the last fix",
        explains: |one| {
            let late = |(_, said): &(&str, &Said)| {
                said.events.iter().any(|(kind, version)| kind == "introduced" && version != "0")
            };
            one.side == Side::Theirs && one.said.iter().any(late)
        },
    },
    Reason {
        why: "a record says that the package is not affected: Trivy's database has no place for that",
        explains: |one| one.side == Side::Theirs && one.any("not-affected"),
    },
];

impl Difference<'_> {
    fn any(&self, word: &str) -> bool {
        self.said.iter().any(|(_, said)| said.word == word)
    }

    fn has_event(&self, kind: &str) -> bool {
        self.said.iter().any(|(_, said)| said.events.iter().any(|(own, _)| own == kind))
    }

    fn are_fixes_modular(&self) -> bool {
        let fixes = self.fixes();
        !fixes.is_empty() && fixes.iter().all(|fix| fix.contains(".module"))
    }

    fn fixes(&self) -> BTreeSet<&str> {
        self.said.iter().flat_map(|(_, said)| said.fixes()).collect()
    }
}
