//! Where a fact was read: what every piece of evidence points at.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Where a fact was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A field of an answer of the engine.
    Api {
        /// The path asked for, such as `/containers/ID/json`.
        endpoint: Arc<str>,
        /// The field in the answer, such as `HostConfig.Privileged`.
        field: Cow<'static, str>,
    },
    /// A field of a request to the engine.
    Request {
        /// The field in the request's body, such as `HostConfig.Privileged`.
        field: Cow<'static, str>,
    },
    /// A line of a file: daemon.json, a unit, a Compose file, dockward.toml.
    File {
        /// The file's path.
        path: Arc<str>,
        /// The line, counted from 1, where one is meant.
        line: Option<u32>,
    },
    /// What the kernel says, below `/proc` or `/sys`.
    Kernel {
        /// The file, such as `/proc/4711/status`.
        path: Arc<str>,
        /// The field in it, such as `CapBnd`; empty for the whole file.
        field: Cow<'static, str>,
    },
    /// An argument of a running process.
    Argv {
        /// The process, in our own pid namespace.
        pid: i32,
        /// The flag, such as `--icc`.
        flag: Cow<'static, str>,
    },
    /// Nothing said so: it is the engine's own default.
    Default {
        /// The setting whose default it is.
        of: Cow<'static, str>,
    },
    /// Nobody looked.
    #[default]
    Nowhere,
}

impl Origin {
    /// A field of an engine's answer.
    #[must_use]
    pub fn api(endpoint: &Arc<str>, field: impl Into<Cow<'static, str>>) -> Self {
        Self::Api { endpoint: Arc::clone(endpoint), field: field.into() }
    }

    /// A file, or a line of it.
    #[must_use]
    pub fn file(path: impl Into<Arc<str>>, line: Option<u32>) -> Self {
        Self::File { path: path.into(), line }
    }

    /// A field of a file of the kernel's.
    #[must_use]
    pub fn kernel(path: impl Into<Arc<str>>, field: impl Into<Cow<'static, str>>) -> Self {
        Self::Kernel { path: path.into(), field: field.into() }
    }

    /// The engine's default for a setting.
    #[must_use]
    pub fn default_of(setting: impl Into<Cow<'static, str>>) -> Self {
        Self::Default { of: setting.into() }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api { endpoint, field } => write!(f, "engine API {endpoint} {field}"),
            Self::Request { field } => write!(f, "request {field}"),
            Self::File { path, line: Some(line) } => write!(f, "{path}:{line}"),
            Self::File { path, line: None } => f.write_str(path),
            Self::Kernel { path, field } if field.is_empty() => f.write_str(path),
            Self::Kernel { path, field } => write!(f, "{path} {field}"),
            Self::Argv { pid, flag } => write!(f, "/proc/{pid}/cmdline {flag}"),
            Self::Default { of } => write!(f, "the engine's default for {of}"),
            Self::Nowhere => f.write_str("not looked at"),
        }
    }
}
