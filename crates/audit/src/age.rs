//! How long ago something was.

use jiff::Timestamp;

/// Whole days from `then` to `now`; none where `then` is yet to come.
pub(crate) fn days(then: Timestamp, now: Timestamp) -> i64 {
    const SECONDS: i64 = 86_400;
    (now.as_second().saturating_sub(then.as_second()) / SECONDS).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_and_the_future_has_none() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(days(at(0), at(86_399)), 0);
        assert_eq!(days(at(0), at(2 * 86_400)), 2);
        assert_eq!(days(at(2 * 86_400), at(0)), 0);
    }
}
