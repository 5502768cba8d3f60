use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::{audited, together};

crate::check! {
    /// ## Why
    /// Images, volumes and every container's files lie below the data root. Who writes there from
    /// the host changes what containers run, without the engine's knowledge and without its log.
    ///
    /// ## Fix
    /// A line `-w /var/lib/docker -p wa -k docker` in `/etc/audit/rules.d/docker.rules`, then
    /// `augenrules --load`. The finding names the path that this host has. Writing and changes of
    /// owner and mode have to be recorded, of all users and of 32-bit programs too. The rules in
    /// force count; where the kernel does not tell them, those that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.5; audit.rules(7), augenrules(8). The data root is the one that
    /// `/info` names.
    id: "host-audit-data-root", title: "changes to the engine's data root are recorded",
    severity: Low, area: Host, cis16: ["1.1.5"], cis18: ["1.1.5"], Host: data_root
}

fn data_root(snapshot: &Snapshot) -> Outcome {
    if snapshot.engines.is_empty() {
        return audited::files(snapshot, &["/var/lib/docker"]);
    }
    let roots = snapshot.engines.iter().map(|engine| &engine.daemon.data_root);
    let judged = roots.map(|root| match root.get() {
        Some(path) => audited::one(snapshot, path, audited::CHANGES),
        None => Outcome::unread(root),
    });
    together::all(judged, "no engine")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::judged_four_ways;
    use crate::audited::samples::{host, watch};
    use crate::judged::{assert_fails, assert_passes, assert_unknown, engine_with};
    use dockward_model::facts::sample;

    #[test]
    fn without_an_engine_the_usual_folder_is_judged() {
        judged_four_ways(data_root, "/var/lib/docker/");
    }

    #[test]
    fn an_engines_own_data_root_is_judged() {
        let mut snapshot = host(&["/srv/docker/", "/var/lib/docker/"], vec![watch("/srv/docker/")]);
        let engine = engine_with(|e| e.daemon.data_root = sample::known("/srv/docker".into(), ""));
        snapshot.engines = vec![engine];
        assert_passes(data_root(&snapshot));
        snapshot.host.audit.loaded = sample::known(vec![watch("/var/lib/docker/")], "");
        assert!(assert_fails(data_root(&snapshot)).message.contains("/srv/docker is not watched"));
        snapshot.engines[0].daemon.data_root = sample::unknown("DockerRootDir");
        assert_unknown(data_root(&snapshot));
    }
}
