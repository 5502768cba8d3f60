//! SPDX into inventories.
//!
//! Of the relationships only DESCRIBES is read, one by one: nothing walks from one to the next, so
//! that circles and elements that are not there do no harm.

use std::collections::HashSet;

use dockward_model::facts::Origin;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{supplier, writer};
use crate::collector::{Collector, Component};
use crate::json::each;
use crate::package_url::{self, Purl};
use crate::properties::{PackageWords, TargetWords, is_a_record};
use crate::read::shortened;
use crate::{Error, Format, Read, distribution};

const WHAT: &str = "SPDX";
const VERSIONS: [&str; 4] = ["SPDX-2.2", "SPDX-2.2.1", "SPDX-2.2.2", "SPDX-2.3"];

/// How many elements a document may be about.
const MOST_DESCRIBED: usize = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDocument<'a> {
    spdx_version: String,
    name: Option<String>,
    #[serde(borrow)]
    packages: Option<&'a RawValue>,
    #[serde(borrow)]
    document_describes: Option<&'a RawValue>,
    #[serde(borrow)]
    relationships: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPackage<'a> {
    #[serde(rename = "SPDXID")]
    id: Option<String>,
    name: Option<String>,
    version_info: Option<String>,
    supplier: Option<String>,
    originator: Option<String>,
    source_info: Option<String>,
    license_declared: Option<String>,
    description: Option<String>,
    primary_package_purpose: Option<String>,
    #[serde(borrow)]
    external_refs: Option<&'a RawValue>,
    #[serde(borrow)]
    annotations: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawReference {
    reference_type: Option<String>,
    reference_locator: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRelationship {
    relationship_type: Option<String>,
    related_spdx_element: Option<String>,
}

#[derive(Deserialize)]
struct RawAnnotation {
    annotator: Option<String>,
    comment: Option<String>,
}

/// Reads a document that says that it is SPDX.
pub(crate) fn read(list: Origin, text: &str) -> Result<Read, Error> {
    let document: RawDocument<'_> =
        serde_json::from_str(text).map_err(|source| Error::Json { what: WHAT, source })?;
    if !VERSIONS.contains(&&*document.spdx_version) {
        let version = shortened(&document.spdx_version);
        return Err(Error::UnknownVersion { format: WHAT, version, read: "2.2 and 2.3" });
    }
    let mut reader = Reader { described: described(&document)?, collector: Collector::new(list) };
    reader.collector.named(document.name.unwrap_or_default());
    if let Some(packages) = document.packages {
        each(packages, WHAT, &mut |raw| reader.element(raw))?;
    }
    let (inventories, left_out) = reader.collector.end();
    Ok(Read { format: Format::Spdx(document.spdx_version), inventories, left_out })
}

/// The elements that a document is about, by both ways to say so.
fn described(document: &RawDocument<'_>) -> Result<HashSet<String>, Error> {
    let mut all = HashSet::new();
    let mut add = |id: String| {
        all.insert(id);
        if all.len() > MOST_DESCRIBED {
            return Err(Error::TooMany { what: "described elements", max: MOST_DESCRIBED });
        }
        Ok(())
    };
    if let Some(list) = document.document_describes {
        each(list, WHAT, &mut |raw| serde_json::from_str(raw.get()).map_or(Ok(()), &mut add))?;
    }
    if let Some(list) = document.relationships {
        each(list, WHAT, &mut |raw| match serde_json::from_str(raw.get()) {
            Ok(RawRelationship {
                relationship_type: Some(kind),
                related_spdx_element: Some(id),
            }) if kind == "DESCRIBES" => add(id),
            _ => Ok(()),
        })?;
    }
    Ok(all)
}

struct Reader {
    described: HashSet<String>,
    collector: Collector,
}

impl Reader {
    fn element(&mut self, raw: &RawValue) -> Result<(), Error> {
        match serde_json::from_str::<RawPackage<'_>>(raw.get()) {
            Ok(package) => self.package(package),
            Err(error) => {
                let start: String = raw.get().chars().take(60).collect();
                self.collector.problem(&start, format!("the package cannot be read: {error}"));
                Ok(())
            }
        }
    }

    fn package(&mut self, raw: RawPackage<'_>) -> Result<(), Error> {
        let purl = purl(&raw)?;
        let of = |text: &Option<String>| text.clone().filter(|it| said(it)).unwrap_or_default();
        // The specification's text has a hyphen, its schema an underscore, and tools write either.
        let purpose = raw.primary_package_purpose.as_deref();
        let is_system = matches!(purpose, Some("OPERATING-SYSTEM" | "OPERATING_SYSTEM"));
        if is_system && purl.is_none() {
            let (name, version, pretty) =
                (of(&raw.name), of(&raw.version_info), of(&raw.description));
            self.collector.distribution(distribution::named(&name, &version, &pretty));
            return Ok(());
        }
        let is_described = raw.id.as_ref().is_some_and(|id| self.described.contains(id));
        if is_described && !purl.as_deref().is_some_and(is_package) {
            let mut words = TargetWords::default();
            annotations(&raw, &mut |name, value| words.take(name, value))?;
            self.collector.target(of(&raw.name), words);
            return Ok(());
        }
        self.collector.component(component(raw, purl)?)
    }
}

/// Whether a field says anything (SPDX 2.3, 7.7).
fn said(text: &str) -> bool {
    !matches!(text, "NOASSERTION" | "NONE" | "")
}

fn is_package(purl: &str) -> bool {
    matches!(package_url::read(purl), Purl::Package(_))
}

fn component(raw: RawPackage<'_>, purl: Option<String>) -> Result<Component, Error> {
    let mut words = PackageWords::default();
    annotations(&raw, &mut |name, value| words.take(name, value))?;
    let source_info = raw.source_info.unwrap_or_default();
    for path in source_info.split([' ', ',']).filter(|path| is_a_record(path)) {
        words.read_in(path);
    }
    let built_from = source_info.strip_prefix("built package from: ");
    let who = |text: Option<String>| text.map(|it| supplier::read(&it)).filter(|it| !it.is_empty());
    Ok(Component {
        reference: raw.id.unwrap_or_default(),
        name: raw.name.unwrap_or_default(),
        version: raw.version_info,
        purl,
        vendor: who(raw.supplier).or_else(|| who(raw.originator)).unwrap_or_default(),
        licences: raw.license_declared.filter(|it| said(it)).into_iter().collect(),
        words,
        source: built_from
            .and_then(|it| it.split_once(' '))
            .map(|(name, version)| (name.to_owned(), Some(version.to_owned()))),
    })
}

/// The first package URL.
fn purl(raw: &RawPackage<'_>) -> Result<Option<String>, Error> {
    let mut found = None;
    let Some(list) = raw.external_refs else { return Ok(None) };
    each(list, WHAT, &mut |raw| {
        if let Ok(RawReference { reference_type: Some(kind), reference_locator: Some(locator) }) =
            serde_json::from_str(raw.get())
            && kind == "purl"
            && found.is_none()
        {
            found = Some(locator);
        }
        Ok(())
    })?;
    Ok(found)
}

/// Calls `take` with what annotations say: our lists of properties, Trivy's `name: value`.
fn annotations(raw: &RawPackage<'_>, take: &mut dyn FnMut(&str, String)) -> Result<(), Error> {
    let Some(list) = raw.annotations else { return Ok(()) };
    each(list, WHAT, &mut |raw| {
        let Ok(RawAnnotation { annotator: Some(annotator), comment: Some(comment) }) =
            serde_json::from_str(raw.get())
        else {
            return Ok(());
        };
        if let Some(json) = comment.strip_prefix(writer::OURS) {
            let properties: Vec<(String, String)> = serde_json::from_str(json).unwrap_or_default();
            properties.into_iter().for_each(|(name, value)| take(&name, value));
        } else if let (true, Some((name, value))) =
            (annotator.starts_with("Tool: trivy"), comment.split_once(": "))
        {
            take(&format!("aquasecurity:trivy:{name}"), value.to_owned());
        }
        Ok(())
    })
}
