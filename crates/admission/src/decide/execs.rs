//! Commands in containers.

use dockward_engine::Ask;
use dockward_model::facts::{ExecSession, Field, Origin, Place};
use dockward_request::Value as Body;
use serde_json::Value;

use super::containers::{inspected, meant, over_facts};
use super::{Asked, Decided, Stop};
use crate::{join, scope};

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
    let answer = asked.engine.ask(&Ask::Exec(id.clone()))?;
    let text = answer.ok_or_else(|| Stop::Missing(format!("No such exec instance: {id}")))?;
    let exec: Value = serde_json::from_str(&text)
        .map_err(|error| Stop::Unasked(format!("its record of {id}: {error}")))?;
    let container = exec["ContainerID"].as_str().unwrap_or_default().to_owned();
    let record = inspected(asked, &container)?;
    decided.subjects.push(container);
    let process = &exec["ProcessConfig"];
    // The engine writes no `privileged` where none was asked for; what is odd counts as set.
    let privileged = !matches!(process["privileged"], Value::Null | Value::Bool(false));
    let session = ExecSession {
        id,
        running: true,
        privileged,
        user: process["user"].as_str().unwrap_or_default().to_owned(),
        command: process["entrypoint"].as_str().unwrap_or_default().to_owned(),
        origin: Origin::Api { endpoint: "/exec/json".into(), field: "ProcessConfig".into() },
    };
    judged(asked, record, session, decided)
}

/// The session, and the container that it is in: whoever acts in one has what it has.
fn judged(
    asked: &Asked<'_>,
    mut record: Value,
    session: ExecSession,
    decided: &mut Decided,
) -> Result<(), Stop> {
    decided.violations.extend(scope::outside(asked, &record));
    let around = asked.engine.surroundings()?;
    join::resolve(&mut record, asked.engine)?;
    let mut facts = asked.facts(&record, false, &around)?;
    facts.execs = Field::known(vec![session], Origin::Request { field: "Privileged".into() });
    decided.violations.extend(over_facts(asked, &facts, &around, Place::Record)?);
    Ok(())
}
