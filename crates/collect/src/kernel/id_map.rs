//! `/proc/PID/uid_map` (user_namespaces(7)).

use dockward_model::facts::{Fact, IdMapping};

/// The kernel allows 340 lines.
const MAX_LINES: usize = 340;

/// All lines; unknown where one can't be read, or where nothing is mapped yet.
pub(crate) fn parse(text: &str) -> Fact<Vec<IdMapping>> {
    let mappings: Option<Vec<_>> = text.lines().take(MAX_LINES + 1).map(line).collect();
    match mappings {
        Some(list) if list.is_empty() => Fact::Unknown("uid_map is empty".into()),
        Some(list) if list.len() > MAX_LINES => Fact::Unknown("uid_map is too long".into()),
        Some(list) => Fact::Known(list),
        None => Fact::Unknown("uid_map can't be read".into()),
    }
}

fn line(text: &str) -> Option<IdMapping> {
    let mut numbers = text.split_ascii_whitespace().map(|number| number.parse().ok());
    let (inside, outside, count) = (numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some(IdMapping { inside, outside, count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_map_and_a_remapped_one_are_read() {
        let host = IdMapping { inside: 0, outside: 0, count: u32::MAX };
        assert_eq!(parse("         0          0 4294967295\n"), Fact::Known(vec![host]));
        let Fact::Known(list) = parse("0 1000 1\n1 100000 65536\n") else { panic!("not read") };
        assert_eq!((list.len(), list[1].outside), (2, 100_000));
    }

    #[test]
    fn an_empty_or_broken_map_is_unknown() {
        for text in ["", "0 0\n", "0 0 -1\n", "0 0 1 2\n", "0 0 4294967296\n", "\0"] {
            assert!(parse(text).unknown().is_some(), "{text:?}");
        }
        assert!(parse(&"0 0 1\n".repeat(341)).unknown().is_some());
    }
}
