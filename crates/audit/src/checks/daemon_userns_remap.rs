use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// Root in a container is uid 0 on the host as well. Whatever lets a process out of its
    /// container, a mistake in runc or the kernel or a careless mount, lets it out as root. With
    /// user namespaces, root in the container is an ordinary, unprivileged uid outside.
    ///
    /// ## Fix
    /// `"userns-remap": "default"` in daemon.json, restart the engine. It then starts with an
    /// empty data root of its own, and volumes need new owners: plan it as a move. A rootless
    /// engine has the same effect.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.9 (1.6, 1.7), 2.10 (1.8); user_namespaces(7). What is in force is
    /// `SecurityOptions` of `/info`.
    id: "daemon-userns-remap", title: "root in a container is not root on the host",
    severity: Medium, area: Daemon, cis16: ["2.9"], cis18: ["2.10"], Engine: userns_remap
}

fn userns_remap(_: &Snapshot, engine: &Engine) -> Outcome {
    let daemon = &engine.daemon;
    let remapped = daemon.security_option("userns");
    if remapped.fact.unknown().is_some() {
        return Outcome::unread(&remapped);
    }
    if remapped.get().is_some() || daemon.security_option("rootless").get().is_some() {
        return Outcome::Pass;
    }
    let evidence = Evidence::of(&remapped, "no name=userns", "name=userns").effective();
    let wanted = daemon.configured_text("userns-remap");
    let written = wanted.get().map(|value| Evidence::of(&wanted, value.as_str(), "in force"));
    let message = "root in a container has the host's uid 0";
    let fix = "set \"userns-remap\": \"default\" in daemon.json and restart the engine";
    Failure::new(message, evidence, fix).and(written).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_unknown, engine_with, snapshot, started_with,
    };
    use dockward_model::facts::sample;
    use serde_json::json;

    fn with(options: &[&str]) -> Outcome {
        let options = options.iter().map(ToString::to_string).collect();
        let options = sample::known(options, "SecurityOptions");
        userns_remap(&snapshot(), &engine_with(|e| e.daemon.security_options = options))
    }

    #[test]
    fn remapped_and_rootless_pass() {
        assert_passes(with(&["name=seccomp,profile=builtin", "name=userns"]));
        assert_passes(with(&["name=rootless"]));
    }

    #[test]
    fn a_stock_engine_fails() {
        assert_fails(with(&["name=seccomp,profile=builtin"]));
        let none = engine_with(|e| e.daemon.security_options = sample::absent("SecurityOptions"));
        assert_fails(userns_remap(&snapshot(), &none));
    }

    #[test]
    fn what_argv_claims_and_the_engine_does_not_do_still_fails() {
        let engine = started_with(&json!({"userns-remap": "default"}));
        let failure = assert_fails(userns_remap(&snapshot(), &engine));
        assert_eq!(failure.evidence.len(), 2, "what is in force, and what was written");
    }

    #[test]
    fn unread_is_unknown() {
        let engine =
            engine_with(|e| e.daemon.security_options = sample::unknown("SecurityOptions"));
        assert_unknown(userns_remap(&snapshot(), &engine));
    }
}
