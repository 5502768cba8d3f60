use dockward_model::facts::{Case, Fact, PublishedPort};
use dockward_model::verdict::{Evidence, Failure, Foothold, Gain, Outcome};

use crate::standing::is_rootless;
use crate::{listed, published};

crate::rule! {
    /// ## Why
    /// The engine writes its own firewall rules, and they come before those of ufw and firewalld:
    /// a packet for a published port is forwarded to the container before the host's rules for
    /// incoming traffic are asked. `ufw deny 8080` changes nothing, and `ufw status` still shows it
    /// as closed. Who relies on the host's firewall has an open port without knowing.
    ///
    /// ## Fix
    /// Publish on an address that cannot be reached from outside (`-p 127.0.0.1:8080:80`; Compose
    /// `ports: ["127.0.0.1:8080:80"]`), or filter where the engine asks: the chain `DOCKER-USER`.
    ///
    /// ## References
    /// Docker's page on packet filtering and firewalls; moby issue 4737; not in the CIS benchmark.
    id: "container-ports-bypass-firewall", title: "published ports do not go around the firewall",
    severity: Medium, cis16: [], cis18: [], judge: ports_bypass_firewall
}

fn ports_bypass_firewall(case: &Case<'_>) -> Outcome {
    published::judge(case, |ports| {
        let open: Vec<_> = ports.iter().filter(|port| !published::is_local(case, port)).collect();
        match open.first() {
            None => Outcome::Pass,
            Some(first) => judge(case, &open, first),
        }
    })
}

fn judge(case: &Case<'_>, open: &[&PublishedPort], first: &PublishedPort) -> Outcome {
    let none = Outcome::NotApplicable("no firewall is switched on on this host".into());
    case.host.firewall.judge(none, |firewalls| {
        if is_rootless(case) {
            let why = "a rootless engine opens ports as a user, behind the host's firewall";
            return Outcome::NotApplicable(why.into());
        }
        let iptables = case.daemon.configured_bool("iptables");
        match iptables.fact {
            Fact::Known(false) => {
                let why = "the engine writes no firewall rules (`iptables` is false)";
                Outcome::NotApplicable(why.into())
            }
            Fact::Unknown(_) => Outcome::unread(&iptables),
            Fact::Known(true) | Fact::Absent => fail(case, firewalls, open, first),
        }
    })
}

fn fail(
    case: &Case<'_>,
    firewalls: &[String],
    open: &[&PublishedPort],
    first: &PublishedPort,
) -> Outcome {
    let names = listed::few(firewalls);
    let example = published::on_loopback(first);
    let firewall =
        Evidence::of(&case.host.firewall, format!("{names} is on"), "asked for each port");
    let failure = Failure {
        severity: None,
        message: format!(
            "goes around {names}: open whatever it says: {}",
            published::in_a_line(open)
        ),
        evidence: published::evidence(case, open, "127.0.0.1, or a rule in DOCKER-USER"),
        fix: format!(
            "publish as `-p {example}` (`ports: [\"{example}\"]`) or filter in DOCKER-USER"
        ),
        openings: Vec::new(),
    };
    failure.and([firewall.effective()]).opens(Gain::Reach, Foothold::Network).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        Facts, assert_fails, assert_not_applicable, assert_passes, assert_unknown,
    };
    use crate::published::{case_with, sample};
    use dockward_model::facts::{Configured, Field, Origin, sample as samples};

    fn behind_ufw(ports: Vec<PublishedPort>) -> Facts {
        let mut facts = case_with(ports);
        facts.host.firewall =
            Field::known(vec!["ufw".into()], Origin::file("/etc/ufw/ufw.conf", Some(3)));
        facts
    }

    #[test]
    fn a_published_port_goes_around_ufw() {
        for address in ["", "0.0.0.0", "::", "10.0.0.7"] {
            let facts = behind_ufw(vec![sample(address, 8080, 80)]);
            let failure = assert_fails(ports_bypass_firewall, &facts);
            assert!(failure.message.contains("ufw"), "{}", failure.message);
            assert_eq!(failure.evidence.len(), 2);
        }
    }

    #[test]
    fn a_port_on_loopback_or_none_passes() {
        assert_passes(ports_bypass_firewall, &behind_ufw(vec![sample("127.0.0.1", 80, 80)]));
        assert_passes(ports_bypass_firewall, &behind_ufw(vec![]));
    }

    #[test]
    fn without_a_firewall_or_without_the_engines_rules_the_question_does_not_arise() {
        assert_not_applicable(ports_bypass_firewall, &case_with(vec![sample("", 80, 80)]));
        let mut facts = behind_ufw(vec![sample("", 80, 80)]);
        let off = Configured {
            value: false.into(),
            secret: None,
            origin: Origin::file("/etc/docker/daemon.json", None),
        };
        facts.daemon.config = Fact::Known([("iptables".to_owned(), off)].into());
        assert_not_applicable(ports_bypass_firewall, &facts);
    }

    #[test]
    fn unreadable_ports_firewalls_and_settings_are_never_a_pass() {
        let mut facts = behind_ufw(vec![sample("", 80, 80)]);
        facts.daemon.config = Fact::Unknown("not allowed".into());
        assert_unknown(ports_bypass_firewall, &facts);
        facts.host.firewall = samples::unknown("");
        assert_unknown(ports_bypass_firewall, &facts);
        facts.container.ports = samples::unknown("NetworkSettings.Ports");
        assert_unknown(ports_bypass_firewall, &facts);
    }
}
