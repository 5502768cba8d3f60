use dockward_model::facts::{Action, Chain, Container, Engine, PacketFilter, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};
use dockward_rules::reach::{self, Reach};

crate::check! {
    /// ## Why
    /// A host's firewall (ufw, firewalld, an nftables file) filters what is meant for the host
    /// itself, on the input hook. What is meant for a container passes through the forward hook,
    /// and there the engine lets in what is published. The one place that the engine asks first and
    /// never changes is the chain `DOCKER-USER`: where it is empty, nothing that anybody wrote is
    /// asked about containers.
    ///
    /// ## Fix
    /// Say there who may come in, and drop the rest. Destination and port are the container's by
    /// then; the port that was published is `--ctorigdstport`:
    /// `iptables -I DOCKER-USER -i eth0 -m conntrack --ctstate NEW -j DROP`, then above it
    /// `iptables -I DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 443 -j ACCEPT`.
    /// Keep both in what sets up the firewall at start. `ip6tables` has a chain of its own.
    ///
    /// ## References
    /// docs.docker.com, "Docker with iptables"; iptables-extensions(8), `conntrack`.
    id: "host-firewall-docker-user", title: "the host's firewall is asked about containers",
    severity: Low, area: Host, cis16: [], cis18: [], Engine: docker_user
}

fn docker_user(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    let daemon = &engine.daemon;
    let none = Outcome::NotApplicable("no firewall is switched on on this host".into());
    snapshot.host.firewall.judge(none, |firewalls| {
        if daemon.security_option("rootless").get().is_some() {
            return Outcome::NotApplicable(
                "a rootless engine writes no rules of the host's".into(),
            );
        }
        daemon.packet_filter.judge(Outcome::unread(&daemon.packet_filter), |filter| {
            let open = open(engine, filter);
            let chains: Vec<_> =
                filter.chains.iter().filter(|chain| chain.name == "DOCKER-USER").collect();
            match (open.first(), chains.iter().find(|chain| is_empty(chain))) {
                (None, _) => Outcome::Pass,
                _ if chains.is_empty() => {
                    Outcome::NotApplicable("the engine has no chain DOCKER-USER here".into())
                }
                (_, None) => Outcome::Pass,
                (Some(first), Some(chain)) => {
                    let on = Evidence::of(
                        &snapshot.host.firewall,
                        format!("{} is on", firewalls.join(", ")),
                        "asked about containers too",
                    );
                    Outcome::Review(ask(chain, first, open.len()).and([on.effective()]))
                }
            }
        })
    })
}

fn ask(chain: &Chain, first: &str, count: usize) -> Failure {
    let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
    Failure::new(
        format!("DOCKER-USER is empty: nobody is asked about {first}{more}"),
        Evidence::at(&chain.origin(None), "no rule", "who may come in, and a drop of the rest"),
        "decide who may reach them, and say so in DOCKER-USER: \
         `iptables -I DOCKER-USER -i INTERFACE -m conntrack --ctstate NEW -j DROP`",
    )
}

/// Running containers' ports that packets are turned aside to, in a line each.
fn open(engine: &Engine, filter: &PacketFilter) -> Vec<String> {
    let runs = |c: &&Container| c.running.get() == Some(&true);
    let mut open = Vec::new();
    for container in engine.containers.iter().filter(runs) {
        for port in container.ports.get().into_iter().flatten().filter(|p| !p.is_loopback()) {
            if let Reach::Open { aside: Some(_), .. } = reach::published(filter, port) {
                open.push(format!("{port} of {}", container.name));
            }
        }
    }
    open
}

/// Whether nothing in it can keep a packet back or let it on by itself.
fn is_empty(chain: &Chain) -> bool {
    let says_nothing = |action: &Action| matches!(action, Action::Return);
    chain.rules.iter().flat_map(|rule| &rule.then).all(says_nothing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_needs_a_look, assert_not_applicable, assert_passes, assert_unknown, engine_with,
        publishing, snapshot, snapshot_with,
    };
    use dockward_model::facts::sample::{self, firewall};
    use dockward_model::facts::{Field, Origin};

    fn behind_ufw() -> Snapshot {
        let ufw = Field::known(vec!["ufw".into()], Origin::file("/etc/ufw/ufw.conf", Some(2)));
        snapshot_with(|s| s.host.firewall = ufw)
    }

    fn engine(filter: PacketFilter) -> Engine {
        engine_with(|e| {
            e.daemon.packet_filter = sample::known(filter, "nf_tables");
            e.containers = vec![publishing("0.0.0.0", 8080, 80)];
        })
    }

    #[test]
    fn an_empty_chain_before_a_port_that_is_open_needs_a_look() {
        let look = assert_needs_a_look(docker_user(&behind_ufw(), &engine(firewall::docker())));
        assert!(look.message.contains("0.0.0.0:8080->80/tcp of web"), "{}", look.message);
        assert_eq!(look.evidence.len(), 2);
    }

    #[test]
    fn a_rule_in_it_or_nothing_published_passes() {
        let ten = firewall::from("10.0.0.0", "10.255.255.255");
        let rule = firewall::rule(7, [ten], Action::Drop);
        let filter = firewall::docker().with_first("DOCKER-USER", rule);
        assert_passes(docker_user(&behind_ufw(), &engine(filter)));
        let mut local = engine(firewall::docker());
        local.containers = vec![publishing("127.0.0.1", 8080, 80)];
        assert_passes(docker_user(&behind_ufw(), &local));
    }

    #[test]
    fn without_a_firewall_or_the_chain_the_question_does_not_arise() {
        assert_not_applicable(docker_user(&snapshot(), &engine(firewall::docker())));
        let mut native = firewall::docker();
        native.chains.retain(|chain| chain.name != "DOCKER-USER");
        native.chains[0].rules.remove(0);
        assert_not_applicable(docker_user(&behind_ufw(), &engine(native)));
    }

    #[test]
    fn rules_that_were_not_read_are_unknown() {
        assert_unknown(docker_user(&behind_ufw(), &engine_with(|_| {})));
        let unread = snapshot_with(|s| s.host.firewall = sample::unknown("ufw.conf"));
        assert_unknown(docker_user(&unread, &engine(firewall::docker())));
    }
}
