//! How near a package is to somebody who would attack it: what runs of it, and who gets there.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::facts::Fact;

/// What of a package is in use at this moment, and whether that is reached from the network. What
/// nobody looked at is unknown, which is neither "not in use" nor "not reached".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exposure {
    /// Processes that have a file of the package open or mapped; absent where none has.
    pub loaded: Fact<Vec<LoadedBy>>,
    /// Ways from outside of the host to such a process; absent where there is none.
    pub reachable: Fact<Vec<ReachedBy>>,
}

/// A process that has a file of a package open or mapped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LoadedBy {
    /// The container that it runs in, by its name; absent where it is the host's own.
    pub container: Option<String>,
    /// Its name, `/proc/PID/comm`.
    pub process: String,
    /// Its pid, as the engine counts.
    pub pid: i32,
    /// The file, in the container's own root.
    pub path: String,
    /// Whether that file was deleted or replaced since: what runs is older than what is installed.
    pub deleted: bool,
}

/// A way from outside of the host to a process.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReachedBy {
    /// The container that it leads to, by its name; absent where the process is the host's own.
    pub container: Option<String>,
    /// The process's name.
    pub process: String,
    /// The way, such as `0.0.0.0:8080->80/tcp is published on every interface`.
    pub way: String,
}

impl LoadedBy {
    /// Who it is in a few words: `nginx in web`.
    #[must_use]
    pub fn who(&self) -> String {
        who(&self.process, self.container.as_deref())
    }
}

impl ReachedBy {
    /// Who is reached, in a few words: `nginx in web`.
    #[must_use]
    pub fn who(&self) -> String {
        who(&self.process, self.container.as_deref())
    }
}

fn who(process: &str, container: Option<&str>) -> String {
    match container {
        Some(container) => format!("{process} in {container}"),
        None => process.to_owned(),
    }
}

impl fmt::Display for LoadedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { process, pid, path, .. } = self;
        write!(f, "{process} (pid {pid})")?;
        if let Some(container) = &self.container {
            write!(f, " in {container}")?;
        }
        write!(f, ": {path}{}", if self.deleted { ", deleted or replaced since" } else { "" })
    }
}

impl fmt::Display for ReachedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.who(), self.way)
    }
}

impl Exposure {
    /// Two lists become one: what is known of either holds, and "none" only where both say so.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            loaded: joined(self.loaded, other.loaded),
            reachable: joined(self.reachable, other.reachable),
        }
    }

    /// Not in use by anything.
    #[must_use]
    pub const fn none() -> Self {
        Self { loaded: Fact::Absent, reachable: Fact::Absent }
    }

    /// Nothing is known, for this reason.
    #[must_use]
    pub fn unknown(why: &str) -> Self {
        Self { loaded: Fact::Unknown(why.to_owned()), reachable: Fact::Unknown(why.to_owned()) }
    }
}

fn joined<T>(one: Fact<Vec<T>>, other: Fact<Vec<T>>) -> Fact<Vec<T>> {
    match (one, other) {
        (Fact::Known(mut all), Fact::Known(more)) => {
            all.extend(more);
            Fact::Known(all)
        }
        (Fact::Known(all), _) | (_, Fact::Known(all)) => Fact::Known(all),
        (Fact::Unknown(why), _) | (_, Fact::Unknown(why)) => Fact::Unknown(why),
        (Fact::Absent, Fact::Absent) => Fact::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(container: Option<&str>) -> LoadedBy {
        let (process, path) = ("nginx".into(), "/usr/lib/libssl.so.3".into());
        LoadedBy { container: container.map(Into::into), process, pid: 4711, path, deleted: false }
    }

    #[test]
    fn who_loaded_what_is_told_with_its_container_and_its_file() {
        assert_eq!(by(None).to_string(), "nginx (pid 4711): /usr/lib/libssl.so.3");
        let deleted = LoadedBy { deleted: true, ..by(Some("web")) };
        let text = "nginx (pid 4711) in web: /usr/lib/libssl.so.3, deleted or replaced since";
        assert_eq!((deleted.to_string().as_str(), deleted.who().as_str()), (text, "nginx in web"));
    }

    #[test]
    fn what_is_known_of_one_container_holds_and_none_only_where_all_say_so() {
        let known = || Exposure { loaded: Fact::Known(vec![by(None)]), ..Exposure::none() };
        let unknown = || Exposure::unknown("permission denied");
        assert_eq!(known().and(unknown()).loaded, known().loaded);
        assert_eq!(unknown().and(known()).loaded, known().loaded);
        assert_eq!(known().and(known()).loaded.known().map(Vec::len), Some(2));
        assert_eq!(Exposure::none().and(unknown()), unknown());
        assert_eq!(Exposure::none().and(Exposure::none()), Exposure::none());
        assert!(Exposure::default().loaded.unknown().is_some());
    }
}
