use dockward_model::facts::{Case, Fact, PublishedPort};
use dockward_model::verdict::{Evidence, Failure, Foothold, Gain, Outcome};

use crate::reach::{self, Reach};
use crate::standing::is_rootless;
use crate::{listed, published};

crate::rule! {
    /// ## Why
    /// The engine writes its own firewall rules, and they come before those of ufw and firewalld:
    /// a packet for a published port is forwarded to the container before the host's rules for
    /// incoming traffic are asked. `ufw deny 8080` changes nothing, and `ufw status` still shows it
    /// as closed. Who relies on the host's firewall has an open port without knowing.
    ///
    /// Where the kernel's rules could be read, a running container's ports are walked through them
    /// as a packet from outside would be: a port that they close, or that the host's firewall lets
    /// in anyway, goes around nothing. Of the chains on one hook all are asked: that one accepts
    /// does not keep another from dropping.
    ///
    /// ## Fix
    /// Publish on an address that cannot be reached from outside (`-p 127.0.0.1:8080:80`; Compose
    /// `ports: ["127.0.0.1:8080:80"]`), or filter where the engine asks: the chain `DOCKER-USER`.
    ///
    /// ## References
    /// docs.docker.com, "Packet filtering and firewalls"; moby issue 4737; nft(8), "Hooks" and
    /// "Priority"; not in the CIS benchmark.
    id: "container-ports-bypass-firewall", title: "published ports do not go around the firewall",
    severity: Medium, cis16: [], cis18: [], judge: ports_bypass_firewall
}

fn ports_bypass_firewall(case: &Case<'_>) -> Outcome {
    published::judge(case, |ports| {
        let open: Vec<_> = ports.iter().filter(|port| !published::is_local(case, port)).collect();
        if open.is_empty() { Outcome::Pass } else { judge(case, &open) }
    })
}

fn judge(case: &Case<'_>, open: &[&PublishedPort]) -> Outcome {
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
            Fact::Known(true) | Fact::Absent => fail(case, firewalls, open),
        }
    })
}

fn fail(case: &Case<'_>, firewalls: &[String], open: &[&PublishedPort]) -> Outcome {
    let (around, rulings) = around(case, open);
    let Some(first) = around.first() else { return Outcome::Pass };
    let names = listed::few(firewalls);
    let example = published::on_loopback(first);
    let firewall =
        Evidence::of(&case.host.firewall, format!("{names} is on"), "asked for each port");
    let how = if rulings.is_empty() { "open whatever it says" } else { "closed there, yet open" };
    let failure = Failure {
        severity: None,
        message: format!("goes around {names}: {how}: {}", published::in_a_line(&around)),
        evidence: published::evidence(case, &around, "127.0.0.1, or a rule in DOCKER-USER"),
        fix: format!(
            "publish as `-p {example}` (`ports: [\"{example}\"]`) or filter in DOCKER-USER"
        ),
        openings: Vec::new(),
    };
    let failure = failure.and([firewall.effective()]).and(rulings);
    failure.opens(Gain::Reach, Foothold::Network).into()
}

/// The ports that do go around it, and for the first of them what shows that: the rule that closes
/// it on the host, and the one that turns it aside before. Where the kernel's rules are not known,
/// or the container doesn't run and has none yet, that is all of them.
fn around<'a>(
    case: &Case<'_>,
    open: &[&'a PublishedPort],
) -> (Vec<&'a PublishedPort>, Vec<Evidence>) {
    let runs = case.container.running.get() == Some(&true);
    let Some(filter) = reach::filter(case.daemon).filter(|_| runs) else {
        return (open.to_vec(), Vec::new());
    };
    let (mut ports, mut rulings) = (Vec::new(), Vec::new());
    for port in open {
        let aside = match reach::published(filter, port) {
            Reach::Blocked(_) => continue,
            Reach::Open { aside, .. } => aside,
            Reach::Unknown(_) => None,
        };
        let host = reach::listening(filter, port.protocol, port.host_address, port.host_port);
        match host {
            Reach::Open { .. } => continue,
            Reach::Blocked(closes) if rulings.is_empty() => {
                rulings.push(closes.evidence("asked for each port"));
                rulings.extend(aside.map(|aside| aside.evidence("only what is meant to be open")));
            }
            Reach::Blocked(_) | Reach::Unknown(_) => {}
        }
        ports.push(*port);
    }
    (ports, rulings)
}

#[cfg(test)]
mod tests;
