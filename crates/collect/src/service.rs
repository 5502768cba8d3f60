//! Services of a swarm: what their tasks are made with, as container facts.

mod container;
mod networks;
#[cfg(test)]
mod tests;

use dockward_engine::Lenient;
use dockward_engine::api::{self, ContainerSpec, ServiceSpec, TaskSpec};
use dockward_model::facts::{Container, Fact, Field, Service};

use crate::container::Around;
use crate::field::Answered;
use crate::redacted;

pub(crate) use networks::Networks;

/// A service, and what was asked for it.
struct Record<'a> {
    answered: Answered,
    service: &'a api::Service,
}

impl<'a> Record<'a> {
    fn spec<T>(&self, pick: impl FnOnce(&'a ServiceSpec) -> &'a Lenient<T>) -> Lenient<&'a T> {
        sent(self.service.spec.as_ref(), pick)
    }

    fn task<T>(&self, pick: impl FnOnce(&'a TaskSpec) -> &'a Lenient<T>) -> Lenient<&'a T> {
        sent(self.spec(|s| &s.task_template), pick)
    }

    fn container<T>(
        &self,
        pick: impl FnOnce(&'a ContainerSpec) -> &'a Lenient<T>,
    ) -> Lenient<&'a T> {
        sent(self.task(|t| &t.container_spec), pick)
    }
}

/// A field of a section that may be left out: where the section is missing, so is the field.
fn within<'a, T, U>(
    section: Lenient<&'a T>,
    pick: impl FnOnce(&'a T) -> &'a Lenient<U>,
) -> Lenient<&'a U> {
    match section {
        Lenient::Known(section) => pick(section).as_ref(),
        Lenient::Missing => Lenient::Missing,
        Lenient::Null => Lenient::Null,
        Lenient::Odd(why) => Lenient::Odd(why),
    }
}

/// A field of a section that every manager sends: where that is missing, nothing is known of it.
fn sent<'a, T, U>(
    section: Lenient<&'a T>,
    pick: impl FnOnce(&'a T) -> &'a Lenient<U>,
) -> Lenient<&'a U> {
    match section {
        Lenient::Missing => Lenient::Odd("its whole section is missing".to_owned()),
        Lenient::Null => Lenient::Odd("its whole section is null".to_owned()),
        section => within(section, pick),
    }
}

/// The services of a swarm. One of which something is odd stays, with that unknown.
pub(crate) fn services(
    all: &Lenient<Vec<api::Service>>,
    networks: &Networks,
    around: Around<'_>,
) -> Field<Vec<Service>> {
    let mut services =
        Answered::new("/services").whole(all.as_ref(), |_, one| Ok(service(one, networks, around)));
    if let Fact::Known(list) = &mut services.fact {
        list.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    }
    services
}

fn service(one: &api::Service, networks: &Networks, around: Around<'_>) -> Service {
    let id = one.id.known().cloned().unwrap_or_default();
    let record = Record { answered: Answered::new(&format!("/services/{id}")), service: one };
    let (labels, seen) =
        record.spec(|s| &s.labels).known().map(|l| redacted::texts(l)).unwrap_or_default();
    let container =
        runs_containers(&record).then(|| container::container(&record, networks, around, seen));
    let (mode, replicas) = mode(&record);
    Service {
        name: record.spec(|s| &s.name).known().map(|name| (*name).clone()).unwrap_or_default(),
        labels,
        mode: mode.to_owned(),
        replicas,
        container,
        secrets: named(record.container(|c| &c.secrets), |one| &one.secret_name),
        configs: named(record.container(|c| &c.configs), |one| &one.config_name),
        id,
    }
}

/// The facts of the tasks of a service that is asked for; none where it runs no containers.
pub(crate) fn requested(
    asked: &api::Service,
    networks: &Lenient<Vec<api::Network>>,
    around: Around<'_>,
) -> Option<Container> {
    let record = Record { answered: Answered::request(), service: asked };
    runs_containers(&record)
        .then(|| container::container(&record, &Networks::of(networks), around, Vec::new()))
}

fn runs_containers(r: &Record<'_>) -> bool {
    r.task(|t| &t.runtime).known().is_none_or(|runtime| *runtime != "plugin")
}

fn mode(r: &Record<'_>) -> (&'static str, Option<i64>) {
    let Lenient::Known(mode) = r.spec(|s| &s.mode) else { return ("", None) };
    if let Some(replicated) = mode.replicated.known() {
        return ("replicated", replicated.replicas.known().copied());
    }
    let other = [
        ("global", &mode.global),
        ("replicated-job", &mode.replicated_job),
        ("global-job", &mode.global_job),
    ];
    let there = other.into_iter().find(|(_, there)| there.known().is_some());
    (there.map_or("", |(name, _)| name), None)
}

fn named<T>(list: Lenient<&Vec<T>>, name: impl Fn(&T) -> &Lenient<String>) -> Vec<String> {
    let list = list.known().copied().into_iter().flatten();
    list.filter_map(|one| name(one).known().cloned()).collect()
}
