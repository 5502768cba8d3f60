//! What a bill of materials is made of.

use std::collections::HashSet;

use dockward_model::facts::Distribution;
use dockward_model::inventory::{InstallState, Inventory, Match, Package, Unmatched};
use dockward_model::verdict::Waived;
use jiff::Timestamp;

use crate::package_url;

/// What a bill of materials is made of: all that a run looked into.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// What was looked into; mostly one.
    pub scanned: Vec<Scanned<'a>>,
    /// The time of the run.
    pub now: Timestamp,
    /// Dockward's version.
    pub version: &'a str,
}

/// One thing that was looked into.
#[derive(Debug, Clone)]
pub struct Scanned<'a> {
    /// What is in it.
    pub inventory: &'a Inventory,
    /// What is known of that.
    pub matches: Vec<Judged<'a>>,
    /// What could not be compared with advisories.
    pub unmatched: &'a [Unmatched],
}

/// A match and what policy says of it.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// The match, of a package of this inventory.
    pub matched: &'a Match,
    /// By whom and why it is accepted, where it is.
    pub waived: Option<&'a Waived>,
}

/// A package that is in a bill, by names that are its own in this document.
#[derive(Debug)]
pub(crate) struct Listed<'a> {
    pub(crate) package: &'a Package,
    pub(crate) inventory: &'a Inventory,
    /// The position in [`Document::scanned`].
    pub(crate) target: usize,
    /// The position in the inventory's packages.
    pub(crate) position: usize,
    /// Its package URL; none where its name allows none.
    pub(crate) purl: Option<String>,
    /// Its name in the document: the package URL, and where that is taken, its place behind it.
    pub(crate) reference: String,
}

impl Document<'_> {
    /// Every package that is in the bill: what is there, not what was removed.
    pub(crate) fn listed(&self) -> Vec<Listed<'_>> {
        let mut taken = HashSet::new();
        let mut all = Vec::new();
        for (target, scanned) in self.scanned.iter().enumerate() {
            let contents = &scanned.inventory.contents;
            let distribution = contents.distribution.get();
            for (position, package) in contents.packages.iter().enumerate() {
                if package.state != InstallState::Removed {
                    let place = (target, position);
                    all.push(listed(scanned.inventory, package, place, distribution, &mut taken));
                }
            }
        }
        all
    }
}

fn listed<'a>(
    inventory: &'a Inventory,
    package: &'a Package,
    (target, position): (usize, usize),
    distribution: Option<&Distribution>,
    taken: &mut HashSet<String>,
) -> Listed<'a> {
    let purl = package_url::write(package, distribution);
    let mut reference = purl.clone().unwrap_or_else(|| "package".to_owned());
    if taken.contains(&reference) || purl.is_none() {
        // A package URL of ours has no `#` (that begins a subpath), so this is never taken.
        reference = format!("{reference}#{target}.{position}");
    }
    taken.insert(reference.clone());
    Listed { package, inventory, target, position, purl, reference }
}

/// The address of a match's advisory, where it is one that a browser opens and a format may hold
/// (RFC 3987: an IRI has no such characters).
pub(crate) fn web_address(matched: &Match) -> Option<&str> {
    let url = &*matched.advisory.url;
    let odd = |c: char| c.is_control() || c.is_whitespace() || "<>\"{}|\\^`".contains(c);
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    (is_web && !url.contains(odd)).then_some(url)
}
