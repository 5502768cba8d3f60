//! From when on entries are too old, by a wall clock that may jump.

use std::time::Duration;

use jiff::Timestamp;

/// How often what is too old is looked for.
const EVERY: Duration = Duration::from_hours(1);
/// How far the wall clock may be from where it should be by the other clock.
const JUMP: Duration = Duration::from_hours(1);
/// How long it must have gone on without a jump to be believed again.
const TRUST: Duration = Duration::from_hours(24);

/// When it was looked last, by both clocks.
#[derive(Debug)]
pub(crate) struct Age {
    wall: Timestamp,
    steady: Duration,
    /// By the clock that does not jump.
    distrusted_until: Duration,
}

impl Age {
    pub(crate) const fn new(wall: Timestamp, steady: Duration) -> Self {
        Self { wall, steady, distrusted_until: Duration::ZERO }
    }

    /// Entries from before this time are too old, where it is time to look, and the wall clock can be
    /// believed: who sets it a year ahead must not have everything thrown away.
    pub(crate) fn older_than(
        &mut self,
        wall: Timestamp,
        steady: Duration,
        keep: Option<Duration>,
    ) -> Option<Timestamp> {
        let passed = steady.saturating_sub(self.steady);
        if passed < EVERY {
            return None;
        }
        let should_be = self.wall.checked_add(passed).unwrap_or(wall);
        if wall.duration_since(should_be).unsigned_abs() >= JUMP {
            self.distrusted_until = steady.saturating_add(TRUST);
        }
        (self.wall, self.steady) = (wall, steady);
        keep.filter(|_| steady >= self.distrusted_until)
            .and_then(|keep| wall.checked_sub(keep).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumped_is_believed_again_after_a_day_without_a_jump() {
        let noon: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
        let hours = Duration::from_hours;
        let keep = Some(hours(90 * 24));
        let mut age = Age::new(noon, hours(5));
        let mut ask = |wall: Timestamp, steady| age.older_than(wall, hours(steady), keep);
        assert_eq!(ask(noon + hours(1), 5), None, "it is not time");
        assert_eq!(ask(noon + hours(1), 6), Some(noon + hours(1) - hours(90 * 24)));
        let ahead = noon + hours(9_000);
        assert_eq!(ask(ahead + hours(2), 7), None);
        for hour in 3..26 {
            assert_eq!(ask(ahead + hours(hour), 5 + hour), None, "{hour}");
        }
        assert!(ask(ahead + hours(26), 31).is_some());
        assert_eq!(age.older_than(ahead, hours(32), keep), None, "back again");
        assert_eq!(age.older_than(ahead + hours(30), hours(62), None), None);
    }
}
