//! Until when release lines and distributions get fixes.
//!
//! Dates are facts from the projects' own pages: moby's `project/BRANCHES-AND-TAGS.md`,
//! containerd's and runc's `RELEASES.md`, kernel.org's list of releases, the distributions' release
//! pages; endoflife.date (MIT) gathers them.

use jiff::civil::{Date, date};

use crate::upstream::Version;
use crate::weakness::Program;

/// Until when something gets fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Support {
    /// The last day.
    pub until: Date,
    /// The last day for those who pay for it, where that can be bought.
    pub with_contract: Option<Date>,
}

/// A distribution of Linux as os-release(5) names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distribution<'a> {
    /// `ID`.
    pub id: &'a str,
    /// `VERSION_ID`.
    pub version: &'a str,
}

struct Line {
    name: &'static str,
    until: Date,
}

const fn ended(name: &'static str, until: Date) -> Line {
    Line { name, until }
}

/// moby, `project/BRANCHES-AND-TAGS.md`; all before 23.0 are unmaintained.
const ENGINE: &[Line] = &[
    ended("20.10", date(2023, 12, 10)),
    ended("23.0", date(2025, 5, 19)),
    ended("24.0", date(2024, 6, 8)),
    ended("25.0", date(2026, 12, 4)),
    ended("26.0", date(2024, 6, 8)),
    ended("26.1", date(2025, 2, 17)),
    ended("27", date(2025, 5, 3)),
    ended("28", date(2026, 5, 13)),
];

/// containerd, `RELEASES.md`.
const CONTAINERD: &[Line] = &[
    ended("1.4", date(2022, 3, 3)),
    ended("1.5", date(2023, 2, 28)),
    ended("1.6", date(2025, 8, 23)),
    ended("1.7", date(2026, 9, 30)),
    ended("2.0", date(2027, 3, 31)),
    ended("2.1", date(2026, 7, 3)),
    ended("2.2", date(2026, 11, 6)),
    ended("2.3", date(2028, 4, 30)),
];

/// runc, `RELEASES.md`: a line ends when the third after it is released.
const RUNC: &[Line] = &[
    ended("1.0", date(2025, 4, 30)),
    ended("1.1", date(2025, 11, 27)),
    ended("1.2", date(2026, 6, 19)),
];

/// kernel.org: the lines that are kept for long, and the last of the others.
const KERNEL: &[Line] = &[
    ended("5.4", date(2025, 12, 3)),
    ended("5.10", date(2026, 12, 31)),
    ended("5.15", date(2026, 12, 31)),
    ended("6.1", date(2027, 12, 31)),
    ended("6.6", date(2027, 12, 31)),
    ended("6.12", date(2028, 12, 31)),
    ended("6.18", date(2028, 12, 31)),
    ended("6.19", date(2026, 4, 22)),
    ended("7.0", date(2026, 6, 27)),
];

/// The last day on which the release line of `version` got or gets fixes; of a line before the
/// first in the list at the latest. None where no end was told.
#[must_use]
pub fn line(program: Program, version: &Version) -> Option<Date> {
    let lines = match program {
        Program::Engine => ENGINE,
        Program::Containerd => CONTAINERD,
        Program::Runc => RUNC,
        Program::Kernel => KERNEL,
    };
    let (major, minor) = version.line();
    let (whole, part) = (major.to_string(), format!("{major}.{minor}"));
    let own = lines.iter().find(|line| line.name == part || line.name == whole);
    let oldest = || lines.first().filter(|first| older(version, first.name));
    own.or_else(oldest).map(|line| line.until)
}

fn older(version: &Version, line: &str) -> bool {
    Version::parse(line).is_some_and(|first| *version < first)
}

struct Release {
    id: &'static str,
    version: &'static str,
    support: Support,
}

const fn free(id: &'static str, version: &'static str, until: Date) -> Release {
    Release { id, version, support: Support { until, with_contract: None } }
}

const fn paid(id: &'static str, version: &'static str, until: Date, contract: Date) -> Release {
    Release { id, version, support: Support { until, with_contract: Some(contract) } }
}

/// Debian with its long-term support, which costs nothing; Ubuntu, Red Hat and Amazon by their own
/// calendars.
const RELEASES: &[Release] = &[
    free("debian", "9", date(2022, 7, 1)),
    free("debian", "10", date(2024, 6, 30)),
    free("debian", "11", date(2026, 8, 31)),
    free("debian", "12", date(2028, 6, 30)),
    free("debian", "13", date(2030, 6, 30)),
    paid("ubuntu", "16.04", date(2021, 4, 2), date(2026, 4, 2)),
    paid("ubuntu", "18.04", date(2023, 5, 31), date(2028, 4, 1)),
    paid("ubuntu", "20.04", date(2025, 5, 31), date(2030, 4, 2)),
    paid("ubuntu", "22.04", date(2027, 4, 1), date(2032, 4, 9)),
    free("ubuntu", "23.10", date(2024, 7, 12)),
    paid("ubuntu", "24.04", date(2029, 5, 31), date(2036, 5, 31)),
    free("ubuntu", "24.10", date(2025, 7, 10)),
    free("ubuntu", "25.04", date(2026, 1, 17)),
    free("ubuntu", "25.10", date(2026, 7, 1)),
    free("alpine", "3.17", date(2024, 11, 22)),
    free("alpine", "3.18", date(2025, 5, 9)),
    free("alpine", "3.19", date(2025, 11, 1)),
    free("alpine", "3.20", date(2026, 4, 1)),
    free("alpine", "3.21", date(2026, 11, 1)),
    free("alpine", "3.22", date(2027, 5, 1)),
    free("alpine", "3.23", date(2027, 11, 1)),
    free("alpine", "3.24", date(2028, 6, 1)),
    paid("rhel", "7", date(2024, 6, 30), date(2029, 5, 31)),
    paid("rhel", "8", date(2029, 5, 31), date(2033, 5, 31)),
    free("centos", "7", date(2024, 6, 30)),
    free("centos", "8", date(2021, 12, 31)),
    free("amzn", "2", date(2026, 6, 30)),
    free("fedora", "41", date(2025, 12, 15)),
    free("fedora", "42", date(2026, 5, 27)),
    free("fedora", "43", date(2026, 12, 9)),
    free("fedora", "44", date(2027, 6, 2)),
];

/// Until when a distribution gets fixes; none where it is not in the list.
#[must_use]
pub fn distribution(wanted: Distribution<'_>) -> Option<Support> {
    let is_it = |release: &&Release| {
        let rest = wanted.version.strip_prefix(release.version);
        // Alpine's and Red Hat's VERSION_ID has more numbers than the release's name: 3.20.3, 8.10.
        release.id == wanted.id && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    RELEASES.iter().find(is_it).map(|release| release.support)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(program: Program, version: &str) -> Option<Date> {
        line(program, &Version::parse(version).unwrap())
    }

    #[test]
    fn lines_are_major_versions_or_parts_of_them() {
        assert_eq!(ends(Program::Engine, "20.10.24+dfsg1"), Some(date(2023, 12, 10)));
        assert_eq!(ends(Program::Engine, "19.03.5"), Some(date(2023, 12, 10)));
        assert_eq!(ends(Program::Engine, "28.5.2"), Some(date(2026, 5, 13)));
        assert_eq!(ends(Program::Engine, "29.7.2"), None);
        assert_eq!(ends(Program::Runc, "1.3.6"), None);
        assert_eq!(ends(Program::Runc, "1.1.12"), Some(date(2025, 11, 27)));
        assert_eq!(ends(Program::Containerd, "1.3.1"), Some(date(2022, 3, 3)));
    }

    #[test]
    fn a_distribution_is_known_by_its_release() {
        let until = |id, version| distribution(Distribution { id, version }).map(|s| s.until);
        assert_eq!(until("debian", "12"), Some(date(2028, 6, 30)));
        assert_eq!(until("alpine", "3.20.3"), Some(date(2026, 4, 1)));
        assert_eq!(until("debian", ""), None);
        assert_eq!(until("debian", "120"), None);
        assert_eq!(until("arch", "1"), None);
    }
}
