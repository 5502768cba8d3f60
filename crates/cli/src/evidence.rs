//! What packages' own changelogs say against matches: read once it is known which packages have any.

use std::collections::BTreeSet;

use dockward_image::Options;
use dockward_model::inventory::{FixState, Inventory, PackageKind, TargetKind};
use dockward_model::verdict::Scanned;

use crate::engines::Engines;
use crate::target;

/// How many packages' changelogs are read of one target.
const MOST: usize = 256;

/// The packages among these whose changelog may say something.
pub(crate) fn readable(
    inventory: &Inventory,
    packages: impl Iterator<Item = usize>,
) -> Vec<String> {
    let named = packages.filter_map(|at| inventory.contents.packages.get(at));
    let of_dpkg = named.filter(|package| package.kind == PackageKind::Deb);
    let names: BTreeSet<&String> = of_dpkg.map(|package| &package.name).collect();
    names.into_iter().take(MOST).cloned().collect()
}

/// Reads the changelogs of packages with a match that an update would mend, and holds what they say
/// against those matches. Only where that is quickly done: in roots, and in images whose layers lie
/// unpacked; the page of a weakness (`dockward explain`) reads any.
pub(crate) fn weigh(scanned: &mut [Scanned], engines: &Engines<'_>, options: &Options) {
    engines.no_more_tars();
    for one in scanned {
        let Some(target) = again(&one.inventory) else { continue };
        let mendable =
            one.vulnerabilities.iter().filter(|v| v.matched.state == FixState::FixAvailable);
        let changelogs = readable(&one.inventory, mendable.map(|v| v.matched.package));
        if changelogs.is_empty() {
            continue;
        }
        let options = Options {
            changelogs,
            platform: options.platform.clone(),
            deadline: options.deadline,
            children: options.children.clone(),
            ..Options::default()
        };
        let looked = target::look(&[target], engines, &options);
        if let Some(found) = looked.inventories.into_iter().next() {
            hold(one, &found.inventory);
        }
    }
}

/// By what name it is looked into again.
fn again(inventory: &Inventory) -> Option<String> {
    let target = &inventory.target;
    match target.kind {
        TargetKind::Host => Some("host:".to_owned()),
        TargetKind::Root => Some(format!("root:{}", target.name)),
        TargetKind::Container => Some(format!("container:{}", target.name)),
        TargetKind::Image => {
            let is_unpacked = inventory.layers.iter().all(|layer| layer.digest.is_none());
            let id = target.id.as_ref().filter(|_| is_unpacked)?;
            Some(format!("image:{id}"))
        }
        TargetKind::Sbom => None,
    }
}

fn hold(one: &mut Scanned, found: &Inventory) {
    for vulnerability in &mut one.vulnerabilities {
        let matched = &mut vulnerability.matched;
        let Some(package) = one.inventory.contents.packages.get(matched.package) else { continue };
        let changes = found.contents.changes.get(&package.name);
        let held = changes
            .and_then(|changes| dockward_advisory::held_against(package, &matched.id, changes));
        matched.against.extend(held);
    }
}
