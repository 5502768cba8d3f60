//! A document as SPDX 2.3.
//!
//! What a package was built from is said in `sourceInfo` and in its package URL, not as packages of
//! their own with GENERATED_FROM: whoever reads a list takes every package in it for installed.

use std::collections::BTreeMap;
use std::io::{self, Write};

use dockward_model::inventory::{Inventory, Match, TargetKind};

use super::model::{
    Annotation, CreationInfo, ExternalRef, ExtractedLicence, NOASSERTION, Relationship,
    SpdxDocument, SpdxPackage,
};
use super::supplier;
use crate::document::{Listed, web_address};
use crate::properties::{self, Property};
use crate::{Document, Judged, Scanned, licence, serial};

const DOCUMENT: &str = "SPDXRef-DOCUMENT";

/// What begins the comment of our annotations; a list of names and values in JSON follows.
pub(super) const OURS: &str = "dockward:properties ";

/// Writes a document as SPDX 2.3, JSON; what is known of packages as references of the category
/// SECURITY.
///
/// # Errors
/// When `out` can't be written to.
pub fn write(document: &Document<'_>, out: &mut dyn Write) -> io::Result<()> {
    let listed = document.listed();
    let mut spdx = spdx(document, &listed);
    spdx.document_namespace = format!("urn:uuid:{}", serial::uuid(&spdx)?);
    serde_json::to_writer_pretty(&mut *out, &spdx)?;
    writeln!(out)
}

fn spdx<'a>(document: &Document<'a>, listed: &'a [Listed<'a>]) -> SpdxDocument<'a> {
    let names = document.scanned.iter().map(|scanned| &*scanned.inventory.target.name);
    let name = names.collect::<Vec<_>>().join(", ");
    let note = Note::new(document);
    let (mut packages, mut relationships) = (Vec::new(), Vec::new());
    for (position, scanned) in document.scanned.iter().enumerate() {
        let target = target(position, scanned, &note);
        relationships.push(relationship(DOCUMENT, "DESCRIBES", &target.id));
        let of_it = listed.iter().filter(|one| one.target == position);
        let advisories = advisories(scanned);
        let inside: Vec<_> = distribution(position, scanned.inventory)
            .into_iter()
            .chain(of_it.map(|one| package(one, advisories.get(&one.position), &note)))
            .collect();
        relationships
            .extend(inside.iter().map(|one| relationship(&target.id, "CONTAINS", &one.id)));
        packages.push(target);
        packages.extend(inside);
    }
    SpdxDocument {
        spdx_version: "SPDX-2.3",
        data_license: "CC0-1.0",
        id: DOCUMENT,
        name: if name.is_empty() { "dockward".to_owned() } else { name },
        document_namespace: String::new(),
        creation_info: CreationInfo { created: note.day, creators: [note.tool] },
        packages,
        has_extracted_licensing_infos: extracted(listed),
        relationships,
    }
}

fn relationship(from: &str, kind: &'static str, to: &str) -> Relationship {
    Relationship {
        spdx_element_id: from.to_owned(),
        relationship_type: kind,
        related_spdx_element: to.to_owned(),
    }
}

/// Who notes something, and when: SPDX has seconds, no fractions (2.3, 6.9).
struct Note {
    day: String,
    tool: String,
}

impl Note {
    fn new(document: &Document<'_>) -> Self {
        let day = document.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Self { day, tool: format!("Tool: dockward-{}", document.version) }
    }

    fn properties(&self, properties: &[Property]) -> Vec<Annotation> {
        let Ok(json) = serde_json::to_string(properties) else { return Vec::new() };
        if properties.is_empty() {
            return Vec::new();
        }
        vec![Annotation {
            annotation_date: self.day.clone(),
            annotation_type: "OTHER",
            annotator: self.tool.clone(),
            comment: format!("{OURS}{json}"),
        }]
    }
}

fn target<'a>(position: usize, scanned: &Scanned<'a>, note: &Note) -> SpdxPackage<'a> {
    let inventory = scanned.inventory;
    let purpose = match inventory.target.kind {
        TargetKind::Image | TargetKind::Container => "CONTAINER",
        TargetKind::Root => "FILE",
        TargetKind::Host => "DEVICE",
        TargetKind::Sbom => "OTHER",
    };
    SpdxPackage {
        name: named(&inventory.target.name),
        id: format!("SPDXRef-Target-{position}"),
        version_info: inventory.target.id.as_deref(),
        primary_package_purpose: Some(purpose),
        annotations: note.properties(&properties::of_target(scanned)),
        ..SpdxPackage::default()
    }
}

/// A package's name may not be empty.
fn named(name: &str) -> &str {
    if name.is_empty() { NOASSERTION } else { name }
}

fn distribution(position: usize, inventory: &Inventory) -> Option<SpdxPackage<'_>> {
    let distribution = inventory.contents.distribution.get()?;
    let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
    Some(SpdxPackage {
        name: named(&distribution.id),
        id: format!("SPDXRef-Distribution-{position}"),
        version_info: some(&distribution.version),
        description: some(&distribution.name),
        primary_package_purpose: Some("OPERATING_SYSTEM"),
        ..SpdxPackage::default()
    })
}

fn package<'a>(
    listed: &'a Listed<'a>,
    advisories: Option<&Advisories<'_>>,
    note: &Note,
) -> SpdxPackage<'a> {
    let package = listed.package;
    let (declared, _) = licence::all_of(&package.licences);
    let mut properties = properties::of_package(package, listed.inventory);
    // What the fields can't give back as it was.
    if !declared.iter().eq(&package.licences) {
        properties.extend(package.licences.iter().map(|it| ("dockward:licence", it.clone())));
    }
    let supplier = supplier::write(&package.vendor);
    if supplier::read(&supplier) != package.vendor {
        properties.push(("dockward:vendor", package.vendor.clone()));
    }
    // In the words that Trivy reads it by.
    let source =
        format!("built package from: {} {}", package.source_name(), package.source_version());
    SpdxPackage {
        name: named(&package.name),
        id: format!("SPDXRef-Package-{}-{}", listed.target, listed.position),
        version_info: Some(&package.version),
        supplier,
        source_info: Some(source),
        license_declared: declared.unwrap_or_else(|| NOASSERTION.to_owned()),
        external_refs: references(listed, advisories),
        annotations: note.properties(&properties),
        ..SpdxPackage::default()
    }
}

/// Advisories by their addresses, each once.
type Advisories<'a> = BTreeMap<&'a str, &'a Match>;

/// The advisories of each package, by its position.
fn advisories<'a>(scanned: &Scanned<'a>) -> BTreeMap<usize, Advisories<'a>> {
    let mut all: BTreeMap<usize, Advisories<'a>> = BTreeMap::new();
    for Judged { matched, .. } in &scanned.matches {
        if let Some(url) = web_address(matched) {
            all.entry(matched.package).or_default().insert(url, matched);
        }
    }
    all
}

fn references(listed: &Listed<'_>, advisories: Option<&Advisories<'_>>) -> Vec<ExternalRef> {
    let purl = listed.purl.iter().map(|purl| ExternalRef {
        reference_category: "PACKAGE-MANAGER",
        reference_type: "purl",
        reference_locator: purl.clone(),
        comment: None,
    });
    let advisories = advisories.into_iter().flatten().map(|(url, matched)| ExternalRef {
        reference_category: "SECURITY",
        reference_type: "advisory",
        reference_locator: (*url).to_owned(),
        comment: Some(format!("{}: {}", matched.name(), matched.state.name())),
    });
    purl.chain(advisories).collect()
}

/// Words that stand for licences and are none of SPDX's: their texts were not read.
fn extracted<'a>(listed: &'a [Listed<'a>]) -> Vec<ExtractedLicence<'a>> {
    let mut all = BTreeMap::new();
    for one in listed {
        all.extend(licence::all_of(&one.package.licences).1);
    }
    all.into_iter()
        .map(|(license_id, words)| ExtractedLicence {
            license_id,
            extracted_text: words,
            name: words,
            comment: "the package's records have these words; no text was read",
        })
        .collect()
}
