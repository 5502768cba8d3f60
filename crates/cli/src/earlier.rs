//! The earlier look that `check --since` compares with, and where the last one is kept.

use std::env;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use dockward_collect::record;
use dockward_model::facts::Snapshot;

/// What `--since` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Since {
    /// The last run that was asked for its news.
    Last,
    /// A recording.
    File(PathBuf),
}

impl Since {
    /// From the command line; a file of the name `last` is written `./last`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "" => Err("name a recording, or write `last`".into()),
            "last" => Ok(Self::Last),
            file => Ok(Self::File(file.into())),
        }
    }

    /// The recording; absent where no last run has left one.
    pub(crate) fn read(&self) -> Result<Option<Snapshot>> {
        let path = match self {
            Self::File(path) => path.clone(),
            Self::Last => {
                let path = last()?;
                if !path.exists() {
                    return Ok(None);
                }
                path
            }
        };
        record::read(&path).map(Some).map_err(|error| crate::command::hinted(error.hint(), error))
    }

    /// Keeps what was seen for the next run, where that is what this one compares with.
    pub(crate) fn keep(&self, snapshot: &Snapshot) -> Result<()> {
        if *self != Self::Last {
            return Ok(());
        }
        let path = last()?;
        if let Some(folder) = path.parent() {
            let mut builder = DirBuilder::new();
            let made = builder.recursive(true).mode(0o700).create(folder);
            made.with_context(|| format!("cannot make {}", folder.display()))?;
        }
        record::write(snapshot, &path).map_err(|e| crate::command::hinted(e.hint(), e))
    }
}

/// Where the last look is kept: systemd's folder for this unit's state (systemd.exec(5),
/// `StateDirectory=`), root's, or the user's own (XDG Base Directory Specification).
fn last() -> Result<PathBuf> {
    let named = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(folder) = named("STATE_DIRECTORY") {
        return Ok(folder.join("last.json"));
    }
    if rustix::process::geteuid().is_root() {
        return Ok(Path::new("/var/lib/dockward/last.json").to_owned());
    }
    let home = || named("HOME").map(|home| home.join(".local/state"));
    match named("XDG_STATE_HOME").or_else(home) {
        Some(folder) => Ok(folder.join("dockward/last.json")),
        None => bail!("cannot tell where the last look is kept: neither HOME nor XDG_STATE_HOME"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_is_a_word_and_anything_else_a_file() {
        assert_eq!(Since::parse("last"), Ok(Since::Last));
        assert_eq!(Since::parse("./last"), Ok(Since::File("./last".into())));
        assert!(Since::parse("").is_err());
    }
}
