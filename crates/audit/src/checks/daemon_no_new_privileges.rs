use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::{lookup, settings};

crate::check! {
    /// ## Why
    /// Without `no-new-privileges` a process in a container that runs as an ordinary user becomes
    /// root through any set-uid program of the image. With it set for the whole engine, each
    /// container starts without that way, and one that needs it has to say so.
    ///
    /// ## Fix
    /// `"no-new-privileges": true` in daemon.json, restart the engine. Containers that live off
    /// `sudo` or `su` ask for `--security-opt no-new-privileges=false`.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.14 (1.6, 1.7), 2.15 (1.8); prctl(2), `PR_SET_NO_NEW_PRIVS`. Engines
    /// from 24 on list it in `SecurityOptions` of `/info`; of older ones argv and daemon.json tell.
    id: "daemon-no-new-privileges", title: "containers can't gain privileges by default",
    severity: Low, area: Daemon, cis16: ["2.14"], cis18: ["2.15"], Engine: no_new_privileges
}

/// The first engine that lists it in `/info` (moby pull request 45320).
const LISTED_SINCE: u32 = 24;

fn no_new_privileges(_: &Snapshot, engine: &Engine) -> Outcome {
    let daemon = &engine.daemon;
    let in_force = daemon.security_option("no-new-privileges");
    let configured = daemon.configured_bool("no-new-privileges");
    let listed = lookup::major_version(daemon).is_some_and(|major| major >= LISTED_SINCE);
    if in_force.get().is_some() {
        return Outcome::Pass;
    }
    if in_force.fact.is_absent() && listed {
        let expected = "name=no-new-privileges";
        let evidence = Evidence::of(&in_force, "not listed", expected).effective();
        return failure(evidence).into();
    }
    settings::switch(&configured, false, true, failure)
}

fn failure(evidence: Evidence) -> Failure {
    let message = "containers may gain privileges through set-uid programs";
    let fix = "set \"no-new-privileges\": true in daemon.json and restart the engine";
    Failure::new(message, evidence, fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_unknown, config_unread, configured, engine_with,
        snapshot, started_with,
    };
    use dockward_model::facts::sample;
    use serde_json::json;

    fn old(mut engine: Engine) -> Outcome {
        engine.daemon.version = sample::known("20.10.24+dfsg1".into(), "ServerVersion");
        no_new_privileges(&snapshot(), &engine)
    }

    #[test]
    fn in_force_passes() {
        let options = sample::known(vec!["name=no-new-privileges".into()], "SecurityOptions");
        let engine = engine_with(|e| e.daemon.security_options = options);
        assert_passes(no_new_privileges(&snapshot(), &engine));
    }

    #[test]
    fn not_in_force_fails_whatever_argv_claims() {
        assert_fails(no_new_privileges(&snapshot(), &engine_with(|_| {})));
        let claimed = started_with(&json!({"no-new-privileges": true}));
        assert_fails(no_new_privileges(&snapshot(), &claimed));
    }

    #[test]
    fn an_old_engine_does_not_list_it_so_its_configuration_decides() {
        assert_passes(old(configured(&json!({"no-new-privileges": true}))));
        assert_fails(old(configured(&json!({"no-new-privileges": false}))));
        assert_fails(old(configured(&json!({}))));
        assert_unknown(old(config_unread()));
    }

    #[test]
    fn nothing_read_is_unknown() {
        let mut engine = config_unread();
        engine.daemon.security_options = sample::unknown("SecurityOptions");
        assert_unknown(no_new_privileges(&snapshot(), &engine));
    }
}
