//! What a waiver is for.

use dockward_model::inventory::{FixState, PackageKind, TargetKind};
use dockward_model::verdict::Subject;

use crate::glob::Glob;
use crate::problems::{Found, Kind};
use crate::raw::{RawWaiver, Slot, Span};
use crate::shown::shown;

/// The label in which Compose keeps a container's project.
const PROJECT: &str = "com.docker.compose.project";

/// The label in which Compose keeps a container's service.
const SERVICE: &str = "com.docker.compose.service";

/// What a waiver is for. Labels can also come from an image, so who builds an image chooses
/// whether a selector by label or Compose service matches its containers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selector {
    /// Containers by name.
    Container(Glob),
    /// Containers and services by label.
    Label {
        /// The label's key, exactly.
        key: String,
        /// What its value has to match; without it any value will do.
        value: Option<Glob>,
    },
    /// Containers and services by their image's name, and images by their first name.
    Image(Glob),
    /// Containers by the Compose service that they belong to.
    Compose {
        /// The project; without it any project will do.
        project: Option<Glob>,
        /// The service.
        service: Glob,
    },
    /// Networks, volumes, plugins and services by name.
    Resource(Glob),
    /// Packages by name, their own or their source's.
    Package(Glob),
    /// What an advisory says of packages, by the advisory's id, its CVE numbers or its other names.
    Vulnerability(Glob),
    /// Packages by version; from other tools' ignore files only.
    Version(Glob),
    /// Packages of this kind, or of none that is known; from other tools' ignore files only.
    Kind(Option<PackageKind>),
    /// Packages by what an advisory makes of them; from other tools' ignore files only.
    Fix(Vec<FixState>),
    /// The host.
    Host,
    /// Any engine's daemon.
    Daemon,
}

impl Selector {
    /// Whether it selects `subject`.
    #[must_use]
    pub fn matches(&self, subject: &Subject) -> bool {
        match (self, subject) {
            (Self::Container(glob), Subject::Container { name, .. })
            | (Self::Image(glob), Subject::Image { name, .. })
            | (
                Self::Resource(glob),
                Subject::Resource { name, .. } | Subject::Service { name, .. },
            ) => glob.matches(name),
            (
                Self::Image(glob),
                Subject::Container { image, .. } | Subject::Service { image, .. },
            ) => glob.matches(image),
            (Self::Package(glob), Subject::Package { name, source, .. }) => {
                glob.matches(name) || glob.matches(source)
            }
            (Self::Version(glob), Subject::Package { version, .. }) => glob.matches(version),
            (Self::Kind(kind), Subject::Package { packaging, .. }) => *kind == Some(*packaging),
            (Self::Fix(states), Subject::Package { state, .. }) => states.contains(state),
            (Self::Vulnerability(glob), Subject::Package { advisories, .. }) => {
                advisories.iter().any(|advisory| glob.matches(advisory))
            }
            (Self::Image(glob), Subject::Package { within, kind: TargetKind::Image, .. })
            | (
                Self::Container(glob),
                Subject::Package { within, kind: TargetKind::Container, .. },
            ) => glob.matches(within),
            (Self::Host, Subject::Package { kind: TargetKind::Host, .. }) => true,
            (Self::Label { key, value }, _) => has_label(subject, key, value.as_ref()),
            (Self::Compose { project, service }, _) => {
                has_label(subject, SERVICE, Some(service))
                    && project.as_ref().is_none_or(|p| has_label(subject, PROJECT, Some(p)))
            }
            (Self::Host, Subject::Host { .. }) | (Self::Daemon, Subject::Daemon { .. }) => true,
            _ => false,
        }
    }

    /// The field of a waiver that it is written in.
    const fn field(&self) -> &'static str {
        match self {
            Self::Container(_) => "container",
            Self::Label { .. } => "label",
            Self::Image(_) => "image",
            Self::Compose { .. } => "compose",
            Self::Resource(_) => "resource",
            Self::Package(_) => "package",
            Self::Vulnerability(_) => "vulnerability",
            Self::Version(_) => "version",
            Self::Kind(_) => "type",
            Self::Fix(_) => "fix-state",
            Self::Host => "host",
            Self::Daemon => "daemon",
        }
    }

    /// The kinds of subject that it can match.
    const fn kinds(&self) -> &'static [&'static str] {
        match self {
            Self::Container(_) => &["container", "package of a container"],
            Self::Compose { .. } => &["container"],
            Self::Label { .. } => &["container", "service"],
            Self::Image(_) => &["container", "image", "service", "package of an image"],
            Self::Resource(_) => &["resource", "service"],
            Self::Package(_)
            | Self::Vulnerability(_)
            | Self::Version(_)
            | Self::Kind(_)
            | Self::Fix(_) => {
                &["package of a container", "package of an image", "package of the host", "package"]
            }
            Self::Host => &["host", "package of the host"],
            Self::Daemon => &["daemon"],
        }
    }
}

fn has_label(subject: &Subject, key: &str, value: Option<&Glob>) -> bool {
    subject.label(key).is_some_and(|is| value.is_none_or(|glob| glob.matches(is)))
}

/// The selectors of a waiver, in the order of [`Selector`]; says what is wrong with them.
pub(crate) fn selectors(raw: &RawWaiver<'_>, found: &mut Found<'_>) -> Vec<Selector> {
    let read: [Option<(Span, Selector)>; 9] = [
        pattern(&raw.container, found, Selector::Container),
        label(&raw.label, found),
        pattern(&raw.image, found, Selector::Image),
        compose(&raw.compose, found),
        pattern(&raw.resource, found, Selector::Resource),
        pattern(&raw.package, found, Selector::Package),
        pattern(&raw.vulnerability, found, Selector::Vulnerability),
        flag(&raw.host, found, Selector::Host),
        flag(&raw.daemon, found, Selector::Daemon),
    ];
    let all: Vec<(Span, Selector)> = read.into_iter().flatten().collect();
    if all.is_empty() && none_written(raw) {
        found.add(
            Kind::Missing,
            raw.header.clone(),
            "this waiver doesn't say what it is for",
            || {
                let fields = "`container`, `label`, `image`, `compose`, `resource`, `package`, \
                    `vulnerability`, `host`, `daemon`";
                Some(format!("add at least one of {fields}"))
            },
        );
    }
    contradiction(&all, found);
    all.into_iter().map(|(_, selector)| selector).collect()
}

const fn none_written(raw: &RawWaiver<'_>) -> bool {
    raw.container.is_absent()
        && raw.label.is_absent()
        && raw.image.is_absent()
        && raw.compose.is_absent()
        && raw.resource.is_absent()
        && raw.package.is_absent()
        && raw.vulnerability.is_absent()
        && raw.host.is_absent()
        && raw.daemon.is_absent()
}

/// All selectors of a waiver have to match, so two that never match the same thing are a mistake.
fn contradiction(all: &[(Span, Selector)], found: &mut Found<'_>) {
    for (n, (span, second)) in all.iter().enumerate() {
        let clash = all
            .iter()
            .take(n)
            .map(|(_, first)| first)
            .find(|first| !first.kinds().iter().any(|kind| second.kinds().contains(kind)));
        if let Some(first) = clash {
            let message =
                format!("nothing matches both `{}` and `{}`", first.field(), second.field());
            found.add(Kind::Conflict, span.clone(), message, || {
                Some("all selectors of a waiver have to match; write one waiver for each".into())
            });
            return;
        }
    }
}

/// The text of a slot, unless it is empty.
fn filled<'a>(slot: &Slot<&'a str>, found: &mut Found<'_>) -> Option<(Span, &'a str)> {
    let value = slot.there()?;
    if !value.get_ref().trim().is_empty() {
        return Some((value.span(), value.get_ref()));
    }
    found.add(Kind::Empty, value.span(), "an empty selector matches nothing", || {
        Some("write a name or a pattern; `*` matches any name".to_owned())
    });
    None
}

fn pattern(
    slot: &Slot<&str>,
    found: &mut Found<'_>,
    make: fn(Glob) -> Selector,
) -> Option<(Span, Selector)> {
    filled(slot, found).map(|(span, text)| (span, make(Glob::new(text))))
}

fn flag(slot: &Slot<bool>, found: &mut Found<'_>, selector: Selector) -> Option<(Span, Selector)> {
    let on = slot.there()?;
    if *on.get_ref() {
        return Some((on.span(), selector));
    }
    let message = format!("`{} = false` selects nothing", selector.field());
    found.add(Kind::Empty, on.span(), message, || Some("leave the line out".to_owned()));
    None
}

fn label(slot: &Slot<&str>, found: &mut Found<'_>) -> Option<(Span, Selector)> {
    let (span, text) = filled(slot, found)?;
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(Glob::new(value))),
        None => (text, None),
    };
    if !key.is_empty() && Glob::new(key).is_literal() {
        return Some((span, Selector::Label { key: key.to_owned(), value }));
    }
    let message = format!("`{}` names no label", shown(text));
    found.add(Kind::Empty, span, message, || {
        Some("write `key` or `key=value`; only the value may be a pattern".to_owned())
    });
    None
}

fn compose(slot: &Slot<&str>, found: &mut Found<'_>) -> Option<(Span, Selector)> {
    let (span, text) = filled(slot, found)?;
    let (project, service) = match text.split_once('/') {
        Some((project, service)) => (Some(project), service),
        None => (None, text),
    };
    if project != Some("") && !service.is_empty() && !service.contains('/') {
        let (project, service) = (project.map(Glob::new), Glob::new(service));
        return Some((span, Selector::Compose { project, service }));
    }
    let message = format!("`{}` is no Compose service", shown(text));
    found.add(Kind::Empty, span, message, || {
        Some("write `project/service` or `service`; both may be patterns".to_owned())
    });
    None
}
