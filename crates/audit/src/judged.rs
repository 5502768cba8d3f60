//! What the checks' own tests share: a snapshot and an engine to start from, and how it must end.

use dockward_model::ImageId;
use dockward_model::facts::{
    Change, Cluster, Configured, Container, Engine, Fact, Field, FileFacts, Host, Image, Manager,
    Origin, Owner, Package, Protocol, PublishedPort, Service, Snapshot, Swarm, SwarmNode, Unit,
    sample,
};
use dockward_model::verdict::{Failure, Outcome};

use crate::guarded;

/// An engine with stock settings and nothing in it, changed.
pub(crate) fn engine_with(change: impl FnOnce(&mut Engine)) -> Engine {
    let nothing = |what: &'static str| Origin::default_of(what);
    let mut engine = Engine {
        daemon: sample::daemon(),
        containers: Vec::new(),
        containers_listed: Field::known(true, nothing("containers")),
        images: Field::absent(nothing("images")),
        networks: Field::absent(nothing("networks")),
        volumes: Field::absent(nothing("volumes")),
        plugins: Field::absent(nothing("plugins")),
        swarm: no_swarm(),
    };
    change(&mut engine);
    engine
}

/// An engine outside of swarms.
fn no_swarm() -> Swarm {
    Swarm {
        state: sample::known("inactive".into(), "Swarm.LocalNodeState"),
        manager: sample::known(false, "Swarm.ControlAvailable"),
        node_id: sample::absent("Swarm.NodeID"),
        node_address: sample::absent("Swarm.NodeAddr"),
        remote_managers: sample::absent("Swarm.RemoteManagers"),
        addresses: sample::absent("docker-state.json"),
        cluster: Cluster {
            created: sample::absent("CreatedAt"),
            updated: sample::absent("UpdatedAt"),
            autolock: sample::absent("Spec.EncryptionConfig.AutoLockManagers"),
            node_cert_expiry: sample::absent("Spec.CAConfig.NodeCertExpiry"),
            external_cas: sample::absent("Spec.CAConfig.ExternalCAs"),
            ca_rotating: sample::absent("RootRotationInProgress"),
            ca: sample::absent("TLSInfo.TrustRoot"),
            data_path_port: sample::absent("DataPathPort"),
        },
        nodes: sample::absent("nodes"),
        services: sample::absent("services"),
        secrets: sample::absent("secrets"),
        configs: sample::absent("configs"),
    }
}

/// A manager of a swarm of these nodes, which is as the engine makes one, changed.
pub(crate) fn manager_with(nodes: Vec<SwarmNode>, change: impl FnOnce(&mut Swarm)) -> Engine {
    engine_with(|e| {
        let swarm = &mut e.swarm;
        swarm.state = sample::known("active".into(), "Swarm.LocalNodeState");
        swarm.manager = sample::known(true, "Swarm.ControlAvailable");
        swarm.nodes = sample::known(nodes, "nodes");
        swarm.services = sample::known(Vec::new(), "services");
        swarm.secrets = sample::known(Vec::new(), "secrets");
        swarm.configs = sample::known(Vec::new(), "configs");
        swarm.cluster.autolock = sample::known(false, "AutoLockManagers");
        swarm.cluster.ca_rotating = sample::known(false, "RootRotationInProgress");
        change(swarm);
    })
}

/// A node that works in a swarm and takes tasks.
pub(crate) fn node(hostname: &str, role: &str) -> SwarmNode {
    SwarmNode {
        id: format!("id-of-{hostname}"),
        hostname: hostname.into(),
        role: role.into(),
        availability: "active".into(),
        state: "ready".into(),
        engine_version: "28.5.2".into(),
        reachability: (role == "manager").then(|| "reachable".into()),
        ..SwarmNode::default()
    }
}

/// So many managers and workers.
pub(crate) fn nodes(managers: usize, workers: usize) -> Vec<SwarmNode> {
    let managers = (1..=managers).map(|n| node(&format!("m{n}"), "manager"));
    managers.chain((1..=workers).map(|n| node(&format!("w{n}"), "worker"))).collect()
}

/// A worker of a swarm.
pub(crate) fn worker() -> Engine {
    engine_with(|e| e.swarm.state = sample::known("active".into(), "Swarm.LocalNodeState"))
}

/// A service of this image, made as a swarm makes one of which nothing was said.
pub(crate) fn service(name: &str, image: &str) -> Service {
    let mut container = sample::container();
    container.name = name.into();
    container.image = image.into();
    container.privileged = sample::absent("Spec.TaskTemplate");
    container.running = sample::absent("Spec.TaskTemplate");
    container.network_mode = sample::absent("Spec.TaskTemplate.Networks");
    container.networks = sample::absent("Spec.TaskTemplate.Networks");
    Service {
        id: format!("id-of-{name}"),
        name: name.into(),
        mode: "replicated".into(),
        replicas: Some(1),
        container: Some(container),
        ..Service::default()
    }
}

/// An engine whose daemon.json is this object.
pub(crate) fn configured(settings: &serde_json::Value) -> Engine {
    configured_at(settings, &Origin::file("/etc/docker/daemon.json", Some(3)))
}

/// An engine that was started with these settings on its command line.
pub(crate) fn started_with(settings: &serde_json::Value) -> Engine {
    configured_at(settings, &Origin::Argv { pid: 812, flag: "--flag".into() })
}

fn configured_at(settings: &serde_json::Value, origin: &Origin) -> Engine {
    let settings = settings.as_object().expect("settings are an object");
    let entry = |value: &serde_json::Value| Configured {
        value: value.clone(),
        secret: None,
        origin: origin.clone(),
    };
    let map = settings.iter().map(|(key, value)| (key.clone(), entry(value))).collect();
    engine_with(|e| e.daemon.config = Fact::Known(map))
}

/// An engine whose argv and daemon.json could not be read.
pub(crate) fn config_unread() -> Engine {
    engine_with(|e| e.daemon.config = Fact::Unknown("permission denied".into()))
}

/// A regular file.
pub(crate) fn file(mode: u32, uid: u32, gid: u32) -> Field<FileFacts> {
    let facts = FileFacts { mode, uid, gid, node: "file".into(), modified: None };
    Field::known(facts, Origin::file("/a/file", None))
}

/// A host of which one file was looked at, in folders of root's.
pub(crate) fn host_with(path: &str, file: Field<FileFacts>) -> Host {
    let mut host = sample::host();
    insert(&mut host, path, file);
    host
}

/// Another file, in folders of root's where it is the first in them.
pub(crate) fn insert(host: &mut Host, path: &str, field: Field<FileFacts>) {
    for folder in guarded::above(host, path) {
        host.files.entry(folder).or_insert_with(|| file(0o755, 0, 0));
    }
    host.files.insert(path.to_owned(), field);
}

/// A host with one systemd unit, whose files are 0644 and root's.
pub(crate) fn host_with_unit(name: &str, unit: Unit) -> Host {
    let mut host = sample::host();
    unit.files().for_each(|path| insert(&mut host, path, file(0o644, 0, 0)));
    unit.folders.iter().for_each(|path| insert(&mut host, path, file(0o755, 0, 0)));
    host.units = [(name.to_owned(), Field::known(unit, Origin::Nowhere))].into();
    host
}

/// A unit of a package, with a drop-in of the administrator's.
pub(crate) fn unit(name: &str) -> Unit {
    Unit {
        fragment: format!("/usr/lib/systemd/system/{name}"),
        drop_ins: vec![format!("/etc/systemd/system/{name}.d/own.conf")],
        folders: vec!["/etc/systemd/system".into(), "/usr/lib/systemd/system".into()],
        ..Unit::default()
    }
}

/// A package of dpkg's that names these weaknesses, each in the entry of a version.
pub(crate) fn dpkg_package(name: &str, version: &str, mended: &[(&str, &str)]) -> Owner {
    let change = |entry: &str| Change { version: entry.into(), line: 3, doubtful: false };
    let changes = mended.iter().map(|(id, entry)| ((*id).to_owned(), change(entry))).collect();
    let changelog = format!("/usr/share/doc/{name}/changelog.Debian.gz");
    Owner::Package(Package {
        manager: Manager::Dpkg,
        name: name.into(),
        version: version.into(),
        source_version: None,
        changes: Field::known(changes, Origin::file(changelog, None)),
    })
}

/// A host with nothing remarkable, and no engine on it.
pub(crate) fn snapshot() -> Snapshot {
    snapshot_with(|_| {})
}

/// The same, changed.
pub(crate) fn snapshot_with(change: impl FnOnce(&mut Snapshot)) -> Snapshot {
    let mut snapshot = Snapshot {
        version: Snapshot::VERSION,
        now: jiff::Timestamp::UNIX_EPOCH,
        host: sample::host(),
        engines: Vec::new(),
        unseen: Vec::new(),
    };
    change(&mut snapshot);
    snapshot
}

#[track_caller]
pub(crate) fn assert_passes(outcome: Outcome) {
    assert_eq!(outcome, Outcome::Pass);
}

/// The failure, which must have evidence and a fix.
#[track_caller]
pub(crate) fn assert_fails(outcome: Outcome) -> Failure {
    match outcome {
        Outcome::Fail(failure) => complete(failure),
        other => panic!("expected a failure, got {other:?}"),
    }
}

/// What a person has to look at, which must have evidence and a fix as well.
#[track_caller]
pub(crate) fn assert_needs_a_look(outcome: Outcome) -> Failure {
    match outcome {
        Outcome::Review(failure) => complete(failure),
        other => panic!("expected a review, got {other:?}"),
    }
}

#[track_caller]
fn complete(failure: Failure) -> Failure {
    assert!(!failure.evidence.is_empty(), "a failure without evidence");
    assert!(!failure.fix.is_empty(), "a failure without a fix");
    failure
}

#[track_caller]
pub(crate) fn assert_unknown(outcome: Outcome) {
    assert!(matches!(outcome, Outcome::Unknown(_)), "expected unknown, got {outcome:?}");
}

#[track_caller]
pub(crate) fn assert_not_applicable(outcome: Outcome) {
    assert!(matches!(outcome, Outcome::NotApplicable(_)), "expected none, got {outcome:?}");
}

/// An engine with one image, which a container was made from.
pub(crate) fn with_image(change: impl FnOnce(&mut Image)) -> Engine {
    let id = ImageId(format!("sha256:{}", "ab".repeat(32)));
    let mut image = Image { id: id.clone(), tags: vec!["nginx:1.29".into()], ..Image::default() };
    change(&mut image);
    let mut container = sample::container();
    container.image_id = sample::known(id, "Image");
    engine_with(|e| {
        e.images = sample::known(vec![image], "images");
        e.containers = vec![container];
    })
}

/// A running container with one published port; `address` as in `-p`.
pub(crate) fn publishing(address: &str, host_port: u16, container_port: u16) -> Container {
    let port = PublishedPort {
        host_address: address.parse().ok(),
        host_port,
        container_port,
        protocol: Protocol::Tcp,
        origin: Origin::api(&"/containers/web/json".into(), "NetworkSettings.Ports"),
    };
    let mut container = sample::container();
    container.running = sample::known(true, "State.Running");
    container.ports = sample::known(vec![port], "NetworkSettings.Ports");
    container
}
