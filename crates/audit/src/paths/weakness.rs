//! The known weakness by which somebody who reaches a container gets code into it.

use dockward_model::facts::{Image, WeakPackage};
use dockward_model::inventory::{FixState, Match, TargetKind};
use dockward_model::verdict::{Evidence, Severity};

use super::graph::Node;
use crate::{Expectations, images};

/// A weakness of a package that a process has loaded which somebody outside reaches.
#[derive(Debug, Clone)]
pub(super) struct Weakness {
    /// Its number.
    pub(super) id: String,
    /// The package, the weakness and what mends it, in a line.
    pub(super) text: String,
    /// Who has it loaded, and where the package was read.
    pub(super) evidence: Evidence,
}

/// The most urgent one that leads into a container from the network; nothing where none is known.
pub(super) fn of(node: &Node<'_>, held: &Expectations<'_>) -> Option<Weakness> {
    let image = node.image?;
    let inspection = image.inspection.as_ref()?.get()?;
    let found = inspection.weak.iter().filter(|weak| is_reached(weak, node)).find_map(|weak| {
        let leads = |found: &&Match| leads_in(found) && !is_waived(weak, found, image, held);
        Some((weak, weak.matches.iter().find(leads)?))
    });
    let (weak, found) = found?;
    Some(Weakness {
        id: found.id.clone(),
        text: text(weak, found),
        evidence: evidence(weak, found, node),
    })
}

fn is_reached(weak: &WeakPackage, node: &Node<'_>) -> bool {
    let by = weak.exposure.reachable.known().into_iter().flatten();
    by.filter_map(|by| by.container.as_deref()).any(|name| name == node.container.name)
}

/// Whether it is known to be exploited, or is bad and its vector (CVSS v3.1, 2.1.1; v2 and v4 write
/// it the same) says that it is attacked over the network.
fn leads_in(found: &Match) -> bool {
    let rating = &found.advisory.rating;
    let counts = found.state.is_affected() || found.state == FixState::Unknown;
    let over_network = rating.written.split('/').any(|metric| metric == "AV:N");
    let is_bad = rating.severity.is_some_and(|severity| severity >= Severity::High);
    counts && !found.headers_only && (found.exploited.is_some() || (is_bad && over_network))
}

fn is_waived(weak: &WeakPackage, found: &Match, image: &Image, held: &Expectations<'_>) -> bool {
    let subject = || weak.subject(found, images::name(image), TargetKind::Image);
    held.waives.is_some_and(|waives| waives(&subject()))
}

fn text(weak: &WeakPackage, found: &Match) -> String {
    let package = &weak.package;
    let exploited = if found.exploited.is_some() { ", exploited" } else { "" };
    let fix = found.fixes.first().map_or("no fix yet".into(), |fix| format!("fixed in {fix}"));
    format!("{} {} · {}{exploited} · {fix}", package.name, package.version, found.id)
}

fn evidence(weak: &WeakPackage, found: &Match, node: &Node<'_>) -> Evidence {
    let by = weak.exposure.loaded.known().into_iter().flatten();
    let mut its = by.filter(|by| by.container.as_deref() == Some(&*node.container.name));
    let seen = its.next().map_or(String::new(), |by| format!("; loaded by {by}"));
    let seen = format!("{} {}{seen}", weak.package.name, weak.package.version);
    let fix = found.fixes.first();
    let expected =
        fix.map_or("an update: there is none yet".into(), |fix| format!("{fix} or newer"));
    Evidence::at(&weak.package.origin, seen, expected)
}
