//! Published ports, IPv6 among them.

use dockward_model::facts::Snapshot;
use serde_json::json;

use super::situation::{container, running};
use super::{Situation, cases};

cases! {
    cis_5_8_a_low_port_counts_on_any_address: "1.6" "5.8" low;
    cis_5_9_a_port_on_ipv6_alone_is_seen: "1.6" "5.9" any;
    cis_5_14_every_interface_has_two_names: "1.6" "5.14" everywhere;
}

/// A container whose port 80 is published so.
fn published(address: &str, port: &str) -> Snapshot {
    let bound = json!({ "80/tcp": [{ "HostIp": address, "HostPort": port }] });
    running(vec![container(|record| {
        record["HostConfig"]["PortBindings"] = bound.clone();
        record["NetworkSettings"]["Ports"] = bound;
    })])
}

fn low() -> Situation {
    Situation {
        misleading: vec![published("::", "80"), published("fd00::5", "443")],
        shows: "below 1024",
        counterpart: published("fd00::5", "8443"),
    }
}

fn any() -> Situation {
    Situation {
        misleading: vec![published("::", "8443")],
        shows: "[::]:8443",
        counterpart: running(vec![container(|_| ())]),
    }
}

fn everywhere() -> Situation {
    Situation {
        misleading: vec![published("::", "8443")],
        shows: "[::]:8443",
        counterpart: published("::1", "8443"),
    }
}
