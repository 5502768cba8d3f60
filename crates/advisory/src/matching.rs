//! An inventory beside a database: which weaknesses its packages have, as their distribution's own
//! advisories say.
//!
//! Pure: the database is bytes, `now` is given. A package is looked up by the name that its ecosystem's
//! advisories use, in the order of versions of its manager. What cannot be compared is said
//! ([`Matches::unmatched`]): not finding anything is only good news where that is empty.

mod fold;
mod range;
mod subject;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use dockward_model::inventory::{
    AdvisoryFacts, InstallState, Inventory, Match, MatchedName, Matches, Package, PackageKind,
    RatedBy, Rating, Unmatched, UnmatchedWhy,
};
use jiff::{SignedDuration, Timestamp};

use crate::database::{Advisory, AdvisoryAt, Damaged, Database, Row};
use crate::ecosystem::{self, Ecosystem};
use crate::updates::order;

pub(crate) use fold::compared;
pub(crate) use range::{Compare, Place, fixes, never, place, written};
pub(crate) use subject::{Subject, is_no_kernel, is_of_architecture, is_of_stream, subjects};

/// How many records that name a weakness are looked at for a rating.
const MOST_NAMED: usize = 256;

/// What decides beside inventory and database.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The time as of which is judged.
    pub now: Timestamp,
    /// How old a source's newest record may be; none for any age.
    pub stale_after: Option<SignedDuration>,
    /// Whether the root gets what Ubuntu sells (`Ubuntu:Pro:…`): then its fixes are fixes.
    pub ubuntu_pro: bool,
    /// Whether weaknesses are returned that the package does not have: mended, or not affected.
    pub all: bool,
}

impl Settings {
    /// As of `now`, sources of any age, without a contract, only what is not mended.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self { now, stale_after: None, ubuntu_pro: false, all: false }
    }
}

/// A row that names a package that is there.
#[derive(Debug, Clone)]
pub(crate) struct Candidate<'a> {
    pub(crate) row: Row<'a>,
    pub(crate) subject: usize,
    /// The ecosystem's name.
    pub(crate) ecosystem: &'a str,
    /// Whether it is of a release that is sold.
    pub(crate) of_paid: bool,
    /// Whether that is one that this root does not have.
    pub(crate) paid: bool,
    pub(crate) place: Place<'a>,
}

/// Which weaknesses the packages of an inventory have.
#[must_use]
pub fn matches(inventory: &Inventory, database: &Database<'_>, settings: &Settings) -> Matches {
    let mut found = Matches::default();
    let packages = &inventory.contents.packages;
    let here = || packages.iter().filter(|package| package.state != InstallState::Removed);
    let Some(ecosystem) = known(inventory, here().count(), &mut found.unmatched) else {
        return found;
    };
    unmatched(database, &ecosystem, here(), settings, &mut found.unmatched);
    let mut matcher = Matcher {
        database,
        settings,
        ecosystem: &ecosystem,
        advisories: HashMap::new(),
        borrowed: HashMap::new(),
    };
    let mut damaged: BTreeMap<&str, usize> = BTreeMap::new();
    for (package, at) in packages.iter().zip(0..) {
        if package.state == InstallState::Removed || package.kind != ecosystem.kind {
            continue;
        }
        if let Err(Damaged(what)) = matcher.package(package, at, &mut found.matches) {
            *damaged.entry(what).or_default() += 1;
        }
    }
    let damaged = damaged.into_iter().map(|(what, packages)| Unmatched {
        packages,
        why: UnmatchedWhy::Damaged(what.to_owned()),
    });
    found.unmatched.extend(damaged);
    found
}

/// The inventory's ecosystem, or why there is none.
pub(crate) fn known(
    inventory: &Inventory,
    packages: usize,
    unmatched: &mut Vec<Unmatched>,
) -> Option<Ecosystem> {
    if packages == 0 {
        return None;
    }
    let why = match &inventory.contents.distribution.fact {
        dockward_model::facts::Fact::Known(distribution) => match ecosystem::of(distribution) {
            Ok(ecosystem) => return Some(ecosystem),
            Err(why) => UnmatchedWhy::UnknownDistribution(why),
        },
        dockward_model::facts::Fact::Absent => {
            UnmatchedWhy::NoDistribution("there is no os-release".to_owned())
        }
        dockward_model::facts::Fact::Unknown(why) => UnmatchedWhy::NoDistribution(why.clone()),
    };
    unmatched.push(Unmatched { packages, why });
    None
}

/// Packages of another manager, an ecosystem without advisories, a source that is old.
pub(crate) fn unmatched<'p>(
    database: &Database<'_>,
    ecosystem: &Ecosystem,
    packages: impl Iterator<Item = &'p Package>,
    settings: &Settings,
    unmatched: &mut Vec<Unmatched>,
) {
    let mut kinds: BTreeMap<PackageKind, usize> = BTreeMap::new();
    packages.for_each(|package| *kinds.entry(package.kind).or_default() += 1);
    let own = kinds.remove(&ecosystem.kind).unwrap_or_default();
    for (kind, packages) in kinds {
        unmatched.push(Unmatched { packages, why: UnmatchedWhy::OtherKind(kind) });
    }
    if own == 0 {
        return;
    }
    let mut say = |why| unmatched.push(Unmatched { packages: own, why });
    let mut known = false;
    for one in database.ecosystems() {
        match one {
            Ok(one) => {
                known |= ecosystem.names.iter().any(|name| name == one.name)
                    || ecosystem.paid.as_deref() == Some(one.name);
            }
            Err(Damaged(what)) => say(UnmatchedWhy::Damaged(what.to_owned())),
        }
    }
    let name = ecosystem.names.first().map(String::as_str).unwrap_or_default();
    if !known {
        return say(UnmatchedWhy::NoSource(name.to_owned()));
    }
    let source = name.split(':').next().unwrap_or_default();
    let Some(limit) = settings.stale_after else { return };
    match database.built() {
        Ok(built) => {
            let newest =
                built.sources.iter().find(|one| one.name == source).and_then(|one| one.newest);
            if newest.is_none_or(|newest| settings.now.duration_since(newest) > limit) {
                say(UnmatchedWhy::Stale { source: source.to_owned(), newest });
            }
        }
        Err(Damaged(what)) => say(UnmatchedWhy::Damaged(what.to_owned())),
    }
}

struct Matcher<'a> {
    database: &'a Database<'a>,
    settings: &'a Settings,
    ecosystem: &'a Ecosystem,
    /// Advisories that were read already: many packages share one.
    advisories: HashMap<AdvisoryAt, Arc<AdvisoryFacts>>,
    /// Ratings of other sources that were looked for already, by weakness.
    borrowed: HashMap<String, Option<Rating>>,
}

/// The rows that speak of a package, with where its version lies in them.
pub(crate) fn candidates<'d>(
    package: &Package,
    subjects: &[Subject<'_>],
    ecosystem: &'d Ecosystem,
    database: &Database<'d>,
    ubuntu_pro: bool,
) -> Result<Vec<Candidate<'d>>, Damaged> {
    let compare = order(package.kind);
    let mut found = Vec::new();
    let bought = ubuntu_pro || package.version.contains("esm");
    let names = ecosystem.names.iter().map(|name| (name, false));
    for (name, of_paid) in names.chain(ecosystem.paid.iter().map(|name| (name, true))) {
        for (subject, at) in subjects.iter().zip(0..) {
            for row in database.rows(name, &subject.name) {
                let row = row?;
                if is_about(package, subject, &row) {
                    let place = place(&row, &subject.version, compare)?;
                    let paid = of_paid && !bought;
                    found.push(Candidate {
                        row,
                        subject: at,
                        ecosystem: name,
                        of_paid,
                        paid,
                        place,
                    });
                }
            }
        }
    }
    Ok(found)
}

/// Whether a row speaks of this very package: its architecture, its module's stream.
fn is_about(package: &Package, subject: &Subject<'_>, row: &Row<'_>) -> bool {
    // Most packages and rows are of no module, and that is quickly seen.
    if row.module.is_empty() && package.kind != PackageKind::Rpm {
        return is_of_architecture(package, row.architecture);
    }
    let fixed =
        if row.module.is_empty() { None } else { fixes(row, "", order(package.kind)).next() };
    is_of_architecture(package, row.architecture)
        && is_of_stream(package, &subject.version, row.module, fixed.unwrap_or_default())
}

impl<'a> Matcher<'a> {
    fn package(
        &mut self,
        package: &Package,
        at: usize,
        matches: &mut Vec<Match>,
    ) -> Result<(), Damaged> {
        let subjects = subjects(package, self.ecosystem.by);
        let pro = self.settings.ubuntu_pro;
        let candidates = candidates(package, &subjects, self.ecosystem, self.database, pro)?;
        let asked = self.settings.all;
        let by_weakness = self.by_weakness(&candidates)?;
        for group in by_weakness.chunk_by(|a, b| a.0 == b.0) {
            let Some((weakness, _)) = group.first() else { continue };
            let rows: Vec<&Candidate<'_>> =
                group.iter().filter_map(|(_, number)| candidates.get(*number)).collect();
            let rows = fold::counting(rows);
            let Some(verdict) = fold::verdict(&rows, &subjects, order(package.kind)) else {
                continue;
            };
            if asked || fold::is_told(verdict.state) {
                let one = self.one(package, at, weakness, &rows, &subjects, verdict)?;
                matches.push(one);
            }
        }
        Ok(())
    }

    /// Weaknesses with the positions of all rows about them, in order: those of which a row may tell
    /// more than that they are mended.
    fn by_weakness(&self, candidates: &[Candidate<'a>]) -> Result<Vec<(&'a str, usize)>, Damaged> {
        // What is plainly mended needs no look at its advisory unless another row is about the same:
        // most packages have no other.
        let tells = |candidate: &Candidate<'_>| self.settings.all || fold::may_tell(candidate);
        let mut found = Vec::new();
        for (candidate, at) in candidates.iter().zip(0..).filter(|(candidate, _)| tells(candidate))
        {
            let advisory = self.database.advisory(candidate.row.advisory)?;
            found.extend(advisory.weaknesses().map(|weakness| (weakness, at)));
        }
        if found.is_empty() {
            return Ok(found);
        }
        let mut told: Vec<&str> = found.iter().map(|(weakness, _)| *weakness).collect();
        told.sort_unstable();
        for (candidate, at) in candidates.iter().zip(0..).filter(|(candidate, _)| !tells(candidate))
        {
            let advisory = self.database.advisory(candidate.row.advisory)?;
            let same = advisory.weaknesses().filter(|one| told.binary_search(one).is_ok());
            found.extend(same.map(|weakness| (weakness, at)));
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn one(
        &mut self,
        package: &Package,
        at: usize,
        weakness: &str,
        rows: &[&Candidate<'a>],
        subjects: &[Subject<'_>],
        verdict: fold::Verdict,
    ) -> Result<Match, Damaged> {
        let decides = rows.get(verdict.decides).ok_or(Damaged("a row is none"))?;
        let advisory = self.rated(weakness, decides, rows)?;
        let mut also = Vec::new();
        for row in rows {
            let id = self.database.advisory(row.row.advisory)?.id;
            if id != advisory.id {
                also.push(id.to_owned());
            }
        }
        also.sort_unstable();
        also.dedup();
        let subject = subjects.get(decides.subject).ok_or(Damaged("a name is none"))?;
        let source = subjects.iter().find(|subject| subject.by == MatchedName::Source);
        let source = source.map_or(package.source_name(), |subject| &subject.name);
        Ok(Match {
            package: at,
            id: weakness.to_owned(),
            advisory,
            also,
            state: verdict.state,
            compared: compared(decides.ecosystem, &decides.place, &decides.row, subject),
            fixes: verdict.fixes,
            exploited: self.database.exploited(weakness),
            likelihood: self.database.likelihood(weakness),
            headers_only: is_no_kernel(package, source),
            note: verdict.note,
            against: Vec::new(),
        })
    }

    /// The facts of the advisory that decides. Its rating may be the row's own, or another's of the
    /// same weakness where it has none.
    fn rated(
        &mut self,
        weakness: &str,
        decides: &Candidate<'a>,
        rows: &[&Candidate<'a>],
    ) -> Result<Arc<AdvisoryFacts>, Damaged> {
        let facts = self.facts(decides.row.advisory)?;
        let beside = || {
            rows.iter().find_map(|row| {
                let whole = || self.database.advisory(row.row.advisory).ok().map(|a| a.rating);
                row.row.rating.or_else(whole).filter(|rating| rating.severity.is_some())
            })
        };
        let better = match decides.row.rating {
            Some(own) => Some(own.owned()),
            None if facts.rating.severity.is_some() => None,
            None => match beside() {
                Some(rating) => Some(rating.owned()),
                None => self.borrowed(weakness),
            },
        };
        let Some(rating) = better else { return Ok(facts) };
        Ok(Arc::new(AdvisoryFacts { rating, ..(*facts).clone() }))
    }

    /// What records of other sources make of a weakness: the worst CVSS score, else the worst word.
    /// A record about several weaknesses rates none of them.
    fn borrowed(&mut self, weakness: &str) -> Option<Rating> {
        if let Some(known) = self.borrowed.get(weakness) {
            return known.clone();
        }
        let named = self.database.named(weakness).filter_map(Result::ok).take(MOST_NAMED);
        let alone = named.filter(|record| record.weaknesses().eq([weakness]));
        let rated = alone.filter(|record| record.rating.severity.is_some());
        let worth = |of: &Advisory<'_>| (of.rating.by == RatedBy::Cvss, of.rating.severity);
        let best = rated.max_by(|a, b| worth(a).cmp(&worth(b)).then_with(|| b.id.cmp(a.id)));
        let found = best
            .map(|record| Rating { borrowed: Some(record.id.to_owned()), ..record.rating.owned() });
        self.borrowed.insert(weakness.to_owned(), found.clone());
        found
    }

    fn facts(&mut self, at: AdvisoryAt) -> Result<Arc<AdvisoryFacts>, Damaged> {
        if let Some(known) = self.advisories.get(&at) {
            return Ok(Arc::clone(known));
        }
        let facts = Arc::new(self.database.advisory(at)?.facts());
        self.advisories.insert(at, Arc::clone(&facts));
        Ok(facts)
    }
}
