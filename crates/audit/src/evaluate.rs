//! Every rule and check over a snapshot.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use dockward_model::facts::{Case, Container, Engine, Host, Place, Sight, Snapshot};
use dockward_model::verdict::{Count, Failure, Finding, Meta, Outcome, Status, Subject};

use dockward_rules::Rule;

use crate::{CHECKS, Expectations, Judge, podman, services};

/// What judging a snapshot came to.
#[derive(Debug, Default)]
pub struct Audit {
    /// Verdicts that are not passes, worst first, then by subject and rule.
    pub findings: Vec<Finding>,
    /// How often each rule passed or did not apply, by its id.
    pub counts: BTreeMap<&'static str, Count>,
    /// The rules that were judged, by id.
    pub rules: Vec<Meta>,
}

/// Judges a snapshot by every rule and check that `selects` names.
#[must_use]
pub fn evaluate(
    snapshot: &Snapshot,
    expectations: &Expectations<'_>,
    selects: &dyn Fn(&str) -> bool,
) -> Audit {
    let mut audit = Audit::default();
    for check in CHECKS.iter().filter(|check| selects(check.meta.id)) {
        audit.rules.push(check.meta);
        run_check(snapshot, expectations, check, &mut audit);
    }
    let rules: Vec<&Rule> =
        dockward_rules::RULES.iter().copied().filter(|r| selects(r.meta.id)).collect();
    audit.rules.extend(rules.iter().map(|rule| rule.meta));
    let far = far(snapshot);
    for engine in snapshot.engines.iter().filter(|engine| !engine.containers.is_empty()) {
        let host = &beneath(snapshot, &far, engine).host;
        let mut counts = vec![Count::default(); rules.len()];
        let on = told_apart(snapshot, engine);
        for container in &engine.containers {
            let case = Case::new(container, &engine.daemon, host, Place::Record);
            let subject = Arc::new(subject_of(container, on));
            let is_task = services::is_task(container);
            for (rule, count) in rules.iter().zip(&mut counts) {
                let mut outcome = in_sight(host, (rule.judge)(&case));
                if is_task {
                    outcome = services::mended(rule.meta.id, outcome);
                }
                audit.take(count, &rule.meta, &subject, outcome);
            }
        }
        for (rule, count) in rules.iter().zip(&counts) {
            audit.count(rule.meta.id, count);
        }
    }
    judge_services(snapshot, &rules, &mut audit);
    audit.sort();
    audit
}

fn judge_services(snapshot: &Snapshot, rules: &[&Rule], audit: &mut Audit) {
    let far = far(snapshot);
    for engine in &snapshot.engines {
        let seen = beneath(snapshot, &far, engine);
        let told = services::Told::of(engine, &audit.findings);
        for (subject, outcomes) in services::judge(seen, engine, rules, &told) {
            let subject = Arc::new(subject);
            for (meta, outcome) in outcomes {
                audit.take_one(&meta, &subject, in_sight(&seen.host, outcome));
            }
        }
    }
}

/// What is seen of another host than this one: nothing.
fn far(snapshot: &Snapshot) -> Snapshot {
    Snapshot {
        host: Host { sight: Sight::Engine, ..Host::default() },
        engines: Vec::new(),
        unseen: Vec::new(),
        ..*snapshot
    }
}

/// The snapshot with the host that is beneath an engine.
fn beneath<'a>(snapshot: &'a Snapshot, far: &'a Snapshot, engine: &Engine) -> &'a Snapshot {
    let is_this = !engine.daemon.elsewhere || snapshot.host.sight == Sight::Engine;
    if is_this { snapshot } else { far }
}

/// A question about what lies out of sight by the nature of the run does not arise.
fn in_sight(host: &Host, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Unknown(why) if host.sight.is_beyond(&why) => Outcome::NotApplicable(why),
        outcome => outcome,
    }
}

fn run_check(
    snapshot: &Snapshot,
    expectations: &Expectations<'_>,
    check: &crate::Check,
    audit: &mut Audit,
) {
    if let Judge::Host(judge) = check.judge {
        let name = snapshot.host.hostname.get().cloned().unwrap_or_default();
        let outcome = match (snapshot.host.sight, Sight::Engine.beyond()) {
            (Sight::Engine, Some(why)) => Outcome::NotApplicable(why.to_owned()),
            _ => in_sight(&snapshot.host, judge(snapshot)),
        };
        return audit.take_one(&check.meta, &Arc::new(Subject::Host { name }), outcome);
    }
    if let Judge::HeldEverywhere(judge) = check.judge {
        for (subject, outcome) in judge(snapshot, expectations) {
            audit.take_one(&check.meta, &Arc::new(subject), outcome);
        }
        return;
    }
    let far = far(snapshot);
    for engine in &snapshot.engines {
        let daemon = || Subject::Daemon { endpoint: engine.daemon.endpoint.clone() };
        let seen = beneath(snapshot, &far, engine);
        let lacks = podman::lacks(check.meta.id).filter(|_| engine.daemon.is_podman());
        let outcomes = match (lacks, check.judge) {
            (Some(what), _) => {
                vec![(daemon(), Outcome::NotApplicable(format!("Podman has no {what}")))]
            }
            (None, Judge::Engine(judge)) => vec![(daemon(), judge(seen, engine))],
            (None, Judge::HeldTo(judge)) => vec![(daemon(), judge(engine, expectations))],
            (None, Judge::Each(judge)) => judge(seen, engine),
            (None, Judge::Host(_) | Judge::HeldEverywhere(_)) => Vec::new(),
        };
        for (subject, outcome) in outcomes {
            audit.take_one(&check.meta, &Arc::new(subject), in_sight(&seen.host, outcome));
        }
    }
}

/// What tells the containers of this engine from others: its endpoint, where there are several.
pub(crate) fn told_apart<'a>(snapshot: &Snapshot, engine: &'a Engine) -> &'a str {
    if snapshot.engines.len() > 1 { &engine.daemon.endpoint } else { "" }
}

/// A container as the subject of findings; `engine` is what [`told_apart`] says.
pub(crate) fn subject_of(c: &Container, engine: &str) -> Subject {
    Subject::Container {
        id: c.id.clone(),
        name: c.name.clone(),
        image: c.image.clone(),
        labels: c.labels.clone(),
        engine: engine.to_owned(),
    }
}

impl Audit {
    /// Worst first, then by subject and rule. Subjects hold labels and are many, so each is compared with the others
    /// once, not again with each of its findings.
    fn sort(&mut self) {
        self.rules.sort_by_key(|meta| meta.id);
        let mut subjects: Vec<&Arc<Subject>> = self.findings.iter().map(|f| &f.subject).collect();
        subjects.dedup_by(|a, b| Arc::ptr_eq(a, b));
        subjects.sort_unstable();
        let mut ranks = BTreeMap::new();
        for (rank, equal) in subjects.chunk_by(|a, b| a == b).enumerate() {
            ranks.extend(equal.iter().map(|subject| (Arc::as_ptr(subject), rank)));
        }
        self.findings.sort_by_cached_key(|f| {
            let rank = ranks.get(&Arc::as_ptr(&f.subject)).copied();
            (f.status, Reverse(f.severity), rank, f.rule.clone())
        });
    }

    fn take_one(&mut self, meta: &Meta, subject: &Arc<Subject>, outcome: Outcome) {
        let mut count = Count::default();
        self.take(&mut count, meta, subject, outcome);
        self.count(meta.id, &count);
    }

    fn count(&mut self, id: &'static str, more: &Count) {
        let count = self.counts.entry(id).or_default();
        count.pass += more.pass;
        count.not_applicable += more.not_applicable;
    }

    fn take(&mut self, count: &mut Count, meta: &Meta, subject: &Arc<Subject>, outcome: Outcome) {
        match outcome {
            Outcome::Pass => count.pass += 1,
            Outcome::NotApplicable(_) => count.not_applicable += 1,
            Outcome::Fail(failure) => self.add(meta, subject, Status::Fail, failure),
            Outcome::Review(failure) => self.add(meta, subject, Status::Review, failure),
            Outcome::Unknown(why) => {
                let failure = Failure {
                    severity: None,
                    message: why,
                    evidence: Vec::new(),
                    fix: String::new(),
                    openings: Vec::new(),
                };
                self.add(meta, subject, Status::Unknown, failure);
            }
        }
    }

    fn add(&mut self, meta: &Meta, subject: &Arc<Subject>, status: Status, failure: Failure) {
        self.findings.push(Finding {
            rule: meta.id.into(),
            area: meta.area,
            title: Cow::Borrowed(meta.title),
            status,
            severity: failure.severity.unwrap_or(meta.severity),
            subject: Arc::clone(subject),
            message: failure.message,
            evidence: failure.evidence,
            fix: failure.fix,
            openings: failure.openings,
            waived: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{engine_with, snapshot_with};
    use dockward_model::facts::{Fact, Field, Origin, sample};

    fn host_with_a_privileged_container() -> Snapshot {
        let mut container = sample::container();
        container.privileged = sample::known(true, "HostConfig.Privileged");
        let engine = engine_with(|e| e.containers = vec![container, sample::container()]);
        snapshot_with(|s| s.engines = vec![engine])
    }

    #[test]
    fn each_container_is_judged_and_passes_are_counted() {
        let audit =
            evaluate(&host_with_a_privileged_container(), &Expectations::default(), &|id| {
                id == "container-privileged"
            });
        assert_eq!(audit.findings.len(), 1);
        assert_eq!(audit.findings[0].rule.as_str(), "container-privileged");
        assert_eq!(audit.counts["container-privileged"].pass, 1);
        assert_eq!(audit.rules.len(), 1);
    }

    #[test]
    fn what_was_not_selected_is_not_judged() {
        let audit =
            evaluate(&host_with_a_privileged_container(), &Expectations::default(), &|_| false);
        assert!(audit.findings.is_empty() && audit.counts.is_empty() && audit.rules.is_empty());
    }

    #[test]
    fn a_field_that_nobody_read_is_unknown_and_names_why() {
        let mut container = sample::container();
        container.privileged = sample::unknown("HostConfig.Privileged");
        let engine = engine_with(|e| e.containers = vec![container]);
        let snapshot = snapshot_with(|s| s.engines = vec![engine]);
        let audit =
            evaluate(&snapshot, &Expectations::default(), &|id| id == "container-privileged");
        assert_eq!(audit.findings[0].status, Status::Unknown);
        assert!(audit.findings[0].message.contains("unexpected end of file"));
    }

    #[test]
    fn an_engine_elsewhere_is_judged_by_its_own_word_and_leaves_nothing_unknown_for_its_host() {
        let beyond = || Fact::Unknown(Sight::Engine.beyond().unwrap().to_owned());
        let mut container = sample::container();
        container.privileged = sample::known(true, "HostConfig.Privileged");
        container.kernel = beyond();
        let engine = engine_with(|e| {
            e.daemon.elsewhere = true;
            e.daemon.process.fact = Fact::Unknown(Sight::Engine.beyond().unwrap().to_owned());
            e.daemon.config = Fact::Unknown(Sight::Engine.beyond().unwrap().to_owned());
            e.containers = vec![container];
        });
        for host in [Host { sight: Sight::Engine, ..Host::default() }, sample::host()] {
            let mut snapshot = snapshot_with(|s| s.engines = vec![engine.clone()]);
            snapshot.host = host;
            let audit = evaluate(&snapshot, &Expectations::default(), &|id| {
                id == "container-privileged"
                    || id == "container-ports-bypass-firewall"
                    || id.starts_with("host-data-root")
                    || id.starts_with("daemon-log-level")
            });
            let statuses: Vec<_> = audit.findings.iter().map(|f| (f.status, &f.rule)).collect();
            assert_eq!(statuses, [(Status::Fail, &"container-privileged".into())]);
        }
    }

    #[test]
    fn what_a_disk_image_has_no_kernel_for_is_not_asked_and_what_could_not_be_read_stays_unknown() {
        let why = Sight::Files.beyond().unwrap();
        let field = |why: &str| Field::unknown(why, Origin::kernel("/proc/sys/kernel", ""));
        let judged = |why: &str| {
            let mut snapshot = snapshot_with(|s| s.host.sight = Sight::Files);
            snapshot.host.sysctls.insert("kernel.core_pattern".into(), field(why));
            evaluate(&snapshot, &Expectations::default(), &|id| id == "host-core-pattern")
        };
        assert!(judged(why).findings.is_empty());
        assert_eq!(judged(why).counts["host-core-pattern"].not_applicable, 1);
        assert_eq!(judged("input/output error").findings[0].status, Status::Unknown);
    }

    #[test]
    fn containers_of_several_engines_are_told_apart_and_those_of_one_are_not() {
        let engine = |endpoint: &str| {
            let mut container = sample::container();
            container.privileged = sample::known(true, "HostConfig.Privileged");
            engine_with(|e| {
                e.daemon.endpoint = endpoint.into();
                e.containers = vec![container];
            })
        };
        let titles = |engines: Vec<Engine>| {
            let snapshot = snapshot_with(|s| s.engines = engines);
            let selects = |id: &str| id == "container-privileged";
            let audit = evaluate(&snapshot, &Expectations::default(), &selects);
            audit.findings.iter().map(|f| f.subject.title().into_owned()).collect::<Vec<_>>()
        };
        let name = sample::container().name;
        assert_eq!(titles(vec![engine("unix:///a")]), std::slice::from_ref(&name));
        let both = titles(vec![engine("unix:///a"), engine("tcp://b:2376")]);
        assert_eq!(both, [format!("{name} (tcp://b:2376)"), format!("{name} (/a)")]);
    }

    #[test]
    fn ids_are_unique_and_kebab_case() {
        let rules = dockward_rules::RULES.iter().map(|rule| rule.meta.id);
        let mut ids: Vec<_> = rules.chain(CHECKS.iter().map(|check| check.meta.id)).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "an id is used twice");
        for id in ids {
            assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
        }
    }

    #[test]
    fn every_page_says_why_how_to_fix_and_where_it_stands() {
        let rules = dockward_rules::RULES.iter().map(|rule| rule.meta);
        for meta in rules.chain(CHECKS.iter().map(|check| check.meta)) {
            for heading in ["## Why", "## Fix", "## References"] {
                assert!(meta.doc.contains(heading), "{} lacks {heading}", meta.id);
            }
        }
    }
}
