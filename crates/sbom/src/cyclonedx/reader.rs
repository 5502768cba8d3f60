//! CycloneDX into inventories.

use dockward_model::facts::Origin;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::collector::{Collector, Component};
use crate::json::each;
use crate::properties::{PackageWords, TargetWords};
use crate::read::shortened;
use crate::{Error, Format, Read, distribution};

/// How deep components may lie in each other.
const DEEPEST: usize = 32;

const WHAT: &str = "CycloneDX";
const VERSIONS: [&str; 6] = ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bom<'a> {
    bom_format: String,
    spec_version: String,
    #[serde(borrow)]
    metadata: Option<Metadata<'a>>,
    #[serde(borrow)]
    components: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    component: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawComponent<'a> {
    #[serde(rename = "bom-ref")]
    reference: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    version: Option<String>,
    description: Option<String>,
    purl: Option<String>,
    publisher: Option<String>,
    supplier: Option<Named>,
    #[serde(borrow)]
    licenses: Option<&'a RawValue>,
    #[serde(borrow)]
    properties: Option<&'a RawValue>,
    #[serde(borrow)]
    components: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

#[derive(Deserialize)]
struct RawProperty {
    name: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
struct RawLicence {
    license: Option<IdOrName>,
    expression: Option<String>,
}

#[derive(Deserialize)]
struct IdOrName {
    id: Option<String>,
    name: Option<String>,
}

/// Reads a document that says that it is CycloneDX.
pub(crate) fn read(list: Origin, text: &str) -> Result<Read, Error> {
    let bom: Bom<'_> =
        serde_json::from_str(text).map_err(|source| Error::Json { what: WHAT, source })?;
    if bom.bom_format != WHAT {
        return Err(Error::UnknownFormat("its bomFormat is not CycloneDX"));
    }
    if !VERSIONS.contains(&&*bom.spec_version) {
        let version = shortened(&bom.spec_version);
        return Err(Error::UnknownVersion { format: WHAT, version, read: "1.2 to 1.7" });
    }
    let mut reader = Reader(Collector::new(list));
    if let Some(target) = bom.metadata.and_then(|metadata| metadata.component) {
        reader.main(target)?;
    }
    if let Some(components) = bom.components {
        reader.components(components, 0)?;
    }
    let (inventories, left_out) = reader.0.end();
    Ok(Read { format: Format::CycloneDx(bom.spec_version), inventories, left_out })
}

struct Reader(Collector);

impl Reader {
    /// What the list is about, and the components that lie in it.
    fn main(&mut self, raw: &RawValue) -> Result<(), Error> {
        let component: RawComponent<'_> =
            serde_json::from_str(raw.get()).map_err(|source| Error::Json { what: WHAT, source })?;
        let mut words = TargetWords::default();
        properties(component.properties, &mut |name, value| words.take(name, value))?;
        self.0.target(component.name.clone().unwrap_or_default(), words);
        // Of a list about one package, or about a distribution, that is what it is about.
        match (component.kind.as_deref(), component.purl.as_deref()) {
            (Some("operating-system"), _) => self.operating_system(&component),
            (_, Some(purl)) if is_package(purl) => self.taken(component, 0)?,
            _ => {
                if let Some(components) = component.components {
                    self.components(components, 1)?;
                }
            }
        }
        Ok(())
    }

    fn components(&mut self, list: &RawValue, depth: usize) -> Result<(), Error> {
        if depth > DEEPEST {
            return Err(Error::TooDeep { max: DEEPEST });
        }
        each(list, WHAT, &mut |raw| match serde_json::from_str(raw.get()) {
            Ok(component) => self.taken(component, depth),
            Err(error) => {
                let start: String = raw.get().chars().take(60).collect();
                self.0.problem(&start, format!("the component cannot be read: {error}"));
                Ok(())
            }
        })
    }

    fn taken(&mut self, raw: RawComponent<'_>, depth: usize) -> Result<(), Error> {
        let nested = raw.components;
        match raw.kind.as_deref() {
            _ if self.began_a_target(&raw)? => {}
            Some("operating-system") => self.operating_system(&raw),
            // What is no software has no weaknesses of its own.
            Some("file" | "data") if raw.purl.is_none() => {}
            _ => {
                let component = component(raw)?;
                self.0.component(component)?;
            }
        }
        nested.map_or(Ok(()), |nested| self.components(nested, depth + 1))
    }

    /// In a list of several of ours, each is a component of its own, with its packages in it.
    fn began_a_target(&mut self, raw: &RawComponent<'_>) -> Result<bool, Error> {
        if raw.purl.is_some() {
            return Ok(false);
        }
        let mut words = TargetWords::default();
        properties(raw.properties, &mut |name, value| words.take(name, value))?;
        let is_target = words.kind.is_some();
        if is_target {
            self.0.target(raw.name.clone().unwrap_or_default(), words);
        }
        Ok(is_target)
    }

    fn operating_system(&mut self, raw: &RawComponent<'_>) {
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        let (name, version, pretty) = (of(&raw.name), of(&raw.version), of(&raw.description));
        self.0.distribution(distribution::named(&name, &version, &pretty));
    }
}

/// Whether a package URL is of a package of a kind that is known.
fn is_package(purl: &str) -> bool {
    matches!(crate::package_url::read(purl), crate::package_url::Purl::Package(_))
}

fn component(raw: RawComponent<'_>) -> Result<Component, Error> {
    let mut words = PackageWords::default();
    properties(raw.properties, &mut |name, value| words.take(name, value))?;
    let name = raw.name.unwrap_or_default();
    let supplier = raw.supplier.and_then(|supplier| supplier.name);
    Ok(Component {
        reference: raw.reference.unwrap_or_else(|| name.clone()),
        name,
        version: raw.version,
        purl: raw.purl,
        vendor: supplier.or(raw.publisher).unwrap_or_default(),
        licences: licences(raw.licenses)?,
        words,
        source: None,
    })
}

/// Calls `take` with every property; what is none is left out.
fn properties(list: Option<&RawValue>, take: &mut dyn FnMut(&str, String)) -> Result<(), Error> {
    let Some(list) = list else { return Ok(()) };
    each(list, WHAT, &mut |raw| {
        if let Ok(RawProperty { name: Some(name), value }) = serde_json::from_str(raw.get()) {
            take(&name, value.unwrap_or_default());
        }
        Ok(())
    })
}

fn licences(list: Option<&RawValue>) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    let Some(list) = list else { return Ok(all) };
    each(list, WHAT, &mut |raw| {
        if let Ok(RawLicence { license, expression }) = serde_json::from_str(raw.get()) {
            all.extend(license.and_then(|it| it.id.or(it.name)).or(expression));
        }
        Ok(())
    })?;
    Ok(all)
}
