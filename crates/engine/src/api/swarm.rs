//! `/info`'s `Swarm`, `/swarm`, `/nodes`, and the names of `/secrets` and `/configs`. Join tokens,
//! keys and the content of configs are never read.

use crate::api::Texts;
use crate::record::record;

record! {
    /// `/info`, `Swarm`.
    pub struct SwarmInfo {
        /// `NodeID`: empty outside of a swarm.
        node_id: String = "NodeID",
        /// `NodeAddr`: an address.
        node_addr: String = "NodeAddr",
        /// `LocalNodeState`: `inactive`, `pending`, `active`, `error` or `locked`.
        local_node_state: String = "LocalNodeState",
        /// `ControlAvailable`: whether this node is a manager that can be asked.
        control_available: bool = "ControlAvailable",
        /// `Error`.
        error: String = "Error",
        /// `Nodes`: how many there are, as a manager knows.
        nodes: i64 = "Nodes",
        /// `Managers`: how many of them manage, as a manager knows.
        managers: i64 = "Managers",
        /// `RemoteManagers`: the managers that it knows.
        remote_managers: Vec<Peer> = "RemoteManagers",
        /// `Cluster`: on a manager.
        cluster: Swarm = "Cluster",
    }

    /// One of `Swarm.RemoteManagers` of `/info`.
    pub struct Peer {
        /// `NodeID`.
        node_id: String = "NodeID",
        /// `Addr`: address and port.
        addr: String = "Addr",
    }

    /// `/swarm`, and `Swarm.Cluster` of `/info`; without the join tokens.
    pub struct Swarm {
        /// `ID`.
        id: String = "ID",
        /// `CreatedAt`: RFC 3339.
        created_at: String = "CreatedAt",
        /// `UpdatedAt`: RFC 3339.
        updated_at: String = "UpdatedAt",
        /// `Spec`: its settings.
        spec: SwarmSpec = "Spec",
        /// `TLSInfo`: what the nodes trust.
        tls_info: TlsInfo = "TLSInfo",
        /// `RootRotationInProgress`: whether its CA is being changed.
        root_rotation_in_progress: bool = "RootRotationInProgress",
        /// `DefaultAddrPool`: in CIDR form.
        default_addr_pool: Vec<String> = "DefaultAddrPool",
        /// `SubnetSize`: the prefix length of the subnets cut from it.
        subnet_size: i64 = "SubnetSize",
        /// `DataPathPort`: UDP, 4789 where 0.
        data_path_port: i64 = "DataPathPort",
    }

    /// `Spec` of a swarm.
    pub struct SwarmSpec {
        /// `Name`.
        name: String = "Name",
        /// `Labels`.
        labels: Texts = "Labels",
        /// `CAConfig`.
        ca_config: CaConfig = "CAConfig",
        /// `EncryptionConfig`.
        encryption_config: EncryptionConfig = "EncryptionConfig",
    }

    /// `Spec.CAConfig` of a swarm.
    pub struct CaConfig {
        /// `NodeCertExpiry`: nanoseconds; 90 days by default.
        node_cert_expiry: i64 = "NodeCertExpiry",
        /// `ExternalCAs`: authorities outside of the swarm.
        external_cas: Vec<ExternalCa> = "ExternalCAs",
    }

    /// One of `Spec.CAConfig.ExternalCAs` of a swarm.
    pub struct ExternalCa {
        /// `Protocol`: `cfssl`.
        protocol: String = "Protocol",
        /// `URL`: where certificates are asked for.
        url: String = "URL",
    }

    /// `TLSInfo` of a swarm.
    pub struct TlsInfo {
        /// `TrustRoot`: certificates in PEM form.
        trust_root: String = "TrustRoot",
    }

    /// `Spec.EncryptionConfig` of a swarm.
    pub struct EncryptionConfig {
        /// `AutoLockManagers`: whether a restarted manager waits for the unlock key.
        auto_lock_managers: bool = "AutoLockManagers",
    }

    /// One of `/nodes`.
    pub struct Node {
        /// `ID`.
        id: String = "ID",
        /// `Spec`: as an administrator wants it.
        spec: NodeSpec = "Spec",
        /// `Description`: as it describes itself.
        description: NodeDescription = "Description",
        /// `Status`: as the managers see it.
        status: NodeStatus = "Status",
        /// `ManagerStatus`: on a manager.
        manager_status: ManagerStatus = "ManagerStatus",
    }

    /// `Spec` of a node.
    pub struct NodeSpec {
        /// `Name`.
        name: String = "Name",
        /// `Labels`.
        labels: Texts = "Labels",
        /// `Role`: `manager` or `worker`.
        role: String = "Role",
        /// `Availability`: `active`, `pause` or `drain`.
        availability: String = "Availability",
    }

    /// `Description` of a node.
    pub struct NodeDescription {
        /// `Hostname`.
        hostname: String = "Hostname",
        /// `Engine`.
        engine: NodeEngine = "Engine",
    }

    /// `Description.Engine` of a node.
    pub struct NodeEngine {
        /// `EngineVersion`.
        engine_version: String = "EngineVersion",
        /// `Labels`.
        labels: Texts = "Labels",
    }

    /// `Status` of a node.
    pub struct NodeStatus {
        /// `State`: `ready`, `down`, `disconnected` or `unknown`.
        state: String = "State",
        /// `Addr`: an address.
        addr: String = "Addr",
    }

    /// `ManagerStatus` of a node.
    pub struct ManagerStatus {
        /// `Leader`: absent where false.
        leader: bool = "Leader",
        /// `Reachability`: `reachable`, `unreachable` or `unknown`.
        reachability: String = "Reachability",
        /// `Addr`: address and port.
        addr: String = "Addr",
    }

    /// One of `/secrets` or `/configs`.
    pub struct Stored {
        /// `ID`.
        id: String = "ID",
        /// `Spec`: its name; what a config holds is not read.
        spec: StoredSpec = "Spec",
    }

    /// `Spec` of a secret or a config.
    pub struct StoredSpec {
        /// `Name`.
        name: String = "Name",
    }
}
