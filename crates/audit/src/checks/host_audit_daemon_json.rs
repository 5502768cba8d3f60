use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::{audited, together};

crate::check! {
    /// ## Why
    /// daemon.json holds the engine's settings: where it listens, whom it trusts, which runtimes it
    /// starts. One line in it, and a reload, give the host away.
    ///
    /// ## Fix
    /// A line `-w /etc/docker/daemon.json -p wa -k docker` in `/etc/audit/rules.d/docker.rules`,
    /// then `augenrules --load`. The finding names the path that this host has. Writing and changes
    /// of owner and mode have to be recorded, of all users and of 32-bit programs too. The rules in
    /// force count; where the kernel does not tell them, those that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.11; audit.rules(7), augenrules(8). The file is the one that the
    /// engine's process was started with.
    id: "host-audit-daemon-json", title: "changes to daemon.json are recorded",
    severity: Low, area: Host, cis16: ["1.1.11"], cis18: ["1.1.11"], Host: daemon_json
}

fn daemon_json(snapshot: &Snapshot) -> Outcome {
    if snapshot.engines.is_empty() {
        return audited::files(snapshot, &["/etc/docker/daemon.json"]);
    }
    let files = snapshot.engines.iter().map(|engine| &engine.daemon.config_file);
    let judged = files.map(|file| match file.get() {
        Some(file) => audited::one(snapshot, &file.path, audited::CHANGES),
        None if file.fact.is_absent() => {
            Outcome::NotApplicable("this engine has no daemon.json".into())
        }
        None => Outcome::unread(file),
    });
    together::all(judged, "no engine")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::judged_four_ways;
    use crate::audited::samples::{host, watch};
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with,
    };
    use dockward_model::facts::{ConfigFile, Field, sample};

    #[test]
    fn without_an_engine_the_usual_file_is_judged() {
        judged_four_ways(daemon_json, "/etc/docker/daemon.json");
    }

    fn with(config_file: Field<ConfigFile>, watched: &str) -> Outcome {
        let mut snapshot = host(&["/srv/d.json"], vec![watch(watched)]);
        snapshot.engines = vec![engine_with(|e| e.daemon.config_file = config_file)];
        daemon_json(&snapshot)
    }

    #[test]
    fn the_file_that_the_engine_was_started_with_is_judged() {
        let path = "/srv/d.json".to_owned();
        let file = ConfigFile { path, modified: None, newer_than_process: false };
        let file = sample::known(file, "daemon.json");
        assert_passes(with(file.clone(), "/srv/d.json"));
        assert_fails(with(file, "/etc/docker/daemon.json"));
        assert_not_applicable(with(sample::absent("daemon.json"), "/"));
        assert_unknown(with(sample::unknown("daemon.json"), "/"));
    }
}
