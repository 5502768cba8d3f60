use dockward_model::facts::{Container, Engine, Service, Snapshot, Swarm};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::swarm;

crate::check! {
    /// ## Why
    /// What a service has in its environment, arguments or labels is shown to whoever may inspect
    /// it, on every manager, and stays in its history. The swarm's own secrets are kept encrypted,
    /// reach only the nodes that run a task which needs them, and there only memory.
    ///
    /// ## Fix
    /// `docker secret create NAME -`, then `docker service update --secret-add NAME --env-rm
    /// VARIABLE SERVICE`; the program reads `/run/secrets/NAME`. Change what stood there.
    ///
    /// ## References
    /// CIS Docker Benchmark 7.4; docs.docker.com, "Manage sensitive data with Docker secrets".
    id: "swarm-service-secrets", title: "services get their secrets from the swarm",
    severity: Medium, area: Swarm, cis16: ["7.4"], cis18: ["7.4"], Engine: secrets
}

fn secrets(_: &Snapshot, engine: &Engine) -> Outcome {
    let swarm = match swarm::managed(engine) {
        Ok(swarm) => swarm,
        Err(outcome) => return outcome,
    };
    swarm::told(&swarm.services, |services| judge(swarm, services))
}

fn judge(swarm: &Swarm, services: &[Service]) -> Outcome {
    if services.is_empty() {
        return Outcome::NotApplicable("the swarm has no services".into());
    }
    let open: Vec<_> = services.iter().filter_map(|s| Some((s, shown(s)?))).collect();
    let unread = services.iter().filter_map(|s| s.container.as_ref()).find_map(unread);
    match (open.first(), unread) {
        (Some(_), _) => fail(&open),
        (None, Some(outcome)) => outcome,
        (None, None) => unused(swarm, services),
    }
}

/// Where a service shows secrets.
fn shown(service: &Service) -> Option<Vec<Evidence>> {
    let c = service.container.as_ref()?;
    let env = c.env.get().is_some_and(|all| all.iter().any(|var| var.secret.is_some()));
    let argv = c.argv.get().is_some_and(|all| all.iter().any(|word| word.secret.is_some()));
    let labels = c.label_secrets.get().is_some_and(|all| !all.is_empty());
    let places = [
        (env, "environment", &c.env.origin),
        (argv, "arguments", &c.argv.origin),
        (labels, "labels", &c.label_secrets.origin),
    ];
    let evidence = |(seen, place, origin)| {
        let what = format!("{}: a secret in its {place}", service.name);
        let expected = "a secret of the swarm";
        Some(Evidence::at(origin, what, expected)).filter(|_| seen)
    };
    let all: Vec<_> = places.into_iter().filter_map(evidence).collect();
    (!all.is_empty()).then_some(all)
}

fn unread(c: &Container) -> Option<Outcome> {
    let env = c.env.fact.unknown().map(|_| Outcome::unread(&c.env));
    let argv = c.argv.fact.unknown().map(|_| Outcome::unread(&c.argv));
    let labels = c.label_secrets.fact.unknown().map(|_| Outcome::unread(&c.label_secrets));
    env.or(argv).or(labels)
}

fn fail(open: &[(&Service, Vec<Evidence>)]) -> Outcome {
    const SHOWN: usize = 10;
    let names: Vec<&str> = open.iter().take(4).map(|(service, _)| service.name.as_str()).collect();
    let more = if open.len() > names.len() { " and more" } else { "" };
    Outcome::Fail(Failure {
        severity: None,
        message: format!("services show secrets to who inspects them: {}{more}", names.join(", ")),
        evidence: open.iter().flat_map(|(_, evidence)| evidence).take(SHOWN).cloned().collect(),
        fix: "`docker secret create NAME -`, then `docker service update --secret-add NAME \
              --env-rm VARIABLE`"
            .into(),
        openings: Vec::new(),
    })
}

/// Nothing is shown: because the swarm keeps the secrets, or because nobody knows where they are.
fn unused(swarm: &Swarm, services: &[Service]) -> Outcome {
    if services.iter().any(|service| !service.secrets.is_empty()) {
        return Outcome::Pass;
    }
    let kept = match swarm.secrets.get() {
        Some(kept) => kept.len(),
        None => return Outcome::unread(&swarm.secrets),
    };
    let seen = format!("{kept} secrets in the swarm, {} services", services.len());
    let evidence = Evidence::of(&swarm.secrets, seen, "secrets that services use").effective();
    let message =
        "no service uses a secret of the swarm: do they need none, or get them otherwise?";
    let fix = "if they need any: `docker secret create`, `docker service update --secret-add`";
    Outcome::Review(Failure::new(message, evidence, fix).severity(Severity::Low))
}

#[cfg(test)]
mod tests;
