//! Commands in containers.

use dockward_engine::Ask;
use dockward_model::facts::{ExecSession, Field, Origin, Place};
use dockward_request::Value as Body;
use serde_json::Value;

use super::containers::{inspected, meant, over_facts};
use super::{Asked, Decided, Stop};
use crate::{join, scope};

/// More sessions in a container than these are not asked for one by one, and so not known.
const MOST_SESSIONS: usize = 64;

#[inline(never)]
pub(super) fn create(asked: &mut Asked<'_>, decided: &mut Decided) -> Result<(), Stop> {
    let record = meant(asked, decided)?;
    let Some(body) = asked.body.as_deref() else {
        return Err(Stop::Wrong("container-exec needs a body".to_owned()));
    };
    let text = |name: &str| body.get(name).and_then(Body::text).unwrap_or_default().to_owned();
    let words = body.get("Cmd").map_or(&[][..], Body::items).iter().filter_map(Body::text);
    let session = ExecSession {
        id: String::new(),
        running: true,
        privileged: body.get("Privileged").and_then(Body::flag).unwrap_or_default(),
        user: text("User"),
        command: words.take(1).collect(),
        origin: Origin::Request { field: "Privileged".into() },
    };
    judged(asked, record, session, decided)
}

/// A session that was made before: by somebody else, or before the guard.
#[inline(never)]
pub(super) fn known(asked: &mut Asked<'_>, decided: &mut Decided) -> Result<(), Stop> {
    let id = asked.routed.name.clone().unwrap_or_default();
    let limited = scope::is_limited(asked.held.settings);
    if asked.routed.route.id != "exec-start" && !limited {
        return Ok(());
    }
    let exec = inspected_exec(asked, &id)?
        .ok_or_else(|| Stop::Missing(format!("No such exec instance: {id}")))?;
    let container = exec["ContainerID"].as_str().unwrap_or_default().to_owned();
    let record = inspected(asked, &container)?;
    decided.subjects.push(container);
    judged(asked, record, session(id, &exec), decided)
}

/// The sessions in a container, where there are some: a health check is one as long as it runs.
#[inline(never)]
pub(super) fn within(
    asked: &Asked<'_>,
    record: &Value,
) -> Result<Option<Field<Vec<ExecSession>>>, Stop> {
    let Some(ids) = record["ExecIDs"].as_array().filter(|ids| !ids.is_empty()) else {
        return Ok(None);
    };
    let ids: Option<Vec<&str>> = ids.iter().map(Value::as_str).collect();
    let Some(ids) = ids.filter(|ids| ids.len() <= MOST_SESSIONS) else { return Ok(None) };
    let mut sessions = Vec::new();
    for id in ids {
        // One that is gone by now has ended.
        if let Some(exec) = inspected_exec(asked, id)? {
            sessions.push(session(id.to_owned(), &exec));
        }
    }
    let origin = Origin::Api { endpoint: "/containers/json".into(), field: "ExecIDs".into() };
    Ok(Some(Field::known(sessions, origin)))
}

fn inspected_exec(asked: &Asked<'_>, id: &str) -> Result<Option<Value>, Stop> {
    let Some(text) = asked.engine.ask(&Ask::Exec(id.to_owned()))? else { return Ok(None) };
    let exec = serde_json::from_str(&text);
    exec.map(Some).map_err(|error| Stop::Unasked(format!("its record of {id}: {error}")))
}

fn session(id: String, exec: &Value) -> ExecSession {
    let process = &exec["ProcessConfig"];
    ExecSession {
        id,
        running: true,
        // The engine writes no `privileged` where none was asked for; what is odd counts as set.
        privileged: !matches!(process["privileged"], Value::Null | Value::Bool(false)),
        user: process["user"].as_str().unwrap_or_default().to_owned(),
        command: process["entrypoint"].as_str().unwrap_or_default().to_owned(),
        origin: Origin::Api { endpoint: "/exec/json".into(), field: "ProcessConfig".into() },
    }
}

/// The session, and the container that it is in: whoever acts in one has what it has.
fn judged(
    asked: &mut Asked<'_>,
    mut record: Value,
    session: ExecSession,
    decided: &mut Decided,
) -> Result<(), Stop> {
    decided.violations.extend(scope::outside(asked, &record));
    join::resolve(&mut record, asked.engine)?;
    let mut facts = asked.facts(&record, false)?;
    facts.execs = Field::known(vec![session], Origin::Request { field: "Privileged".into() });
    decided.violations.extend(over_facts(asked, &facts, Place::Record)?);
    Ok(())
}
