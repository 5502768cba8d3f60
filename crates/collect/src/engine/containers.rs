//! Every container: its record, its sessions of `docker exec`, and what the kernel says of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dockward_engine::api::{ContainerInspect, ContainerSummary};
use dockward_engine::{Answer, Client, Error};
use dockward_model::facts::{Container, ExecSession, Fact, Field};

use super::Asking;
use crate::container::{self, Around, MOST_EXECS};
use crate::field::Answered;
use crate::progress::{Phase, Progress};
use crate::unseen::Notes;

pub(super) struct Containers {
    pub(super) list: Vec<Container>,
    pub(super) listed: Field<bool>,
    pub(super) vanished: usize,
}

pub(super) fn ask(
    asking: Asking<'_>,
    summaries: Result<Vec<ContainerSummary>, Error>,
    around: Around<'_>,
    notes: &Notes,
) -> Containers {
    let origin = Answered::new("/containers/json").origin("");
    let summaries = match summaries {
        Ok(summaries) => summaries,
        Err(error) => {
            notes.failed("containers", &error);
            let listed = Field::unknown(error.to_string(), origin);
            return Containers { list: Vec::new(), listed, vanished: 0 };
        }
    };
    let most = asking.options.most_containers;
    let some = summaries.get(..most).unwrap_or(&summaries);
    let mut listed = Field::known(true, origin);
    if some.len() < summaries.len() {
        let why = format!("the engine has {} containers, {most} are looked at", summaries.len());
        notes.add(&format!("{} containers", summaries.len() - most), &why, "");
        listed.fact = Fact::Unknown(why);
    }
    let list = each(asking, some, around, notes);
    let vanished = some.len() - list.len();
    Containers { list, listed, vanished }
}

fn each(
    asking: Asking<'_>,
    summaries: &[ContainerSummary],
    around: Around<'_>,
    notes: &Notes,
) -> Vec<Container> {
    let done = AtomicUsize::new(0);
    let of = summaries.len();
    let asked = asking.client.each(summaries, |client, summary| {
        let found = one(client, summary, around, notes);
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        asking.tell.about(Progress { phase: Phase::Containers, done, of });
        found
    });
    let mut list: Vec<Container> = asked.into_iter().flatten().collect();
    list.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    list
}

/// A container, unless it is gone.
fn one(
    client: &Client,
    summary: &ContainerSummary,
    around: Around<'_>,
    notes: &Notes,
) -> Option<Container> {
    let Some(id) = summary.id.known() else {
        notes.counted("containers whose id the engine didn't tell", "", "");
        return Some(unread(summary, "its id could not be read", around));
    };
    match client.container(id) {
        Ok(answer) => read(client, id, answer, around, notes),
        Err(error) if error.is_gone() => None,
        Err(error) => {
            notes.counted_failure("containers", &error);
            Some(unread(summary, &error.to_string(), around))
        }
    }
}

fn read(
    client: &Client,
    id: &str,
    answer: Answer<ContainerInspect>,
    around: Around<'_>,
    notes: &Notes,
) -> Option<Container> {
    let (mut c, mut ids) = facts(id, answer, around);
    if c.kernel.unknown().is_some() && c.pid.get().is_some() {
        // It may have ended since, or been started anew: the engine is asked once more.
        match client.container(id) {
            Ok(answer) if pid(&answer.value) != c.pid.get().copied().map(i64::from) => {
                (c, ids) = facts(id, answer, around);
            }
            Err(error) if error.is_gone() => return None,
            Ok(_) | Err(_) => {}
        }
    }
    if !ids.is_empty() {
        c.execs.fact = execs(client, &ids, notes);
    }
    Some(c)
}

/// A container, and the ids of its sessions.
fn facts(
    id: &str,
    answer: Answer<ContainerInspect>,
    around: Around<'_>,
) -> (Container, Vec<String>) {
    let Answer { value: inspect, raw, .. } = answer;
    let c = container::container(id, &inspect, Some(Arc::from(raw)), around);
    (c, inspect.exec_ids.into_known().unwrap_or_default())
}

fn pid(inspect: &ContainerInspect) -> Option<i64> {
    inspect.state.known()?.pid.known().copied()
}

fn execs(client: &Client, ids: &[String], notes: &Notes) -> Fact<Vec<ExecSession>> {
    let mut sessions = Vec::new();
    for id in ids.iter().take(MOST_EXECS) {
        let session = match client.exec(id) {
            Ok(answer) => container::exec_session(id, &answer.value),
            Err(error) if error.is_gone() => continue,
            Err(error) => Err(error.to_string()),
        };
        match session {
            Ok(session) => sessions.push(session),
            Err(why) => return Fact::Unknown(why),
        }
    }
    if ids.len() > MOST_EXECS {
        let why = format!("the first {MOST_EXECS} of each container are looked at");
        notes.counted("containers' further sessions of `docker exec`", &why, "");
    }
    if sessions.is_empty() { Fact::Absent } else { Fact::Known(sessions) }
}

/// A container of which nothing but the list tells: every fact of it is unknown.
fn unread(summary: &ContainerSummary, why: &str, around: Around<'_>) -> Container {
    let id = summary.id.known().map_or("", String::as_str);
    let mut c = container::unread(id, why, around);
    let name = summary.names.known().and_then(|names| names.first());
    let name = name.map_or("", |name| name.strip_prefix('/').unwrap_or(name));
    name.clone_into(&mut c.name);
    c.image = summary.image.known().cloned().unwrap_or_default();
    c.image_now = around.images.now(&c.image);
    c
}
