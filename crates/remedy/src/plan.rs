//! What is going to be done, in order.

use serde::{Deserialize, Serialize};

use crate::{Command, Content};

/// A change: its steps, and what people should know before it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What comes of it, in one sentence each.
    pub summary: Vec<String>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Further paragraphs, each under its heading.
    pub about: Vec<(String, Vec<String>)>,
    /// The socket at which an engine must answer before, after, and once everything was taken back.
    pub socket: String,
}

/// One step, with how it is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// A file is written.
    Write {
        /// Its path on the host.
        path: String,
        /// What was there; none where nothing was.
        before: Option<Content>,
        /// What is there then.
        after: Content,
    },
    /// Commands are run.
    Run {
        /// In order.
        commands: Vec<Command>,
        /// What takes them back, in order; whatever of them was done.
        back: Vec<Command>,
    },
}

impl Step {
    pub(crate) fn run(commands: impl Into<Vec<Command>>, back: impl Into<Vec<Command>>) -> Self {
        Self::Run { commands: commands.into(), back: back.into() }
    }
}
