//! The sockets of containerd, the host's own and those that engines were told of or start.

use std::collections::BTreeSet;

use dockward_model::facts::{Daemon, Snapshot};
use dockward_model::verdict::Outcome;

use crate::guarded::Guarded;
use crate::together;

/// The service's own.
const SERVICE: &str = "/run/containerd/containerd.sock";

/// Judges all of them as one.
pub(crate) fn judge(snapshot: &Snapshot, by: impl Fn(&Guarded) -> Outcome) -> Outcome {
    let sockets = snapshot.engines.iter().flat_map(|engine| of_engine(&engine.daemon));
    let sockets: BTreeSet<String> = sockets.chain([SERVICE.to_owned()]).collect();
    let verdicts = sockets.iter().map(|path| by(&Guarded::new(&snapshot.host, path, 0)));
    together::all(verdicts, "no containerd here")
}

/// A rootless engine's lies in its user's own folder.
fn of_engine(daemon: &Daemon) -> Vec<String> {
    if daemon.is_rootless() {
        return Vec::new();
    }
    Daemon::containerd_sockets(|key| daemon.config.known()?.get(key)?.value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, configured, file, snapshot_with};
    use serde_json::json;

    #[test]
    fn the_services_own_and_each_engines_count() {
        let settings = json!({"containerd": "unix:///srv/c.sock", "exec-root": "/srv/x"});
        let paths = [SERVICE, "/srv/c.sock", "/srv/x/containerd/containerd.sock"];
        let judge_with = |open: Option<&str>| {
            let snapshot = snapshot_with(|s| {
                s.engines = vec![configured(&settings)];
                let mode = |path| if Some(path) == open { 0o666 } else { 0o660 };
                let files = paths.map(|path| (path.to_owned(), file(mode(path), 0, 0)));
                s.host.files = files.into();
            });
            judge(&snapshot, |socket| socket.judge_mode(0o660))
        };
        assert_passes(judge_with(None));
        for path in paths {
            assert!(assert_fails(judge_with(Some(path))).message.contains(path));
        }
    }
}
