//! Whether a program has the changes that close its known weaknesses.
//!
//! A distribution mends old versions without making them new ones, so of its packages the
//! changelog decides what is closed, and what is then left a person does. Whoever packs the
//! program's own releases, or puts them there by hand, is judged by the release.

mod packaged;
mod released;
#[cfg(test)]
mod tests;

use dockward_advisory::upstream::Version;
use dockward_advisory::{KNOWN_UNTIL, Program, Weakness, known};
use dockward_model::facts::{Distribution, Engine, Fact, Field, Manager, Owner, Package, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Gain, Opening, Outcome, Severity};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// After so many days a table without a weakness proves nothing.
const STALE_AFTER: i32 = 180;

/// Packages in which the makers of the programs ship their own releases, unchanged.
const RELEASES: [&str; 4] = ["docker-ce", "docker-ee", "docker-engine", "containerd.io"];

/// A program, and what was seen of it.
pub(crate) struct Installed<'a> {
    pub(crate) program: Program,
    /// Its upstream version.
    pub(crate) version: Field<String>,
    pub(crate) owner: &'a Field<Owner>,
    pub(crate) distribution: &'a Field<Distribution>,
    /// The day as of which it is judged.
    pub(crate) today: Date,
}

/// An [`Installed`] whose version could be read, and what is known against that version.
struct Judged<'a> {
    of: &'a Installed<'a>,
    version: Version,
    weak: Vec<&'static Weakness>,
}

/// The day of a snapshot.
pub(crate) fn today(snapshot: &Snapshot) -> Date {
    snapshot.now.to_zoned(TimeZone::UTC).date()
}

/// Judges a program of an engine by the version that the engine tells of it.
pub(crate) fn of_engine(
    snapshot: &Snapshot,
    engine: &Engine,
    program: Program,
    version: Field<String>,
) -> Outcome {
    let programs = &engine.daemon.programs;
    let owner = match program {
        Program::Containerd => &programs.containerd,
        Program::Runc => &programs.runc,
        Program::Engine | Program::Kernel => &programs.engine,
    };
    let installed = Installed {
        program,
        version,
        owner,
        distribution: &programs.distribution,
        today: today(snapshot),
    };
    judge(&installed, "the engine tells of none")
}

/// The same for one that the engine lists among its parts, by the program's own name.
pub(crate) fn of_component(snapshot: &Snapshot, engine: &Engine, program: Program) -> Outcome {
    let components = &engine.daemon.components;
    let origin = components.origin.clone();
    let version = match &components.fact {
        Fact::Known(all) => all
            .get(program.name())
            .map_or(Field::absent(origin.clone()), |v| Field::known(v.clone(), origin.clone())),
        Fact::Absent => Field::absent(origin),
        Fact::Unknown(why) => Field::unknown(why.clone(), origin),
    };
    of_engine(snapshot, engine, program, version)
}

/// Judges a program; `unsaid` is why it doesn't apply where no version is told of it.
pub(crate) fn judge(installed: &Installed<'_>, unsaid: &str) -> Outcome {
    let field = &installed.version;
    let text = match &field.fact {
        Fact::Known(text) => text,
        Fact::Absent => return Outcome::NotApplicable(unsaid.into()),
        Fact::Unknown(_) => return Outcome::unread(field),
    };
    let Some(version) = Version::parse(text) else {
        let name = installed.program.name();
        return Outcome::Unknown(format!("{name} {text:?} can't be compared with other versions"));
    };
    let weak: Vec<_> = known(installed.program, &version).collect();
    Judged { of: installed, version, weak }.outcome()
}

impl Judged<'_> {
    fn outcome(&self) -> Outcome {
        match &self.of.owner.fact {
            Fact::Known(Owner::Package(package)) if RELEASES.contains(&&*package.name) => {
                released::judge(self, Some(package))
            }
            Fact::Absent => released::judge(self, None),
            Fact::Known(Owner::Package(package)) => packaged::judge(self, package),
            Fact::Known(Owner::Unread(manager)) => packaged::unread(self, *manager),
            Fact::Unknown(why) if !self.weak.is_empty() => Outcome::Unknown(format!(
                "{} has {}, unless its package mends that; which one it came in was not seen: {why}",
                self.name(),
                self.told(&self.weak),
            )),
            Fact::Unknown(_) => self.without_known_weakness(),
        }
    }

    /// `runc 1.1.5`.
    fn name(&self) -> String {
        format!("{} {}", self.of.program.name(), self.version)
    }

    /// A pass, as long as what is known is not too old to tell.
    fn without_known_weakness(&self) -> Outcome {
        let age = self.of.today.since(KNOWN_UNTIL).map_or(0, |span| span.get_days());
        if age <= STALE_AFTER {
            return Outcome::Pass;
        }
        let message = format!(
            "nothing was known against {} on {KNOWN_UNTIL}; that is {age} days ago",
            self.name()
        );
        let fix = "update Dockward, or read what was published since then";
        Outcome::Review(Failure::new(
            message,
            self.evidence("a version judged by what is known today"),
            fix,
        ))
    }

    /// Where the version was read.
    fn evidence(&self, expected: impl Into<String>) -> Evidence {
        let seen = self.of.version.get().cloned().unwrap_or_default();
        Evidence::of(&self.of.version, seen, expected).effective()
    }

    /// The first of them with their severities, and up to which day they are known.
    fn told(&self, weak: &[&Weakness]) -> String {
        const SHOWN: usize = 4;
        let one = |w: &&Weakness| format!("{} ({})", w.id, w.severity.name());
        let mut shown: Vec<_> = weak.iter().take(SHOWN).map(one).collect();
        if weak.len() > SHOWN {
            shown.push(format!("{} more", weak.len() - SHOWN));
        }
        format!("{} (known up to {KNOWN_UNTIL})", shown.join(", "))
    }

    /// The release that has none of them.
    fn release_without(&self, weak: &[&Weakness]) -> &'static str {
        let needed = weak.iter().filter_map(|w| w.fixed_for(&self.version));
        needed.max_by_key(|text| Version::parse(text)).unwrap_or_default()
    }

    /// What the worst of them gives, and where they are described.
    fn proofs(&self, weak: &[&Weakness]) -> Vec<Evidence> {
        const SHOWN: usize = 4;
        let one = |w: &&Weakness| {
            let seen = format!("{} {}: {} <{}>", self.version, w.id, w.gives, w.url);
            let expected =
                w.fixed_for(&self.version).map_or("a release without it".into(), |fix| {
                    format!("{fix}, or a package that mends it")
                });
            Evidence::of(&self.of.version, seen, expected).effective()
        };
        weak.iter().take(SHOWN).map(one).collect()
    }

    /// The failure of a program that has these weaknesses.
    fn failure(&self, message: String, weak: &[&Weakness], fix: String) -> Failure {
        let worst = weak.iter().map(|w| w.severity).max().unwrap_or(Severity::Medium);
        let release = self.release_without(weak);
        let mut failure = Failure::new(
            message,
            self.evidence(format!("upstream {release} or later, or a package that mends it")),
            fix,
        );
        failure.severity = Some(worst);
        failure.evidence.extend(self.proofs(weak));
        failure
    }

    /// The same, with the way out that it opens: the one that takes least.
    fn opened(&self, mut failure: Failure, weak: &[&Weakness]) -> Failure {
        let easiest = weak.iter().filter_map(|w| w.escapes_from).min();
        let opening = |needs| Opening { gain: Gain::HostRoot, needs };
        failure.openings = easiest.map(opening).into_iter().collect();
        failure
    }
}

/// What brings a package up to date.
fn upgrade(manager: Manager, name: &str) -> String {
    match manager {
        Manager::Dpkg => format!("apt-get update && apt-get install --only-upgrade {name}"),
        Manager::Apk => format!("apk update && apk version {name}, then apk upgrade {name}"),
        Manager::Rpm => format!("dnf updateinfo list --security, then dnf upgrade {name}"),
        Manager::Pacman => "pacman -Syu".into(),
        Manager::Snap => format!("snap refresh {name}"),
    }
}

/// Evidence of the package.
fn package_evidence(owner: &Field<Owner>, package: &Package, expected: &str) -> Evidence {
    Evidence::of(owner, format!("{} {}", package.name, package.version), expected).effective()
}
