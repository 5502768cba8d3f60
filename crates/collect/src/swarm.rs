//! Swarm mode: what `/info` tells of this node, what a manager is asked, and the one file in which
//! the engine keeps the node's addresses. Tokens and keys stay where they are.

use std::fmt::Display;

use dockward_engine::api::{self, Info};
use dockward_engine::{Answer, Client, Error, Lenient};
use dockward_model::facts::{Cluster, Fact, Field, NodeAddresses, Origin, Swarm, SwarmNode};
use serde::Deserialize;

use crate::certificate;
use crate::container::{Around, time};
use crate::field::{Answered, Odd, filled, part, text_part};
use crate::redacted;
use crate::service::{self, Networks};
use crate::tree::Tree;
use crate::unseen::Notes;

/// Where the engine keeps a node's addresses, below its data root (moby `daemon/cluster`).
const STATE: &str = "swarm/docker-state.json";
/// More than the engine ever writes there, in bytes.
const STATE_LIMIT: usize = 1 << 16;

/// Swarm mode as this engine tells of it; only a manager is asked about the swarm.
pub(crate) fn ask(
    client: &Client,
    info: &Lenient<Info>,
    networks: &Lenient<Vec<api::Network>>,
    around: Around<'_>,
    notes: &Notes,
) -> Swarm {
    let mut swarm = of_info(info);
    if swarm.manager.get() != Some(&true) {
        return swarm;
    }
    swarm.cluster = cluster(&told(client.swarm(), "the swarm's settings", notes));
    swarm.nodes = nodes(&told(client.nodes(), "the swarm's nodes", notes));
    let services = told(client.services(), "the swarm's services", notes);
    let mut networks = Networks::of(networks);
    networks.ask(client, &services);
    swarm.services = service::services(&services, &networks, around);
    swarm.secrets = names("/secrets", &told(client.secrets(), "the swarm's secrets", notes));
    swarm.configs = names("/configs", &told(client.configs(), "the swarm's configs", notes));
    swarm
}

/// An answer, or why there is none; that is noted, too.
fn told<T>(answer: Result<Answer<T>, Error>, what: &str, notes: &Notes) -> Lenient<T> {
    match answer {
        Ok(answer) => Lenient::Known(answer.value),
        Err(error) => {
            notes.failed(what, &error);
            Lenient::Odd(error.to_string())
        }
    }
}

/// This node as `/info` tells of it. What only a manager knows is absent for one that is none, and
/// unknown where it is not known whether it is one.
fn of_info(info: &Lenient<Info>) -> Swarm {
    let a = Answered::new("/info");
    let part = info.within(|i| &i.swarm).map(Clone::clone);
    let managers = part.get(|s| &s.remote_managers);
    let manager = a.flag("Swarm.ControlAvailable", part.within(|s| &s.control_available));
    let unasked = Unasked { why: manager.fact.unknown() };
    Swarm {
        state: a.text("Swarm.LocalNodeState", part.within(|s| &s.local_node_state)),
        node_id: a.text("Swarm.NodeID", part.within(|s| &s.node_id)),
        node_address: a.text("Swarm.NodeAddr", part.within(|s| &s.node_addr)),
        remote_managers: a
            .list("Swarm.RemoteManagers", managers, |_, one| text_part("Addr", &one.addr)),
        addresses: Field::default(),
        cluster: unasked.cluster(),
        nodes: unasked.field("/nodes"),
        services: unasked.field("/services"),
        secrets: unasked.field("/secrets"),
        configs: unasked.field("/configs"),
        manager,
    }
}

/// What is not asked of an engine that is no manager.
struct Unasked<'a> {
    /// Why it is not known whether it is one.
    why: Option<&'a str>,
}

impl Unasked<'_> {
    fn field<T>(&self, endpoint: &str) -> Field<T> {
        let origin = Answered::new(endpoint).origin("");
        match self.why {
            None => Field::absent(origin),
            Some(why) => Field::unknown(why, origin),
        }
    }

    fn cluster(&self) -> Cluster {
        const SWARM: &str = "/swarm";
        Cluster {
            created: self.field(SWARM),
            updated: self.field(SWARM),
            autolock: self.field(SWARM),
            node_cert_expiry: self.field(SWARM),
            external_cas: self.field(SWARM),
            ca_rotating: self.field(SWARM),
            ca: self.field(SWARM),
            data_path_port: self.field(SWARM),
        }
    }
}

/// The settings of the swarm.
fn cluster(told: &Lenient<api::Swarm>) -> Cluster {
    let a = Answered::new("/swarm");
    let spec = told.within(|s| &s.spec).map(Clone::clone);
    let ca = spec.within(|s| &s.ca_config).map(Clone::clone);
    let keys = spec.within(|s| &s.encryption_config).map(Clone::clone);
    let tls = told.within(|s| &s.tls_info).map(Clone::clone);
    let expiry = ca.within(|c| &c.node_cert_expiry);
    Cluster {
        created: a.read("CreatedAt", told.within(|s| &s.created_at), "a time", |t| time(t)),
        updated: a.read("UpdatedAt", told.within(|s| &s.updated_at), "a time", |t| time(t)),
        autolock: a
            .flag("Spec.EncryptionConfig.AutoLockManagers", keys.within(|k| &k.auto_lock_managers)),
        node_cert_expiry: a.number("Spec.CAConfig.NodeCertExpiry", expiry),
        external_cas: a.list("Spec.CAConfig.ExternalCAs", ca.get(|c| &c.external_cas), |_, one| {
            Ok(redacted::text(&text_part("URL", &one.url)?).0)
        }),
        ca_rotating: a
            .flag("RootRotationInProgress", told.within(|s| &s.root_rotation_in_progress)),
        ca: a.read("TLSInfo.TrustRoot", tls.within(|t| &t.trust_root), "a text", |pem| {
            let read = certificate::validity(pem).map(Some);
            read.ok_or_else(|| "holds no certificate that can be read".to_owned())
        }),
        data_path_port: a.number("DataPathPort", told.within(|s| &s.data_path_port)),
    }
}

fn nodes(told: &Lenient<Vec<api::Node>>) -> Field<Vec<SwarmNode>> {
    Answered::new("/nodes").whole(told.as_ref(), |_, one| node(one))
}

fn node(one: &api::Node) -> Result<SwarmNode, Odd> {
    let spec = part("Spec", &one.spec)?.cloned().unwrap_or_default();
    let description = part("Description", &one.description)?.cloned().unwrap_or_default();
    let engine = part("Engine", &description.engine)?.cloned().unwrap_or_default();
    let status = part("Status", &one.status)?.cloned().unwrap_or_default();
    let manager = part("ManagerStatus", &one.manager_status)?.cloned().unwrap_or_default();
    Ok(SwarmNode {
        id: text_part("ID", &one.id)?,
        hostname: text_part("Hostname", &description.hostname)?,
        role: text_part("Role", &spec.role)?,
        availability: text_part("Availability", &spec.availability)?,
        state: text_part("State", &status.state)?,
        address: text_part("Addr", &status.addr)?,
        engine_version: text_part("EngineVersion", &engine.engine_version)?,
        reachability: filled(&text_part("Reachability", &manager.reachability)?),
        leader: part("Leader", &manager.leader)?.copied().unwrap_or_default(),
    })
}

/// Names of secrets or configs. Nothing else of them is kept.
fn names(endpoint: &str, told: &Lenient<Vec<api::Stored>>) -> Field<Vec<String>> {
    Answered::new(endpoint).whole(told.as_ref(), |_, one| {
        let spec = part("Spec", &one.spec)?.cloned().unwrap_or_default();
        text_part("Name", &spec.name)
    })
}

/// What the engine keeps of a node in [`STATE`]; the rest is not read.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NodeState {
    listen_addr: String,
    advertise_addr: String,
    data_path_addr: String,
}

/// Where this node listens and by which address it sends, by the engine's own file. Nothing is
/// looked for outside of swarms.
pub(crate) fn addresses<T: Tree>(
    state: &Field<String>,
    data_root: &Field<String>,
    files: &Fact<T>,
) -> Field<NodeAddresses> {
    let is_out = matches!(state.get().map(String::as_str), Some("inactive"));
    let root = data_root.get().map_or("", String::as_str).trim_end_matches('/');
    let path = format!("{root}/{STATE}");
    let origin = Origin::file(&*path, None);
    let unread = |why: &str| Field::unknown(why, origin.clone());
    match (&state.fact, &data_root.fact, files) {
        (Fact::Absent, ..) => Field::absent(origin),
        _ if is_out => Field::absent(origin),
        (Fact::Unknown(why), ..) | (_, Fact::Unknown(why), _) | (_, _, Fact::Unknown(why)) => {
            unread(why)
        }
        (_, Fact::Absent, _) | (_, _, Fact::Absent) => unread("the engine's files were not found"),
        (_, _, Fact::Known(files)) => match files.read_text(&path, STATE_LIMIT) {
            Fact::Known(text) => parsed(&text, origin),
            Fact::Absent => Field::absent(origin),
            Fact::Unknown(why) => unread(&why),
        },
    }
}

fn parsed(text: &str, origin: Origin) -> Field<NodeAddresses> {
    // What is wrong with it is told without quoting it.
    let odd = |error: &dyn Display| format!("it is not as the engine writes it: {error}");
    match serde_json::from_str::<NodeState>(text) {
        Err(error) => Field::unknown(odd(&error), origin),
        Ok(state) if state.listen_addr.is_empty() => {
            Field::unknown(odd(&"it names no address"), origin)
        }
        Ok(state) => {
            let data_path = filled(&state.data_path_addr);
            let (listen, advertise) = (state.listen_addr, state.advertise_addr);
            Field::known(NodeAddresses { listen, advertise, data_path }, origin)
        }
    }
}

#[cfg(test)]
mod tests;
