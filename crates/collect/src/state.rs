//! Whether an engine was asked, and if not, why.

use std::path::PathBuf;

use dockward_engine::{Endpoint, Error};

/// What came of looking for an engine.
#[derive(Debug)]
pub enum EngineState {
    /// It was asked, and is in the snapshot.
    Asked {
        /// Where it was reached.
        endpoint: Endpoint,
    },
    /// There is none: nothing listens at any of these places.
    NoEngine {
        /// Where it was looked for.
        tried: Vec<PathBuf>,
    },
    /// There is one, and this user may not ask it.
    NotAllowed {
        /// Its socket.
        path: PathBuf,
        /// What would help.
        hint: String,
    },
    /// It hangs, is too old, or what listens there is no engine.
    Failed {
        /// Where it was to be reached.
        endpoint: Endpoint,
        /// Why it could not be asked.
        error: Error,
    },
}

impl EngineState {
    /// Of the error with which asking the one at `endpoint` ended.
    pub(crate) fn of(endpoint: &Endpoint, error: Error) -> Self {
        match error {
            Error::NoSocket { tried } => Self::NoEngine { tried },
            // Left over from one that was stopped.
            Error::Refused { path } => Self::NoEngine { tried: vec![path] },
            Error::Denied { ref path } => Self::NotAllowed {
                path: path.clone(),
                hint: error.hint().unwrap_or_default().to_owned(),
            },
            error => Self::Failed { endpoint: endpoint.clone(), error },
        }
    }

    /// Whether there is no engine there at all.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::NoEngine { .. })
    }

    /// Why no engine was asked and what to do about it, each in a person's words; the latter may
    /// be empty. None where one was asked.
    #[must_use]
    pub fn explain(&self) -> Option<(String, String)> {
        match self {
            Self::Asked { .. } => None,
            Self::NoEngine { tried } => {
                let places: Vec<_> = tried.iter().map(|p| p.display().to_string()).collect();
                let what = format!("no engine listens at {}", places.join(", "));
                let hint = "only the host is judged; where an engine listens elsewhere, name it \
                            with --host unix:///path/to/docker.sock";
                Some((what, hint.to_owned()))
            }
            Self::NotAllowed { path, hint } => {
                let what = format!("not allowed to ask the engine at {}", path.display());
                Some((what, hint.clone()))
            }
            Self::Failed { endpoint, error } => {
                let hint = error.hint().unwrap_or_default().to_owned();
                Some((format!("the engine at {endpoint} could not be asked: {error}"), hint))
            }
        }
    }
}
