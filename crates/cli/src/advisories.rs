//! The database of advisories that this run compares with.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use dockward_advisory::Settings;
use dockward_advisory::database::Database;
use dockward_advisory::ecosystem;
use dockward_feed::{Mapped, OpenError};
use dockward_model::facts::Distribution;
use dockward_model::verdict::{AdvisorySource, Scanned};

use crate::command::hinted;

/// Where root's database lies.
const OF_ROOT: &str = "/var/lib/dockward/advisories.db";

/// A database, or none: then nothing can be compared, and every run says so.
pub(crate) struct Advisories {
    mapped: Result<Mapped, String>,
}

impl Advisories {
    /// Opens the database that was named, or the usual one. Without a name, one that is not there is
    /// no failure.
    ///
    /// # Errors
    /// Where the one that was named can't be used, or the usual one is there and can't be used.
    pub(crate) fn open(named: Option<&Path>) -> Result<Self> {
        let path = named.map_or_else(usual, Path::to_owned);
        match Mapped::open(&path) {
            Ok(mapped) => Ok(Self { mapped: Ok(mapped) }),
            Err(OpenError::Io { source, .. })
                if named.is_none() && source.kind() == std::io::ErrorKind::NotFound =>
            {
                let make = "`dockward db update`, or `dockward db build FEED…`";
                let why = format!("there are no advisories at {}: {make}", path.display());
                Ok(Self { mapped: Err(why) })
            }
            // Whoever took on another's identity may keep that one's HOME.
            Err(OpenError::Io { source, .. })
                if named.is_none() && source.kind() == std::io::ErrorKind::PermissionDenied =>
            {
                let why = format!("the advisories at {} may not be read: {source}", path.display());
                Ok(Self { mapped: Err(why) })
            }
            Err(error) => Err(hinted(error.hint(), error)),
        }
    }

    /// The database that is at this place now, if one is that can be read: to be compared with one
    /// that takes its place.
    pub(crate) fn before(path: &Path) -> Self {
        Self { mapped: Mapped::open(path).map_err(|error| error.to_string()) }
    }

    /// Whether there is one.
    pub(crate) const fn is_there(&self) -> bool {
        self.mapped.is_ok()
    }

    /// Why there is none, and how to make one.
    pub(crate) fn missing(&self) -> Option<&str> {
        self.mapped.as_ref().err().map(String::as_str)
    }

    /// The database.
    pub(crate) fn database(&self) -> Result<Option<Database<'_>>> {
        let database = self.mapped.as_ref().ok().map(Mapped::database).transpose();
        database.map_err(|error| hinted(error.hint(), error))
    }

    /// All of its sources, and whether they are too old.
    pub(crate) fn sources(&self, settings: &Settings) -> Result<Vec<AdvisorySource>> {
        let Some(database) = self.database()? else { return Ok(Vec::new()) };
        let built = database.built()?;
        let stale = |newest: Option<jiff::Timestamp>| {
            let Some(limit) = settings.stale_after else { return false };
            newest.is_none_or(|newest| settings.now.duration_since(newest) > limit)
        };
        let sources = built.sources.into_iter().map(|source| AdvisorySource {
            stale: stale(source.newest),
            name: source.name,
            records: source.records,
            newest: source.newest,
            fetched: built.at,
        });
        Ok(sources.collect())
    }

    /// Those of its sources that say something of these targets: their distributions' own, and what
    /// tells of every weakness.
    pub(crate) fn about(
        &self,
        scanned: &[Scanned],
        settings: &Settings,
    ) -> Result<Vec<AdvisorySource>> {
        let distributions =
            scanned.iter().filter_map(|one| one.inventory.contents.distribution.get());
        let names: BTreeSet<String> = distributions
            .flat_map(ecosystems_of)
            .chain(["KEV", "EPSS"].map(str::to_owned))
            .collect();
        let mut sources = self.sources(settings)?;
        sources.retain(|source| names.contains(&source.name));
        Ok(sources)
    }
}

/// The database of whoever runs this: root's for all, else one in the user's cache folder.
pub(crate) fn usual() -> PathBuf {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    let own = cache.map(|cache| cache.join("dockward/advisories.db"));
    match own {
        // Whoever may not write root's reads it all the same.
        Some(own) if !rustix::process::geteuid().is_root() && own.exists() => own,
        Some(own) if !rustix::process::geteuid().is_root() && !Path::new(OF_ROOT).exists() => own,
        _ => PathBuf::from(OF_ROOT),
    }
}

/// The ecosystems of OSV that a distribution's packages are of, without a release: `Debian`.
pub(crate) fn ecosystems_of(distribution: &Distribution) -> impl Iterator<Item = String> + use<> {
    let found = ecosystem::of(distribution).ok();
    let names = found.into_iter().flat_map(|ecosystem| ecosystem.names);
    names.filter_map(|name| name.split(':').next().map(str::to_owned))
}
