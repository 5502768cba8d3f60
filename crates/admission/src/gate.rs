//! The gate: what the transport asks for each request.

use std::sync::{Arc, PoisonError, RwLock};

use dockward_guard::{
    Answering, Caller, Denial, Forward, Gate, Head, Outcome, Passage, Ruling, Taking,
};
use dockward_ledger::entry::Digest;
use dockward_policy::{CallerSettings, Config, Profile};
use dockward_request::{
    Answer, Body, Effect, Refusal, Route, Routed, Value, Version, decode, route,
};

use crate::bypass::{Glass, Turn};
use crate::decide::{Asked, Decided, Judged, Stop, decide};
use crate::engine::{Engine, Unasked};
use crate::filter::Filter;
use crate::headers;
use crate::in_force::InForce;
use crate::principal::Principal;
use crate::profile::holds_for_the_observed;
use crate::record::{Decision, Record, Ticket, Verdict, digest};
use crate::versions;
use crate::violation::InOneLine;

/// The longest document that is judged: twice what a swarm's config may hold.
const LONGEST_DOCUMENT: usize = 4 << 20;
/// Clients send `{}` or `null` where there is nothing to say.
const LONGEST_NOTHING: usize = 1 << 10;
/// The longest answer that is filtered.
pub(crate) const LONGEST_ANSWER: usize = 64 << 20;

/// Decides on every request to one engine.
pub struct Admission {
    engine: Arc<dyn Engine>,
    settings: RwLock<Arc<InForce>>,
    record: Arc<dyn Record>,
    monitor: bool,
    glass: Option<Glass>,
}

impl Admission {
    /// A gate before `engine` that holds requests to `config`. With `monitor` it decides the same
    /// and denies nothing that is understood.
    pub fn new(
        engine: Arc<dyn Engine>,
        config: Config,
        record: Arc<dyn Record>,
        monitor: bool,
    ) -> Self {
        let settings = RwLock::new(Arc::new(InForce::from(config)));
        Self { engine, settings, record, monitor, glass: None }
    }

    /// The same, which can be bypassed for a while.
    #[must_use]
    pub fn with_glass(self, glass: Glass) -> Self {
        Self { glass: Some(glass), ..self }
    }

    /// Whether nothing is denied now. A bypass is recorded before the first request that it lets
    /// through.
    fn observes(&self) -> bool {
        let Some(glass) = &self.glass else { return self.monitor };
        let (bypassed, turns) = glass.look();
        for turn in turns {
            match turn {
                Turn::Began(bypass) => self.record.bypassed(&bypass, true),
                Turn::Ended(bypass) => self.record.bypassed(&bypass, false),
            }
        }
        self.monitor || bypassed
    }

    /// Takes other settings from now on. Calls that are on their way keep theirs.
    pub fn hold_to(&self, config: Config) {
        let settings = Arc::new(InForce::from(config));
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Gate for Admission {
    fn meet(&self, caller: &Arc<Caller>, head: &Head) -> Result<Box<dyn Passage>, Denial> {
        let (routed, headers) = self.understood(caller, head)?;
        let principal = Principal::of(caller, &*self.engine).map_err(unasked)?;
        let observes = self.observes();
        Ok(self.on_its_way(caller, head, (routed, headers), principal, observes))
    }
}

type Understood = (Routed, Vec<(String, String)>);

/// Steps of a meeting, none inlined into it: stacks stay with connections (see `decide`).
impl Admission {
    #[inline(never)]
    fn understood(&self, caller: &Caller, head: &Head) -> Result<Understood, Denial> {
        let read = route(&head.method, head.target.as_bytes())
            .and_then(|routed| headers::checked(head, &routed).map(|headers| (routed, headers)));
        read.map_err(|refusal| {
            let decision = Decision::not_understood(caller, head, &refusal.to_string());
            // What is not understood goes nowhere, recorded or not.
            let _ = self.record.decided(&decision);
            denial(refusal.status(), &refusal.to_string())
        })
    }

    #[inline(never)]
    fn on_its_way(
        &self,
        caller: &Arc<Caller>,
        head: &Head,
        (routed, headers): Understood,
        principal: Principal,
        observes: bool,
    ) -> Box<dyn Passage> {
        let in_force = self.in_force();
        Box::new(OnItsWay {
            engine: Arc::clone(&self.engine),
            record: Arc::clone(&self.record),
            observes,
            caller: Arc::clone(caller),
            upgrade: head.upgrade.clone(),
            settings: principal.settings(&in_force.config.guard),
            in_force,
            principal,
            routed,
            headers,
            ticket: None,
            filter: None,
            made: None,
            denied: None,
            judged: Judged::default(),
        })
    }
}

/// How the body of a request by this route is taken.
pub(crate) const fn taking(route: &Route) -> Taking {
    match route.body {
        Body::None => Taking::Whole { most: LONGEST_NOTHING },
        Body::Json(_) => Taking::Whole { most: LONGEST_DOCUMENT },
        Body::Stream => Taking::Stream,
    }
}

fn denial(status: u16, what: &str) -> Denial {
    Denial::new(status, format!("dockward: {what}"))
}

fn unasked(error: Unasked) -> Denial {
    denial(502, &error.to_string())
}

/// A request on its way through.
struct OnItsWay {
    engine: Arc<dyn Engine>,
    record: Arc<dyn Record>,
    observes: bool,
    caller: Arc<Caller>,
    upgrade: Option<String>,
    in_force: Arc<InForce>,
    settings: CallerSettings,
    principal: Principal,
    routed: Routed,
    headers: Vec<(String, String)>,
    ticket: Option<Ticket>,
    filter: Option<Filter>,
    /// The id of what the engine made.
    made: Option<String>,
    /// What the caller is told once the engine has done what it does where a start fails.
    denied: Option<Denial>,
    judged: Judged,
}

impl Passage for OnItsWay {
    fn taking(&self) -> Taking {
        taking(self.routed.route)
    }

    fn judge(&mut self, body: &[u8]) -> Result<Ruling, Denial> {
        let (around, newest) = self.engine.standing().map_err(unasked)?;
        let mut document = match decode(&self.routed, newest, body) {
            Ok(document) => document,
            Err(refusal) => return Err(self.refused(&refusal)),
        };
        if document.is_some() {
            headers::is_json(&self.headers).map_err(|refusal| self.refused(&refusal))?;
        }
        let held = self.in_force.held(&self.settings);
        let observed = held.profile() == Profile::Observe;
        let mut asked = Asked {
            principal: &self.principal,
            held,
            engine: &*self.engine,
            around,
            newest,
            routed: &mut self.routed,
            body: document.as_mut(),
            judged: &mut self.judged,
        };
        let decided = decide(&mut asked).map_err(stopped)?;
        // The profile is about what containers may do, not about who may do what.
        let observed =
            observed && !decided.violations.iter().any(|one| holds_for_the_observed(one.rule));
        let observes = self.observes || observed;
        let target = self.routed.target(newest);
        let body = document.as_ref().map(Value::encode);
        let digest = || digest(&target, document.as_ref(), body.as_deref());
        let digest = (self.routed.route.effect == Effect::Changes).then(digest);
        self.judged.put(Box::new(document));
        if let Err(denial) = self.recorded(&decided, digest, observes) {
            return self.falls_away(decided.falls_away, newest, denial).map(Ruling::from);
        }
        let forward = self.forward(target, body);
        // Behind a stream it would be kept as long as that lasts.
        if !matches!(forward.answer, Answering::Whole { .. }) {
            self.judged = Judged::default();
        }
        Ok(forward.into())
    }

    fn filter(
        &mut self,
        status: u16,
        _content_type: Option<&str>,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Denial> {
        if let Some(denial) = self.denied.take() {
            return Err(denial);
        }
        if (200..300).contains(&status) && self.routed.route.id == "container-create" {
            self.made = made(&body);
        }
        let body = self.versions(status, body)?;
        match &self.filter {
            Some(filter) if !body.is_empty() => filter.apply(&body).map_err(|_| {
                denial(502, "the engine's answer is no JSON, and something of it is not for you")
            }),
            _ => Ok(body),
        }
    }

    fn told(&self, name: &str, value: &[u8]) -> Option<String> {
        versions::header(name, value)
    }

    fn ended(&mut self, outcome: &Outcome) {
        if let Some(ticket) = self.ticket.take() {
            self.record.ended(ticket, outcome, self.made.as_deref());
        }
    }
}

fn stopped(stop: Stop) -> Denial {
    match stop {
        Stop::Unasked(why) => denial(502, &why),
        Stop::Wrong(why) => denial(400, &why),
        // As the engine says it: clients pull an image when they are told this.
        Stop::Missing(what) => Denial::new(404, what),
    }
}

fn made(body: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    answer["Id"].as_str().map(str::to_owned)
}

impl OnItsWay {
    fn versions(&self, status: u16, body: Vec<u8>) -> Result<Vec<u8>, Denial> {
        if status != 200 || self.routed.route.id != "system-version" {
            return Ok(body);
        }
        let told = versions::document(&body);
        let told = told.map_err(|_| denial(502, "the engine's answer is no JSON"))?;
        Ok(told.unwrap_or(body))
    }

    fn refused(&self, refusal: &Refusal) -> Denial {
        let reason = refusal.to_string();
        let decision = self.decision(&Decided::default(), Verdict::NotUnderstood, reason.clone());
        let _ = self.record.decided(&decision);
        denial(refusal.status(), &reason)
    }

    fn decision(&self, decided: &Decided, verdict: Verdict, reason: String) -> Decision {
        Decision {
            caller: self.principal.name.clone(),
            process: Decision::process_of(&self.caller),
            operation: self.routed.route.id,
            changes: self.routed.route.effect == Effect::Changes,
            frees: frees(self.routed.route.id),
            subjects: decided.subjects.clone(),
            image: decided.image.clone(),
            verdict,
            rules: decided.violations.iter().map(|one| one.rule).collect(),
            reason,
            digest: None,
        }
    }

    /// Nothing goes on before its decision is on record.
    fn recorded(
        &mut self,
        decided: &Decided,
        digest: Option<Digest>,
        observes: bool,
    ) -> Result<(), Denial> {
        let broken = &decided.violations;
        let reason = if broken.is_empty() { String::new() } else { InOneLine(broken).to_string() };
        let verdict = match (broken.is_empty(), observes) {
            (true, _) => Verdict::Allowed,
            (false, true) => Verdict::Observed,
            (false, false) => Verdict::Denied,
        };
        let mut decision = self.decision(decided, verdict, reason.clone());
        decision.digest = digest.filter(|_| verdict.goes_on());
        let recorded = self.record.decided(&decision);
        if verdict == Verdict::Denied {
            return Err(Denial::new(403, reason));
        }
        match recorded {
            Ok(ticket) => self.ticket = ticket,
            Err(why) => return Err(denial(503, &format!("the decision can't be recorded: {why}"))),
        }
        Ok(())
    }

    /// A container that was made to be removed at its end is removed by the engine where it fails to
    /// start; `docker run --rm` waits for that, and would wait for good.
    fn falls_away(
        &mut self,
        id: Option<String>,
        newest: Version,
        denial: Denial,
    ) -> Result<Forward, Denial> {
        let Some(id) = id.filter(|_| denial.status == 403) else { return Err(denial) };
        self.denied = Some(denial);
        Ok(Forward {
            method: "DELETE".to_owned(),
            target: format!("/v{}/containers/{id}?v=1&force=1", self.routed.version(newest)),
            headers: Vec::new(),
            body: None,
            answer: Answering::Whole { most: LONGEST_ANSWER },
        })
    }

    fn forward(&mut self, target: String, body: Option<Vec<u8>>) -> Forward {
        let route = self.routed.route;
        self.filter = Filter::of(&self.settings, &self.principal.name, route.id);
        let answer = match route.answer {
            Answer::Upgrade => Answering::Upgrade { to: self.upgrade.clone() },
            Answer::Lines if self.filter.is_some() => Answering::Lines,
            Answer::Document if self.filter.is_some() || is_read_here(route.id) => {
                Answering::Whole { most: LONGEST_ANSWER }
            }
            _ => Answering::Pass,
        };
        let headers = headers::forwarded(&self.headers, body.is_some(), route);
        Forward { method: route.method.to_owned(), target, headers, body, answer }
    }
}

/// Whose answers are looked into for everybody: for the id of what was made, and for versions.
fn is_read_here(operation: &str) -> bool {
    matches!(operation, "container-create" | "system-version")
}

/// What must stay possible when nothing can be recorded any more: it makes room, or stops harm.
fn frees(operation: &str) -> bool {
    matches!(
        operation,
        "container-stop"
            | "container-kill"
            | "container-pause"
            | "container-remove"
            | "container-prune"
            | "image-remove"
            | "image-prune"
            | "volume-remove"
            | "volume-prune"
            | "network-remove"
            | "network-prune"
            | "builder-prune"
            | "service-remove"
    )
}
