//! A well-known image to start tests from.

use std::sync::Arc;

use super::{
    AdvisoryFacts, Compared, Contents, FixState, Inventory, InventoryLayer, Match, MatchedName,
    Package, PackageKind, RatedBy, Rating, SourcePackage, Target, TargetKind,
};
use crate::facts::{Distribution, Field, Origin};
use crate::verdict::Severity;

/// `shop:1`: Debian 11 with `libssl1.1` of openssl in its first layer and nginx in its second.
#[must_use]
pub fn inventory() -> Inventory {
    let distribution = Distribution {
        id: "debian".into(),
        version: "11".into(),
        name: "Debian GNU/Linux 11 (bullseye)".into(),
    };
    let layer = |diff_id: &str, created_by: &str| InventoryLayer {
        diff_id: format!("sha256:{}", diff_id.repeat(64)),
        digest: None,
        created_by: created_by.to_owned(),
    };
    let (id, platform) = (Some(format!("sha256:{}", "0".repeat(64))), Some("linux/amd64".into()));
    Inventory {
        target: Target { kind: TargetKind::Image, name: "shop:1".into(), id, platform },
        layers: vec![layer("1", "ADD rootfs.tar.xz /"), layer("2", "RUN apt-get install nginx")],
        contents: Contents {
            distribution: Field::known(distribution, Origin::file("/etc/os-release", None)),
            packages: vec![
                package("libssl1.1", "1.1.1n-0+deb11u3", Some("openssl"), 0),
                package("nginx", "1.18.0-6.1+deb11u2", None, 1),
            ],
            ..Contents::default()
        },
    }
}

/// A package of Debian's, in a layer.
#[must_use]
pub fn package(name: &str, version: &str, source: Option<&str>, layer: usize) -> Package {
    Package {
        kind: PackageKind::Deb,
        name: name.to_owned(),
        version: version.to_owned(),
        architecture: "amd64".into(),
        source: source.map(|name| SourcePackage { name: name.to_owned(), version: None }),
        origin: Origin::file("/var/lib/dpkg/status", Some(1)),
        layer: Some(layer),
        ..Package::default()
    }
}

/// An advisory that names the first package of [`inventory`], with a fix.
#[must_use]
pub fn matched() -> Match {
    Match {
        package: 0,
        id: "CVE-2023-0286".into(),
        advisory: Arc::new(AdvisoryFacts {
            id: "DSA-5343-1".into(),
            cves: vec!["CVE-2023-0286".into()],
            summary: "openssl - security update".into(),
            rating: Rating {
                severity: Some(Severity::High),
                by: RatedBy::Cvss,
                written: "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:H".into(),
                borrowed: None,
            },
            published: "2023-02-07T00:00:00Z".parse().ok(),
            modified: "2023-02-07T00:00:00Z".parse().ok(),
            url: "https://security-tracker.debian.org/tracker/DSA-5343-1".into(),
            source: "Debian".into(),
            ..AdvisoryFacts::default()
        }),
        also: Vec::new(),
        state: FixState::FixAvailable,
        compared: Compared {
            ecosystem: "Debian:11".into(),
            name: "openssl".into(),
            by: MatchedName::Source,
            version: "1.1.1n-0+deb11u3".into(),
            range: ">= 0, < 1.1.1n-0+deb11u4".into(),
        },
        fixes: vec!["1.1.1n-0+deb11u4".into()],
        exploited: None,
        likelihood: None,
        headers_only: false,
        note: String::new(),
        against: Vec::new(),
    }
}
