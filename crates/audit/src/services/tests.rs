use super::*;
use crate::Expectations;
use crate::evaluate::evaluate;
use crate::judged::{manager_with, nodes, service, snapshot_with};
use dockward_model::ImageId;
use dockward_model::facts::{Fact, Field, sample};
use dockward_model::verdict::Severity;

fn judged(engine: Engine, rule: &str) -> Vec<Finding> {
    let snapshot = snapshot_with(|s| s.engines = vec![engine]);
    evaluate(&snapshot, &Expectations::default(), &|id| id == rule).findings
}

fn running(services: Vec<Service>) -> Engine {
    manager_with(nodes(1, 0), |swarm| swarm.services = sample::known(services, "services"))
}

fn with(change: impl FnOnce(&mut Container)) -> Service {
    let mut web = service("web", "nginx:1.29");
    change(web.container.as_mut().unwrap());
    web
}

fn adds_sys_admin(c: &mut Container) {
    let origin = Origin::api(&"/services/id-of-web".into(), "CapabilityAdd");
    c.cap_add = Field::known(vec!["CAP_SYS_ADMIN".into()], origin);
}

/// A task of the service `web`, with the same capability.
fn task() -> Container {
    let mut task = sample::container();
    task.name = "web.1.x".into();
    task.labels.insert(SERVICE.into(), "id-of-web".into());
    task.cap_add = sample::known(vec!["CAP_SYS_ADMIN".into()], "HostConfig.CapAdd");
    task
}

#[test]
fn a_service_is_judged_by_the_rules_for_containers_in_its_own_words() {
    let findings = judged(running(vec![with(adds_sys_admin)]), "container-capabilities");
    assert_eq!(findings.len(), 1);
    let finding = &findings[0];
    assert_eq!((finding.subject.kind(), finding.subject.name()), ("service", "web"));
    assert_eq!((finding.status, finding.severity), (Status::Fail, Severity::Critical));
    assert!(finding.fix.contains("docker service update"), "{}", finding.fix);
    assert!(finding.evidence.iter().all(|evidence| evidence.level == Level::Configured));
    assert!(finding.openings.is_empty(), "a service runs nothing before its tasks do");
}

#[test]
fn what_was_told_of_a_task_is_not_told_again_and_is_mended_in_the_service() {
    let mut engine = running(vec![with(adds_sys_admin)]);
    engine.containers = vec![task()];
    let findings = judged(engine, "container-capabilities");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].subject.name(), "web.1.x");
    assert!(findings[0].fix.contains("docker service update"), "{}", findings[0].fix);
    assert!(!findings[0].openings.is_empty());
}

#[test]
fn a_service_that_asks_for_more_than_its_tasks_have_is_told_beside_them() {
    let mut engine = running(vec![with(adds_sys_admin)]);
    let mut other = task();
    other.labels.insert(SERVICE.into(), "another".into());
    engine.containers = vec![other];
    assert_eq!(judged(engine, "container-capabilities").len(), 2);
}

#[test]
fn another_containers_fix_stays_its_own() {
    let mut engine = running(Vec::new());
    let mut alone = task();
    alone.labels.clear();
    engine.containers = vec![alone];
    let findings = judged(engine, "container-capabilities");
    assert!(!findings[0].fix.contains("docker service"), "{}", findings[0].fix);
}

#[test]
fn what_a_service_leaves_to_its_image_is_judged_where_the_image_is() {
    let engine = running(vec![with(|_| ())]);
    assert!(judged(engine, "container-root-user").is_empty(), "nobody here knows the user");
    for (user, findings) in [("1000", 0), ("0", 1), ("app", 0)] {
        let mut engine = running(vec![with(|c| {
            c.image_now = sample::known(ImageId("sha256:1".into()), "RepoTags");
        })]);
        let mut image = Image { id: ImageId("sha256:1".into()), ..Image::default() };
        image.config.user = sample::known(user.into(), "Config.User");
        engine.images = sample::known(vec![image], "images");
        assert_eq!(judged(engine, "container-root-user").len(), findings, "{user}");
    }
}

#[test]
fn an_image_is_found_by_its_digest() {
    let mut web = service("web", "nginx:1.29@sha256:00aa");
    web.container.as_mut().unwrap().image_now = sample::absent("RepoTags");
    let mut engine = running(vec![web]);
    let mut image = Image { digests: vec!["nginx@sha256:00aa".into()], ..Image::default() };
    image.config.user = sample::absent("Config.User");
    engine.images = sample::known(vec![image], "images");
    assert_eq!(judged(engine, "container-root-user").len(), 1, "its image says no user: root");
}

#[test]
fn what_could_not_be_read_is_unknown_unless_a_task_here_tells() {
    let odd = || with(|c| c.cap_add = sample::unknown("CapabilityAdd"));
    let findings = judged(running(vec![odd()]), "container-capabilities");
    assert_eq!(findings[0].status, Status::Unknown);
    let mut engine = running(vec![odd()]);
    let mut harmless = task();
    harmless.cap_drop = sample::known(vec!["ALL".into()], "HostConfig.CapDrop");
    harmless.cap_add = sample::absent("HostConfig.CapAdd");
    engine.containers = vec![harmless];
    assert!(judged(engine, "container-capabilities").is_empty());
}

#[test]
fn rules_over_what_a_service_has_no_word_for_are_silent() {
    for rule in ["container-io-limit", "container-host-userns", "container-image-stale"] {
        assert!(judged(running(vec![with(|_| ())]), rule).is_empty(), "{rule}");
    }
    let mut plugin = service("driver", "");
    plugin.container = None;
    assert!(judged(running(vec![plugin]), "container-memory-limit").is_empty());
}

#[test]
fn nothing_about_a_stock_service_is_unknown() {
    let snapshot = snapshot_with(|s| s.engines = vec![running(vec![with(|_| ())])]);
    let all = evaluate(&snapshot, &Expectations::default(), &|id| id.starts_with("container-"));
    let unknown: Vec<_> = all.findings.iter().filter(|f| f.status == Status::Unknown).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(all.counts.values().any(|count| count.not_applicable > 0));
    assert!(matches!(snapshot.engines[0].swarm.services.fact, Fact::Known(_)));
}
