//! An inventory with all that a bill can hold, and what is known of it.

use std::sync::Arc;

use dockward_model::facts::{Distribution, Field, Origin};
use dockward_model::inventory::{
    AdvisoryFacts, Compared, Contents, Exploited, FixState, HeldAgainst, InstallState, Inventory,
    InventoryLayer, Likelihood, Match, MatchedName, Package, PackageKind, Problem, RatedBy, Rating,
    SourcePackage, Target, TargetKind, Unmatched, UnmatchedWhy,
};
use dockward_model::verdict::{Severity, Waived};
use dockward_sbom::{Document, Judged, Scanned};
use jiff::civil::date;

pub(crate) fn package(kind: PackageKind, name: &str, version: &str) -> Package {
    Package {
        kind,
        name: name.into(),
        version: version.into(),
        architecture: "amd64".into(),
        origin: Origin::file("/var/lib/dpkg/status", Some(7)),
        ..Package::default()
    }
}

pub(crate) fn debian() -> Inventory {
    let source = |name: &str, version: Option<&str>| {
        Some(SourcePackage { name: name.into(), version: version.map(str::to_owned) })
    };
    let deb = |name: &str, version: &str| package(PackageKind::Deb, name, version);
    let packages = vec![
        Package { source: source("util-linux", Some("2.38.1-5")), ..deb("bsdutils", "1:2.38.1-5") },
        Package {
            state: InstallState::Incomplete,
            licences: vec!["MIT".into(), "GPL-2+ \"odd\"".into(), "ISC OR 0BSD".into()],
            ..deb("half", "1")
        },
        Package {
            vendor: "Debian OpenSSL Team <pkg-openssl-devel@example.org>".into(),
            licences: vec!["Apache-2.0".into()],
            layer: Some(0),
            source: source("openssl", None),
            ..deb("libssl3", "3.0.1-1")
        },
        Package {
            source: source("gcc-12", Some("12.2.0-14")),
            licences: vec!["GPL-3.0-or-later WITH GCC-exception-3.1".into()],
            vendor: "odd <\u{1b}[31m> (one) \n two".into(),
            layer: Some(1),
            ..deb("libstdc++6", "12.2.0-14+b1")
        },
        Package { origin: Origin::Nowhere, ..deb("openssl", "3.0.1-1") },
        Package { architecture: "i386".into(), ..deb("openssl", "3.0.1-1") },
    ];
    Inventory {
        target: Target {
            kind: TargetKind::Image,
            name: "shop:1".into(),
            id: Some("sha256:5fdf1a02".into()),
            platform: Some("linux/amd64".into()),
        },
        layers: layers(),
        contents: Contents {
            distribution: Field::known(distribution(), Origin::file("/etc/os-release", None)),
            packages,
            problems: vec![Problem {
                place: "sha256:bd00".into(),
                offset: Some(512),
                why: "ends early".into(),
            }],
            ..Contents::default()
        },
    }
}

fn distribution() -> Distribution {
    let name = "Debian GNU/Linux 12 (bookworm)".into();
    Distribution { id: "debian".into(), version: "12".into(), name }
}

fn layers() -> Vec<InventoryLayer> {
    let layer = |diff_id: &str, digest: Option<&str>, by: &str| InventoryLayer {
        diff_id: diff_id.into(),
        digest: digest.map(str::to_owned),
        created_by: by.into(),
    };
    vec![
        layer("sha256:8fc4", Some("sha256:1234"), "ADD rootfs.tar /"),
        layer("sha256:8fc4", None, "RUN \"a\"\n b"),
        layer("", None, ""),
    ]
}

pub(crate) fn rocky() -> Inventory {
    let bash = Package {
        architecture: "x86_64".into(),
        source: Some(SourcePackage { name: "bash".into(), version: None }),
        module: Some("shells:5:90:abc".into()),
        vendor: "Rocky Enterprise Software Foundation".into(),
        ..package(PackageKind::Rpm, "bash-doc", "1:5.1.8-6.el9")
    };
    let name = "Rocky Linux 9.4 (Blue Onyx)".into();
    let rocky = Distribution { id: "rocky".into(), version: "9.4".into(), name };
    let mut inventory = Inventory::default();
    inventory.target.kind = TargetKind::Root;
    inventory.target.name = "/srv/rocky".into();
    inventory.contents.distribution = Field::known(rocky, Origin::file("/etc/os-release", None));
    inventory.contents.packages = vec![bash];
    inventory
}

/// A match of a package by its position.
pub(crate) fn matched(package: usize, id: &str, state: FixState) -> Match {
    Match {
        package,
        id: id.into(),
        advisory: Arc::new(advisory()),
        also: vec!["DLA-1".into()],
        state,
        compared: Compared {
            ecosystem: "Debian:12".into(),
            name: "openssl".into(),
            by: MatchedName::Source,
            version: "3.0.1-1".into(),
            range: ">= 0, < 3.0.1-2".into(),
        },
        fixes: vec!["3.0.1-2".into(), "3.1-1".into()],
        exploited: None,
        likelihood: None,
        headers_only: false,
        note: String::new(),
        against: Vec::new(),
    }
}

fn advisory() -> AdvisoryFacts {
    AdvisoryFacts {
        id: "DSA-5417-1".into(),
        cves: vec!["CVE-2026-1".into(), "CVE-2026-2".into()],
        aliases: vec!["GHSA-x".into()],
        summary: "openssl - security update".into(),
        rating: Rating {
            severity: Some(Severity::High),
            by: RatedBy::Cvss,
            written: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N".into(),
            borrowed: None,
        },
        published: Some("2026-05-31T00:00:00Z".parse().unwrap()),
        modified: Some("2026-06-01T10:11:12.5Z".parse().unwrap()),
        url: "https://security-tracker.debian.org/tracker/DSA-5417-1".into(),
        source: "Debian".into(),
    }
}

/// One of each kind.
pub(crate) fn matches() -> Vec<Match> {
    let mut exploited = matched(2, "CVE-2026-1", FixState::FixAvailable);
    let (added, due) = (date(2026, 6, 2), Some(date(2026, 6, 23)));
    exploited.exploited = Some(Exploited { added, due, ransomware: true });
    let day = Some(date(2026, 11, 27));
    exploited.likelihood = Some(Likelihood { probability: 0.25, percentile: 0.97, day });
    let mut same = exploited.clone();
    same.package = 4;
    let mut vendor = matched(0, "CVE-2026-3", FixState::WillNotFix);
    vendor.fixes = Vec::new();
    vendor.note = "minor".into();
    vendor.headers_only = true;
    let mut rated = advisory();
    rated.rating = Rating {
        severity: Some(Severity::Low),
        by: RatedBy::Vendor,
        written: "unimportant".into(),
        borrowed: Some("USN-9".into()),
    };
    rated.url = "not an address".into();
    vendor.advisory = Arc::new(rated);
    let mut unrated = matched(3, "DSA-9", FixState::Unknown);
    unrated.advisory = Arc::new(AdvisoryFacts { id: "DSA-9".into(), ..AdvisoryFacts::default() });
    let says = "its changelog names it".into();
    let origin = Origin::file("/usr/share/doc/libstdc++6/changelog.gz", None);
    unrated.against = vec![HeldAgainst { says, origin }];
    let waived = matched(2, "CVE-2026-2", FixState::FixAvailable);
    let not = matched(5, "CVE-2026-2", FixState::NotAffected);
    let fixed = matched(5, "CVE-2026-4", FixState::Fixed);
    vec![exploited, same, vendor, unrated, waived, not, fixed]
}

pub(crate) fn waiver() -> Waived {
    Waived {
        owner: "ops".into(),
        reason: "not reachable".into(),
        until: Some("2026-12-31".into()),
        origin: Origin::file("dockward.toml", Some(3)),
    }
}

pub(crate) fn unmatched() -> Vec<Unmatched> {
    vec![Unmatched { packages: 1, why: UnmatchedWhy::NoSource("Debian:12".into()) }]
}

/// The inventory with these matches; the waiver is for CVE-2026-2 where it affects.
pub(crate) fn scanned<'a>(
    inventory: &'a Inventory,
    matches: &'a [Match],
    waiver: &'a Waived,
    unmatched: &'a [Unmatched],
) -> Scanned<'a> {
    let judged = |matched: &'a Match| Judged {
        matched,
        waived: (matched.id == "CVE-2026-2" && matched.state.is_affected()).then_some(waiver),
    };
    Scanned { inventory, matches: matches.iter().map(judged).collect(), unmatched }
}

pub(crate) fn document(scanned: Vec<Scanned<'_>>) -> Document<'_> {
    Document { scanned, now: "2026-11-28T10:00:00.25Z".parse().unwrap(), version: "0.1.0" }
}
