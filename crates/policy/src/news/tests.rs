use dockward_model::facts::{Field, Network, Origin, Unseen, sample};
use dockward_model::verdict::{Severity, Status};
use dockward_model::{ContainerId, ImageId};
use jiff::Timestamp;

use super::*;
use crate::sample::{container, failure, host, waiver};
use crate::{Selection, apply, sample::TODAY, sample::config};

fn snapshot(containers: &[(&str, &str, &str)]) -> Snapshot {
    let containers = containers.iter().map(|(name, id, image)| Container {
        id: ContainerId((*id).into()),
        name: (*name).into(),
        image: (*image).into(),
        image_id: sample::known(ImageId(format!("sha256:{image}")), "Image"),
        ..Container::default()
    });
    let engine = Engine {
        containers: containers.collect(),
        containers_listed: Field::known(true, Origin::Nowhere),
        ..Engine::default()
    };
    Snapshot {
        version: Snapshot::VERSION,
        now: Timestamp::UNIX_EPOCH,
        host: sample::host(),
        engines: vec![engine],
        unseen: Vec::new(),
    }
}

fn between(before: &[Finding], now: &[Finding]) -> News {
    let snapshot = snapshot(&[]);
    let look = |findings| Look { snapshot: &snapshot, findings };
    news(look(before), look(now))
}

#[test]
fn two_equal_looks_are_no_news() {
    let all = [failure("daemon-tls", host()), failure("host-kernel", host())];
    let (snapshot, all) = (snapshot(&[("web", "1", "nginx")]), &all[..]);
    let look = Look { snapshot: &snapshot, findings: all };
    assert!(news(look, look).is_empty());
}

#[test]
fn what_came_and_what_went_is_told_with_its_finding() {
    let (old, new) = (failure("daemon-tls", host()), failure("host-kernel", host()));
    let news = between(std::slice::from_ref(&old), std::slice::from_ref(&new));
    assert_eq!((news.appeared, news.gone), (vec![new], vec![old]));
    assert!(news.changed.is_empty());
}

#[test]
fn a_container_made_anew_has_the_same_findings() {
    let finding = |id: &str| {
        let mut subject = container("web");
        if let dockward_model::verdict::Subject::Container { id: of, .. } = &mut subject {
            *of = ContainerId(id.into());
        }
        failure("container-root-user", subject)
    };
    assert!(between(&[finding("1")], &[finding("2")]).is_empty());
}

#[test]
fn status_severity_and_words_make_a_change_but_numbers_do_not() {
    let old = failure("host-kernel", host());
    let with = |change: fn(&mut Finding)| {
        let mut new = old.clone();
        change(&mut new);
        between(std::slice::from_ref(&old), &[new]).changed.len()
    };
    assert_eq!(with(|f| f.severity = Severity::Low), 1);
    assert_eq!(with(|f| f.status = Status::Unknown), 1);
    assert_eq!(with(|f| f.message = "it is worse".into()), 1);
    assert_eq!(with(|_| {}), 0);
    let aged = |days: u32| {
        let mut finding = failure("host-kernel", host());
        finding.message = format!("it is {days} days old");
        finding
    };
    assert!(between(&[aged(99)], &[aged(100)]).is_empty());
}

#[test]
fn a_waiver_that_began_is_a_change() {
    let finding = failure("host-kernel", host());
    let settings = config(&waiver("rule = \"host-kernel\"\nhost = true"));
    let all = Selection::new(&[], &[], &settings, &crate::sample::RULES).unwrap();
    let waived = apply(vec![finding.clone()], &settings, &all, TODAY).findings;
    assert_eq!(between(&[finding], &waived).changed.len(), 1);
}

#[test]
fn of_two_findings_about_one_thing_only_the_new_one_is_news() {
    let say = |words: &str| {
        let mut finding = failure("host-kernel", host());
        finding.message = words.into();
        finding
    };
    let news = between(&[say("b")], &[say("a"), say("b")]);
    assert_eq!(news.appeared, [say("a")]);
    assert!(news.gone.is_empty() && news.changed.is_empty());
}

#[test]
fn containers_that_came_went_or_run_from_another_image_are_told() {
    let before = snapshot(&[("web", "1", "nginx:1"), ("old", "2", "redis"), ("db", "3", "pg")]);
    let now = snapshot(&[("web", "4", "nginx:2"), ("new", "5", "redis"), ("db", "3", "pg")]);
    let look = |snapshot| Look { snapshot, findings: &[] };
    let told: Vec<_> = news(look(&before), look(&now))
        .resources
        .into_iter()
        .map(|r| format!("{} {} {} {}", r.kind, r.name, r.what.name(), r.detail))
        .collect();
    assert_eq!(
        told,
        [
            "container new appeared redis",
            "container old gone redis",
            "container web changed nginx:1, now nginx:2"
        ]
    );
}

#[test]
fn what_could_not_be_listed_neither_came_nor_went() {
    let (before, mut now) = (snapshot(&[("web", "1", "nginx")]), snapshot(&[]));
    now.engines[0].containers_listed = sample::unknown("containers");
    let with_network = |mut snapshot: Snapshot| {
        snapshot.engines[0].networks = sample::known(vec![Network::default()], "networks");
        snapshot
    };
    let (before, now) = (before, with_network(now));
    let look = |snapshot| Look { snapshot, findings: &[] };
    assert!(news(look(&before), look(&now)).resources.is_empty());
}

#[test]
fn nothing_is_gone_because_the_engine_does_not_answer() {
    let before = snapshot(&[("web", "1", "nginx")]);
    let old = [failure("container-root-user", container("web")), failure("host-kernel", host())];
    let mut now = snapshot(&[]);
    now.engines.clear();
    let gone = |now: &Snapshot| {
        let then = Look { snapshot: &before, findings: &old };
        news(then, Look { snapshot: now, findings: &[] }).gone.len()
    };
    assert_eq!(gone(&now), 2, "the engine was taken away");
    let unseen =
        |what: &str| Unseen { what: what.into(), why: "timed out".into(), hint: "".into() };
    now.unseen.push(unseen("the engine and its containers"));
    assert_eq!(gone(&now), 1, "it is there, and doesn't answer");
}
