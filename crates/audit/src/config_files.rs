//! The daemon.json of each engine, as a file that makes its writers root.

use dockward_model::facts::{Daemon, Fact, Host, Snapshot};
use dockward_model::verdict::Outcome;

use crate::{lookup, together};

/// Judges the path of each engine's daemon.json, and the user to whom it may belong; without an
/// engine, the one that the next would read.
pub(crate) fn judge(snapshot: &Snapshot, by: impl Fn(&Host, &[&str], u32) -> Outcome) -> Outcome {
    if snapshot.engines.is_empty() {
        return by(&snapshot.host, &["/etc/docker/daemon.json"], 0);
    }
    let engines = snapshot.engines.iter();
    together::all(engines.map(|engine| of_engine(snapshot, &engine.daemon, &by)), "no engine")
}

fn of_engine(
    snapshot: &Snapshot,
    daemon: &Daemon,
    by: impl Fn(&Host, &[&str], u32) -> Outcome,
) -> Outcome {
    let Some(file) = daemon.config_file.get() else {
        let none = Outcome::NotApplicable("this engine has no daemon.json".into());
        let field = &daemon.config_file;
        return if field.fact.is_absent() { none } else { Outcome::unread(field) };
    };
    match lookup::engine_uid(daemon) {
        Fact::Known(uid) => by(&snapshot.host, &[&file.path], uid),
        Fact::Unknown(why) => Outcome::Unknown(why),
        Fact::Absent => Outcome::Unknown("who the engine runs as was not seen".into()),
    }
}
