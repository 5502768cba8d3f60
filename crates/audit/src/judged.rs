//! What the checks' own tests share: a snapshot and an engine to start from, and how it must end.

use dockward_model::ImageId;
use dockward_model::facts::{
    Configured, Engine, Fact, Field, FileFacts, Host, Image, Origin, Snapshot, Swarm, sample,
};
use dockward_model::verdict::{Failure, Outcome};

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

/// A host of which one file was looked at.
pub(crate) fn host_with(path: &str, file: Field<FileFacts>) -> Host {
    Host { files: [(path.to_owned(), file)].into(), ..sample::host() }
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
