//! Databases of made-up records, for tests.

#![allow(unreachable_pub, reason = "a module of tests has no other crate to be reached from")]
#![allow(dead_code, reason = "each test that includes this uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

use std::path::PathBuf;

use dockward_feed::{Mapped, Options, Summary, build};
use dockward_model::facts::{Distribution, Field, Origin};
use dockward_model::inventory::{Contents, Inventory, Package, PackageKind, SourcePackage};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

pub fn now() -> Timestamp {
    "2026-11-28T00:00:00Z".parse().unwrap()
}

/// A record about one package: id, CVEs, ecosystem, name, events.
pub fn record(id: &str, cves: &[&str], ecosystem: &str, name: &str, events: Value) -> Value {
    json!({
        "id": id, "modified": "2024-01-02T03:04:05Z", "upstream": cves,
        "affected": [affected(ecosystem, name, events)],
    })
}

pub fn affected(ecosystem: &str, name: &str, events: Value) -> Value {
    json!({
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    })
}

/// `introduced 0`, `fixed`.
pub fn fixed(version: &str) -> Value {
    json!([{"introduced": "0"}, {"fixed": version}])
}

pub fn unfixed() -> Value {
    json!([{"introduced": "0"}])
}

/// A database in a folder of its own.
pub struct Made {
    folder: TempDir,
    pub summary: Summary,
}

impl Made {
    pub fn of(records: &[Value]) -> Self {
        Self::with(records, &[])
    }

    /// With other feeds beside the records: a file's name and its text.
    pub fn with(records: &[Value], feeds: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("records.json");
        std::fs::write(&list, serde_json::to_vec(records).unwrap()).unwrap();
        let mut paths = vec![list];
        for (name, text) in feeds {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            paths.push(path);
        }
        let target = folder.path().join("advisories.db");
        let summary = build(&paths, &target, Options::new(now())).unwrap();
        Self { folder, summary }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("advisories.db")
    }

    pub fn open(&self) -> Mapped {
        Mapped::open(&self.path()).unwrap()
    }
}

pub fn inventory(id: &str, version: &str, packages: Vec<Package>) -> Inventory {
    let distribution = Distribution { id: id.into(), version: version.into(), name: String::new() };
    let distribution = Field::known(distribution, Origin::file("/etc/os-release", None));
    let contents = Contents { distribution, packages, ..Contents::default() };
    Inventory { contents, ..Inventory::default() }
}

pub fn deb(name: &str, version: &str, source: &str) -> Package {
    let source = (!source.is_empty()).then(|| SourcePackage { name: source.into(), version: None });
    Package { architecture: "amd64".into(), source, ..plain(PackageKind::Deb, name, version) }
}

pub fn apk(name: &str, version: &str, origin: &str) -> Package {
    Package { kind: PackageKind::Apk, ..deb(name, version, origin) }
}

pub fn rpm(name: &str, version: &str, module: Option<&str>) -> Package {
    let module = module.map(str::to_owned);
    Package { module, architecture: "x86_64".into(), ..plain(PackageKind::Rpm, name, version) }
}

fn plain(kind: PackageKind, name: &str, version: &str) -> Package {
    Package { kind, name: name.into(), version: version.into(), ..Package::default() }
}
