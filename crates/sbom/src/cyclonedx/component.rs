//! Packages and what they were found in, as components.

use dockward_model::inventory::{Inventory, TargetKind};

use super::bom::{Component, IdOrName, LicenceChoice, Named, named};
use crate::document::Listed;
use crate::licence::{Licence, classify};
use crate::{Scanned, properties};

/// The name in the document of what was looked into.
pub(super) fn target_reference(target: usize) -> String {
    format!("target-{target}")
}

/// What was looked into.
pub(super) fn target<'a>(position: usize, scanned: &Scanned<'a>) -> Component<'a> {
    let inventory = scanned.inventory;
    let kind = match inventory.target.kind {
        TargetKind::Image | TargetKind::Container => "container",
        TargetKind::Root => "file",
        TargetKind::Host => "device",
        TargetKind::Sbom => "application",
    };
    Component {
        kind,
        reference: Some(target_reference(position)),
        name: &inventory.target.name,
        version: inventory.target.id.as_deref(),
        properties: named(properties::of_target(scanned)),
        ..Component::default()
    }
}

/// Its distribution, where it is known.
pub(super) fn distribution(position: usize, inventory: &Inventory) -> Option<Component<'_>> {
    let distribution = inventory.contents.distribution.get()?;
    let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
    Some(Component {
        kind: "operating-system",
        reference: Some(format!("distribution-{position}")),
        name: &distribution.id,
        version: some(&distribution.version),
        description: some(&distribution.name),
        ..Component::default()
    })
}

/// A package.
pub(super) fn package<'a>(listed: &'a Listed<'a>) -> Component<'a> {
    let package = listed.package;
    let mut properties = properties::of_package(package, listed.inventory);
    properties.extend(properties::for_trivy(package));
    Component {
        kind: "library",
        reference: Some(listed.reference.clone()),
        supplier: (!package.vendor.is_empty()).then_some(Named { name: &package.vendor }),
        name: &package.name,
        version: Some(&package.version),
        licenses: licences(&package.licences),
        purl: listed.purl.as_deref(),
        properties: named(properties),
        ..Component::default()
    }
}

/// One expression, or any number of ids and names: both together are not allowed.
fn licences(licences: &[String]) -> Vec<LicenceChoice<'_>> {
    let is_alone = licences.len() == 1;
    let choice = |text| match classify(text) {
        Licence::Expression(text) if is_alone => LicenceChoice::Expression(text),
        Licence::Id(id) => LicenceChoice::License(IdOrName::Id(id)),
        Licence::Expression(text) | Licence::Other(text) => {
            LicenceChoice::License(IdOrName::Name(text))
        }
    };
    licences.iter().filter(|text| !text.is_empty()).map(|text| choice(text)).collect()
}
