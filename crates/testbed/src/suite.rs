//! Which engines there are.

use std::fmt;
use std::path::PathBuf;

use crate::Skip;

/// A Debian suite, standing for the engine that it carries.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Suite {
    /// Debian 12: engine 20.10, overlay2 only, the oldest that Dockward speaks with.
    Bookworm,
    /// Debian 13: engine 26.1.
    Trixie,
    /// Debian's development suite: engine 28.5 or, once it has moved on, newer; with BuildKit and Compose.
    Sid,
}

impl Suite {
    /// Every suite, the oldest engine first.
    pub const ALL: [Self; 3] = [Self::Bookworm, Self::Trixie, Self::Sid];

    /// The suite's name, as `scripts/engines` and Debian spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bookworm => "bookworm",
            Self::Trixie => "trixie",
            Self::Sid => "sid",
        }
    }

    /// How the engine's version begins, for instance `20.10`.
    pub const fn engine_version(self) -> &'static str {
        match self {
            Self::Bookworm => "20.10",
            Self::Trixie => "26.1",
            Self::Sid => "28.5",
        }
    }

    /// The newest API version that the engine speaks, for instance `1.41`.
    pub const fn api_version(self) -> &'static str {
        match self {
            Self::Bookworm => "1.41",
            Self::Trixie => "1.45",
            Self::Sid => "1.51",
        }
    }

    /// The prepared root, read from `scripts/engines`' cache.
    ///
    /// # Errors
    /// A [`Skip`] when the root is not there or was only half made.
    pub fn prepared_root(self) -> Result<PathBuf, Skip> {
        let cache = cache().ok_or_else(|| {
            Skip::because("neither DOCKWARD_ENGINES, XDG_CACHE_HOME nor HOME is set")
        })?;
        let root = cache.join(self.name());
        if root.is_dir() && cache.join(format!("{self}.ready")).is_file() {
            return Ok(root);
        }
        Err(Skip::because(format!(
            "no prepared root for {self}: run scripts/engines prepare {self}"
        )))
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The folder of a layer: what a package adds to a suite's root.
pub(crate) fn prepared_layer(name: &str) -> Result<PathBuf, Skip> {
    let folder = cache().map(|cache| (cache.join(name), cache.join(format!("{name}.ready"))));
    match folder {
        Some((folder, ready)) if folder.is_dir() && ready.is_file() => Ok(folder),
        _ => {
            Err(Skip::because(format!("no {name} is unpacked: run scripts/engines prepare {name}")))
        }
    }
}

/// The same folder that `scripts/engines` uses.
fn cache() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("DOCKWARD_ENGINES")
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join("dockward/engines")))
        .or_else(|| Some(set("HOME")?.join(".cache/dockward/engines")))
}
