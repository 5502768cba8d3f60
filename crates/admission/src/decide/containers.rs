//! Containers: made, started, changed, named.

use dockward_engine::Ask;
use dockward_model::facts::{Container, Place};
use dockward_policy::Who;
use dockward_request::{Resource, Value as Body};
use serde_json::Value;

use super::{Asked, Decided, OWNER, Stop, checkpoint, execs};
use crate::violation::Violation;
use crate::{binds, document, fields, join, judge, scope};

/// Rules that need to know what the image says.
const OF_THE_IMAGE: &[&str] = &[
    "container-exec-root",
    "container-healthcheck",
    "container-root-user",
    "container-secret-in-argv",
    "container-secret-in-env",
    "container-secret-in-labels",
    "container-ssh-server",
    "container-published-ports",
    "container-ports-all-interfaces",
    "container-privileged-ports",
];

#[inline(never)]
pub(super) fn create(asked: &mut Asked<'_>, decided: &mut Decided) -> Result<(), Stop> {
    let name = asked.routed.parameters.get("name").unwrap_or_default().to_owned();
    if !name.is_empty() {
        decided.subjects.push(name.clone());
    }
    decided.violations.extend(reserved(asked, &name));
    let Some(body) = asked.body.as_deref() else {
        return Err(Stop::Wrong("container-create needs a body".to_owned()));
    };
    decided.image = body.get("Image").and_then(Body::text).map(str::to_owned);
    decided.violations.extend(fields::unjudged(asked, body));
    decided.violations.extend(forged(body));
    let mut record = document::of_create(&name, body, asked.version());
    of_image(asked, &mut record)?;
    owned(asked, &mut record);
    judged(asked, &mut record, true, decided)?;
    decided.violations.extend(scope::outside(asked, &record));
    asked.judged.put(Box::new(record));
    Ok(())
}

/// Containers that are older than the guard, or whose mounts lead elsewhere by now, are judged when
/// they are started, not only when they are made.
#[inline(never)]
pub(super) fn start(asked: &mut Asked<'_>, decided: &mut Decided) -> Result<(), Stop> {
    let mut record = meant(asked, decided)?;
    decided.violations.extend(scope::outside(asked, &record));
    let parameters = &asked.routed.parameters;
    let restores = ["checkpoint", "checkpoint-dir"]
        .iter()
        .any(|name| parameters.get(name).is_some_and(|text| !text.is_empty()));
    if restores {
        decided.violations.extend(asked.held.violation(checkpoint()));
    }
    judged(asked, &mut record, false, decided)?;
    let never_ran = record["State"]["Status"] == "created";
    if never_ran && record["HostConfig"]["AutoRemove"] == true {
        decided.falls_away.clone_from(&asked.routed.name);
    }
    Ok(())
}

/// Whoever acts in a container has what it has: one that may not start may not be acted in.
#[inline(never)]
pub(super) fn inside(asked: &mut Asked<'_>, decided: &mut Decided) -> Result<(), Stop> {
    let mut record = meant(asked, decided)?;
    decided.violations.extend(scope::outside(asked, &record));
    judged(asked, &mut record, false, decided)
}

#[inline(never)]
pub(super) fn update(asked: &mut Asked<'_>, decided: &mut Decided) -> Result<(), Stop> {
    let mut record = meant(asked, decided)?;
    decided.violations.extend(scope::outside(asked, &record));
    if let Some(body) = asked.body.as_deref() {
        document::updated(&mut record, body);
    }
    judged(asked, &mut record, false, decided)
}

#[inline(never)]
pub(super) fn rename(asked: &mut Asked<'_>, decided: &mut Decided) -> Result<(), Stop> {
    let name = asked.routed.parameters.get("name").unwrap_or_default().to_owned();
    decided.violations.extend(reserved(asked, &name));
    let record = meant(asked, decided)?;
    decided.violations.extend(scope::outside(asked, &record));
    decided.subjects.push(name);
    Ok(())
}

/// Whatever else is done to a container: whether it is one that the caller may touch.
#[inline(never)]
pub(super) fn within_reach(asked: &mut Asked<'_>, decided: &mut Decided) -> Result<(), Stop> {
    if !scope::is_limited(asked.held.settings) {
        return Ok(());
    }
    let route = asked.routed.route;
    if route.id == "container-prune" {
        let message = format!(
            "{} may only touch some containers, and a prune takes all",
            asked.principal.name
        );
        decided.violations.push(Violation::new(
            "guard-owner",
            message,
            "remove them by their names",
        ));
        return Ok(());
    }
    if route.id == "image-commit" {
        let name = asked.routed.parameters.get("container").unwrap_or_default().to_owned();
        let record = inspected(asked, &name)?;
        decided.violations.extend(scope::outside(asked, &record));
        asked.routed.parameters.set("container", id_of(&record)?);
        return Ok(());
    }
    if route.resource == Resource::Container && asked.routed.name.is_some() {
        let record = meant(asked, decided)?;
        decided.violations.extend(scope::outside(asked, &record));
    }
    Ok(())
}

/// The record of the container that is meant; the request then names its full id.
pub(super) fn meant(asked: &mut Asked<'_>, decided: &mut Decided) -> Result<Value, Stop> {
    let name = asked.routed.name.clone().unwrap_or_default();
    let record = inspected(asked, &name)?;
    let id = id_of(&record)?;
    decided.image = record["Config"]["Image"].as_str().map(str::to_owned);
    decided.subjects.push(id.clone());
    asked.routed.name = Some(id);
    Ok(record)
}

fn id_of(record: &Value) -> Result<String, Stop> {
    let id = record["Id"]
        .as_str()
        .filter(|id| id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    id.map(str::to_owned).ok_or_else(|| Stop::Unasked("the engine's record has no id".to_owned()))
}

pub(super) fn inspected(asked: &Asked<'_>, name: &str) -> Result<Value, Stop> {
    let answer = asked.engine.ask(&Ask::Container(name.to_owned()))?;
    let text = answer.ok_or_else(|| Stop::Missing(format!("No such container: {name}")))?;
    serde_json::from_str(&text)
        .map_err(|error| Stop::Unasked(format!("its record of {name}: {error}")))
}

/// Facts, rules, mounts.
#[inline(never)]
pub(super) fn judged(
    asked: &mut Asked<'_>,
    record: &mut Value,
    requested: bool,
    decided: &mut Decided,
) -> Result<(), Stop> {
    let joined = join::resolve(record, asked.engine)?;
    for id in &joined.ids {
        if scope::is_limited(asked.held.settings) {
            decided.violations.extend(scope::outside(asked, &inspected(asked, id)?));
        }
    }
    let mut facts = asked.facts(record, requested)?;
    if let Some(execs) = execs::within(asked, record)? {
        facts.execs = execs;
    }
    let place = if requested { Place::Request } else { Place::Record };
    decided.violations.extend(over_facts(asked, &facts, place)?);
    asked.judged.put(facts);
    Ok(())
}

/// What the rules and the roots for mounts say of a container.
pub(super) fn over_facts(
    asked: &Asked<'_>,
    facts: &Container,
    place: Place,
) -> Result<Vec<Violation>, Stop> {
    let (held, around) = (&asked.held, &asked.around);
    let mut broken = judge::container(held, facts, around, place);
    broken.extend(binds::judge(held, facts, around, asked.engine, asked.principal.root)?);
    Ok(broken)
}

/// Where a rule needs it, what the image says; without the image the engine would refuse as well.
fn of_image(asked: &Asked<'_>, record: &mut Value) -> Result<(), Stop> {
    if !asked.held.asks_for_any(OF_THE_IMAGE) {
        return Ok(());
    }
    let name = record["Config"]["Image"].as_str().unwrap_or_default().to_owned();
    if name.is_empty() {
        return Ok(());
    }
    let answer = asked.engine.ask(&Ask::Image(name.clone()))?;
    let text = answer.ok_or_else(|| {
        let tagged = name.rsplit('/').next().is_some_and(|last| last.contains([':', '@']));
        Stop::Missing(format!("No such image: {name}{}", if tagged { "" } else { ":latest" }))
    })?;
    let image: Value = serde_json::from_str(&text)
        .map_err(|error| Stop::Unasked(format!("its record of {name}: {error}")))?;
    document::under(record, &image);
    Ok(())
}

/// How long an id is as the docker command shows it.
const SHORT_ID: usize = 12;

/// Names of callers are what callers are known by, and a name that looks like an id would be taken
/// for another container.
fn reserved(asked: &Asked<'_>, name: &str) -> Option<Violation> {
    let bare = name.trim_start_matches('/');
    if bare.len() >= SHORT_ID && bare.bytes().all(|b| b.is_ascii_hexdigit()) {
        let message = format!("`{bare}` looks like the id of a container");
        return Some(Violation::new("guard-reserved-name", message, "take another name"));
    }
    if name.is_empty() || asked.held.settings.reserved_names {
        return None;
    }
    let callers = &asked.held.config.guard.callers;
    let taken = callers.iter().find_map(|caller| match &caller.who {
        Who::Container(glob) if glob.matches(bare) => Some(glob),
        _ => None,
    })?;
    let message = format!(
        "`{name}` is the name of a caller that dockward.toml speaks of ({})",
        taken.as_str()
    );
    Some(Violation::new("guard-reserved-name", message, "take another name"))
}

/// The owner's label is the guard's own to set.
fn forged(body: &Body) -> Option<Violation> {
    body.at(&["Labels", OWNER])?;
    let message = format!("the label {OWNER} says whose a container is");
    Some(Violation::new("guard-owner", message, "leave it out: it is set for you"))
}

/// Where some callers see only their own, every container says whose it is: one whose image has the
/// label would else be somebody's.
fn owned(asked: &mut Asked<'_>, record: &mut Value) {
    if !asked.held.config.guard.callers.iter().any(|caller| caller.own) {
        return;
    }
    let owner = asked.principal.name.clone();
    let Some(body) = asked.body.as_deref_mut() else { return };
    let mut labels = match body.get("Labels") {
        Some(labels @ Body::Object(_)) => labels.clone(),
        _ => Body::Object(Vec::new()),
    };
    labels.set(OWNER, Body::Text(owner.clone()));
    body.set("Labels", labels);
    if !record["Config"]["Labels"].is_object() {
        record["Config"]["Labels"] = Value::Object(serde_json::Map::new());
    }
    record["Config"]["Labels"][OWNER] = owner.into();
}
