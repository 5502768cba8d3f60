//! From when on entries are too old, by a wall clock that may jump.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How often what is too old is looked for.
const EVERY: Duration = Duration::from_hours(1);
/// How far the wall clock may be from where it should be by the other clock.
const JUMP: Duration = Duration::from_hours(1);
/// How long it must have gone on without a jump to be believed again.
const TRUST: Duration = Duration::from_hours(24);
/// How long nobody may have looked for it to be believed at once. Hosts are off for a night; what was
/// longer can't be told from a jump.
const AWAY: Duration = Duration::from_hours(24);

/// The last look, for whoever opens the ledger next: only the wall clock goes on until then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    /// When it was, by the wall clock.
    wall: Timestamp,
    /// For how many seconds that clock must go on without a jump to be believed.
    distrusted: u64,
}

/// When it was looked last, by both clocks.
#[derive(Debug)]
pub(crate) struct Age {
    wall: Timestamp,
    steady: Duration,
    /// By the clock that does not jump.
    distrusted_until: Duration,
    /// Whether there was a look since [`Age::seen`] was asked last.
    looked: bool,
}

impl Age {
    /// The ledger is opened, after a last look that may be remembered. Where none is, the wall clock
    /// is not believed.
    pub(crate) fn new(wall: Timestamp, steady: Duration, before: Option<&Seen>) -> Self {
        let distrusted = match before {
            Some(seen) if seen.may_be_followed_by(wall) => Duration::from_secs(seen.distrusted),
            _ => TRUST,
        };
        let distrusted_until = steady.saturating_add(distrusted.min(TRUST));
        Self { wall, steady, distrusted_until, looked: true }
    }

    /// What is to be remembered, where there is something new.
    pub(crate) fn seen(&mut self) -> Option<Seen> {
        let distrusted = self.distrusted_until.saturating_sub(self.steady).as_secs();
        std::mem::take(&mut self.looked).then_some(Seen { wall: self.wall, distrusted })
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
        (self.wall, self.steady, self.looked) = (wall, steady, true);
        keep.filter(|_| steady >= self.distrusted_until)
            .and_then(|keep| wall.checked_sub(keep).ok())
    }
}

impl Seen {
    fn may_be_followed_by(&self, wall: Timestamp) -> bool {
        let away = wall.duration_since(self.wall);
        away.unsigned_abs() < if away.is_negative() { JUMP } else { AWAY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP: Option<Duration> = Some(Duration::from_hours(90 * 24));

    #[test]
    fn a_clock_that_jumped_is_believed_again_after_a_day_without_a_jump() {
        let noon: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
        let hours = Duration::from_hours;
        let trusted = Seen { wall: noon, distrusted: 0 };
        let mut age = Age::new(noon, hours(5), Some(&trusted));
        let mut ask = |wall: Timestamp, steady| age.older_than(wall, hours(steady), KEEP);
        assert_eq!(ask(noon + hours(1), 5), None, "it is not time");
        assert_eq!(ask(noon + hours(1), 6), Some(noon + hours(1) - hours(90 * 24)));
        let ahead = noon + hours(9_000);
        assert_eq!(ask(ahead + hours(2), 7), None);
        for hour in 3..26 {
            assert_eq!(ask(ahead + hours(hour), 5 + hour), None, "{hour}");
        }
        assert!(ask(ahead + hours(26), 31).is_some());
        assert_eq!(age.older_than(ahead, hours(32), KEEP), None, "back again");
        assert_eq!(age.older_than(ahead + hours(30), hours(62), None), None);
    }

    #[test]
    fn what_was_remembered_is_believed_where_the_wall_clock_can_have_gone_on_from_it() {
        let noon: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
        let (hours, second) = (Duration::from_hours, Duration::from_secs(1));
        let seen = |distrusted| Seen { wall: noon, distrusted };
        let is_believed = |wall: Timestamp, before: Option<Seen>| {
            let mut age = Age::new(wall, hours(3), before.as_ref());
            age.older_than(wall + hours(1), hours(4), KEEP).is_some()
        };
        assert!(is_believed(noon, Some(seen(0))));
        assert!(is_believed(noon + hours(24) - second, Some(seen(0))));
        assert!(!is_believed(noon + hours(24), Some(seen(0))));
        assert!(is_believed(noon - hours(1) + second, Some(seen(0))));
        assert!(!is_believed(noon - hours(1), Some(seen(0))));
        assert!(is_believed(noon, Some(seen(3_600))), "the rest has passed");
        assert!(!is_believed(noon, Some(seen(3_601))));
        assert!(!is_believed(noon, None));
    }

    #[test]
    fn each_look_is_told_once_with_what_is_left_of_the_distrust() {
        let noon: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
        let hours = Duration::from_hours;
        let mut age = Age::new(noon, hours(3), None);
        assert_eq!(age.seen(), Some(Seen { wall: noon, distrusted: 24 * 3_600 }));
        assert_eq!((age.older_than(noon, hours(3), KEEP), age.seen()), (None, None));
        assert_eq!(age.older_than(noon + hours(1), hours(4), KEEP), None);
        let wall = noon + hours(1);
        assert_eq!(age.seen(), Some(Seen { wall, distrusted: 23 * 3_600 }));
        // A file that says more than there is to say does not keep everything for good.
        let most = Seen { wall: noon, distrusted: u64::MAX };
        let age = Age::new(noon, hours(3), Some(&most)).seen();
        assert_eq!(age, Some(Seen { wall: noon, distrusted: 24 * 3_600 }));
    }
}
