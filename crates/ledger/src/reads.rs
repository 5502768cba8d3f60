//! Reads are counted, and recorded about once an hour for each caller and operation.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::Text;
use crate::entry::{Caller, Reads};

/// How long reads are counted before they are recorded, by a clock that does not jump.
const HOUR: Duration = Duration::from_hours(1);
/// How many callers and operations are counted at once. One more records the oldest at once, so that
/// nobody gets memory by having many names.
const MOST: usize = 1_024;

#[derive(Debug)]
struct Window {
    count: u64,
    from: Timestamp,
    to: Timestamp,
    began: Duration,
    last: Duration,
}

/// What is being counted.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    windows: BTreeMap<(Caller, Text), Window>,
    /// Whether something was counted since [`Counting::seen`].
    changed: bool,
}

impl Counting {
    /// Counts one read. Gives what must be recorded now to make room for it.
    pub(crate) fn count(
        &mut self,
        caller: &Caller,
        operation: &Text,
        wall: Timestamp,
        steady: Duration,
    ) -> Option<Reads> {
        self.changed = true;
        let key = (caller.clone(), operation.clone());
        if let Some(window) = self.windows.get_mut(&key) {
            window.count = window.count.saturating_add(1);
            (window.to, window.last) = (wall, steady);
            return None;
        }
        let full = self.windows.len() >= MOST;
        let oldest = if full { self.windows.iter().min_by_key(|(_, one)| one.began) } else { None };
        let oldest = oldest.map(|(key, _)| key.clone());
        let evicted = oldest.and_then(|key| self.windows.remove_entry(&key)).map(recorded);
        let window = Window { count: 1, from: wall, to: wall, began: steady, last: steady };
        self.windows.insert(key, window);
        evicted
    }

    /// What was counted for an hour; all of it where the end has come.
    pub(crate) fn due(&mut self, steady: Duration, end: bool) -> Vec<Reads> {
        let due = |_: &_, one: &mut Window| end || steady.saturating_sub(one.began) >= HOUR;
        let due: Vec<_> = self.windows.extract_if(.., due).map(recorded).collect();
        self.changed |= !due.is_empty();
        due
    }

    /// What would be recorded now.
    pub(crate) fn shown(&self) -> Vec<Reads> {
        self.windows.iter().map(|(key, window)| reads(key, window)).collect()
    }

    /// Whether something changed since this was asked last.
    pub(crate) fn has_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }
}

fn recorded((key, window): ((Caller, Text), Window)) -> Reads {
    reads(&key, &window)
}

fn reads((caller, operation): &(Caller, Text), window: &Window) -> Reads {
    Reads {
        caller: caller.clone(),
        operation: operation.clone(),
        count: window.count,
        from: window.from,
        to: window.to,
        seconds: window.last.saturating_sub(window.began).as_secs(),
        cut: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(name: &str) -> Caller {
        Caller { name: name.into(), ..Caller::default() }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_poller_makes_one_leaf_an_hour() {
        let (mut counting, mut leaves) = (Counting::default(), Vec::new());
        for second in 0..3 * 3600 + 1 {
            let steady = Duration::from_secs(second);
            assert_eq!(
                counting.count(&caller("a"), &"list".into(), at(second as i64), steady),
                None
            );
            leaves.extend(counting.due(steady, false));
        }
        assert_eq!(leaves.iter().map(|one| one.count).collect::<Vec<_>>(), [3601, 3601, 3599][..2]);
        assert_eq!((leaves[0].from, leaves[0].to, leaves[0].seconds), (at(0), at(3600), 3600));
        assert_eq!(counting.due(Duration::ZERO, true)[0].count, 3 * 3600 + 1 - 2 * 3601);
    }

    #[test]
    fn a_clock_that_jumps_neither_loses_a_window_nor_lets_it_go_on() {
        for jump in [-1_000_000_i64, 1_000_000] {
            let mut counting = Counting::default();
            counting.count(&caller("a"), &"list".into(), at(2_000_000), Duration::ZERO);
            counting.count(
                &caller("a"),
                &"list".into(),
                at(2_000_000 + jump),
                Duration::from_secs(60),
            );
            assert_eq!(counting.due(Duration::from_secs(3599), false), []);
            let due = counting.due(Duration::from_secs(3600), false);
            assert_eq!((due[0].count, due[0].seconds), (2, 60));
            assert_eq!((due[0].from, due[0].to), (at(2_000_000), at(2_000_000 + jump)));
            assert_eq!(counting.due(Duration::MAX, true), []);
        }
    }

    #[test]
    fn many_names_take_no_more_memory_and_no_count_is_lost() {
        let (mut counting, mut counted) = (Counting::default(), 0);
        for n in 0..3 * MOST {
            let name = caller(&n.to_string());
            let evicted =
                counting.count(&name, &"list".into(), at(0), Duration::from_secs(n as u64));
            counted += evicted.map_or(0, |one| one.count);
        }
        assert_eq!(counting.shown().len(), MOST);
        assert_eq!(counted + counting.due(Duration::ZERO, true).len() as u64, 3 * MOST as u64);
    }
}
