//! A verdict about one subject, ready for policy and report.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Area, Evidence, Opening, Severity};
use crate::inventory::{FixState, Match, Package, PackageKind, TargetKind};
use crate::{ContainerId, ImageId, RuleId};

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// The host.
    Host {
        /// Its name.
        name: String,
    },
    /// An engine's daemon.
    Daemon {
        /// Where it was reached.
        endpoint: String,
    },
    /// A container.
    Container {
        /// Its id.
        id: ContainerId,
        /// Its name.
        name: String,
        /// Its image, as the user wrote it.
        image: String,
        /// Its labels, to select it by.
        labels: BTreeMap<String, String>,
        /// Where its engine was reached, where there are several; else empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        engine: String,
    },
    /// An image.
    Image {
        /// Its id.
        id: ImageId,
        /// Its first name, or the id where it has none.
        name: String,
    },
    /// A service of a swarm.
    Service {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
        /// Its image, as the engine keeps it.
        image: String,
        /// Its own labels, to select it by.
        labels: BTreeMap<String, String>,
    },
    /// A network, a volume or a plugin.
    Resource {
        /// `network`, `volume` or `plugin`.
        what: String,
        /// Its name.
        name: String,
    },
    /// A package of an image, a container or a root, and an advisory that names it.
    Package {
        /// Its name.
        name: String,
        /// Whose records it stands in.
        packaging: PackageKind,
        /// Its version.
        version: String,
        /// The name of its source; its own where it is its own source.
        source: String,
        /// The weakness, the advisories about it and its other names.
        advisories: Vec<String>,
        /// What the advisory makes of it.
        state: FixState,
        /// The name of what it is in: an image's, a container's, a path.
        within: String,
        /// What that is.
        #[serde(rename = "in")]
        kind: TargetKind,
    },
}

impl Subject {
    /// A package in `within`, and an advisory that names it.
    #[must_use]
    pub fn of_package(package: &Package, matched: &Match, within: &str, kind: TargetKind) -> Self {
        let advisory = &matched.advisory;
        // Other names of an advisory about several weaknesses may be those of another one of them.
        let aliases = advisory.aliases.iter().filter(|_| advisory.cves.len() < 2);
        let names = [&matched.id, &advisory.id].into_iter().chain(&matched.also).chain(aliases);
        Self::Package {
            name: package.name.clone(),
            packaging: package.kind,
            version: package.version.clone(),
            source: package.source_name().to_owned(),
            advisories: names.cloned().collect(),
            state: matched.state,
            within: within.to_owned(),
            kind,
        }
    }

    /// The name that people know it by.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Host { name }
            | Self::Container { name, .. }
            | Self::Image { name, .. }
            | Self::Service { name, .. }
            | Self::Package { name, .. }
            | Self::Resource { name, .. } => name,
            Self::Daemon { endpoint } => endpoint,
        }
    }

    /// The name, and for a container where there are several engines, the one that it runs on.
    #[must_use]
    pub fn title(&self) -> Cow<'_, str> {
        match self.engine() {
            Some(engine) => {
                let place = engine.strip_prefix("unix://").unwrap_or(engine);
                Cow::Owned(format!("{} ({place})", self.name()))
            }
            None => Cow::Borrowed(self.name()),
        }
    }

    /// Where the engine was reached that a container runs on, where there are several.
    #[must_use]
    pub fn engine(&self) -> Option<&str> {
        match self {
            Self::Container { engine, .. } if !engine.is_empty() => Some(engine),
            _ => None,
        }
    }

    /// What kind of thing it is, in a word.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Host { .. } => "host",
            Self::Daemon { .. } => "daemon",
            Self::Container { .. } => "container",
            Self::Image { .. } => "image",
            Self::Service { .. } => "service",
            Self::Package { .. } => "package",
            Self::Resource { what, .. } => what,
        }
    }

    /// A label's value, for a container or a service.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        match self {
            Self::Container { labels, .. } | Self::Service { labels, .. } => {
                labels.get(key).map(String::as_str)
            }
            _ => None,
        }
    }
}

/// How a finding came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A rule failed.
    Fail,
    /// A person has to decide.
    Review,
    /// It could not be judged.
    Unknown,
}

/// A verdict that is not a pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// What it is about.
    pub area: Area,
    /// The rule's title.
    pub title: Cow<'static, str>,
    /// How it came to be.
    pub status: Status,
    /// How bad it is; of an unknown: how bad a failure would be.
    pub severity: Severity,
    /// What it is about; shared by all findings about the same thing.
    pub subject: Arc<Subject>,
    /// One line: what is wrong, or why it could not be judged.
    pub message: String,
    /// Where it was seen.
    pub evidence: Vec<Evidence>,
    /// What mends it; may be empty.
    pub fix: String,
    /// What an attacker gains by it.
    pub openings: Vec<Opening>,
    /// The waiver that covers it, if any.
    pub waived: Option<Waived>,
}

impl Finding {
    /// Whether it counts against the run: a failure that nobody waived.
    #[must_use]
    pub const fn counts(&self) -> bool {
        matches!(self.status, Status::Fail) && self.waived.is_none()
    }
}

/// The waiver that covers a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waived {
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it holds (ISO 8601), if it ends.
    pub until: Option<String>,
    /// Where the waiver is written.
    pub origin: crate::facts::Origin,
}
