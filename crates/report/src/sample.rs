//! Reports that every renderer is shown: an ordinary one, a hostile one, one with nothing in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use dockward_model::facts::{Origin, Sight, Unseen};
use dockward_model::verdict::{
    Answer, Area, AttackPath, Change, Count, Cut, EngineSummary, Evidence, Finding, Happened,
    HostSummary, Meta, News, Recommendation, Report, ResourceNews, Row, RowCounts, Severity,
    Status, Step, Subject, Table, Tally, Waived, WaiverNote,
};
use dockward_model::{ContainerId, ImageId, meta};

/// A name that tries everything: escapes, HTML, Markdown, workflow commands, direction marks.
pub(crate) const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;x\u{7}<script>alert(1)</script>[x](javascript:0)\n::error file=a::b\n##[set-output]\u{202e}gpj\u{200b},=cmd|'/c calc'!A0";

const RULE: Meta = meta! {
    #[doc = " ## Why"]
    #[doc = " A privileged container is root on the host."]
    #[doc = ""]
    #[doc = " ## Fix"]
    #[doc = " Remove `privileged: true`."]
    #[doc = ""]
    #[doc = " ## References"]
    #[doc = " CIS Docker Benchmark 5.5."]
    id: "container-privileged", title: "containers do not run privileged", severity: Critical,
    area: Containers, cis16: ["5.5"], cis18: ["5.5"]
};

pub(crate) const fn rule() -> Meta {
    RULE
}

fn container(name: &str) -> Arc<Subject> {
    let labels = [("com.docker.compose.project", "shop"), ("com.docker.compose.service", "web")];
    Arc::new(Subject::Container {
        id: ContainerId("4f".repeat(32)),
        name: name.into(),
        image: "nginx:1.29".into(),
        labels: labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        engine: String::new(),
    })
}

fn evidence(field: &'static str) -> Evidence {
    let endpoint = Arc::from(format!("/containers/{}/json", "4f".repeat(32)));
    Evidence::at(&Origin::api(&endpoint, field), "true", "false")
}

fn finding(subject: Arc<Subject>, message: &str) -> Finding {
    Finding {
        rule: RULE.id.into(),
        area: Area::Containers,
        title: RULE.title.into(),
        status: Status::Fail,
        severity: Severity::Critical,
        subject,
        message: message.into(),
        evidence: vec![evidence("HostConfig.Privileged")],
        fix: "remove `privileged: true` and grant the one device that it needs".into(),
        openings: Vec::new(),
        waived: None,
    }
}

fn path(name: &str) -> AttackPath {
    let step = |text: &str, field: &'static str| Step {
        text: text.into(),
        rule: Some(RULE.id.into()),
        evidence: Some(evidence(field)),
        subject: Some(container(name)),
    };
    AttackPath {
        severity: Severity::Critical,
        stations: vec!["anyone on the network".into(), name.into(), "root on web-07".into()],
        steps: vec![
            step("0.0.0.0:8080->80/tcp is published on every interface", "NetworkSettings.Ports"),
            step("runs as uid 0", "Config.User"),
            step(
                "runs privileged: every capability, every device, no filter",
                "HostConfig.Privileged",
            ),
        ],
        cut: Cut {
            text: "remove `privileged: true`".into(),
            rule: RULE.id.into(),
            subject: container(name),
            cuts: 3,
        },
        also: vec!["container-engine-socket".into()],
        alike: vec!["cache".into(), "db".into()],
    }
}

fn others() -> Vec<Finding> {
    let waived = Waived {
        owner: "platform@example.com".into(),
        reason: "Traefik lists containers".into(),
        until: Some("2027-03-31".into()),
        origin: Origin::file("dockward.toml", Some(12)),
    };
    let host = Arc::new(Subject::Host { name: "web-07".into() });
    let daemon = Arc::new(Subject::Daemon { endpoint: "unix:///run/docker.sock".into() });
    let image =
        Arc::new(Subject::Image { id: ImageId("sha256:1".into()), name: "nginx:1.29".into() });
    let as_is = finding(host, "ptrace is open to every process of a user");
    vec![
        Finding { waived: Some(waived), ..finding(container("traefik"), "runs privileged") },
        Finding { severity: Severity::Medium, area: Area::Host, ..as_is.clone() },
        Finding { subject: image, status: Status::Review, area: Area::Images, ..as_is.clone() },
        Finding {
            subject: daemon,
            status: Status::Unknown,
            area: Area::Daemon,
            message: "/proc/812/cmdline: permission denied".into(),
            evidence: Vec::new(),
            fix: String::new(),
            ..as_is
        },
    ]
}

/// An ordinary report.
pub(crate) fn report() -> Report {
    let mut findings = vec![finding(container("shop-web"), "runs privileged: every device")];
    findings.extend(others());
    let tally = Tally {
        fail: BTreeMap::from([(Severity::Critical, 1), (Severity::Medium, 1)]),
        pass: 21,
        review: 1,
        unknown: 1,
        waived: 1,
        not_applicable: 4,
    };
    Report {
        version: "0.1.0".into(),
        now: jiff::Timestamp::from_second(1_795_305_600).unwrap(),
        host: HostSummary {
            name: "web-07".into(),
            os: "Debian GNU/Linux 12 (bookworm)".into(),
            kernel: "6.1.0-42-amd64".into(),
            sight: Sight::Whole,
        },
        engines: vec![EngineSummary {
            endpoint: "unix:///run/docker.sock".into(),
            flavour: "Docker".into(),
            rootless: false,
            version: "28.5.2".into(),
            containers: 61,
            running: 60,
            images: Some(23),
        }],
        took_ms: Some(110),
        paths: vec![path("shop-web")],
        findings,
        tally: BTreeMap::from([(Area::Host, Tally::default()), (Area::Containers, tally)]),
        unseen: vec![Unseen {
            what: "the engine's own arguments".into(),
            why: "permission denied".into(),
            hint: "sudo dockward check".into(),
        }],
        waivers: vec![WaiverNote::Unused {
            at: "dockward.toml:20".into(),
            rule: "daemon-icc".into(),
        }],
        rules: vec![RULE],
        counts: BTreeMap::from([(RULE.id, Count { pass: 21, not_applicable: 4 })]),
        fails_from: Some(Severity::High),
        benchmark: None,
        docker_bench: None,
        news: None,
        complete: false,
        example: false,
    }
}

/// A benchmark's table, with each answer once.
fn table() -> Table {
    let row = |(n, answer): (usize, Answer)| Row {
        recommendation: Recommendation {
            number: NUMBERS[n],
            title: "no container is privileged",
            level: Some(1),
            manual: Some(n % 2 == 0),
        },
        answer,
        rules: vec![RULE.id],
        counts: RowCounts {
            fail: 2,
            unknown: 1,
            review: 3,
            waived: 1,
            pass: 60,
            not_applicable: 4,
        },
    };
    Table {
        profile: "cis-1.8-l1".into(),
        benchmark: "CIS Docker Benchmark 1.8, level 1",
        source: "The map onto rules was made from secondary sources.",
        rows: Answer::WORST_FIRST.into_iter().enumerate().map(row).collect(),
    }
}

const NUMBERS: [&str; 7] = ["1.1.1", "1.1.18", "2.1", "3.24", "4.1", "5.5", "7.9"];

/// The same host, asked for a benchmark.
pub(crate) fn audited() -> Report {
    Report { benchmark: Some(table()), docker_bench: Some(table()), ..report() }
}

/// The same host, compared with the day before.
pub(crate) fn with_news() -> Report {
    let report = report();
    let news = news(&report.findings);
    Report { news: Some(news), ..report }
}

fn news(findings: &[Finding]) -> News {
    let before = Finding { severity: Severity::Low, ..findings[2].clone() };
    let resource = |what, detail: &str| ResourceNews {
        kind: "container",
        name: "shop-web".into(),
        what,
        detail: detail.into(),
    };
    News {
        since: jiff::Timestamp::from_second(1_795_219_200).unwrap(),
        appeared: vec![findings[0].clone()],
        gone: vec![findings[3].clone()],
        changed: vec![Change { before, now: findings[2].clone() }],
        resources: vec![
            resource(Happened::Appeared, "nginx:1.29"),
            resource(Happened::Changed, "nginx:1.28, now nginx:1.29"),
        ],
    }
}

/// A report in which everything that others can write is hostile.
pub(crate) fn hostile() -> Report {
    let mut report = report();
    report.host = HostSummary {
        name: HOSTILE.into(),
        os: HOSTILE.into(),
        kernel: HOSTILE.into(),
        sight: Sight::Engine,
    };
    report.engines[0].version = HOSTILE.into();
    report.engines[0].endpoint = HOSTILE.into();
    report.paths = vec![path(HOSTILE)];
    report.paths[0].alike = vec![HOSTILE.into()];
    report.paths[0].steps[0].text = HOSTILE.into();
    report.paths[0].cut.text = HOSTILE.into();
    let mut bad = finding(container(HOSTILE), HOSTILE);
    bad.evidence[0].seen = HOSTILE.into();
    bad.evidence[0].origin = Origin::file(HOSTILE, Some(1));
    bad.fix = HOSTILE.into();
    report.findings.insert(0, bad);
    report.unseen[0].why = HOSTILE.into();
    let mut news = news(&report.findings);
    news.resources[0].name = HOSTILE.into();
    news.resources[0].detail = HOSTILE.into();
    report.news = Some(news);
    report.waivers = vec![WaiverNote::Unused { at: HOSTILE.into(), rule: HOSTILE.into() }];
    report
}

/// A report of a host on which all is well.
pub(crate) fn nothing_found() -> Report {
    Report {
        paths: Vec::new(),
        findings: Vec::new(),
        unseen: Vec::new(),
        waivers: Vec::new(),
        complete: true,
        ..report()
    }
}

/// A report of an engine elsewhere that could not be asked.
pub(crate) fn nothing_seen() -> Report {
    Report {
        host: HostSummary { sight: Sight::Engine, ..HostSummary::default() },
        engines: Vec::new(),
        tally: BTreeMap::new(),
        complete: false,
        unseen: report().unseen,
        ..nothing_found()
    }
}
