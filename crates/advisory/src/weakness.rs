//! What is known to be weak in the programs that containers run on.
//!
//! Taken from the Go vulnerability database and the projects' own advisories and tags, from the
//! kernel's CVE records and the lists of what each stable line got: ids and numbers are theirs, the
//! words are ours. Only what matters on a Docker host is in here; each table says what is left out.

mod containerd;
mod engine;
mod kernel;
mod runc;

use dockward_model::verdict::{Foothold, Severity};
use jiff::civil::{Date, date};

use crate::upstream::Version;

/// The day up to which advisories were read: newer ones are not known.
pub const KNOWN_UNTIL: Date = date(2026, 8, 21);

/// A program that containers run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Program {
    /// dockerd, the BuildKit in it included.
    Engine,
    /// containerd.
    Containerd,
    /// runc.
    Runc,
    /// The Linux kernel.
    Kernel,
}

impl Program {
    /// Its name as people write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Engine => "Docker Engine",
            Self::Containerd => "containerd",
            Self::Runc => "runc",
            Self::Kernel => "Linux",
        }
    }

    const fn table(self) -> &'static [Weakness] {
        match self {
            Self::Engine => engine::WEAKNESSES,
            Self::Containerd => containerd::WEAKNESSES,
            Self::Runc => runc::WEAKNESSES,
            Self::Kernel => kernel::WEAKNESSES,
        }
    }
}

/// A weakness of a program that was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weakness {
    /// Its number: a CVE, or where there is none the GitHub advisory.
    pub id: &'static str,
    /// How bad on a host with usual settings.
    pub severity: Severity,
    /// The first version that has it; empty where all older ones do.
    pub since: &'static str,
    /// The first version of each release line that doesn't have it, oldest first. Lines between
    /// them never got the change; the last one and all after it have it.
    pub fixed: &'static [&'static str],
    /// What an attacker gains by it, and what for.
    pub gives: &'static str,
    /// Who gets root on the host by it without any help but everyday work; none where it takes
    /// more, or gives less.
    pub escapes_from: Option<Foothold>,
    /// Where it is described.
    pub url: &'static str,
}

impl Weakness {
    /// Whether `version` has it.
    #[must_use]
    pub fn is_in(&self, version: &Version) -> bool {
        let parse = |text: &&str| Version::parse(text);
        if parse(&self.since).is_some_and(|since| *version < since) {
            return false;
        }
        let mut fixed = self.fixed.iter().filter_map(parse).rev();
        let Some(newest) = fixed.next() else { return true };
        *version < newest && !fixed.any(|fix| fix.line() == version.line() && *version >= fix)
    }

    /// The version of the same release line that doesn't have it, else the next above.
    #[must_use]
    pub fn fixed_for(&self, version: &Version) -> Option<&'static str> {
        let above = |text: &&&str| Version::parse(text).is_some_and(|fix| fix > *version);
        self.fixed.iter().find(above).copied()
    }
}

/// The weaknesses that `version` of `program` has, worst first, and of equally bad ones those that
/// need no help first.
pub fn known(program: Program, version: &Version) -> impl Iterator<Item = &'static Weakness> {
    let mut found: Vec<_> = program.table().iter().filter(|w| w.is_in(version)).collect();
    found.sort_by_key(|w| std::cmp::Reverse((w.severity, w.escapes_from.is_some())));
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Program; 4] =
        [Program::Engine, Program::Containerd, Program::Runc, Program::Kernel];

    fn ids(program: Program, version: &str) -> Vec<&'static str> {
        known(program, &Version::parse(version).unwrap()).map(|weakness| weakness.id).collect()
    }

    #[test]
    fn a_line_without_its_own_fix_stays_weak_until_the_next_that_has_one() {
        let id = "CVE-2024-41110";
        for (version, weak) in [
            ("20.10.24+dfsg1", true),
            ("23.0.14", true),
            ("23.0.15", false),
            ("24.0.9", true),
            ("25.0.5", true),
            ("25.0.6", false),
            ("26.1.4", true),
            ("26.1.5", false),
            ("27.0.3", true),
            ("27.1.1", false),
            ("28.0.0", false),
        ] {
            assert_eq!(ids(Program::Engine, version).contains(&id), weak, "{version}");
        }
    }

    #[test]
    fn a_release_candidate_is_older_than_its_release() {
        let id = "CVE-2025-31133";
        for (version, weak) in [
            ("1.1.5+ds1", true),
            ("1.2.8", false),
            ("1.3.0-rc.1", true),
            ("1.3.3", false),
            ("1.4.0-rc.2", true),
            ("1.4.0-rc.3", false),
            ("1.5.1", false),
        ] {
            assert_eq!(ids(Program::Runc, version).contains(&id), weak, "{version}");
        }
    }

    #[test]
    fn what_came_with_a_line_is_not_in_older_ones() {
        assert!(ids(Program::Engine, "28.2.0").contains(&"CVE-2025-54388"));
        assert!(!ids(Program::Engine, "28.1.0").contains(&"CVE-2025-54388"));
        assert!(!ids(Program::Kernel, "5.7.19").contains(&"CVE-2022-0847"));
        assert!(ids(Program::Kernel, "5.13.0").contains(&"CVE-2022-0847"));
    }

    #[test]
    fn the_newest_releases_of_that_day_have_none() {
        for (program, version) in [
            (Program::Engine, "29.7.2"),
            (Program::Engine, "25.0.17"),
            (Program::Containerd, "2.3.4"),
            (Program::Runc, "1.5.1"),
            (Program::Kernel, "6.12.104"),
            (Program::Kernel, "7.1.9"),
        ] {
            assert_eq!(ids(program, version), [""; 0], "{program:?} {version}");
        }
    }

    #[test]
    fn every_entry_can_be_read_and_is_told_once() {
        for program in ALL {
            let table = program.table();
            for (at, weakness) in table.iter().enumerate() {
                let id = weakness.id;
                assert!(id.starts_with("CVE-") || id.starts_with("GHSA-"), "{id}");
                assert!(table.iter().skip(at + 1).all(|other| other.id != id), "{id} twice");
                assert!(weakness.since.is_empty() || Version::parse(weakness.since).is_some());
                let fixed: Vec<_> = weakness.fixed.iter().map(|v| Version::parse(v)).collect();
                assert!(!fixed.is_empty() && fixed.iter().all(Option::is_some), "{id}");
                assert!(fixed.is_sorted(), "{id}");
                assert!(weakness.url.starts_with("https://"), "{id}");
                assert!(!weakness.gives.is_empty() && !weakness.gives.ends_with('.'), "{id}");
            }
        }
    }

    #[test]
    fn the_change_to_go_to_is_the_next_above() {
        let runc = Version::parse("1.3.1").unwrap();
        let weakness = runc::WEAKNESSES.iter().find(|w| w.id == "CVE-2025-31133").unwrap();
        assert_eq!(weakness.fixed_for(&runc), Some("1.3.3"));
    }
}
