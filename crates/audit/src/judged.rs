//! What the checks' own tests share: a snapshot and an engine to start from.

use dockward_model::facts::{Engine, Field, Origin, Snapshot, Swarm, sample};

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
        swarm: Swarm {
            state: sample::known("inactive".into(), "Swarm.LocalNodeState"),
            manager: sample::known(false, "Swarm.ControlAvailable"),
        },
    };
    change(&mut engine);
    engine
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
