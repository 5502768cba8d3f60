//! Services of a swarm, judged by the rules for containers.
//!
//! A service says what its tasks are made with. Only rules over what it can say are judged, each
//! with a fix in a service's own words. A task that runs here is a container of this engine and
//! judged as such, with the kernel's word: what the rule said of it is not said again of its
//! service. The fix of that finding is the service's, since that is what people change.

use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::{
    Case, Container, Engine, Fact, Image, Origin, Place, Service, Snapshot,
};
use dockward_model::verdict::{Evidence, Failure, Finding, Level, Meta, Outcome, Status, Subject};
use dockward_rules::Rule;

use crate::swarm;

mod table;

use table::Applied;

/// The label in which an engine keeps the service of a task.
const SERVICE: &str = "com.docker.swarm.service.id";

/// Rules that were told of the tasks of services, by service.
pub(crate) struct Told<'a> {
    /// Rules that found something in a task, by the service's id.
    found: BTreeSet<(&'a str, &'a str)>,
    /// The services that have a task here.
    here: BTreeSet<&'a str>,
}

impl<'a> Told<'a> {
    /// What was told of an engine's containers.
    pub(crate) fn of(engine: &'a Engine, findings: &'a [Finding]) -> Self {
        let of_service = |f: &'a Finding| match &*f.subject {
            Subject::Container { labels, .. } if f.status != Status::Unknown => {
                Some((labels.get(SERVICE)?.as_str(), f.rule.as_str()))
            }
            _ => None,
        };
        let here = engine.containers.iter().filter_map(service_of).collect();
        Self { found: findings.iter().filter_map(of_service).collect(), here }
    }
}

/// The id of the service that a container is a task of.
fn service_of(c: &Container) -> Option<&str> {
    c.labels.get(SERVICE).map(String::as_str)
}

/// Whether a container is a task of a service.
pub(crate) fn is_task(c: &Container) -> bool {
    service_of(c).is_some()
}

/// The outcome for a task of a service, with a fix that its service takes.
pub(crate) fn mended(rule: &str, outcome: Outcome) -> Outcome {
    match Applied::of(rule) {
        Some(applied) => with_fix(outcome, applied.fix),
        None => outcome,
    }
}

fn with_fix(outcome: Outcome, fix: &str) -> Outcome {
    let change = |failure: Failure| Failure { fix: fix.to_owned(), ..failure };
    match outcome {
        Outcome::Fail(failure) => Outcome::Fail(change(failure)),
        Outcome::Review(failure) => Outcome::Review(change(failure)),
        other => other,
    }
}

/// A service, and what each rule says of it.
pub(crate) type Judged = (Subject, Vec<(Meta, Outcome)>);

/// Judges the services of an engine that is a manager.
pub(crate) fn judge(
    snapshot: &Snapshot,
    engine: &Engine,
    rules: &[&Rule],
    told: &Told<'_>,
) -> Vec<Judged> {
    let services = engine.swarm.services.get().into_iter().flatten();
    let images = Images::of(engine);
    services.filter_map(|service| one(snapshot, engine, rules, told, &images, service)).collect()
}

fn one(
    snapshot: &Snapshot,
    engine: &Engine,
    rules: &[&Rule],
    told: &Told<'_>,
    images: &Images<'_>,
    service: &Service,
) -> Option<Judged> {
    let seen = images.beneath(service.container.as_ref()?);
    let case = Case::new(&seen.container, &engine.daemon, &snapshot.host, Place::Service);
    let judged = rules.iter().filter_map(|rule| {
        let applied = Applied::of(rule.meta.id)?;
        if told.found.contains(&(service.id.as_str(), rule.meta.id)) {
            return None;
        }
        if !(applied.says)(&seen) {
            let why = "the service leaves it to its nodes or its image";
            return Some((rule.meta, Outcome::NotApplicable(why.into())));
        }
        let outcome = as_written(with_fix((rule.judge)(&case), applied.fix), &service.id);
        let left =
            matches!(outcome, Outcome::Unknown(_)) && told.here.contains(service.id.as_str());
        (!left).then_some((rule.meta, outcome))
    });
    Some((swarm::subject(service), judged.collect()))
}

/// A service is what somebody wrote: none of it is in force here, and nothing of it is a way into
/// this host before a task of it runs.
fn as_written(outcome: Outcome, id: &str) -> Outcome {
    let change = |mut failure: Failure| {
        failure.openings.clear();
        failure.evidence.iter_mut().for_each(|evidence| configured(evidence, id));
        failure
    };
    match outcome {
        Outcome::Fail(failure) => Outcome::Fail(change(failure)),
        Outcome::Review(failure) => Outcome::Review(change(failure)),
        other => other,
    }
}

fn configured(evidence: &mut Evidence, id: &str) {
    if let Origin::Api { endpoint, .. } = &evidence.origin
        && endpoint.strip_prefix("/services/") == Some(id)
    {
        evidence.level = Level::Configured;
    }
}

/// The images of this node by id and by digest, for what a service leaves to its image.
struct Images<'a> {
    by_id: BTreeMap<&'a str, &'a Image>,
    by_digest: BTreeMap<&'a str, &'a Image>,
}

impl<'a> Images<'a> {
    fn of(engine: &'a Engine) -> Self {
        let all = || engine.images.get().into_iter().flatten();
        let digests = |image: &'a Image| {
            image.digests.iter().filter_map(move |name| Some((name.split_once('@')?.1, image)))
        };
        Self {
            by_id: all().map(|image| (image.id.0.as_str(), image)).collect(),
            by_digest: all().flat_map(digests).collect(),
        }
    }

    /// The container with user and health check of its image, where it leaves them to that and the
    /// image is here.
    fn beneath(&self, c: &Container) -> Seen {
        let mut container = c.clone();
        let by_digest = || self.by_digest.get(c.image.split_once('@')?.1);
        let found = c.image_now.get().and_then(|id| self.by_id.get(id.0.as_str()));
        let image = found.or_else(by_digest);
        if let Some(image) = image {
            if c.user.fact.is_absent() {
                container.user = image.config.user.clone();
            }
            if c.healthcheck.fact.is_absent() {
                container.healthcheck = image.config.healthcheck.clone();
            }
        }
        Seen { container, image_here: image.is_some() }
    }
}

/// What a service's containers will be, as far as can be seen here.
struct Seen {
    container: Container,
    /// Whether its image is on this node.
    image_here: bool,
}

impl Seen {
    /// Whether the user is told, by number or as root: for other names only the image's own passwd
    /// knows the number. What could not be read is told as such.
    fn says_user(&self) -> bool {
        let is_number = |user: &String| {
            let name = user.split(':').next().unwrap_or_default();
            matches!(name, "" | "root") || name.parse::<u32>().is_ok()
        };
        match &self.container.user.fact {
            Fact::Known(user) => is_number(user),
            Fact::Absent => self.image_here,
            Fact::Unknown(_) => true,
        }
    }
}

#[cfg(test)]
mod tests;
