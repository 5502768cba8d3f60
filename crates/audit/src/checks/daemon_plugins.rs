use dockward_model::facts::{Engine, Plugin, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity, Subject};

crate::check! {
    /// ## Why
    /// A managed plugin is somebody else's program that the engine starts as root, outside of what
    /// `docker ps` shows and of the limits that containers have. One that was granted
    /// `CAP_SYS_ADMIN` is root on the host.
    ///
    /// ## Fix
    /// Remove what nobody uses: `docker plugin disable NAME && docker plugin rm NAME`. For the
    /// rest, look at what they were granted (`docker plugin inspect NAME`) and who publishes them.
    ///
    /// ## References
    /// docs.docker.com, "Docker Engine managed plugin system"; capabilities(7).
    id: "daemon-plugins", title: "managed plugins are few and can do little",
    severity: Low, area: Resources, cis16: [], cis18: [], Each: plugins
}

/// Any of these is enough for root on the host.
const MIGHTY: [&str; 6] = [
    "ALL",
    "CAP_SYS_ADMIN",
    "CAP_SYS_MODULE",
    "CAP_SYS_PTRACE",
    "CAP_SYS_RAWIO",
    "CAP_DAC_READ_SEARCH",
];

fn plugins(_: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    let list = match engine.plugins.get() {
        Some(list) => list,
        None if engine.plugins.fact.is_absent() => return Vec::new(),
        None => {
            let endpoint = engine.daemon.endpoint.clone();
            return vec![(Subject::Daemon { endpoint }, Outcome::unread(&engine.plugins))];
        }
    };
    let subject = |p: &Plugin| Subject::Resource { what: "plugin".into(), name: p.name.clone() };
    list.iter().map(|plugin| (subject(plugin), judge(engine, plugin))).collect()
}

fn judge(engine: &Engine, plugin: &Plugin) -> Outcome {
    if !plugin.enabled {
        return Outcome::Pass;
    }
    let is_mighty = |granted: &&String| MIGHTY.contains(&granted.to_ascii_uppercase().as_str());
    let mighty: Vec<_> = plugin.capabilities.iter().filter(is_mighty).cloned().collect();
    let (severity, what, seen) = if mighty.is_empty() {
        (Severity::Low, "runs as root beside the containers", plugin.interfaces.join(", "))
    } else {
        (Severity::Medium, "was granted what is as good as root", mighty.join(", "))
    };
    let seen = if seen.is_empty() { "enabled".to_owned() } else { seen };
    let evidence = Evidence::of(&engine.plugins, seen, "only what is needed").effective();
    let fix = "keep it only if something uses it, from a publisher you trust";
    Outcome::Review(Failure::new(what, evidence, fix).severity(severity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_needs_a_look, assert_unknown, engine_with, snapshot};
    use dockward_model::facts::{Field, sample};

    fn with(plugins: Field<Vec<Plugin>>) -> Vec<(Subject, Outcome)> {
        super::plugins(&snapshot(), &engine_with(|e| e.plugins = plugins))
    }

    fn plugin(enabled: bool, capability: &str) -> Plugin {
        Plugin {
            name: "vieux/sshfs:latest".into(),
            enabled,
            interfaces: vec!["docker.volumedriver/1.0".into()],
            capabilities: vec![capability.into()],
        }
    }

    #[test]
    fn a_plugin_is_looked_at_and_more_so_with_might() {
        for (capability, severity) in
            [("CAP_SYS_ADMIN", Severity::Medium), ("CAP_NET_BIND_SERVICE", Severity::Low)]
        {
            let list = vec![plugin(true, capability)];
            let (subject, outcome) = with(sample::known(list, "Plugins")).remove(0);
            assert_eq!(subject.name(), "vieux/sshfs:latest");
            assert_eq!(assert_needs_a_look(outcome).severity, Some(severity), "{capability}");
        }
    }

    #[test]
    fn a_disabled_one_passes_and_none_is_nothing_to_judge() {
        let list = vec![plugin(false, "CAP_SYS_ADMIN")];
        assert_eq!(with(sample::known(list, "Plugins")).remove(0).1, Outcome::Pass);
        assert!(with(sample::absent("Plugins")).is_empty());
        assert!(with(sample::known(Vec::new(), "Plugins")).is_empty());
    }

    #[test]
    fn an_unread_list_is_unknown() {
        assert_unknown(with(sample::unknown("Plugins")).remove(0).1);
    }
}
