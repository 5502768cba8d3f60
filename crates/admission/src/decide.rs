//! What a request comes to, operation by operation.

mod builds;
mod containers;
mod execs;
mod resources;
mod services;

use std::any::Any;
use std::sync::Arc;

use dockward_collect::requested::{Surroundings, Told};
use dockward_engine::Lenient;
use dockward_engine::api::{ContainerInspect, Volume, Volumes};
use dockward_model::facts::Container;
use dockward_request::{Effect, Resource, Routed, Value as Body, Version};
use serde_json::Value;

use crate::engine::{Engine, Unasked};
use crate::judge::Held;
use crate::principal::Principal;
use crate::violation::Violation;

/// The label that says whose a container is. Only the guard sets it.
pub const OWNER: &str = "dev.dockward.owner";

/// A request that is understood, with who asks and what they are held to.
pub(crate) struct Asked<'a> {
    pub(crate) principal: &'a Principal,
    pub(crate) held: Held<'a>,
    pub(crate) engine: &'a dyn Engine,
    /// Where its containers run.
    pub(crate) around: Arc<Surroundings>,
    /// The engine's newest version of the API.
    pub(crate) newest: Version,
    /// Names in it become full ids, so that what was judged is what is meant.
    pub(crate) routed: &'a mut Routed,
    /// The body, which may get a label.
    pub(crate) body: Option<&'a mut Body>,
    pub(crate) judged: &'a mut Judged,
}

/// What was made to decide, and is of no more use. Whoever asks waits until their request goes on:
/// where its answer is short, this is let go of behind it.
#[derive(Default)]
pub(crate) struct Judged(Vec<Box<dyn Any + Send>>);

impl Judged {
    pub(crate) fn put(&mut self, what: Box<dyn Any + Send>) {
        self.0.push(what);
    }
}

/// What a request comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Decided {
    /// The rules that it breaks, worst first.
    pub(crate) violations: Vec<Violation>,
    /// What it is about: names and ids, for the record.
    pub(crate) subjects: Vec<String>,
    /// The image that is meant.
    pub(crate) image: Option<String>,
    /// The id of a container that the engine would remove if it failed to start.
    pub(crate) falls_away: Option<String>,
}

/// Why there is no decision.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The engine can't be asked: 502.
    Unasked(String),
    /// The thing isn't there: 404, in the engine's own words.
    Missing(String),
    /// The engine's answer to something that can't be meant: 400.
    Wrong(String),
}

impl From<Unasked> for Stop {
    fn from(unasked: Unasked) -> Self {
        Self::Unasked(unasked.to_string())
    }
}

/// Decides. Denying or not is for the caller to make of the violations.
///
/// What takes large frames is never inlined into here: stacks stay with connections, and a request
/// that only looks must not touch more of one than it needs.
pub(crate) fn decide(asked: &mut Asked<'_>) -> Result<Decided, Stop> {
    let mut decided = Decided::default();
    decided.subjects.extend(asked.routed.name.clone());
    decide_on(asked, &mut decided)?;
    decided.subjects.dedup();
    Ok(decided)
}

fn decide_on(asked: &mut Asked<'_>, decided: &mut Decided) -> Result<(), Stop> {
    if let Some(violation) = may(asked) {
        decided.violations.push(violation);
        return Ok(());
    }
    match asked.routed.route.id {
        "container-create" => containers::create(asked, decided)?,
        "container-start" | "container-restart" => {
            containers::start(asked, decided)?;
        }
        "container-attach"
        | "container-attach-ws"
        | "container-archive-get"
        | "container-archive-put"
        | "container-archive-stat" => {
            containers::inside(asked, decided)?;
        }
        "container-update" => containers::update(asked, decided)?,
        "container-rename" => containers::rename(asked, decided)?,
        "container-exec" => execs::create(asked, decided)?,
        "exec-start" | "exec-resize" | "exec-inspect" => execs::known(asked, decided)?,
        "image-build" => builds::build(asked, decided),
        "image-create" => builds::import(asked, decided),
        "builder-session" | "builder-grpc" => builds::session(asked, decided)?,
        "volume-create" => resources::volume(asked, decided)?,
        "network-create" => resources::network(asked, decided),
        "service-create" | "service-update" => services::service(asked, decided)?,
        _ => others(asked, decided)?,
    }
    Ok(())
}

/// Whether the caller may do this at all.
fn may(asked: &Asked<'_>) -> Option<Violation> {
    let id = asked.routed.route.id;
    let allow = asked.held.settings.allow.as_ref()?;
    if allow.iter().any(|glob| glob.matches(id)) {
        return None;
    }
    let message = format!("{} may not do `{id}`", asked.principal.name);
    let fix = "whoever keeps dockward.toml can add it to what this caller is allowed";
    Some(Violation::new("guard-caller", message, fix))
}

fn others(asked: &mut Asked<'_>, decided: &mut Decided) -> Result<(), Stop> {
    let route = asked.routed.route;
    let changes = route.effect == Effect::Changes;
    let violation = match route.resource {
        Resource::Plugin if changes => Some(Violation::new(
            "guard-plugin",
            "plugins run as root beside the engine, and one can switch off what holds it",
            "whoever keeps this host installs plugins, with the guard bypassed",
        )),
        Resource::Swarm | Resource::Node if changes => Some(Violation::new(
            "guard-swarm",
            "changes the swarm that this host belongs to",
            "whoever keeps this host changes it, with the guard bypassed",
        )),
        Resource::Swarm if !asked.is_named() => Some(Violation::new(
            "guard-swarm",
            "shows the tokens or the key by which any host gets into the swarm",
            "whoever keeps dockward.toml can allow `swarm-inspect` to this caller",
        )),
        _ if route.id.starts_with("checkpoint-") && changes => Some(checkpoint()),
        _ => None,
    };
    decided.violations.extend(violation.and_then(|one| asked.held.violation(one)));
    containers::within_reach(asked, decided)
}

fn checkpoint() -> Violation {
    Violation::new(
        "guard-checkpoint",
        "a checkpoint is written to and restored from any folder of the host, as root",
        "leave checkpoints out",
    )
}

impl Asked<'_> {
    pub(crate) fn version(&self) -> Version {
        self.routed.version(self.newest)
    }

    /// Whether the caller's settings allow this operation by name, not only by silence.
    pub(crate) fn is_named(&self) -> bool {
        let id = self.routed.route.id;
        self.held.settings.allow.iter().flatten().any(|glob| glob.matches(id))
    }

    fn volumes(&self) -> Result<Lenient<Vec<Volume>>, Stop> {
        let text = self.engine.ask(&dockward_engine::Ask::Volumes)?.unwrap_or_default();
        let volumes: Volumes = parsed(&text)?;
        Ok(volumes.volumes)
    }

    /// The facts of a record, or of a request in the form of one.
    #[inline(never)]
    fn facts(&mut self, record: &Value, requested: bool) -> Result<Box<Container>, Stop> {
        let inspect: ContainerInspect = known(serde::Deserialize::deserialize(record))?;
        // Volumes are asked for only where some are mounted.
        let mounts =
            ["Binds", "Mounts"].iter().any(|field| !is_nothing(&record["HostConfig"][field]));
        let mounts = mounts || !is_nothing(&record["Mounts"]);
        let volumes = if mounts { self.volumes()? } else { Lenient::Missing };
        let told = if requested { Told::Request(&inspect) } else { Told::Record(&inspect) };
        let facts = Box::new(self.around.container(told, &volumes));
        self.judged.put(Box::new(inspect));
        Ok(facts)
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// An answer of the engine as this type; what is odd in it is so field by field.
fn parsed<T: dockward_engine::FromJson>(text: &str) -> Result<T, Stop> {
    known(serde_json::from_str(text))
}

fn known<T>(read: Result<Lenient<T>, serde_json::Error>) -> Result<T, Stop> {
    match read {
        Ok(Lenient::Known(value)) => Ok(value),
        Ok(_) => Err(Stop::Unasked("the engine's answer is no object".to_owned())),
        Err(error) => Err(Stop::Unasked(format!("the engine's answer is no JSON: {error}"))),
    }
}

#[cfg(test)]
mod tests;
