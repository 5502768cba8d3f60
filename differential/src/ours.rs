//! What Dockward finds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use dockward_advisory::{Settings, matches};
use dockward_feed::{Mapped, Options, build};
use dockward_image::{Source, open};
use dockward_model::inventory::FixState;
use jiff::Timestamp;

use crate::Pair;

/// Builds the database of some feeds, and maps it.
///
/// # Errors
///
/// It can't be built.
pub fn database(feeds: &[PathBuf], target: &Path) -> Result<Mapped> {
    build(feeds, target, Options::new(Timestamp::now()))?;
    Ok(Mapped::open(target)?)
}

/// The weaknesses of a root's packages, with the state of each.
///
/// # Errors
///
/// The root can't be read, or something of it could not be.
pub fn found(root: &Path, mapped: &Mapped) -> Result<BTreeMap<Pair, FixState>> {
    let inventories = open(&Source::Root(root.to_owned()), &dockward_image::Options::default())?;
    let inventory = inventories.first().context("no inventory")?;
    let problems = &inventory.contents.problems;
    anyhow::ensure!(problems.is_empty(), "{problems:?}");
    let found = matches(inventory, &mapped.database()?, &Settings::new(Timestamp::now()));
    anyhow::ensure!(found.unmatched.is_empty(), "{:?}", found.unmatched);
    let pair = |one: &dockward_model::inventory::Match| {
        let package = inventory.contents.packages.get(one.package)?;
        Some(((package.name.clone(), package.version.clone(), one.id.clone()), one.state))
    };
    Ok(found.matches.iter().filter_map(pair).collect())
}
