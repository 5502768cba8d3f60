//! What the formats have no field for, by name and value: ours, below `dockward:`, which give back
//! what was written without loss, and what Trivy and Syft write.

use dockward_model::facts::{Fact, Origin};
use dockward_model::inventory::{
    InstallState, Inventory, InventoryLayer, Package, Problem, TargetKind,
};
use serde::{Deserialize, Serialize};

use crate::{Scanned, source};

/// How many layers and problems of a list are read.
const MOST: usize = 10_000;

/// A property: its name and its value.
pub(crate) type Property = (&'static str, String);

/// A layer, as the value of a property.
#[derive(Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct LayerV1 {
    diff_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    created_by: String,
}

/// A problem, as the value of a property.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct ProblemV1 {
    place: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    why: String,
}

const TARGET_KINDS: [(TargetKind, &str); 5] = [
    (TargetKind::Image, "image"),
    (TargetKind::Container, "container"),
    (TargetKind::Root, "root"),
    (TargetKind::Host, "host"),
    (TargetKind::Sbom, "sbom"),
];

/// What there is to say of what was looked into.
pub(crate) fn of_target(scanned: &Scanned<'_>) -> Vec<Property> {
    let inventory = scanned.inventory;
    let target = &inventory.target;
    let kind = TARGET_KINDS.iter().find(|(kind, _)| *kind == target.kind);
    let mut all = vec![("dockward:target:kind", kind.map_or("", |(_, name)| name).to_owned())];
    all.extend(target.id.clone().map(|id| ("dockward:target:id", id)));
    all.extend(target.platform.clone().map(|it| ("dockward:target:platform", it)));
    let distribution = &inventory.contents.distribution;
    match &distribution.fact {
        Fact::Known(_) => {}
        Fact::Absent => all.push(("dockward:distribution", "none".to_owned())),
        Fact::Unknown(why) => all.push(("dockward:distribution:unknown", why.clone())),
    }
    let record = place(&distribution.origin);
    all.extend(record.map(|(path, _)| ("dockward:distribution:record", path)));
    for layer in &inventory.layers {
        let InventoryLayer { diff_id, digest, created_by } = layer.clone();
        all.extend(json("dockward:layer", &LayerV1 { diff_id, digest, created_by }));
    }
    for problem in &inventory.contents.problems {
        let Problem { place, offset, why } = problem.clone();
        all.extend(json("dockward:problem", &ProblemV1 { place, offset, why }));
    }
    all.extend(scanned.unmatched.iter().map(|it| ("dockward:unmatched", it.to_string())));
    all
}

/// What there is to say of a package that no format has a field for.
pub(crate) fn of_package(package: &Package, inventory: &Inventory) -> Vec<Property> {
    let mut all = Vec::new();
    if let Some((path, line)) = place(&package.origin) {
        all.push(("dockward:record", path));
        all.extend(line.map(|line| ("dockward:record:line", line.to_string())));
    }
    if let Some(position) = package.layer {
        all.push(("dockward:layer", position.to_string()));
        let layer = inventory.layers.get(position).filter(|layer| !layer.diff_id.is_empty());
        all.extend(layer.map(|layer| ("dockward:layer:diff-id", layer.diff_id.clone())));
    }
    if let Some(source) = &package.source {
        all.push(("dockward:source:name", source.name.clone()));
        all.extend(source.version.clone().map(|it| ("dockward:source:version", it)));
    }
    if package.state == InstallState::Incomplete {
        all.push(("dockward:state", "incomplete".to_owned()));
    }
    all
}

/// The source as Trivy says it (its properties of CycloneDX), so that Trivy finds it too.
pub(crate) fn for_trivy(package: &Package) -> Vec<Property> {
    let (epoch, version, release) = source::parts(package.kind, package.source_version());
    let mut all = vec![("aquasecurity:trivy:SrcName", package.source_name().to_owned())];
    all.push(("aquasecurity:trivy:SrcVersion", version.to_owned()));
    all.extend(release.map(|it| ("aquasecurity:trivy:SrcRelease", it.to_owned())));
    all.extend(epoch.map(|it| ("aquasecurity:trivy:SrcEpoch", it.to_owned())));
    all
}

/// Where something was read: the file and the line.
fn place(origin: &Origin) -> Option<(String, Option<u32>)> {
    match origin {
        Origin::Nowhere => None,
        Origin::File { path, line } => Some((path.to_string(), *line)),
        other => Some((other.to_string(), None)),
    }
}

fn json(name: &'static str, value: &impl Serialize) -> Option<Property> {
    serde_json::to_string(value).ok().map(|value| (name, value))
}

/// A source in the pieces that Trivy writes it in.
#[derive(Debug, Default)]
struct TrivySource {
    name: Option<String>,
    version: Option<String>,
    release: Option<String>,
    epoch: Option<String>,
}

impl TrivySource {
    fn whole(self) -> Option<(String, Option<String>)> {
        let epoch = self.epoch.filter(|it| !it.is_empty() && it != "0");
        let epoch = epoch.map(|it| format!("{it}:")).unwrap_or_default();
        let release = self.release.filter(|it| !it.is_empty());
        let release = release.map(|it| format!("-{it}")).unwrap_or_default();
        Some((self.name?, self.version.map(|version| format!("{epoch}{version}{release}"))))
    }
}

/// What properties say of a package.
#[derive(Debug, Default)]
pub(crate) struct PackageWords {
    record: Option<String>,
    line: Option<u32>,
    pub(crate) layer: Option<usize>,
    pub(crate) incomplete: bool,
    pub(crate) module: Option<String>,
    pub(crate) licences: Vec<String>,
    pub(crate) vendor: Option<String>,
    source: Option<String>,
    source_version: Option<String>,
    trivy: TrivySource,
    /// Trivy's list of a lock file or the like: no package, but what holds some.
    pub(crate) is_a_group: bool,
}

impl PackageWords {
    /// Takes a property; what is not known by its name is left out.
    pub(crate) fn take(&mut self, name: &str, value: String) {
        match name {
            "dockward:record" => self.record = Some(value),
            "dockward:record:line" => self.line = value.parse().ok(),
            "dockward:layer" => self.layer = value.parse().ok(),
            "dockward:state" => self.incomplete = value == "incomplete",
            "dockward:licence" => self.licences.push(value),
            "dockward:vendor" => self.vendor = Some(value),
            "dockward:source:name" => self.source = Some(value),
            "dockward:source:version" => self.source_version = Some(value),
            "aquasecurity:trivy:SrcName" => self.trivy.name = Some(value),
            "aquasecurity:trivy:SrcVersion" => self.trivy.version = Some(value),
            "aquasecurity:trivy:SrcRelease" => self.trivy.release = Some(value),
            "aquasecurity:trivy:SrcEpoch" => self.trivy.epoch = Some(value),
            "aquasecurity:trivy:Modularitylabel" => self.module = Some(value),
            "aquasecurity:trivy:Class" => self.is_a_group = true,
            _ if name.starts_with("syft:location:") && is_a_record(&value) => {
                self.record = Some(value);
            }
            _ => {}
        }
    }

    /// The source's name and whole version, where it is named: our word before Trivy's.
    pub(crate) fn source(&mut self) -> Option<(String, Option<String>)> {
        match self.source.take() {
            Some(name) => Some((name, self.source_version.take())),
            None => std::mem::take(&mut self.trivy).whole(),
        }
    }

    /// The record that it was read in, by another field.
    pub(crate) fn read_in(&mut self, record: &str) {
        self.record.get_or_insert_with(|| record.to_owned());
    }

    /// Where the package's record stands, where that is said.
    pub(crate) fn origin(&mut self) -> Option<Origin> {
        self.record.take().map(|path| Origin::file(path, self.line))
    }
}

/// Whether a path is one of a package manager's records: Syft names every file that it looked into.
pub(crate) fn is_a_record(path: &str) -> bool {
    ["/dpkg/status", "/apk/db/installed", "/rpm/", "/sysimage/rpm"]
        .iter()
        .any(|it| path.contains(it))
}

/// What properties say of what was looked into. Trivy's `DiffID` are not read: they are in the order
/// of their digests, and an inventory's layers are in the image's.
#[derive(Debug, Default)]
pub(crate) struct TargetWords {
    /// Ours only.
    pub(crate) kind: Option<TargetKind>,
    pub(crate) id: Option<String>,
    pub(crate) platform: Option<String>,
    /// There is no distribution; ours only.
    pub(crate) no_distribution: bool,
    /// Why the distribution is not known; ours only.
    pub(crate) unknown_distribution: Option<String>,
    pub(crate) distribution_record: Option<String>,
    pub(crate) layers: Vec<InventoryLayer>,
    pub(crate) problems: Vec<Problem>,
}

impl TargetWords {
    /// Takes a property; what is not known by its name is left out.
    pub(crate) fn take(&mut self, name: &str, value: String) {
        match name {
            "dockward:target:kind" => {
                let kind = TARGET_KINDS.iter().find(|(_, name)| *name == value);
                self.kind = kind.map(|(kind, _)| *kind);
            }
            "dockward:target:id" | "aquasecurity:trivy:ImageID" => self.id = Some(value),
            "dockward:target:platform" => self.platform = Some(value),
            "dockward:distribution" => self.no_distribution = value == "none",
            "dockward:distribution:unknown" => self.unknown_distribution = Some(value),
            "dockward:distribution:record" => self.distribution_record = Some(value),
            "dockward:layer" if self.layers.len() < MOST => {
                let layer = serde_json::from_str(&value).unwrap_or_default();
                let LayerV1 { diff_id, digest, created_by } = layer;
                self.layers.push(InventoryLayer { diff_id, digest, created_by });
            }
            "dockward:problem" if self.problems.len() < MOST => {
                let problem = serde_json::from_str(&value)
                    .unwrap_or_else(|_| ProblemV1 { why: value.clone(), ..ProblemV1::default() });
                let ProblemV1 { place, offset, why } = problem;
                self.problems.push(Problem { place, offset, why });
            }
            _ => {}
        }
    }
}
