//! Versions of the engine's API.

use std::fmt;

use crate::Refusal;

/// A version of the engine's API: the number after `1.`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u16);

impl Version {
    /// The oldest that is understood. Before it, `start` takes a whole `HostConfig`.
    pub const OLDEST: Self = Self(24);
    /// The newest whose requests are in the tables here (engine 28.5).
    pub const NEWEST: Self = Self(51);

    /// The version `1.minor`.
    #[must_use]
    pub const fn minor(minor: u16) -> Self {
        Self(minor)
    }

    /// Whether a field or route that came with `1.minor` is in it.
    #[must_use]
    pub const fn has(self, minor: u16) -> bool {
        self.0 >= minor
    }

    /// Reads `1.41`, as engines and clients write it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let minor = text.strip_prefix("1.")?;
        let plain = !minor.starts_with('0') && minor.bytes().all(|b| b.is_ascii_digit());
        minor.parse().ok().filter(|_| plain).map(Self)
    }

    /// A version that a request names.
    ///
    /// # Errors
    /// When it is too old or too new to be understood, or none.
    pub(crate) fn asked(text: &str) -> Result<Self, Refusal> {
        let version = Self::parse(text)
            .ok_or_else(|| Refusal::malformed(format!("`v{text}` is no version of the API")))?;
        if version < Self::OLDEST {
            let what = format!("version {version} of the API is too old to be judged");
            return Err(Refusal::unknown(what).hint(
                "use a client of Docker 1.12 or newer; docker-compose 1.x needs `version: \"2.1\"` or newer in its file",
            ));
        }
        if version > Self::NEWEST {
            let what = format!("version {version} of the API is not known here");
            let hint = format!("set DOCKER_API_VERSION={}", Self::NEWEST);
            return Err(Refusal::unknown(what).hint(hint));
        }
        Ok(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_in_one_way_only() {
        assert_eq!(Version::parse("1.41"), Some(Version::minor(41)));
        for odd in ["", "1", "1.", "1.041", "1.+41", "1.4.1", "2.41", "1.99999999", "١.41"] {
            assert_eq!(Version::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_too_old_or_too_new_is_refused_with_a_hint() {
        assert!(Version::asked("1.24").is_ok());
        assert!(Version::asked("1.23").unwrap_err().to_string().contains("docker-compose 1.x"));
        assert!(Version::asked("1.99").unwrap_err().to_string().contains("DOCKER_API_VERSION"));
    }
}
