//! Swarm mode: this node's part in it, and what a manager knows of the whole swarm.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Container, Field};

/// Swarm mode of an engine. What only a manager knows is absent on a worker and outside of swarms.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Swarm {
    /// `/info`, `Swarm.LocalNodeState`: `inactive`, `pending`, `active`, `error`, `locked`.
    pub state: Field<String>,
    /// `/info`, `Swarm.ControlAvailable`: whether this node is a manager that can be asked.
    pub manager: Field<bool>,
    /// `/info`, `Swarm.NodeID`.
    pub node_id: Field<String>,
    /// `/info`, `Swarm.NodeAddr`: the address by which the other nodes know this one.
    pub node_address: Field<String>,
    /// `/info`, `Swarm.RemoteManagers`: addresses of managers, with their ports.
    pub remote_managers: Field<Vec<String>>,
    /// Where this node listens, from `swarm/docker-state.json` below the engine's data root.
    pub addresses: Field<NodeAddresses>,
    /// The swarm's settings.
    pub cluster: Cluster,
    /// `/nodes`.
    pub nodes: Field<Vec<SwarmNode>>,
    /// `/services`.
    pub services: Field<Vec<Service>>,
    /// `/secrets`: names only.
    pub secrets: Field<Vec<String>>,
    /// `/configs`: names only.
    pub configs: Field<Vec<String>>,
}

/// Where a node listens and by which address it sends (moby `daemon/cluster/noderunner.go`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeAddresses {
    /// `ListenAddr`: where a manager listens, and the host part of it every node; `0.0.0.0:2377`
    /// unless told otherwise.
    pub listen: String,
    /// `AdvertiseAddr`: what the other nodes are told.
    pub advertise: String,
    /// `DataPathAddr`: where containers' traffic goes; the advertised one where there is none.
    pub data_path: Option<String>,
}

/// `/swarm`: settings of the whole swarm. Join tokens and keys are never read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cluster {
    /// `CreatedAt`.
    pub created: Field<Timestamp>,
    /// `UpdatedAt`: when any of its settings last changed.
    pub updated: Field<Timestamp>,
    /// `Spec.EncryptionConfig.AutoLockManagers`.
    pub autolock: Field<bool>,
    /// `Spec.CAConfig.NodeCertExpiry`, nanoseconds; the engine's default is 90 days.
    pub node_cert_expiry: Field<i64>,
    /// `Spec.CAConfig.ExternalCAs`: the URLs of authorities outside of the swarm.
    pub external_cas: Field<Vec<String>>,
    /// `RootRotationInProgress`.
    pub ca_rotating: Field<bool>,
    /// Validity of the first certificate of `TLSInfo.TrustRoot`.
    pub ca: Field<Validity>,
    /// `DataPathPort`: UDP port of containers' traffic.
    pub data_path_port: Field<i64>,
}

/// From when to when a certificate is valid (RFC 5280, section 4.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// `notBefore`.
    pub not_before: Timestamp,
    /// `notAfter`.
    pub not_after: Timestamp,
}

/// One of `/nodes`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SwarmNode {
    /// `ID`.
    pub id: String,
    /// `Description.Hostname`.
    pub hostname: String,
    /// `Spec.Role`: `manager` or `worker`.
    pub role: String,
    /// `Spec.Availability`: `active`, `pause` or `drain`.
    pub availability: String,
    /// `Status.State`: `ready`, `down`, `disconnected` or `unknown`.
    pub state: String,
    /// `Status.Addr`.
    pub address: String,
    /// `Description.Engine.EngineVersion`.
    pub engine_version: String,
    /// `ManagerStatus.Reachability` of a manager: `reachable`, `unreachable` or `unknown`.
    pub reachability: Option<String>,
    /// `ManagerStatus.Leader`.
    pub leader: bool,
}

impl SwarmNode {
    /// Whether it manages the swarm.
    #[must_use]
    pub fn is_manager(&self) -> bool {
        self.role == "manager"
    }

    /// The name that people know it by.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.hostname.is_empty() { &self.id } else { &self.hostname }
    }
}

/// One of `/services`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    /// `ID`.
    pub id: String,
    /// `Spec.Name`.
    pub name: String,
    /// `Spec.Labels`, the service's own; values that look like secrets are replaced.
    pub labels: BTreeMap<String, String>,
    /// `Spec.Mode`: `replicated`, `global`, `replicated-job` or `global-job`.
    pub mode: String,
    /// `Spec.Mode.Replicated.Replicas`.
    pub replicas: Option<i64>,
    /// What its tasks are made with (`Spec.TaskTemplate`); none where the tasks are plugins.
    pub container: Option<Container>,
    /// Names of the secrets that its tasks get.
    pub secrets: Vec<String>,
    /// Names of the configs that its tasks get.
    pub configs: Vec<String>,
}
