//! `/etc/subuid` and `/etc/subgid`: which ids users may map into user namespaces.

use dockward_model::facts::{Field, Origin, SubordinateRange};

use crate::tree::{SMALL, Tree};

const UIDS: &str = "/etc/subuid";
const GIDS: &str = "/etc/subgid";

pub(super) fn uids(tree: &dyn Tree) -> Field<Vec<SubordinateRange>> {
    ranges(tree, UIDS)
}

pub(super) fn gids(tree: &dyn Tree) -> Field<Vec<SubordinateRange>> {
    ranges(tree, GIDS)
}

fn ranges(tree: &dyn Tree, path: &str) -> Field<Vec<SubordinateRange>> {
    let fact = tree.read_text(path, SMALL).map(|text| parse(text));
    Field { fact, origin: Origin::file(path, None) }
}

/// The lines that newuidmap(1) would take; others are left out, as it does (subuid(5)).
fn parse(text: &str) -> Vec<SubordinateRange> {
    let range = |(line, number): (&str, u32)| {
        let mut fields = line.trim().split(':');
        let owner = fields.next().filter(|owner| !owner.is_empty() && !owner.starts_with('#'))?;
        let (start, count) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let is_range = fields.next().is_none() && count > 0;
        is_range.then(|| SubordinateRange { owner: owner.to_owned(), start, count, line: number })
    };
    text.lines().zip(1..).filter_map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    #[test]
    fn ranges_have_owners_bounds_and_lines() {
        let ranges = parse("ann:100000:65536\n\n# note\n1001:165536:65536\nroot:0:1\n");
        let seen: Vec<_> = ranges.iter().map(|r| (&*r.owner, r.start, r.last(), r.line)).collect();
        let expected =
            [("ann", 100_000, 165_535, 1), ("1001", 165_536, 231_071, 4), ("root", 0, 0, 5)];
        assert_eq!(seen, expected);
    }

    #[test]
    fn lines_that_are_no_ranges_are_left_out() {
        for text in ["ann", "ann:1", ":1:1", "ann:x:1", "ann:1:-1", "ann:1:0", "ann:1:1:1", "\0"] {
            assert_eq!(parse(text), [], "{text:?}");
        }
        assert_eq!(parse(&format!("ann:1:{}", u64::MAX))[0].last(), u64::MAX);
    }

    #[test]
    fn files_that_are_not_there_or_too_long_are_told_apart() {
        assert!(uids(&Recorded::new()).fact.is_absent());
        let long = Recorded::new().file(GIDS, &"ann:1:1\n".repeat(SMALL));
        assert!(gids(&long).fact.unknown().is_some());
    }
}
