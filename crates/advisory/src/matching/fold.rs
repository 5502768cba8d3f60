//! From rows about one weakness of one package to one verdict.

use dockward_model::inventory::{Compared, FixState};

use super::{Candidate, Compare, Place, Subject, fixes, never, place, written};
use crate::database::{Row, Status};

/// What rows make of a package together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) state: FixState,
    /// The row that decides.
    pub(crate) decides: usize,
    /// The versions that mend it, lowest first.
    pub(crate) fixes: Vec<String>,
    pub(crate) note: String,
}

/// Whether a state is told unasked.
pub(crate) const fn is_told(state: FixState) -> bool {
    !matches!(state, FixState::Fixed | FixState::NotAffected)
}

/// Whether a row alone may lead to more than "mended": it is affected or undecided, or takes that
/// back from another row.
pub(crate) fn may_tell(candidate: &Candidate<'_>) -> bool {
    !matches!(alone(candidate), FixState::Fixed)
}

/// What one row makes of the package.
pub(crate) fn alone(candidate: &Candidate<'_>) -> FixState {
    match (candidate.row.status, candidate.place) {
        (Status::NotAffected, _) => FixState::NotAffected,
        (Status::Undecided, _) => FixState::Unknown,
        (_, Place::Outside) if never(&candidate.row) => FixState::NotAffected,
        (_, Place::Outside) => FixState::Fixed,
        (Status::Affected, _) => FixState::Affected,
        (Status::Deferred, _) => FixState::Deferred,
        (Status::WillNotFix, _) => FixState::WillNotFix,
    }
}

/// What was compared with what.
pub(crate) fn compared(
    ecosystem: &str,
    place: &Place<'_>,
    row: &Row<'_>,
    subject: &Subject<'_>,
) -> Compared {
    Compared {
        ecosystem: ecosystem.to_owned(),
        name: subject.name.clone().into_owned(),
        by: subject.by,
        version: subject.version.clone().into_owned(),
        range: written(place, row, &subject.version),
    }
}

/// The rows that count: who bought it has the bought release, whose rows tell of the free one's
/// packages as well.
pub(crate) fn counting<'c, 'd>(mut rows: Vec<&'c Candidate<'d>>) -> Vec<&'c Candidate<'d>> {
    let bought = |row: &&Candidate<'_>| row.of_paid && !row.paid;
    if rows.iter().any(bought) {
        rows.retain(bought);
    }
    rows
}

/// One verdict of all rows. None where there are none.
///
/// A statement that a package is not affected is about this very package, and wins. Else any row that
/// affects it does: a later advisory may mend what an earlier one mended badly. A fix mends only if
/// no row affects that version.
pub(crate) fn verdict(
    rows: &[&Candidate<'_>],
    subjects: &[Subject<'_>],
    compare: Compare,
) -> Option<Verdict> {
    // What can be bought decides nothing where the free release has a row of its own.
    let free = rows.iter().any(|row| !row.paid);
    let state = |row: &&Candidate<'_>| if row.paid && free { FixState::Fixed } else { alone(row) };
    let states: Vec<FixState> = rows.iter().map(state).collect();
    let first = |wanted: &[FixState]| states.iter().position(|state| wanted.contains(state));
    let plain = |state, decides: usize| {
        let note = rows.get(decides).map(|row| row.row.note.to_owned()).unwrap_or_default();
        Some(Verdict { state, decides, fixes: Vec::new(), note })
    };
    if let Some(at) = rows.iter().position(|row| row.row.status == Status::NotAffected) {
        return plain(FixState::NotAffected, at);
    }
    let affected = [FixState::Affected, FixState::Deferred, FixState::WillNotFix];
    if let Some(at) = first(&affected) {
        return Some(mended(rows, &states, at, subjects, compare));
    }
    if let Some(at) = first(&[FixState::Unknown]) {
        return plain(FixState::Unknown, at);
    }
    let at = first(&[FixState::Fixed]).or_else(|| first(&[FixState::NotAffected]))?;
    plain(states.get(at).copied()?, at)
}

/// Affected, by the row `at`: with the versions that mend it, or what else will become of it.
fn mended(
    rows: &[&Candidate<'_>],
    states: &[FixState],
    at: usize,
    subjects: &[Subject<'_>],
    compare: Compare,
) -> Verdict {
    let version = |row: &Candidate<'_>| subjects.get(row.subject).map_or("", |s| &*s.version);
    let offered = |paid: bool| {
        let mut all: Vec<&str> = rows
            .iter()
            .filter(|row| row.paid == paid)
            .flat_map(|row| fixes(&row.row, version(row), compare))
            .collect();
        all.sort_unstable_by(|a, b| compare(a, b).then_with(|| a.cmp(b)));
        all.dedup();
        all
    };
    let mends = |fix: &&str| {
        let here = rows.iter().filter(|row| !row.paid);
        here.clone().all(|row| matches!(place(&row.row, fix, compare), Ok(Place::Outside)))
    };
    let fixes: Vec<&str> = offered(false).into_iter().filter(mends).collect();
    if let Some(first) = fixes.first() {
        let gives = |row: &&Candidate<'_>| {
            let mut own = super::fixes(&row.row, version(row), compare);
            !row.paid && own.any(|fix| fix == *first)
        };
        let decides =
            rows.iter().zip(states).position(|(row, state)| is_told(*state) && gives(row));
        let decides = decides.unwrap_or(at);
        let note = rows.get(decides).map(|row| row.row.note.to_owned()).unwrap_or_default();
        let fixes = fixes.into_iter().map(str::to_owned).collect();
        return Verdict { state: FixState::FixAvailable, decides, fixes, note };
    }
    // The worst that is said of what is not mended: will not, later, not yet.
    let free =
        |state: FixState| rows.iter().zip(states).position(|(row, own)| !row.paid && *own == state);
    let ways = [FixState::WillNotFix, FixState::Deferred, FixState::Affected];
    let free = ways.into_iter().find_map(|state| free(state).map(|at| (state, at)));
    let (state, decides) = free.unwrap_or((FixState::Affected, at));
    let own = rows.get(decides).map(|row| row.row.note).unwrap_or_default();
    let note = match offered(true).first() {
        Some(fix) if own.is_empty() => format!("mended in {fix} with Ubuntu Pro"),
        Some(fix) => format!("{own}; mended in {fix} with Ubuntu Pro"),
        None => own.to_owned(),
    };
    Verdict { state, decides, fixes: Vec::new(), note }
}
