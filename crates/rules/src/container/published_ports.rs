use dockward_model::facts::{Case, ListeningSocket, Protocol, PublishedPort};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::published;

crate::rule! {
    /// ## Why
    /// Every published port is a way in, and `-P` publishes whatever the image's author listed,
    /// debug and admin ports among them. Only the owner knows which ones are needed, so this is
    /// for a person to look at: the list, and the ports that nothing in the container serves.
    ///
    /// ## Fix
    /// Remove what is not needed from `-p` or `-P` (Compose `ports:`). Other containers reach a
    /// port without it being published; `expose:` is enough there. Accept the rest with a waiver.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.9; proc_pid_net(5).
    id: "container-published-ports", title: "only the ports that are needed are published",
    severity: Info, cis16: ["5.9"], cis18: ["5.9"], judge: published_ports
}

fn published_ports(case: &Case<'_>) -> Outcome {
    published::judge(case, |ports| {
        if ports.is_empty() { Outcome::Pass } else { Outcome::Review(list(case, ports)) }
    })
}

fn list(case: &Case<'_>, ports: &[PublishedPort]) -> Failure {
    let ports: Vec<_> = ports.iter().collect();
    let mut failure = Failure {
        severity: None,
        message: format!("publishes {}: are all of them needed?", published::in_a_line(&ports)),
        evidence: published::evidence(case, &ports, "only what is needed"),
        fix: "remove from `-p` or `-P` (`ports:`) what is not needed".into(),
        openings: Vec::new(),
    };
    if let Some((idle, seen)) = unserved(case, &ports) {
        let idle = published::in_a_line(&idle);
        failure.message = format!("{} Nothing in it serves {idle}", failure.message);
        failure = failure.and([seen]);
    }
    failure
}

/// The ports that nothing serves, where the kernel could be asked; SCTP it doesn't tell of.
fn unserved<'a>(
    case: &Case<'_>,
    ports: &[&'a PublishedPort],
) -> Option<(Vec<&'a PublishedPort>, Evidence)> {
    let listening = &case.container.kernel()?.listening;
    if listening.fact.unknown().is_some() {
        return None;
    }
    let sockets = listening.get().map(Vec::as_slice).unwrap_or_default();
    let serves = |port: &PublishedPort, socket: &ListeningSocket| {
        socket.port == port.container_port
            && socket.protocol == port.protocol
            && !socket.address.is_loopback()
    };
    let is_idle = |port: &&PublishedPort| {
        port.protocol != Protocol::Sctp && !sockets.iter().any(|socket| serves(port, socket))
    };
    let idle: Vec<_> = ports.iter().copied().filter(is_idle).collect();
    let seen = Evidence::of(listening, "no socket listens for it", "one for each published port");
    (!idle.is_empty()).then_some((idle, seen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, assert_passes, assert_reviews, assert_unknown};
    use crate::published::{case_with, sample};
    use dockward_model::facts::{Fact, sample as samples};

    fn serving(mut facts: Facts, sockets: &[(&str, u16)]) -> Facts {
        let socket = |(address, port): &(&str, u16)| ListeningSocket {
            protocol: Protocol::Tcp,
            address: address.parse().unwrap(),
            port: *port,
            inode: 1,
        };
        let mut kernel = samples::kernel();
        kernel.listening = samples::known(sockets.iter().map(socket).collect(), "net/tcp");
        facts.container.kernel = Fact::Known(kernel);
        facts
    }

    #[test]
    fn published_ports_are_listed_for_a_person_on_ipv6_too() {
        let ports = vec![sample("127.0.0.1", 80, 80), sample("::", 8443, 443)];
        let review = assert_reviews(published_ports, &case_with(ports));
        assert!(review.message.contains("127.0.0.1:80->80/tcp, [::]:8443->443/tcp"));
        assert_eq!(review.evidence.len(), 2);
    }

    #[test]
    fn a_port_that_nobody_serves_is_named() {
        let facts =
            case_with(vec![sample("", 80, 80), sample("", 9000, 9000), sample("", 5000, 5000)]);
        let facts = serving(facts, &[("::", 80), ("127.0.0.1", 9000)]);
        let review = assert_reviews(published_ports, &facts);
        assert!(
            review.message.ends_with("serves *:9000->9000/tcp, *:5000->5000/tcp"),
            "{}",
            review.message
        );
        assert_eq!(review.evidence.len(), 4);
    }

    #[test]
    fn nothing_is_said_of_idle_ports_where_the_kernel_could_not_be_asked() {
        let mut facts = serving(case_with(vec![sample("", 80, 80)]), &[]);
        if let Fact::Known(kernel) = &mut facts.container.kernel {
            kernel.listening = samples::unknown("net/tcp");
        }
        assert!(assert_reviews(published_ports, &facts).message.ends_with("needed?"));
    }

    #[test]
    fn nothing_published_passes_and_unreadable_ports_never_do() {
        let mut facts = case_with(vec![]);
        assert_passes(published_ports, &facts);
        facts.container.ports = samples::absent("NetworkSettings.Ports");
        assert_passes(published_ports, &facts);
        facts.container.ports = samples::unknown("NetworkSettings.Ports");
        assert_unknown(published_ports, &facts);
    }
}
