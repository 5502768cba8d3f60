//! Rules over a container that is asked for, or is about to start.

use dockward_collect::requested::Surroundings;
use dockward_model::facts::{Case, Container, Place};
use dockward_model::verdict::{Outcome, Subject};
use dockward_policy::{CallerSettings, Config, Profile, Waiver};
use dockward_rules::Rule;
use jiff::civil::Date;

use crate::profile::{Denying, When, denies};
use crate::violation::Violation;

/// What requests of one caller are held to.
#[derive(Debug, Clone)]
pub(crate) struct Held<'a> {
    pub(crate) config: &'a Config,
    pub(crate) settings: &'a CallerSettings,
    /// Of the profile below.
    pub(crate) denying: &'a Denying,
    pub(crate) today: Date,
}

/// The profile that a caller with these settings is held to.
pub(crate) fn profile(config: &Config, settings: &CallerSettings) -> Profile {
    settings.profile.unwrap_or(config.guard.profile)
}

impl Held<'_> {
    pub(crate) fn profile(&self) -> Profile {
        profile(self.config, self.settings)
    }

    pub(crate) fn denies(&self, rule: &str) -> Option<When> {
        denies(&self.config.guard, self.profile(), rule)
    }

    /// A violation of one of the guard's own rules, where that rule denies.
    pub(crate) fn violation(&self, violation: Violation) -> Option<Violation> {
        self.denies(violation.rule).map(|_| violation)
    }

    /// Whether any of these rules denies.
    pub(crate) fn asks_for_any(&self, rules: &[&str]) -> bool {
        rules.iter().any(|rule| self.denies(rule).is_some())
    }

    /// Waivers select by names, labels and images, which callers choose: they hold for those alone
    /// whose settings say so.
    fn waived(&self, rule: &str, c: &Container) -> bool {
        let subject = || Subject::Container {
            id: c.id.clone(),
            name: c.name.clone(),
            image: c.image.clone(),
            labels: c.labels.clone(),
            engine: String::new(),
        };
        let holds = |waiver: &&Waiver| !waiver.expired(self.today) && waiver.rule.matches(rule);
        self.settings.waivers && {
            let mut waivers = self.config.waivers.iter().filter(holds).peekable();
            waivers.peek().is_some() && {
                let subject = subject();
                waivers.any(|waiver| waiver.selects(&subject))
            }
        }
    }
}

/// The rules that a container breaks under what its caller is held to, worst first.
pub(crate) fn container(
    held: &Held<'_>,
    c: &Container,
    around: &Surroundings,
    place: Place,
) -> Vec<Violation> {
    let case = Case::new(c, &around.daemon, &around.host, place);
    let rules = held.denying.iter();
    let mut broken: Vec<_> = rules
        .filter_map(|(rule, when)| Some((rule.meta.severity, broken(held, rule, *when, &case)?)))
        .collect();
    broken.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    broken.into_iter().map(|(_, violation)| violation).collect()
}

/// Under version 1 of cgroups the engine's default is the host's namespace, and its record then says
/// so as if it had been asked for (moby `daemon_unix.go`, `adaptContainerSettings`).
fn is_a_default_on_record(id: &str, when: When, case: &Case<'_>) -> bool {
    let unified = case.daemon.cgroup_version.get().is_some_and(|version| version == "2");
    id == "container-host-cgroupns" && when == When::Said && case.place == Place::Record && !unified
}

fn broken(held: &Held<'_>, rule: &Rule, when: When, case: &Case<'_>) -> Option<Violation> {
    let id = rule.meta.id;
    if is_a_default_on_record(id, when, case) {
        return None;
    }
    let violation = match (rule.judge)(case) {
        Outcome::Pass | Outcome::NotApplicable(_) => return None,
        // What a person would have to look at is not let through unseen.
        Outcome::Fail(failure) | Outcome::Review(failure) => {
            if !when.denies(&failure, case) {
                return None;
            }
            Violation::new(id, failure.message, failure.fix)
        }
        Outcome::Unknown(why) => Violation::new(id, format!("can't be judged: {why}"), ""),
    };
    (!held.waived(id, case.container)).then_some(violation)
}
