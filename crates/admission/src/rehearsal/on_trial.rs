//! One request of a rehearsal: judged, and answered as if it had been done.

use std::sync::{Arc, Mutex, PoisonError};

use dockward_engine::Ask;
use dockward_guard::{Answering, Denial, Forward, Outcome, Passage, Reply, Ruling, Taking};
use dockward_request::{Answer, Effect, Routed, Value as Body, Version, decode};
use serde_json::{Value, json};

use super::imagined::Imagined;
use super::{Rehearsed, Rehearsing};
use crate::engine::Engine as _;
use crate::gate::{LONGEST_ANSWER, taking};
use crate::in_force::InForce;
use crate::principal::Principal;
use crate::{headers, versions};

pub(super) struct OnTrial {
    pub(super) stage: Arc<Imagined>,
    pub(super) in_force: Arc<InForce>,
    pub(super) seen: Arc<Mutex<Vec<Rehearsed>>>,
    pub(super) principal: Principal,
    pub(super) routed: Routed,
    pub(super) headers: Vec<(String, String)>,
    pub(super) upgrade: Option<String>,
    /// The id of the container that it makes up, or is about.
    pub(super) about: Option<String>,
}

impl Passage for OnTrial {
    fn taking(&self) -> Taking {
        taking(self.routed.route)
    }

    fn judge(&mut self, body: &[u8]) -> Result<Ruling, Denial> {
        let told = |status: u16, what: String| Denial::new(status, format!("dockward: {what}"));
        let newest = self.stage.newest().map_err(|error| told(502, error.to_string()))?;
        let document = decode(&self.routed, newest, body)
            .map_err(|refusal| told(refusal.status(), refusal.to_string()))?;
        let body = document.as_ref();
        if self.routed.route.effect == Effect::Reads {
            return Ok(self.made_up().map_or_else(
                || Ruling::Forward(self.forward(newest, body)),
                |answer| Ruling::Answer(reply(200, &answer)),
            ));
        }
        let mut rehearsed = Rehearsing {
            engine: &*self.stage,
            in_force: &self.in_force,
            principal: &self.principal,
        }
        .rehearse(&self.routed, body);
        self.say_of_what(&mut rehearsed, body);
        if let Some(image) = self.is_wanted_first(body) {
            return Err(Denial::new(404, format!("No such image: {image}")));
        }
        let reply = self.as_if_done(body, newest);
        rehearsed.about.clone_from(&self.about);
        if reply.is_none() && rehearsed.violations.is_empty() && rehearsed.unsaid.is_none() {
            rehearsed.unsaid =
                Some(format!("{GOES_NO_FURTHER}: do that first")).filter(|_| self.is_work());
        }
        self.keep(rehearsed);
        reply
            .map(Ruling::Answer)
            .ok_or_else(|| Denial::new(403, format!("dockward: {GOES_NO_FURTHER}")))
    }

    fn filter(&mut self, status: u16, _: Option<&str>, body: Vec<u8>) -> Result<Vec<u8>, Denial> {
        if status != 200 {
            return Ok(body);
        }
        let parameters = &self.routed.parameters;
        let filters = parameters.get("filters").unwrap_or_default();
        let made = match self.routed.route.id {
            "system-version" => versions::document(&body).ok().flatten(),
            "container-list" => self.stage.containers(filters, parameters.flag("all"), &body),
            other => self.stage.listed(other, filters, &body),
        };
        Ok(made.unwrap_or(body))
    }

    fn told(&self, name: &str, value: &[u8]) -> Option<String> {
        versions::header(name, value)
    }

    fn ended(&mut self, _: &Outcome) {}
}

const GOES_NO_FURTHER: &str = "nothing is built or loaded in a rehearsal";

impl OnTrial {
    fn forward(&self, newest: Version, body: Option<&Body>) -> Forward {
        let route = self.routed.route;
        let answer = match route.answer {
            Answer::Upgrade => Answering::Upgrade { to: None },
            Answer::Document if is_completed(route.id) => Answering::Whole { most: LONGEST_ANSWER },
            _ => Answering::Pass,
        };
        Forward {
            method: route.method.to_owned(),
            target: self.routed.target(newest),
            headers: headers::forwarded(&self.headers, body.is_some(), route),
            body: body.map(Body::encode),
            answer,
        }
    }

    /// What is answered to a question about something that was made up.
    fn made_up(&self) -> Option<Value> {
        let (id, name) = (self.routed.route.id, self.routed.name.as_deref()?);
        if let Some(thing) = self.stage.thing(id, name) {
            return Some(thing);
        }
        match id {
            "exec-inspect" => self.stage.session(name),
            "container-inspect" => self.stage.container(name),
            _ if !id.starts_with("container-") => None,
            _ => self.stage.container(name).map(|_| match id {
                // Nobody has to wait for what does nothing.
                "container-wait" => json!({"StatusCode": 0}),
                "container-top" => json!({"Titles": [], "Processes": []}),
                "container-changes" => json!([]),
                "container-logs" | "container-export" | "container-archive-get" => Value::Null,
                _ => json!({}),
            }),
        }
    }

    /// What a request names: of a session that was made up, the container that it is in.
    fn named(&self) -> Option<String> {
        let name = self.routed.name.clone()?;
        let session = self.routed.route.id.starts_with("exec-").then(|| self.stage.session(&name));
        match session.flatten() {
            Some(session) => session["ContainerID"].as_str().map(str::to_owned),
            None => Some(name),
        }
    }

    /// The name of what it is about, and the service of a Compose file that this is.
    fn say_of_what(&mut self, rehearsed: &mut Rehearsed, body: Option<&Body>) {
        const SERVICE: &str = "com.docker.compose.service";
        let text = |name: &str| body.and_then(|body| body.get(name)).and_then(Body::text);
        let parameters = &self.routed.parameters;
        let asked = [text("Name"), parameters.get("name"), parameters.get("fromImage")];
        let named = self.named();
        let made = named.as_deref().and_then(|name| self.stage.container(name));
        let name = match (&made, &named) {
            (Some(made), _) => made["Name"].as_str(),
            (None, Some(name)) => Some(name.as_str()),
            (None, None) => asked.into_iter().flatten().next(),
        };
        rehearsed.subject = name.unwrap_or_default().trim_start_matches('/').to_owned();
        let asked = body.and_then(|body| body.at(&["Labels", SERVICE])).and_then(Body::text);
        let had = made.as_ref().and_then(|made| made["Config"]["Labels"][SERVICE].as_str());
        rehearsed.service = asked.or(had).map(str::to_owned);
        rehearsed.follows = made.is_some() || named != self.routed.name;
        let id = made.as_ref().and_then(|made| made["Id"].as_str());
        self.about = id.map(str::to_owned).or(named);
    }

    /// An image that is missing, and that the client would pull: it is told so, and asks again.
    fn is_wanted_first(&self, body: Option<&Body>) -> Option<String> {
        if self.routed.route.id != "container-create" {
            return None;
        }
        let image = body.and_then(|body| body.get("Image")).and_then(Body::text)?;
        let missing = matches!(self.stage.ask(&Ask::Image(image.to_owned())), Ok(None));
        (missing && self.stage.is_wanted_first(image)).then(|| image.to_owned())
    }

    /// Whether it makes something that a later request may need.
    fn is_work(&self) -> bool {
        self.routed.route.id.starts_with("builder-")
            || matches!(self.routed.route.id, "image-build" | "image-load" | "image-commit")
    }

    /// Of what follows from something made up, only what was not told of that yet.
    fn keep(&self, mut rehearsed: Rehearsed) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if rehearsed.follows {
            let before = seen.iter().filter(|one| one.about == rehearsed.about);
            let told: Vec<&str> =
                before.flat_map(|one| &one.violations).map(|one| one.rule).collect();
            rehearsed.violations.retain(|one| !told.contains(&one.rule));
        }
        let nothing = rehearsed.violations.is_empty() && rehearsed.unsaid.is_none();
        let again = |one: &Rehearsed| {
            (one.operation, &one.subject, &one.violations)
                == (rehearsed.operation, &rehearsed.subject, &rehearsed.violations)
        };
        if !(rehearsed.follows && nothing || seen.iter().any(again)) {
            seen.push(rehearsed);
        }
    }

    /// What the engine would answer had it been done; none where nothing can stand for that.
    fn as_if_done(&mut self, body: Option<&Body>, newest: Version) -> Option<Reply> {
        let id = self.routed.route.id;
        let made = match id {
            "container-create" => {
                let id =
                    self.stage.create(self.parameter("name"), body?, self.routed.version(newest));
                let made = json!({"Id": id, "Warnings": []});
                self.about = Some(id);
                made
            }
            "network-create" => json!({"Id": self.stage.network(body?), "Warning": ""}),
            "volume-create" => self.stage.volume(body),
            "container-exec" => json!({"Id": self.stage.exec(self.name(), body?)}),
            _ => {
                self.stand_in();
                return self.as_if_changed();
            }
        };
        Some(reply(201, &made))
    }

    /// Does it to what was made up.
    fn stand_in(&self) {
        let name = self.name();
        match self.routed.route.id {
            "container-start" | "container-restart" => self.stage.runs(name, true),
            "container-stop" | "container-kill" => self.stage.runs(name, false),
            "container-rename" => self.stage.rename(name, self.parameter("name")),
            "container-remove" => self.stage.remove(name),
            "image-create" => self.stage.pull(self.parameter("fromImage"), self.parameter("tag")),
            _ => {}
        }
    }

    fn as_if_changed(&self) -> Option<Reply> {
        Some(match self.routed.route.id {
            "container-attach" | "exec-start" => {
                Reply { switched_to: self.upgrade.clone(), ..reply(200, &Value::Null) }
            }
            "container-start" | "container-restart" | "container-stop" | "container-kill"
            | "container-rename" | "container-remove" | "container-pause" | "container-unpause"
            | "network-remove" | "volume-remove" => reply(204, &Value::Null),
            "container-resize"
            | "exec-resize"
            | "container-archive-put"
            | "network-connect"
            | "network-disconnect"
            | "image-create"
            | "image-tag" => reply(200, &Value::Null),
            "container-update" => reply(200, &json!({"Warnings": []})),
            "image-remove" => reply(200, &json!([])),
            id if id.ends_with("-prune") => reply(200, &json!({})),
            _ => return None,
        })
    }

    fn name(&self) -> &str {
        self.routed.name.as_deref().unwrap_or_default()
    }

    fn parameter(&self, name: &str) -> &str {
        self.routed.parameters.get(name).unwrap_or_default()
    }
}

/// Lists that have what was made up as well, and answers that say versions.
fn is_completed(operation: &str) -> bool {
    matches!(operation, "container-list" | "network-list" | "volume-list" | "system-version")
}

fn reply(status: u16, body: &Value) -> Reply {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    Reply { status, body, switched_to: None }
}
