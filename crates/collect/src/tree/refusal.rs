//! Why something could not be read, in a person's words.

use dockward_model::facts::Fact;
use rustix::io::Errno;

/// What kept us from reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is not there.
    Absent,
    /// It lies on a file system that another host or a user's process answers for, which may never
    /// answer; the file system's type.
    Remote(String),
    /// Anything else.
    Because(String),
}

impl Refusal {
    /// The kernel's refusal of `path`.
    pub(crate) fn from_kernel(errno: Errno, path: &str) -> Self {
        match errno {
            // The last one: procfs says so of a process that ended in the meantime.
            Errno::NOENT | Errno::NOTDIR | Errno::SRCH => Self::Absent,
            Errno::ACCESS | Errno::PERM => Self::Because(format!("permission denied: {path}")),
            other => Self::Because(format!("cannot read {path}: {}", describe(other))),
        }
    }
}

/// The kernel's own words for an error, without the number that Rust adds.
fn describe(errno: Errno) -> String {
    let text = std::io::Error::from(errno).to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// A result as a fact.
pub(crate) fn into_fact<T>(result: Result<T, Refusal>, path: &str) -> Fact<T> {
    match result {
        Ok(value) => Fact::Known(value),
        Err(Refusal::Absent) => Fact::Absent,
        Err(Refusal::Because(why)) => Fact::Unknown(why),
        Err(Refusal::Remote(kind)) => {
            Fact::Unknown(format!("{path} lies on {kind}, which is not looked into"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_absent_and_a_forbidden_one_unknown() {
        let fact = |errno| into_fact::<()>(Err(Refusal::from_kernel(errno, "/x")), "/x");
        assert_eq!(fact(Errno::NOENT), Fact::Absent);
        assert_eq!(fact(Errno::NOTDIR), Fact::Absent);
        assert_eq!(fact(Errno::ACCESS), Fact::Unknown("permission denied: /x".into()));
        assert_eq!(fact(Errno::IO), Fact::Unknown("cannot read /x: input/output error".into()));
    }
}
