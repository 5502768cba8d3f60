use std::net::{IpAddr, Ipv4Addr};

use dockward_model::facts::{Container, Engine, PacketFilter, Protocol, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};
use dockward_rules::reach::{self, Reach};

use crate::together;

crate::check! {
    /// ## Why
    /// A host with containers passes packets on (`ip_forward`). Anyone on a network that it is on
    /// can tell their own machine that the containers' addresses are behind it (`ip route add
    /// 172.17.0.0/16 via HOST`) and send to them directly. Nothing has to be published for that:
    /// only the forward hook stands between.
    ///
    /// Engines before 28.0 relied on the policy of the chain FORWARD, which they set to drop only
    /// where they themselves switched forwarding on: on a router, a VPN server or beside a VM
    /// manager it stays at accept, and every port of every container is open to the neighbours.
    /// And what was published on 127.0.0.1 alone they let in at the container's own address.
    ///
    /// ## Fix
    /// Engine 28.0 or newer drops both by rules of its own. Before that, drop what is new and was
    /// not turned aside to a container: `iptables -I DOCKER-USER -i eth0 -m conntrack --ctstate NEW
    /// -m conntrack ! --ctstate DNAT -j DROP` for each interface to the outside, or, for the first
    /// of both alone, `iptables -P FORWARD DROP`.
    ///
    /// ## References
    /// moby pull requests 28257, 48724, 49325; moby issues 14041, 45610; docs.docker.com, "Packet
    /// filtering and firewalls", on direct routing.
    id: "host-forwarding-open", title: "neighbours can't send to containers' own addresses",
    severity: Medium, area: Host, cis16: [], cis18: [], Engine: forwarding_open
}

/// A port that nobody publishes (RFC 863), to stand for all of these.
const UNPUBLISHED: u16 = 9;

fn forwarding_open(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = &engine.daemon.packet_filter;
    if engine.daemon.security_option("rootless").get().is_some() {
        return Outcome::NotApplicable("a rootless engine's networks are behind no router".into());
    }
    field.judge(Outcome::unread(field), |filter| match filter.forwards.known() {
        Some(false) => Outcome::Pass,
        _ if !engine.containers.iter().any(Container::may_run) => {
            Outcome::NotApplicable("no container runs".into())
        }
        _ => {
            let networks =
                networks(engine, filter).map(|(name, to)| unpublished(filter, &name, to));
            let local = published_locally(engine, filter);
            together::all(networks.chain(local), "the engine has no bridge")
        }
    })
}

/// The engine's bridges, and an address behind each that no rule is likely to name. A network
/// whose ports are open on purpose (gateway mode `nat-unprotected`) is left out.
fn networks<'a>(
    engine: &'a Engine,
    filter: &'a PacketFilter,
) -> impl Iterator<Item = (String, IpAddr)> + 'a {
    const MODE: &str = "com.docker.network.bridge.gateway_mode_ipv4";
    let is_unprotected = |bridge: &str| {
        engine.networks.get().into_iter().flatten().any(|network| {
            let named = network.options.get("com.docker.network.bridge.name");
            let is_it = named.is_some_and(|name| name == bridge)
                || bridge.strip_prefix("br-").is_some_and(|id| network.id.starts_with(id));
            is_it && network.options.get(MODE).is_some_and(|mode| mode == "nat-unprotected")
        })
    };
    let bridges = reach::bridges(filter).into_iter();
    bridges.filter(move |bridge| !is_unprotected(&bridge.name)).filter_map(|bridge| {
        let address = bridge.addresses.iter().find_map(|(own, bits)| match own {
            IpAddr::V4(own) if *bits < 31 => Some(last(*own, *bits)),
            _ => None,
        })?;
        Some((bridge.name.clone(), address.into()))
    })
}

/// The last address of a network that a container can have.
fn last(own: Ipv4Addr, bits: u8) -> Ipv4Addr {
    let free = u32::MAX.checked_shr(bits.into()).unwrap_or(0);
    Ipv4Addr::from_bits((own.to_bits() | free) - 1)
}

fn unpublished(filter: &PacketFilter, bridge: &str, to: IpAddr) -> Outcome {
    match reach::routed(filter, Protocol::Tcp, to, UNPUBLISHED) {
        Reach::Blocked(_) => Outcome::Pass,
        Reach::Unknown(why) => Outcome::Unknown(why),
        Reach::Open { only, .. } => {
            let who = only.map_or_else(String::new, |only| format!(" {only}"));
            let policy = filter.chains.iter().find(|chain| {
                chain.base.is_some_and(|base| base.hook == dockward_model::facts::Hook::Forward)
            });
            let origin = policy.map_or_else(Default::default, |chain| chain.origin(None));
            let seen = format!("{to}:{UNPUBLISHED} behind {bridge} is let through{who}");
            fail(
                format!("unpublished ports behind {bridge} are open to who routes there{who}"),
                Evidence::at(&origin, seen, "dropped").effective(),
            )
        }
    }
}

fn fail(message: String, evidence: Evidence) -> Outcome {
    let fix = "update the engine to 28.0 or newer, or `iptables -I DOCKER-USER -i INTERFACE \
               -m conntrack --ctstate NEW -m conntrack ! --ctstate DNAT -j DROP`";
    Failure::new(message, evidence, fix).into()
}

/// Ports on loopback whose container is reached at its own address.
fn published_locally(engine: &Engine, filter: &PacketFilter) -> Vec<Outcome> {
    let mut all = Vec::new();
    for container in engine.containers.iter().filter(|c| c.running.get() == Some(&true)) {
        for port in container.ports.get().into_iter().flatten().filter(|p| p.is_loopback()) {
            let Some((to, at)) = reach::behind(filter, port) else { continue };
            if let open @ Reach::Open { .. } = reach::routed(filter, port.protocol, to, at) {
                let only = match open {
                    Reach::Open { only: Some(only), .. } => format!(" {only}"),
                    _ => String::new(),
                };
                let name = &container.name;
                let message = format!("{port} of {name} is open at {to}:{at}{only}");
                let evidence = Evidence::at(&port.origin, port.to_string(), "open to this host");
                all.push(fail(message, evidence.effective()));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests;
