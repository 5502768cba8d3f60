//! Which rules a service is judged by, and what mends it there: the words of `docker service`, and
//! of a stack's Compose file where they differ from a container's.

use super::Seen;

/// A rule that a service is judged by.
pub(super) struct Applied {
    rule: &'static str,
    /// Whether the service itself says enough, or its image where that is here.
    pub(super) says: fn(&Seen) -> bool,
    /// What mends it.
    pub(super) fix: &'static str,
}

impl Applied {
    /// How a rule is applied, if it is.
    pub(super) fn of(rule: &str) -> Option<&'static Self> {
        APPLIED.iter().find(|applied| applied.rule == rule)
    }
}

const fn always(rule: &'static str, fix: &'static str) -> Applied {
    Applied { rule, says: |_| true, fix }
}

const fn where_options_are_given(rule: &'static str, fix: &'static str) -> Applied {
    Applied { rule, says: |seen| !seen.container.security_opt.fact.is_absent(), fix }
}

const MOUNT: &str = "`docker service update --mount-rm TARGET` (`volumes:`), then mount only the folder that \
     it needs, with `readonly`";
const SECRET: &str = "`docker secret create`, then `docker service update --secret-add NAME` \
     (`secrets:`); remove the value from the service, and change it";
const PORT: &str = "a swarm binds a published port to no address: `docker service update \
     --publish-rm PORT` and let a proxy on its overlay answer, or filter in DOCKER-USER on every \
     node";

/// Not in here is what a service has no word for (it gets the engine's default), and what only its
/// tasks can show.
#[rustfmt::skip]
const APPLIED: &[Applied] = &[
    where_options_are_given("container-apparmor", "set AppArmor back to its default (`Privileges.AppArmor` of the service)"),
    always("container-capabilities", "`docker service update --cap-drop ALL --cap-add NAME`: only what it needs (`cap_drop:`, `cap_add:`)"),
    always("container-cpu-limit", "`docker service update --limit-cpu 1.5` (`deploy.resources.limits.cpus`)"),
    always("container-engine-socket", "`docker service update --mount-rm TARGET` (`volumes:`), or put a filtering proxy before the socket"),
    Applied {
        rule: "container-healthcheck",
        says: |seen| seen.image_here || !seen.container.healthcheck.fact.is_absent(),
        fix: "`docker service update --health-cmd '…'` (`healthcheck: {test: …}`), or `HEALTHCHECK` in the image",
    },
    always("container-host-network", "`docker service update --network-rm host --network-add NAME` and publish the ports it needs"),
    always("container-host-root-mount", MOUNT),
    always("container-log-driver", "`docker service update --log-driver local` (`logging: {driver: local}`)"),
    always("container-memory-limit", "`docker service update --limit-memory 512m` (`deploy.resources.limits.memory`)"),
    where_options_are_given("container-no-new-privileges", "`\"no-new-privileges\": true` in daemon.json of every node, or `Privileges.NoNewPrivileges` of the service"),
    Applied {
        rule: "container-oom-killer",
        says: |seen| !seen.container.limits.oom_score_adj.fact.is_absent(),
        fix: "`docker service update --oom-score-adj 0` (`oom_score_adj:`) and set `--limit-memory`",
    },
    always("container-pids-limit", "`docker service update --limit-pids 200` (`deploy.resources.limits.pids`)"),
    always("container-ports-all-interfaces", PORT),
    always("container-ports-bypass-firewall", PORT),
    always("container-privileged-ports", "`docker service update --publish-rm PORT --publish-add 8080:80` (`ports:`)"),
    always("container-published-ports", "`docker service update --publish-rm PORT` (`ports:`) for what is not needed"),
    always("container-read-only-root", "`docker service update --read-only --mount-add type=tmpfs,target=/tmp` (`read_only: true`)"),
    Applied {
        rule: "container-root-user",
        says: Seen::says_user,
        fix: "`docker service update --user 1000:1000` (`user: \"1000:1000\"`), or `USER` in the Dockerfile",
    },
    where_options_are_given("container-seccomp", "set seccomp back to its default (`Privileges.Seccomp` of the service)"),
    always("container-secret-in-argv", SECRET),
    always("container-secret-in-env", SECRET),
    always("container-secret-in-labels", SECRET),
    where_options_are_given("container-selinux", "set SELinux back to its default (`Privileges.SELinuxContext` of the service)"),
    always("container-sensitive-mount", MOUNT),
    always("container-shared-propagation", "mount it again without `bind-propagation=shared` (`docker service update --mount-rm`, `--mount-add`)"),
    always("container-volumes-writable", "mount what it only reads with `readonly` (`docker service update --mount-rm`, `--mount-add`)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_the_table_is_one_and_stands_there_once() {
        let ids: Vec<_> = dockward_rules::RULES.iter().map(|rule| rule.meta.id).collect();
        for applied in APPLIED {
            assert!(ids.contains(&applied.rule), "{}", applied.rule);
        }
        let sorted = APPLIED.windows(2).all(|pair| pair[0].rule < pair[1].rule);
        assert!(sorted, "by rule, each once");
    }

    #[test]
    fn no_fix_names_what_only_a_container_can_be_given() {
        for applied in APPLIED {
            for word in ["docker run", "docker update", "--security-opt", "-p "] {
                assert!(!applied.fix.contains(word), "{}: {word}", applied.rule);
            }
        }
    }
}
