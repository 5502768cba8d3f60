//! A document as CycloneDX 1.6.

use std::io::{self, Write};

use super::bom::{Bom, Component, Composition, Dependency, Metadata, Tools};
use super::{component, vulnerability};
use crate::document::Listed;
use crate::{Document, serial};

/// Writes a document as CycloneDX 1.6, JSON, with its vulnerabilities.
///
/// One thing that was looked into is what the document is about; of several, each is a component
/// that its packages lie in.
///
/// # Errors
/// When `out` can't be written to.
pub fn write(document: &Document<'_>, out: &mut dyn Write) -> io::Result<()> {
    let listed = document.listed();
    let mut bom = bom(document, &listed);
    bom.serial_number = Some(format!("urn:uuid:{}", serial::uuid(&bom)?));
    serde_json::to_writer_pretty(&mut *out, &bom)?;
    writeln!(out)
}

fn bom<'a>(document: &Document<'a>, listed: &'a [Listed<'a>]) -> Bom<'a> {
    let places = 0..document.scanned.len();
    let targets: Vec<_> = places.map(|position| target(document, listed, position)).collect();
    let (component, components) = match <[Component<'_>; 1]>::try_from(targets) {
        Ok([mut only]) => {
            let inside = std::mem::take(&mut only.components);
            (Some(only), inside)
        }
        Err(targets) => (None, targets),
    };
    Bom {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: None,
        version: 1,
        metadata: Metadata {
            timestamp: document.now.to_string(),
            tools: Tools { components: [ourselves(document.version)] },
            component,
        },
        components,
        dependencies: dependencies(document, listed),
        compositions: compositions(document),
        vulnerabilities: vulnerability::all(document, listed),
    }
}

fn ourselves(version: &str) -> Component<'_> {
    Component {
        kind: "application",
        name: "dockward",
        version: Some(version),
        ..Component::default()
    }
}

/// What was looked into, with all that is in it.
fn target<'a>(document: &Document<'a>, listed: &'a [Listed<'a>], position: usize) -> Component<'a> {
    let Some(scanned) = document.scanned.get(position) else { return Component::default() };
    let mut target = component::target(position, scanned);
    target.components.extend(component::distribution(position, scanned.inventory));
    let of_it = listed.iter().filter(|one| one.target == position);
    target.components.extend(of_it.map(component::package));
    target
}

fn dependencies<'a>(document: &Document<'_>, listed: &'a [Listed<'a>]) -> Vec<Dependency<'a>> {
    let of = |position: usize| Dependency {
        reference: component::target_reference(position),
        depends_on: listed
            .iter()
            .filter(|one| one.target == position)
            .map(|one| &*one.reference)
            .collect(),
    };
    (0..document.scanned.len()).map(of).collect()
}

/// Whether the list is whole: what could not be read makes it incomplete.
fn compositions(document: &Document<'_>) -> Vec<Composition> {
    let of = |(position, scanned): (usize, &crate::Scanned<'_>)| Composition {
        // Only what package managers record is listed: that is never known to be all.
        aggregate: match &*scanned.inventory.contents.problems {
            [] => "unknown",
            _ => "incomplete",
        },
        assemblies: vec![component::target_reference(position)],
    };
    document.scanned.iter().enumerate().map(of).collect()
}
