//! What Docker has and Podman has not: questions that don't arise for it.

/// By the id of a check about an engine, what Podman lacks for it to arise (podman-system-service(1),
/// containers.conf(5)).
const LACKS: &[(&str, &str)] = &[
    ("daemon-authorization-plugin", "authorization plugins"),
    ("daemon-base-device-size", "devicemapper driver"),
    ("daemon-build-entitlements", "daemon.json"),
    ("daemon-cgroup-parent", "daemon.json"),
    ("daemon-config-drift", "daemon.json"),
    ("daemon-debug", "daemon.json"),
    ("daemon-default-address", "daemon.json"),
    ("daemon-default-ulimits", "daemon.json"),
    ("daemon-experimental", "switch for experimental features"),
    ("daemon-icc", "switch for traffic between containers"),
    ("daemon-insecure-registries", "list of them in its API: registries.conf(5) says them"),
    ("daemon-iptables", "switch for packet filter rules"),
    ("daemon-live-restore", "daemon that its containers depend on"),
    ("daemon-log-level", "daemon.json"),
    ("daemon-no-new-privileges", "daemon.json"),
    ("daemon-plugins", "managed plugins"),
    ("daemon-remote-logging", "log driver that sends to another host"),
    ("daemon-userland-proxy", "userland proxy"),
    ("daemon-userns-remap", "userns-remap"),
];

/// What Podman lacks, so that this check says nothing of it.
pub(crate) fn lacks(check: &str) -> Option<&'static str> {
    let listed = LACKS.iter().find(|(id, _)| *id == check).map(|(_, what)| *what);
    listed.or_else(|| check.starts_with("swarm-").then_some("swarm mode"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{engine_with, snapshot_with};
    use crate::{CHECKS, Expectations, Judge, evaluate};
    use dockward_model::facts::{Flavour, sample};

    #[test]
    fn each_is_a_check_about_an_engine() {
        for (id, _) in LACKS {
            let check = CHECKS.iter().find(|check| check.meta.id == *id);
            let check = check.unwrap_or_else(|| panic!("{id} is no check"));
            assert!(!matches!(check.judge, Judge::Host(_)), "{id}");
        }
    }

    #[test]
    fn what_podman_lacks_is_judged_of_docker_only() {
        let judged = |flavour| {
            let engine = engine_with(|e| e.daemon.flavour = sample::known(flavour, "Components"));
            let snapshot = snapshot_with(|s| s.engines = vec![engine]);
            evaluate(&snapshot, &Expectations::default(), &|id| lacks(id).is_some())
        };
        let podman = judged(Flavour::Podman);
        assert!(podman.findings.is_empty(), "{:?}", podman.findings);
        assert!(podman.counts.values().all(|count| count.pass == 0));
        let not_applicable: usize = podman.counts.values().map(|c| c.not_applicable).sum();
        assert_eq!(not_applicable, podman.rules.len());
        assert!(!judged(Flavour::Docker).findings.is_empty());
    }
}
