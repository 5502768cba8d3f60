//! Rules and findings for tests.

use std::collections::BTreeMap;

use dockward_model::verdict::{Area, Finding, Severity, Status, Subject, Vulnerability, Waived};
use dockward_model::{ContainerId, ImageId, RuleId};
use jiff::civil::{Date, date};

use crate::{Config, Problems, parse};

pub(crate) const RULES: [&str; 9] = [
    "container-engine-socket",
    "container-healthcheck",
    "container-io-limit",
    "container-memory-limit",
    "container-read-only-root",
    "container-root-user",
    "daemon-tls",
    "host-kernel",
    "package-vulnerability",
];

pub(crate) const TODAY: Date = date(2027, 3, 31);

pub(crate) fn config(text: &str) -> Config {
    parse(text, "dockward.toml", &RULES).unwrap_or_else(|problems| panic!("{problems}"))
}

pub(crate) fn problems(text: &str) -> Problems {
    parse(text, "dockward.toml", &RULES).unwrap_err()
}

/// The text that a person reads, without its last line, which only counts.
pub(crate) fn told(text: &str) -> String {
    let told = problems(text).to_string();
    let (before, _) = told.trim_end().rsplit_once('\n').unwrap();
    before.trim_end().to_owned()
}

/// A waiver that lacks nothing, with these lines in it.
pub(crate) fn waiver(lines: &str) -> String {
    format!("[[waiver]]\n{lines}\nowner = \"ops\"\nreason = \"planned\"\nuntil = 2027-12-31\n")
}

pub(crate) fn container(name: &str) -> Subject {
    let labels = [
        ("com.docker.compose.project", "shop"),
        ("com.docker.compose.service", "web"),
        ("tier", "front-1"),
    ];
    Subject::Container {
        id: ContainerId(format!("id of {name}")),
        name: name.to_owned(),
        image: "registry.example/nginx:1.27".to_owned(),
        labels: labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        engine: String::new(),
    }
}

pub(crate) fn bare(name: &str) -> Subject {
    let (name, labels) = (name.to_owned(), BTreeMap::new());
    Subject::Container {
        id: ContainerId::default(),
        name,
        image: "busybox".to_owned(),
        labels,
        engine: String::new(),
    }
}

pub(crate) fn image(name: &str) -> Subject {
    Subject::Image { id: ImageId("sha256:0".to_owned()), name: name.to_owned() }
}

pub(crate) fn volume(name: &str) -> Subject {
    Subject::Resource { what: "volume".to_owned(), name: name.to_owned() }
}

/// A service of a swarm.
pub(crate) fn service(name: &str) -> Subject {
    Subject::Service {
        id: format!("id of {name}"),
        name: name.to_owned(),
        image: "registry.example/nginx:1.27@sha256:0a".to_owned(),
        labels: [("team".to_owned(), "shop".to_owned())].into(),
    }
}

pub(crate) fn host() -> Subject {
    Subject::Host { name: "web-07".to_owned() }
}

pub(crate) fn daemon() -> Subject {
    Subject::Daemon { endpoint: "unix:///run/docker.sock".to_owned() }
}

/// A failure of `rule` in `subject`, high.
pub(crate) fn failure(rule: &'static str, subject: Subject) -> Finding {
    Finding {
        rule: RuleId::from(rule),
        area: Area::Containers,
        title: "it is as it should be".into(),
        status: Status::Fail,
        severity: Severity::High,
        subject: subject.into(),
        message: "it is not".to_owned(),
        evidence: Vec::new(),
        fix: String::new(),
        openings: Vec::new(),
        waived: None,
    }
}

/// A weakness of a package that an update mends, rated `severity`.
pub(crate) fn vulnerability(severity: Severity) -> Vulnerability {
    Vulnerability {
        matched: dockward_model::inventory::sample::matched(),
        severity,
        exposure: Default::default(),
        waived: None,
        fails: false,
    }
}

pub(crate) fn waived() -> Waived {
    let (owner, reason) = ("ops".to_owned(), "planned".to_owned());
    Waived { owner, reason, until: None, origin: dockward_model::facts::Origin::Nowhere }
}
