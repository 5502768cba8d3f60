//! What was done, kept so that it can be taken back.

use std::os::unix::fs::MetadataExt as _;

use serde::{Deserialize, Serialize};

use crate::{Content, Error, Files, Plan, Step};

/// Where it is kept: a folder of root's alone. Not the guard's own folder, since who takes over the
/// guard could write there what root then does.
const PATH: &str = "/var/lib/dockward/guard-install.json";
const VERSION: u32 = 1;

/// How far a change got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It was begun, and neither ended nor was it taken back.
    Begun,
    /// All of it was done.
    Done,
}

/// What was done to a host, from the first step to the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    version: u32,
    /// How far it got.
    pub state: State,
    /// The socket at which an engine answers.
    pub socket: String,
    /// The steps that were begun.
    pub steps: Vec<Step>,
}

impl Journal {
    pub(crate) fn of(plan: &Plan) -> Self {
        let socket = plan.socket.clone();
        Self { version: VERSION, state: State::Begun, socket, steps: Vec::new() }
    }

    /// Reads what was done to the host; none where nothing was.
    ///
    /// # Errors
    /// A file that others than its owner, root on a host, may write, or that is not such a record.
    pub fn read(files: &Files) -> Result<Option<Self>, Error> {
        let wrong = |why: String| Error::Journal { path: PATH.to_owned(), why };
        let Some(content) = files.read(PATH)? else { return Ok(None) };
        let owner = files.at(PATH).symlink_metadata().map_err(Error::file(PATH))?.uid();
        if content.mode & 0o022 != 0 || owner != rustix::process::geteuid().as_raw() {
            return Err(wrong("others may write it".into()));
        }
        let journal: Self =
            serde_json::from_str(&content.text).map_err(|why| wrong(why.to_string()))?;
        if journal.version != VERSION {
            return Err(wrong(format!("it is of version {}", journal.version)));
        }
        Ok(Some(journal))
    }

    pub(crate) fn write(&self, files: &Files) -> Result<(), Error> {
        let wrong =
            |why: serde_json::Error| Error::Journal { path: PATH.to_owned(), why: why.to_string() };
        let text = serde_json::to_string_pretty(self).map_err(wrong)?;
        files.write(PATH, &Content { text, mode: 0o600 })
    }

    pub(crate) fn remove(files: &Files) -> Result<(), Error> {
        files.remove(PATH)
    }
}
