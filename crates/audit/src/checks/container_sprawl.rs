use dockward_model::facts::{Container, Engine, Fact, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};
use jiff::Timestamp;

use crate::images::{age, commands};

crate::check! {
    /// ## Why
    /// A container that has ended keeps what it wrote, its environment and its logs, secrets among
    /// them. It can be started again by whoever may ask the engine, with the old image, and its
    /// restart policy can do so at the next boot.
    ///
    /// ## Fix
    /// The command that is shown removes exactly these containers, and what they wrote outside of
    /// volumes. Start one-off containers with `--rm`.
    ///
    /// ## References
    /// CIS Docker Benchmark 6.2. A paused container counts as running. How large they are, the
    /// engine tells only after a count over all their files: `docker container ls -as`.
    id: "container-sprawl", title: "there are no containers that have ended or never ran",
    severity: Low, area: Containers, cis16: ["6.2"], cis18: ["6.2"], Engine: sprawl
}

/// How many containers are named, in the evidence and in the command.
const MOST: usize = 20;

fn sprawl(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    if engine.containers_listed.get() != Some(&true) {
        return Outcome::unread(&engine.containers_listed);
    }
    if engine.containers.is_empty() {
        return Outcome::NotApplicable("the engine has no container".into());
    }
    let mut ended: Vec<&Container> = Vec::new();
    for container in &engine.containers {
        match container.running.fact {
            Fact::Known(true) => {}
            Fact::Known(false) => ended.push(container),
            Fact::Absent | Fact::Unknown(_) => return Outcome::unread(&container.running),
        }
    }
    if ended.is_empty() {
        return Outcome::Pass;
    }
    ended.sort_by_key(|container| (idle_since(container), &container.name));
    Outcome::Review(review(engine, &ended, snapshot.now))
}

/// When it ended; of one that never ran, when it was made.
fn idle_since(container: &Container) -> Option<Timestamp> {
    let never_ran = container.started.fact.is_absent();
    let at = if never_ran { &container.created } else { &container.finished };
    at.get().copied()
}

fn review(engine: &Engine, ended: &[&Container], now: Timestamp) -> Failure {
    let never = ended.iter().filter(|c| c.started.fact.is_absent()).count();
    let (stopped, all) = (ended.len() - never, engine.containers.len());
    let message = match (stopped, never) {
        (stopped, 0) => format!("{stopped} of {all} containers have ended"),
        (0, never) => format!("{never} of {all} containers never ran"),
        _ => format!("{stopped} of {all} containers have ended, {never} never ran"),
    };
    let mut evidence = ended.iter().take(MOST).map(|container| told(container, now));
    let first = evidence.next().unwrap_or_else(|| Evidence::of(&engine.containers_listed, "", ""));
    let ids: Vec<String> =
        ended.iter().filter_map(|c| commands::short(&c.id.0)).map(str::to_owned).collect();
    let fix = commands::command("docker container rm", &ids, MOST)
        .unwrap_or_else(|| "remove those that nobody needs".to_owned());
    Failure::new(message, first, fix).and(evidence).severity(Severity::Low)
}

fn told(container: &Container, now: Timestamp) -> Evidence {
    let id = commands::short(&container.id.0).unwrap_or_default();
    let since = idle_since(container).map(|at| age::since(at, now));
    let since = since.unwrap_or_else(|| "an unknown day".to_owned());
    let how = if container.started.fact.is_absent() { "never ran, made on" } else { "ended on" };
    let seen = format!("{} ({id}) {how} {since}", container.name);
    Evidence::of(&container.running, seen, "running, or removed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::*;
    use dockward_model::ContainerId;
    use dockward_model::facts::sample;

    fn at(day: &str) -> Timestamp {
        format!("{day}T12:00:00Z").parse().unwrap()
    }

    fn container(n: u8, change: impl FnOnce(&mut Container)) -> Container {
        let id = ContainerId(format!("{n:02x}").repeat(32));
        let name = format!("c{n}");
        let created = sample::known(at("2026-06-01"), "Created");
        let mut c = Container { id, name, created, ..sample::container() };
        change(&mut c);
        c
    }

    fn ended(n: u8, day: &str) -> Container {
        container(n, |c| {
            c.started = sample::known(at("2026-06-01"), "State.StartedAt");
            c.finished = sample::known(at(day), "State.FinishedAt");
        })
    }

    fn running(n: u8) -> Container {
        container(n, |c| c.running = sample::known(true, "State.Running"))
    }

    fn of(containers: Vec<Container>) -> Outcome {
        let engine = engine_with(|e| e.containers = containers);
        sprawl(&snapshot_with(|s| s.now = at("2026-11-22")), &engine)
    }

    #[test]
    fn ended_and_never_started_ones_are_told_apart_the_longest_idle_first() {
        let all =
            vec![running(1), ended(2, "2026-11-01"), container(3, |_| {}), ended(4, "2026-08-01")];
        let review = assert_needs_a_look(of(all));
        assert_eq!(review.message, "2 of 4 containers have ended, 1 never ran");
        assert_eq!(review.fix, "`docker container rm 030303030303 040404040404 020202020202`");
        let seen: Vec<_> = review.evidence.iter().map(|e| e.seen.as_str()).collect();
        let expected = [
            "c3 (030303030303) never ran, made on 2026-06-01 (174 days ago)",
            "c4 (040404040404) ended on 2026-08-01 (113 days ago)",
            "c2 (020202020202) ended on 2026-11-01 (21 days ago)",
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn running_ones_alone_pass() {
        assert_passes(of(vec![running(1), running(2)]));
    }

    #[test]
    fn no_container_is_nothing_to_judge_and_what_was_not_read_is_unknown() {
        assert_not_applicable(of(vec![]));
        assert_unknown(of(vec![container(1, |c| c.running = sample::unknown("State.Running"))]));
        let partly = engine_with(|e| e.containers_listed = sample::unknown("containers"));
        assert_unknown(sprawl(&snapshot(), &partly));
    }
}
