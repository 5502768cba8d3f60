//! Services of a swarm: what their tasks are made with.

use dockward_engine::Ask;
use dockward_engine::api::{Network, Service};
use dockward_model::facts::Place;
use dockward_request::Value as Body;
use serde_json::json;

use super::{Asked, Decided, Stop, containers, parsed};
use crate::fields;
use crate::violation::Violation;

#[inline(never)]
pub(super) fn service(asked: &mut Asked<'_>, decided: &mut Decided) -> Result<(), Stop> {
    let Some(body) = asked.body.as_deref() else {
        return Err(Stop::Wrong("a service needs a body".to_owned()));
    };
    decided.subjects.extend(body.get("Name").and_then(Body::text).map(str::to_owned));
    decided.violations.extend(fields::of_service(asked, body));
    let spec = serde_json::to_value(body).unwrap_or_default();
    let image = body.at(&["TaskTemplate", "ContainerSpec", "Image"]);
    decided.image = image.and_then(Body::text).map(str::to_owned);
    let service: Service = parsed(&json!({ "ID": "", "Spec": spec }).to_string())?;
    let networks = asked.engine.ask(&Ask::Networks)?.unwrap_or_else(|| "[]".into());
    let networks: Vec<Network> = parsed(&networks)?;
    match asked.around.service(&service, &networks, &asked.volumes()?) {
        Some(facts) => {
            let broken = containers::over_facts(asked, &facts, Place::Service)?;
            decided.violations.extend(broken);
        }
        None => decided.violations.extend(asked.held.violation(Violation::new(
            "guard-plugin",
            "a service of plugins: they run as root beside the engine",
            "whoever keeps this host installs plugins, with the guard bypassed",
        ))),
    }
    Ok(())
}
