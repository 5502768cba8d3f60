//! Why a weakness counts for a package or does not, and why another scanner may say otherwise: each
//! sentence is drawn from the rows and versions at hand.

use std::sync::Arc;

use dockward_model::inventory::{
    ExplainedRow, Explanation, FixState, InstallState, Inventory, MatchedName, Package, PackageKind,
};

use crate::database::{Advisory, Damaged, Database, Row, Status};
use crate::ecosystem::Ecosystem;
use crate::matching::{
    Compare, Place, Settings, Subject, compared, fixes, is_of_architecture, is_of_stream, known,
    never, place, subjects, unmatched,
};
use crate::updates::order;
use crate::{apk, dpkg, rpm};

/// All that a database says of one weakness, beside an inventory: by a CVE number, an advisory's id
/// or an alias.
#[must_use]
pub fn explain(
    inventory: &Inventory,
    database: &Database<'_>,
    asked: &str,
    settings: &Settings,
) -> Explanation {
    let mut out = Explanation { asked: asked.to_owned(), ..Explanation::default() };
    let cve = database.named(asked).flatten().find_map(|advisory| advisory.cves().next());
    let number = if crate::database::cve_number(asked).is_some() { Some(asked) } else { cve };
    out.exploited = number.and_then(|number| database.exploited(number));
    out.likelihood = number.and_then(|number| database.likelihood(number));
    out.advisories = database.named(asked).flatten().map(|one| Arc::new(one.facts())).collect();
    let packages = &inventory.contents.packages;
    let here = || packages.iter().filter(|package| package.state != InstallState::Removed);
    let Some(ecosystem) = known(inventory, here().count(), &mut out.unmatched) else { return out };
    unmatched(database, &ecosystem, here(), settings, &mut out.unmatched);
    for (package, at) in packages.iter().zip(0..) {
        if package.state == InstallState::Removed || package.kind != ecosystem.kind {
            continue;
        }
        let asking = Asking { database, ecosystem: &ecosystem, settings, asked, package, at };
        if let Err(Damaged(what)) = asking.rows(&mut out.rows) {
            let why = dockward_model::inventory::UnmatchedWhy::Damaged(what.to_owned());
            out.unmatched.push(dockward_model::inventory::Unmatched { packages: 1, why });
        }
    }
    out
}

/// A package, and what is asked of it.
struct Asking<'a> {
    database: &'a Database<'a>,
    ecosystem: &'a Ecosystem,
    settings: &'a Settings,
    asked: &'a str,
    package: &'a Package,
    at: usize,
}

/// A row, and where the package's version lies in it.
struct Seen<'a> {
    row: Row<'a>,
    subject: &'a Subject<'a>,
    ecosystem: &'a str,
    paid: bool,
    place: Place<'a>,
    compare: Compare,
}

impl Asking<'_> {
    fn rows(&self, out: &mut Vec<ExplainedRow>) -> Result<(), Damaged> {
        let subjects = subjects(self.package, self.ecosystem.by);
        let paid = self.ecosystem.paid.iter();
        for name in self.ecosystem.names.iter().chain(paid) {
            for subject in &subjects {
                for row in self.database.rows(name, &subject.name) {
                    let row = row?;
                    let advisory = self.database.advisory(row.advisory)?;
                    if advisory.is_named(self.asked) {
                        out.push(self.row(row, advisory, subject, name)?);
                    }
                }
            }
        }
        Ok(())
    }

    fn row(
        &self,
        row: Row<'_>,
        advisory: Advisory<'_>,
        subject: &Subject<'_>,
        ecosystem: &str,
    ) -> Result<ExplainedRow, Damaged> {
        let compare = order(self.package.kind);
        let place = place(&row, &subject.version, compare)?;
        let bought = self.settings.ubuntu_pro || self.package.version.contains("esm");
        let paid = self.ecosystem.paid.as_deref() == Some(ecosystem) && !bought;
        let seen = Seen { row, subject, ecosystem, paid, place, compare };
        let state = self.is_about(&seen).then(|| state(&seen));
        Ok(ExplainedRow {
            package: self.at,
            advisory: Arc::new(advisory.facts()),
            compared: compared(ecosystem, &seen.place, &row, subject),
            state,
            fixes: if paid { Vec::new() } else { all_fixes(&seen) },
            why: self.why(&seen, state),
            against: Vec::new(),
            elsewhere: self.elsewhere(&seen, state)?,
        })
    }

    fn is_about(&self, seen: &Seen<'_>) -> bool {
        let fixed = fixes(&seen.row, "", seen.compare).next().unwrap_or_default();
        let kind = self.package.kind;
        is_of_architecture(self.package, seen.row.architecture)
            && (kind != PackageKind::Rpm
                || is_of_stream(self.package, &seen.subject.version, seen.row.module, fixed))
    }

    fn why(&self, seen: &Seen<'_>, state: Option<FixState>) -> String {
        let (version, name) = (&seen.subject.version, &seen.subject.name);
        let whose = match seen.subject.by {
            MatchedName::Source => "the source",
            MatchedName::Binary => "the package",
        };
        let what = format!("{version} of {whose} {name}");
        let range = crate::matching::written(&seen.place, &seen.row, version);
        let note =
            if seen.row.note.is_empty() { String::new() } else { format!(" ({})", seen.row.note) };
        match state {
            None if !is_of_architecture(self.package, seen.row.architecture) => format!(
                "the row is about {}, and the package is for {}",
                seen.row.architecture, self.package.architecture
            ),
            None if seen.row.module.is_empty() => {
                "the row is about the plain package, and this one is of a module".to_owned()
            }
            None => format!(
                "the row is about the module {}, and this one is not of it",
                seen.row.module
            ),
            Some(FixState::FixAvailable) => {
                let fix = all_fixes(seen).into_iter().next().unwrap_or_default();
                format!("{what} is older than {fix}, which mends it{note}")
            }
            Some(FixState::Affected) if seen.paid => {
                format!("{what} lies in {range}; what mends it has to be bought{note}")
            }
            Some(FixState::Affected) => {
                format!("{what} lies in {range}; nothing mends it yet{note}")
            }
            Some(FixState::Deferred) => {
                format!("{what} lies in {range}; mending it was put off{note}")
            }
            Some(FixState::WillNotFix) => {
                format!("{what} lies in {range}, and it will not be mended{note}")
            }
            Some(FixState::Unknown) => {
                format!("nobody has decided whether {name} is affected{note}")
            }
            Some(FixState::NotAffected) => format!("{name} is not affected{note}"),
            Some(FixState::Fixed) => format!("{what} does not lie in {range}{note}"),
        }
    }

    /// Why another scanner might say otherwise.
    fn elsewhere(&self, seen: &Seen<'_>, state: Option<FixState>) -> Result<Vec<String>, Damaged> {
        let mut out = Vec::new();
        let (package, subject) = (self.package, seen.subject);
        let here = !matches!(seen.place, Place::Outside);
        let Some(state) = state else {
            if here {
                out.push(format!(
                    "A scanner that compares {} without regard to {} reports it.",
                    subject.version,
                    if seen.row.module.is_empty() {
                        "architectures and modules"
                    } else {
                        "module streams"
                    },
                ));
            }
            return Ok(out);
        };
        let by_source = subject.by == MatchedName::Source && subject.name != package.name;
        if by_source && !self.names_binary(seen.ecosystem)? {
            out.push(format!(
                "A scanner that looks for advisories of `{}` finds none: they name the source, `{}`.",
                package.name, subject.name
            ));
        }
        let differs = |version: &str, compare: Compare| -> Result<bool, Damaged> {
            Ok(matches!(place(&seen.row, version, compare)?, Place::Outside) == here)
        };
        if package.version != subject.version && differs(&package.version, seen.compare)? {
            out.push(format!(
                "A scanner that compares the package's own version, {}, instead of the source's, {}, says the opposite.",
                package.version, subject.version
            ));
        }
        if differs(&subject.version, without_epochs(package.kind))? {
            out.push(format!(
                "A scanner that ignores the epoch of {} says the opposite.",
                subject.version
            ));
        }
        if let (FixState::Fixed, Some(fix)) = (state, backport(seen, package.kind)) {
            out.push(format!(
                "The weakness was mended in {fix} without a new upstream version: a scanner that compares {} with what the project itself or NVD says still reports it.",
                upstream(package.kind, &subject.version)
            ));
        }
        out.extend(by_status(seen, state));
        Ok(out)
    }

    fn names_binary(&self, ecosystem: &str) -> Result<bool, Damaged> {
        for row in self.database.rows(ecosystem, &self.package.name) {
            if self.database.advisory(row?.advisory)?.is_named(self.asked) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn by_status(seen: &Seen<'_>, state: FixState) -> Option<String> {
    let text = match state {
        FixState::Affected if seen.paid => {
            "A scanner that takes what is sold with Ubuntu Pro for everybody's says that an update mends it."
        }
        FixState::Affected | FixState::Deferred | FixState::WillNotFix => {
            "A scanner that only knows what was mended does not report it."
        }
        FixState::Unknown => {
            "A scanner that takes what is undecided for affected reports it, one that takes it for nothing is silent."
        }
        FixState::NotAffected if seen.row.status == Status::NotAffected => {
            "A scanner that does not read the vendor's statements may report it by the version number alone."
        }
        _ => return None,
    };
    Some(text.to_owned())
}

/// What a row alone makes of a package that it speaks of.
fn state(seen: &Seen<'_>) -> FixState {
    match (seen.row.status, seen.place) {
        (Status::NotAffected, _) => FixState::NotAffected,
        (Status::Undecided, _) => FixState::Unknown,
        (_, Place::Outside) if never(&seen.row) => FixState::NotAffected,
        (_, Place::Outside) => FixState::Fixed,
        _ if !seen.paid && !all_fixes(seen).is_empty() => FixState::FixAvailable,
        (Status::Affected, _) => FixState::Affected,
        (Status::Deferred, _) => FixState::Deferred,
        (Status::WillNotFix, _) => FixState::WillNotFix,
    }
}

fn all_fixes(seen: &Seen<'_>) -> Vec<String> {
    let mut all: Vec<&str> = fixes(&seen.row, &seen.subject.version, seen.compare).collect();
    let mends = |fix: &&str| matches!(place(&seen.row, fix, seen.compare), Ok(Place::Outside));
    all.retain(mends);
    all.sort_unstable_by(|a, b| (seen.compare)(a, b));
    all.dedup();
    all.into_iter().map(str::to_owned).collect()
}

/// The fix at or before the version that is there, where it kept the upstream version: a
/// distribution's own revision tells (`+deb11u3`, `ubuntu1.2`, `-r1`, a second release).
fn backport<'a>(seen: &Seen<'a>, kind: PackageKind) -> Option<&'a str> {
    let version = &*seen.subject.version;
    let at_or_before = |fix: &&str| (seen.compare)(fix, version).is_le();
    let fix = fixes(&seen.row, "", seen.compare).find(at_or_before)?;
    let same = upstream(kind, fix) == upstream(kind, version);
    let revision = fix.rsplit_once('-').map_or("", |(_, revision)| revision);
    let own = match kind {
        PackageKind::Deb => {
            ["+deb", "~deb", "ubuntu", "+esm"].iter().any(|mark| revision.contains(mark))
        }
        PackageKind::Apk => revision != "r0" && revision.starts_with('r'),
        PackageKind::Rpm => !revision.is_empty() && !revision.starts_with("1."),
    };
    (same && own).then_some(fix)
}

fn without_epoch(version: &str) -> &str {
    let epoch = version.split_once(':');
    epoch
        .filter(|(epoch, _)| epoch.bytes().all(|b| b.is_ascii_digit()))
        .map_or(version, |(_, rest)| rest)
}

fn without_epochs(kind: PackageKind) -> Compare {
    match kind {
        PackageKind::Deb => |a, b| dpkg::compare(without_epoch(a), without_epoch(b)),
        PackageKind::Rpm => |a, b| rpm::compare(without_epoch(a), without_epoch(b)),
        PackageKind::Apk => apk::compare,
    }
}

/// A version without epoch and revision.
fn upstream(kind: PackageKind, version: &str) -> &str {
    match kind {
        PackageKind::Deb => dpkg::upstream(version),
        PackageKind::Rpm | PackageKind::Apk => {
            let plain = without_epoch(version);
            plain.rsplit_once('-').map_or(plain, |(upstream, _)| upstream)
        }
    }
}
