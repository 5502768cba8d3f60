//! Times as people count them.

use jiff::Timestamp;

const DAY: i64 = 24 * 60 * 60;

/// How many whole days lie between two times; negative where `then` lies in the future.
pub(crate) fn days(then: Timestamp, now: Timestamp) -> i64 {
    now.as_second().saturating_sub(then.as_second()).div_euclid(DAY)
}

/// `2026-08-01 (113 days ago)`, in UTC.
pub(crate) fn since(then: Timestamp, now: Timestamp) -> String {
    let ago = match days(then, now) {
        ..0 => "in the future".to_owned(),
        0 => "today".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    };
    format!("{} ({ago})", date(then))
}

/// The day in UTC, as `2026-08-01`.
pub(crate) fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Whether a build time says nothing: builders that make the same image twice set it to 1970 or
/// 1980 (reproducible-builds.org, `SOURCE_DATE_EPOCH`).
pub(crate) fn is_made_up(at: Timestamp) -> bool {
    const FIRST_RELEASE_OF_DOCKER: i64 = 1_363_737_600;
    at.as_second() < FIRST_RELEASE_OF_DOCKER
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_counted_whole() {
        let now = at("2026-11-22T10:00:00Z");
        for (then, said) in [
            ("2026-11-22T09:00:00Z", "2026-11-22 (today)"),
            ("2026-11-21T10:00:01Z", "2026-11-21 (today)"),
            ("2026-11-21T10:00:00Z", "2026-11-21 (1 day ago)"),
            ("2026-08-01T10:00:00Z", "2026-08-01 (113 days ago)"),
            ("2026-11-22T10:00:01Z", "2026-11-22 (in the future)"),
        ] {
            assert_eq!(since(at(then), now), said);
        }
    }

    #[test]
    fn the_times_of_reproducible_builds_are_made_up() {
        assert!(is_made_up(at("1970-01-01T00:00:00Z")) && is_made_up(at("1980-01-01T00:00:01Z")));
        assert!(!is_made_up(at("2014-01-01T00:00:00Z")));
    }
}
