//! What holds for all rules together.

use std::collections::BTreeSet;

use dockward_model::facts::{
    Case, Container, Fact, Healthcheck, Place, RestartPolicy, Ulimit, sample,
};
use dockward_model::verdict::{Area, Outcome, Severity};

use crate::RULES;

/// How each rule ends that neither passes nor doesn't apply: id and severity.
fn judged(container: &Container) -> Vec<(&'static str, Severity)> {
    let (daemon, host) = (sample::daemon(), sample::host());
    let case = Case::new(container, &daemon, &host, Place::Record);
    let ends = |rule: &&crate::Rule| match (rule.judge)(&case) {
        Outcome::Pass | Outcome::NotApplicable(_) => None,
        Outcome::Unknown(why) => panic!("{}: {why}", rule.meta.id),
        Outcome::Fail(failure) | Outcome::Review(failure) => {
            Some((rule.meta.id, failure.severity.unwrap_or(rule.meta.severity)))
        }
    };
    RULES.iter().filter_map(ends).collect()
}

fn hardened() -> Container {
    let mut c = sample::container();
    let word = |text: &str| vec![text.to_owned()];
    c.user = sample::known("1000:1000".into(), "Config.User");
    c.cap_drop = sample::known(word("ALL"), "HostConfig.CapDrop");
    c.security_opt = sample::known(word("no-new-privileges"), "HostConfig.SecurityOpt");
    c.read_only_root = sample::known(true, "HostConfig.ReadonlyRootfs");
    c.network_mode = sample::known("quiet".into(), "HostConfig.NetworkMode");
    c.networks = sample::known(word("quiet"), "NetworkSettings.Networks");
    c.limits.memory = sample::known(67_108_864, "HostConfig.Memory");
    c.limits.memory_swap = sample::known(67_108_864, "HostConfig.MemorySwap");
    c.limits.nano_cpus = sample::known(500_000_000, "HostConfig.NanoCpus");
    c.limits.pids = sample::known(32, "HostConfig.PidsLimit");
    let ulimit = |name: &str| Ulimit { name: name.into(), soft: 256, hard: 256 };
    c.limits.ulimits = sample::known(vec![ulimit("nofile"), ulimit("nproc")], "HostConfig.Ulimits");
    let policy = RestartPolicy { name: "on-failure".into(), max_retries: 5 };
    c.restart = sample::known(policy, "HostConfig.RestartPolicy");
    let check = Healthcheck { kind: "CMD".into(), status: Some("healthy".into()) };
    c.healthcheck = sample::known(check, "Config.Healthcheck");
    c
}

#[test]
fn a_container_that_is_hardened_well_gets_nothing_above_low() {
    let mut running = hardened();
    let mut kernel = sample::kernel();
    kernel.uid = sample::known(1000, "Uid");
    kernel.cap_effective = sample::known(dockward_model::facts::CapSet(0), "CapEff");
    kernel.cap_bounding = sample::known(dockward_model::facts::CapSet(0), "CapBnd");
    kernel.no_new_privs = sample::known(true, "NoNewPrivs");
    kernel.cgroup.memory = sample::known(67_108_864, "memory.max");
    kernel.cgroup.pids = sample::known(32, "pids.max");
    kernel.cgroup.cpu_millis = sample::known(500, "cpu.max");
    running.running = sample::known(true, "State.Running");
    running.kernel = Fact::Known(kernel);
    for container in [hardened(), running] {
        let all = judged(&container);
        let above: Vec<_> = all.iter().filter(|(_, severity)| *severity > Severity::Low).collect();
        assert!(above.is_empty(), "{above:?}");
        assert!(all.len() <= 3, "{all:?}");
    }
}

#[test]
fn a_plain_container_gets_a_few_mediums_and_nothing_worse() {
    let all = judged(&sample::container());
    let worse: Vec<_> = all.iter().filter(|(_, severity)| *severity > Severity::Medium).collect();
    assert!(worse.is_empty(), "{worse:?}");
    let mediums = all.iter().filter(|(_, severity)| *severity == Severity::Medium).count();
    assert!((1..=5).contains(&mediums), "{all:?}");
}

/// A container of which nothing could be read.
#[test]
fn nothing_read_is_no_pass_for_whom_it_matters() {
    let (daemon, host) = (sample::daemon(), sample::host());
    let container = Container::default();
    let case = Case::new(&container, &daemon, &host, Place::Record);
    for rule in RULES.iter().filter(|rule| !rule.meta.maps.is_empty()) {
        let outcome = (rule.judge)(&case);
        assert_ne!(outcome, Outcome::Pass, "{}", rule.meta.id);
    }
}

#[test]
fn ids_are_unique_and_say_what_they_judge() {
    let ids: BTreeSet<_> = RULES.iter().map(|rule| rule.meta.id).collect();
    assert_eq!(ids.len(), RULES.len());
    for id in ids {
        assert!(id.starts_with("container-"), "{id}");
    }
}

#[test]
fn every_rule_has_a_page_for_its_reader() {
    for rule in RULES {
        let meta = &rule.meta;
        assert_eq!(meta.area, Area::Containers, "{}", meta.id);
        let parts = ["## Why", "## Fix", "## References"];
        let at: Vec<_> = parts.iter().map(|part| meta.doc.find(part)).collect();
        assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{}: {}", meta.id, meta.doc);
        for map in meta.maps {
            assert!(meta.doc.contains(map.number), "{} doesn't name {}", meta.id, map.number);
        }
    }
}
