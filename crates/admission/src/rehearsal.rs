//! What would become of a request, without it going anywhere: changes are answered as if they had
//! been done, so that a client goes on to its end.

mod imagined;
mod on_trial;

use std::sync::{Arc, Mutex};

use dockward_guard::{Caller, Denial, Gate, Head, Passage};
use dockward_policy::Config;
use dockward_request::{Routed, Value as Body, route};

use self::imagined::Imagined;
use self::on_trial::OnTrial;
use crate::change::{Change, changes};
use crate::decide::{Asked, Decided, Judged, Stop, decide};
use crate::engine::Engine;
use crate::headers;
use crate::in_force::InForce;
use crate::principal::Principal;
use crate::violation::Violation;

/// How many sets of changes are tried.
const MOST_TRIES: usize = 400;
/// How many changes are made at once.
const MOST_CHANGES: usize = 4;

/// A gate that lets questions through and nothing else, and says of the rest what would become of it.
/// Changes are made before an imagined engine only, which answers for what it made up.
pub struct Rehearsal {
    stage: Arc<Imagined>,
    in_force: Arc<InForce>,
    seen: Arc<Mutex<Vec<Rehearsed>>>,
}

/// What would become of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsed {
    /// The operation, such as `container-create`.
    pub operation: &'static str,
    /// The name of what it is about, where it has one.
    pub subject: String,
    /// The service of a Compose file that this is.
    pub service: Option<String>,
    /// Whether it is about something that was asked for before it.
    follows: bool,
    /// The container that it is about: by its id, where it was made up.
    about: Option<String>,
    /// The rules that it breaks.
    pub violations: Vec<Violation>,
    /// The fewest changes with which it passes, as the user would make them; empty where nothing has
    /// to be changed, none where no few changes do.
    pub smallest: Option<Vec<String>>,
    /// Why it can't be said, if so.
    pub unsaid: Option<String>,
}

impl Rehearsed {
    fn of(operation: &'static str, subject: &str) -> Self {
        Self {
            operation,
            subject: subject.to_owned(),
            service: None,
            follows: false,
            about: None,
            violations: Vec::new(),
            smallest: None,
            unsaid: None,
        }
    }
}

impl Rehearsal {
    /// A rehearsal before `engine` under `config`.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>, config: Config) -> Self {
        let stage = Arc::new(Imagined::before(engine));
        Self { stage, in_force: Arc::new(config.into()), seen: Arc::default() }
    }

    /// What was rehearsed so far.
    #[must_use]
    pub fn seen(&self) -> Arc<Mutex<Vec<Rehearsed>>> {
        Arc::clone(&self.seen)
    }

    /// Whether a container that there is may be started by `caller`.
    #[must_use]
    pub fn container(&self, caller: &Caller, name: &str) -> Rehearsed {
        let unsaid =
            |why: String| Rehearsed { unsaid: Some(why), ..Rehearsed::of("container-start", name) };
        let routed = match route("POST", format!("/containers/{name}/start").as_bytes()) {
            Ok(routed) => routed,
            Err(refusal) => return unsaid(refusal.to_string()),
        };
        match Principal::of(caller, &*self.stage) {
            Ok(principal) => {
                Rehearsing { engine: &*self.stage, in_force: &self.in_force, principal: &principal }
                    .rehearse(&routed, None)
            }
            Err(error) => unsaid(error.to_string()),
        }
    }
}

impl Gate for Rehearsal {
    fn meet(&self, caller: &Arc<Caller>, head: &Head) -> Result<Box<dyn Passage>, Denial> {
        let refused = |status: u16, what: String| Denial::new(status, format!("dockward: {what}"));
        let routed = route(&head.method, head.target.as_bytes())
            .map_err(|refusal| refused(refusal.status(), refusal.to_string()))?;
        let headers = headers::checked(head, &routed)
            .map_err(|refusal| refused(refusal.status(), refusal.to_string()))?;
        let principal =
            Principal::of(caller, &*self.stage).map_err(|error| refused(502, error.to_string()))?;
        Ok(Box::new(OnTrial {
            stage: Arc::clone(&self.stage),
            in_force: Arc::clone(&self.in_force),
            seen: Arc::clone(&self.seen),
            principal,
            routed,
            headers,
            upgrade: head.upgrade.clone(),
            about: None,
        }))
    }
}

struct Rehearsing<'a> {
    engine: &'a dyn Engine,
    in_force: &'a InForce,
    principal: &'a Principal,
}

impl Rehearsing<'_> {
    fn rehearse(&self, routed: &Routed, body: Option<&Body>) -> Rehearsed {
        let name = routed.name.as_deref().unwrap_or_default();
        let rehearsed = Rehearsed::of(routed.route.id, name);
        match self.decided(routed, body) {
            Err(Stop::Unasked(why) | Stop::Missing(why) | Stop::Wrong(why)) => {
                Rehearsed { unsaid: Some(why), ..rehearsed }
            }
            Ok(decided) if decided.violations.is_empty() => {
                Rehearsed { smallest: Some(Vec::new()), ..rehearsed }
            }
            Ok(decided) => {
                let smallest = body.and_then(|body| self.smallest(routed, body));
                Rehearsed { violations: decided.violations, smallest, ..rehearsed }
            }
        }
    }

    fn decided(&self, routed: &Routed, body: Option<&Body>) -> Result<Decided, Stop> {
        let settings = self.principal.settings(&self.in_force.config.guard);
        let held = self.in_force.held(&settings);
        let (mut routed, mut body) = (routed.clone(), body.cloned());
        let (around, newest) = self.engine.standing()?;
        decide(&mut Asked {
            principal: self.principal,
            held,
            engine: self.engine,
            around,
            newest,
            routed: &mut routed,
            body: body.as_mut(),
            judged: &mut Judged::default(),
        })
    }

    /// The fewest changes with which it passes: each alone, then two at once, and so on.
    fn smallest(&self, routed: &Routed, body: &Body) -> Option<Vec<String>> {
        let all = changes(body);
        let mut tries = 0;
        for count in 1..=MOST_CHANGES.min(all.len()) {
            for set in sets(all.len(), count) {
                tries += 1;
                if tries > MOST_TRIES {
                    return None;
                }
                let chosen: Vec<&Change> = set.iter().filter_map(|at| all.get(*at)).collect();
                let mut changed = body.clone();
                // From the back, so that places in lists stay what they are.
                chosen.iter().rev().for_each(|change| change.make(&mut changed));
                let passes = self.decided(routed, Some(&changed));
                if passes.is_ok_and(|decided| decided.violations.is_empty()) {
                    return Some(chosen.iter().map(ToString::to_string).collect());
                }
            }
        }
        None
    }
}

/// Every set of `count` of the numbers below `of`, in order.
fn sets(of: usize, count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let with = |first: usize| {
        let rest = sets(of.saturating_sub(first + 1), count - 1);
        rest.into_iter().map(move |set| {
            std::iter::once(first).chain(set.into_iter().map(|at| at + first + 1)).collect()
        })
    };
    (0..of).flat_map(with).collect()
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod smallest {
    use super::*;
    use crate::scripted::Scripted;
    use dockward_request::decode;
    use serde_json::json;

    #[test]
    fn sets_are_in_order_and_whole() {
        assert_eq!(sets(3, 2), [[0, 1], [0, 2], [1, 2]]);
        assert_eq!(sets(2, 3), Vec::<Vec<usize>>::new());
        assert_eq!(sets(4, 1).len(), 4);
    }

    fn rehearsed(settings: &str, body: &str) -> Rehearsed {
        let config = dockward_policy::parse(settings, "dockward.toml", &[]).unwrap();
        let engine = Scripted::new().image("a", &json!({"User": ""}));
        let routed = route("POST", b"/containers/create").unwrap();
        let body = decode(&routed, dockward_request::Version::NEWEST, body.as_bytes()).unwrap();
        let principal = Principal::named("user:dev");
        Rehearsing { engine: &engine, in_force: &config.into(), principal: &principal }
            .rehearse(&routed, body.as_ref())
    }

    #[test]
    fn the_fewest_changes_are_found() {
        let passing = rehearsed("", r#"{"Image":"a"}"#);
        assert_eq!((passing.violations.len(), passing.smallest), (0, Some(Vec::new())));
        let one = rehearsed("", r#"{"Image":"a","HostConfig":{"Privileged":true,"Memory":5}}"#);
        assert_eq!(one.smallest.unwrap(), ["leave out HostConfig.Privileged (`true`)"]);
        let two = rehearsed(
            "",
            r#"{"Image":"a","HostConfig":{"Binds":["data:/d","/:/host"],"PidMode":"host"}}"#,
        );
        assert_eq!(
            two.smallest.unwrap(),
            ["leave out HostConfig.Binds (`/:/host`)", "leave out HostConfig.PidMode (`host`)"]
        );
    }

    #[test]
    fn what_is_missing_is_added() {
        let hard = rehearsed("[guard]\nprofile = \"restricted\"", r#"{"Image":"a"}"#);
        // Whoever can never be root has no use for capabilities.
        let expected = [
            "add `--security-opt no-new-privileges` (`security_opt:`)",
            "add a user that is not root: `--user 65534` (`user:`)",
        ];
        assert_eq!(hard.smallest.unwrap(), expected);
    }
}
