use dockward_model::facts::{ConfigFile, Engine, Origin, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::drift::{Difference, differences};

crate::check! {
    /// ## Why
    /// A daemon.json that was edited and not reloaded says one thing while the engine does
    /// another. Whoever reads the file believes in a protection that is not there, and the next
    /// restart, perhaps in a night of trouble, changes how the host behaves.
    ///
    /// ## Fix
    /// `systemctl reload docker` for what can be changed at run time (live-restore, debug,
    /// insecure-registries, default-runtime, …), a restart for the rest; or take the edit back.
    ///
    /// ## References
    /// dockerd(8), "Configuration reload behavior"; `/info` and the options of the network
    /// `bridge` against the daemon.json that this process opened.
    id: "daemon-config-drift", title: "what daemon.json says is in force",
    severity: Medium, area: Daemon, cis16: [], cis18: [], Engine: config_drift
}

fn config_drift(_: &Snapshot, engine: &Engine) -> Outcome {
    let daemon = &engine.daemon;
    if let Some(why) = daemon.config.unknown() {
        return Outcome::Unknown(why.to_owned());
    }
    let file = &daemon.config_file;
    file.judge(Outcome::NotApplicable("this engine has no daemon.json".into()), |file| {
        let origin = Origin::file(file.path.as_str(), None);
        match differences(daemon, &origin, file.newer_than_process) {
            found if !found.is_empty() => fail(file, found).into(),
            _ if file.newer_than_process => Outcome::Review(edited(file, &origin)),
            _ => Outcome::Pass,
        }
    })
}

fn fail(file: &ConfigFile, found: Vec<Difference>) -> Failure {
    let keys: Vec<_> = found.iter().map(|difference| difference.key).collect();
    let how = if file.newer_than_process { "edited, not reloaded" } else { "not what is in force" };
    Failure {
        severity: None,
        message: format!("{} is {how}: {}", file.path, keys.join(", ")),
        evidence: found.into_iter().flat_map(|difference| difference.evidence).collect(),
        fix: "reload or restart the engine, or take the edit back".into(),
        openings: Vec::new(),
    }
}

fn edited(file: &ConfigFile, origin: &Origin) -> Failure {
    let evidence = Evidence::at(origin, "changed after the engine started", "older than that");
    Failure::new(
        format!("{} was edited after the engine started; what it shows agrees", file.path),
        evidence,
        "reload or restart the engine, so that the settings it does not show hold too",
    )
    .severity(Severity::Info)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_needs_a_look, assert_not_applicable, assert_passes, assert_unknown,
        config_unread, configured, snapshot, started_with,
    };
    use dockward_model::facts::sample;
    use serde_json::json;

    fn judged(mut engine: Engine, newer_than_process: bool) -> Outcome {
        let path = "/etc/docker/daemon.json".into();
        let file = ConfigFile { path, modified: None, newer_than_process };
        engine.daemon.config_file = sample::known(file, "");
        config_drift(&snapshot(), &engine)
    }

    #[test]
    fn an_edit_that_was_not_reloaded_fails_with_both_sides() {
        let failure = assert_fails(judged(configured(&json!({"live-restore": true})), true));
        assert!(failure.message.contains("edited, not reloaded: live-restore"));
        assert_eq!(failure.evidence[0].origin.to_string(), "/etc/docker/daemon.json:3");
        assert_eq!(failure.evidence[1].seen, "live-restore: false");
    }

    #[test]
    fn a_setting_taken_out_of_a_newer_file_is_seen_too() {
        let mut engine = configured(&json!({}));
        engine.daemon.icc = sample::known(false, "enable_icc");
        assert!(assert_fails(judged(engine.clone(), true)).message.contains("icc"));
        assert_passes(judged(engine, false));
    }

    #[test]
    fn a_difference_under_an_old_time_stamp_is_one_all_the_same() {
        let failure = assert_fails(judged(configured(&json!({"userns-remap": "default"})), false));
        assert!(failure.message.contains("not what is in force"), "{}", failure.message);
    }

    #[test]
    fn agreement_passes_and_a_newer_file_needs_a_look() {
        let same = json!({"log-driver": "json-file", "userns-remap": "", "log-level": "info"});
        assert_passes(judged(configured(&same), false));
        assert_needs_a_look(judged(configured(&same), true));
    }

    #[test]
    fn an_argument_can_not_drift_and_an_old_engine_does_not_show_everything() {
        assert_passes(judged(started_with(&json!({"live-restore": true})), false));
        let mut old = configured(&json!({"no-new-privileges": true}));
        old.daemon.version = sample::known("20.10.24".into(), "ServerVersion");
        assert_passes(judged(old, false));
    }

    #[test]
    fn no_file_is_nothing_to_compare_and_an_unread_one_is_unknown() {
        let mut engine = configured(&json!({}));
        engine.daemon.config_file = sample::absent("");
        assert_not_applicable(config_drift(&snapshot(), &engine));
        assert_unknown(judged(config_unread(), true));
    }
}
