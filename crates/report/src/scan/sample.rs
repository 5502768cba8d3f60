//! Scans that every form is shown: an ordinary one, a hostile one, one with nothing in it.

use std::sync::Arc;

use dockward_model::facts::{Fact, Origin};
use dockward_model::inventory::{
    Exploited, Exposure, FixState, HeldAgainst, Likelihood, LoadedBy, Match, Problem, ReachedBy,
    Unmatched, UnmatchedWhy, sample,
};
use dockward_model::verdict::{
    AdvisorySource, FailedTarget, Scan, Scanned, Severity, SupportEnd, Update, Vulnerability,
    Waived, WaiverNote,
};
use jiff::civil::date;

use crate::sample::HOSTILE;

fn vulnerability(matched: Match, severity: Severity) -> Vulnerability {
    let exposure = Exposure::default();
    Vulnerability { matched, severity, exposure, waived: None, fails: false }
}

fn exploited() -> Vulnerability {
    let matched = Match {
        exploited: Some(Exploited { added: date(2024, 1, 9), due: None, ransomware: true }),
        likelihood: Some(Likelihood { probability: 0.125, percentile: 0.99, day: None }),
        ..sample::matched()
    };
    Vulnerability {
        exposure: Exposure {
            loaded: Fact::Known(vec![LoadedBy {
                container: Some("web-1".into()),
                process: "nginx".into(),
                pid: 4711,
                path: "/usr/lib/x86_64-linux-gnu/libssl.so.1.1".into(),
                deleted: false,
            }]),
            reachable: Fact::Known(vec![ReachedBy {
                container: Some("web-1".into()),
                process: "nginx".into(),
                way: "0.0.0.0:8080->80/tcp is published on every interface".into(),
            }]),
        },
        fails: true,
        ..vulnerability(matched, Severity::High)
    }
}

fn unmended() -> Vulnerability {
    let mut matched = Match {
        package: 1,
        id: "CVE-2022-41741".into(),
        state: FixState::WillNotFix,
        fixes: Vec::new(),
        ..sample::matched()
    };
    Arc::make_mut(&mut matched.advisory).rating.severity = None;
    let says = "nginx (1.18.0-6.1+deb11u2) closes CVE-2022-41741".into();
    let origin = Origin::file("/usr/share/doc/nginx/changelog.Debian.gz", Some(12));
    matched.against = vec![HeldAgainst { says, origin }];
    vulnerability(matched, Severity::High)
}

fn waived() -> Vulnerability {
    let matched = Match { id: "CVE-2023-0215".into(), ..sample::matched() };
    let waived = Waived {
        owner: "shop team".into(),
        reason: "no such certificates".into(),
        until: Some("2027-03-31".into()),
        origin: Origin::file("dockward.toml", Some(3)),
    };
    Vulnerability { waived: Some(waived), ..vulnerability(matched, Severity::Low) }
}

fn update(source: &str, from: &str, to: Option<&str>, package: usize, found: usize) -> Update {
    let list = vec![found];
    let (mends, leaves) = if to.is_some() { (list, Vec::new()) } else { (Vec::new(), list) };
    Update {
        source: source.into(),
        from: from.into(),
        to: to.map(Into::into),
        packages: vec![package],
        mends,
        leaves,
    }
}

/// An image with something to update, something that nothing mends and something that is waived.
pub(super) fn scan() -> Scan {
    let mut inventory = sample::inventory();
    let place = "/var/lib/dpkg/status.d/broken".to_owned();
    inventory.contents.problems =
        vec![Problem { place, offset: Some(512), why: "it has no version".into() }];
    let scanned = Scanned {
        inventory,
        support: Some(SupportEnd { until: date(2026, 8, 31), ended: true }),
        vulnerabilities: vec![exploited(), unmended(), waived()],
        updates: vec![
            update("openssl", "1.1.1n-0+deb11u3", Some("1.1.1n-0+deb11u4"), 0, 0),
            update("nginx", "1.18.0-6.1+deb11u2", None, 1, 1),
        ],
        unmatched: vec![Unmatched { packages: 1, why: UnmatchedWhy::NoSource("Debian:11".into()) }],
    };
    Scan {
        version: "0.1.0".into(),
        now: "2026-11-28T12:00:00Z".parse().unwrap(),
        took_ms: Some(61),
        scanned: vec![scanned],
        failed: vec![FailedTarget {
            name: "gone:1".into(),
            why: "no engine has it, and no file is named so".into(),
            hint: "docker image ls".into(),
        }],
        sources: vec![AdvisorySource {
            name: "Debian".into(),
            records: 8910,
            newest: "2023-04-01T00:00:00Z".parse().ok(),
            fetched: None,
            stale: true,
        }],
        gate: "exploited,high+fixable".into(),
        waivers: vec![WaiverNote::Unused {
            at: "dockward.toml:9".into(),
            rule: "package-vulnerability".into(),
        }],
        complete: false,
    }
}

/// One in which everything that others wrote is hostile.
pub(super) fn hostile() -> Scan {
    let mut scan = scan();
    scan.failed[0].name = HOSTILE.into();
    scan.failed[0].why = HOSTILE.into();
    scan.sources[0].name = HOSTILE.into();
    let one = &mut scan.scanned[0];
    one.inventory.target.name = HOSTILE.into();
    one.inventory.layers[0].created_by = HOSTILE.into();
    one.inventory.contents.problems[0].why = HOSTILE.into();
    for package in &mut one.inventory.contents.packages {
        package.name = HOSTILE.into();
        package.version = HOSTILE.into();
        package.origin = Origin::file(HOSTILE, None);
    }
    for found in &mut one.vulnerabilities {
        found.matched.id = HOSTILE.into();
        found.matched.compared.range = HOSTILE.into();
        let advisory = Arc::make_mut(&mut found.matched.advisory);
        advisory.id = HOSTILE.into();
        advisory.summary = HOSTILE.into();
        advisory.url = format!("https://{HOSTILE}");
        advisory.rating.written = HOSTILE.into();
    }
    one.updates[0].source = HOSTILE.into();
    scan
}

/// One in which nothing was found, and nothing was missing.
pub(super) fn nothing_found() -> Scan {
    let mut scan = scan();
    scan.failed.clear();
    scan.waivers.clear();
    scan.complete = true;
    let one = &mut scan.scanned[0];
    one.inventory.contents.problems.clear();
    (one.support, one.vulnerabilities, one.updates, one.unmatched) =
        (None, Vec::new(), Vec::new(), Vec::new());
    scan
}
