//! Versions of the API, and which one to speak.

use std::fmt;
use std::str::FromStr;

/// A version of the API, such as 1.41.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion {
    /// The 1 of 1.41.
    pub major: u16,
    /// The 41 of 1.41.
    pub minor: u16,
}

impl ApiVersion {
    /// The oldest that we read: Docker 20.10.
    pub const OLDEST: Self = Self::new(1, 41);
    /// The newest that we have read: Docker 28.5. A newer engine is asked in this version.
    pub const NEWEST: Self = Self::new(1, 51);

    /// `major.minor`.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// The version to speak with an engine whose newest is `self`, and whose oldest, where it
    /// said so, is `oldest`: ours where the engine knows it, otherwise the nearest that it knows.
    pub(crate) fn spoken(self, oldest: Option<Self>) -> Self {
        self.min(Self::NEWEST.max(oldest.unwrap_or(Self::NEWEST)))
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A text that is not two numbers with a point between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version of the API")]
pub struct NotAVersion;

impl FromStr for ApiVersion {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let (major, minor) = text.trim().split_once('.').ok_or(NotAVersion)?;
        Ok(Self::new(number(major)?, number(minor)?))
    }
}

/// Digits only: `u16`'s own reader would take a plus sign.
fn number(text: &str) -> Result<u16, NotAVersion> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NotAVersion);
    }
    text.parse().map_err(|_| NotAVersion)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_two_numbers() {
        assert_eq!("1.41".parse(), Ok(ApiVersion::new(1, 41)));
        for text in ["", "1", "1.", ".1", "1.41.0", "v1.41", "1.+4", "1.99999"] {
            assert_eq!(text.parse::<ApiVersion>(), Err(NotAVersion), "{text}");
        }
        assert!(ApiVersion::new(1, 9) < ApiVersion::new(1, 41));
    }

    #[test]
    fn we_speak_the_newest_version_that_both_know() {
        let spoken = |newest: &str, oldest: Option<&str>| {
            let newest: ApiVersion = newest.parse().unwrap();
            newest.spoken(oldest.map(|o| o.parse().unwrap())).to_string()
        };
        assert_eq!(spoken("1.41", None), "1.41");
        assert_eq!(spoken("1.51", None), "1.51");
        assert_eq!(spoken("1.60", None), "1.51");
        assert_eq!(spoken("1.60", Some("1.44")), "1.51");
        assert_eq!(spoken("1.60", Some("1.55")), "1.55");
        assert_eq!(spoken("2.3", Some("2.0")), "2.0");
    }
}
