//! Ranges of different owners that share ids.

use std::collections::BTreeMap;

use dockward_model::facts::SubordinateRange;

/// A line of a file, and whose it is: a uid where passwd knows one, since a line may name either.
pub(super) struct Owned<'a> {
    pub(super) owner: Result<u32, &'a str>,
    pub(super) range: &'a SubordinateRange,
}

/// Ranges in the order of their first ids.
pub(super) fn sorted<'a>(
    ranges: &'a [SubordinateRange],
    uids: &BTreeMap<&str, u32>,
) -> Vec<Owned<'a>> {
    let owner = |name: &str| uids.get(name).copied().or_else(|| name.parse().ok());
    let owned = |range: &'a SubordinateRange| Owned {
        owner: owner(&range.owner).ok_or(range.owner.as_str()),
        range,
    };
    let mut all: Vec<_> = ranges.iter().map(owned).collect();
    all.sort_by_key(|one| (one.range.start, one.range.line));
    all
}

/// Pairs of different owners whose ranges share ids, out of ranges in the order of their first
/// ids. Each range stands beside the one before it that reaches furthest.
pub(super) fn overlaps<'a>(sorted: &'a [Owned<'a>]) -> Vec<[&'a SubordinateRange; 2]> {
    let mut pairs = Vec::new();
    let (mut furthest, mut second): (Option<&Owned<'_>>, Option<&Owned<'_>>) = (None, None);
    for one in sorted {
        let others = [furthest, second].into_iter().flatten();
        let mut others = others.filter(|other| other.owner != one.owner);
        if let Some(other) = others.find(|other| other.range.last() >= one.range.start) {
            pairs.push([other.range, one.range]);
        }
        let reaches = |other: &Owned<'_>| one.range.last() > other.range.last();
        if furthest.is_none_or(reaches) {
            // The second is the furthest of another owner.
            second = if furthest.is_some_and(|f| f.owner != one.owner) { furthest } else { second };
            furthest = Some(one);
        } else if furthest.is_some_and(|f| f.owner != one.owner) && second.is_none_or(reaches) {
            second = Some(one);
        }
    }
    pairs
}
