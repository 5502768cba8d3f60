use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

crate::check! {
    /// ## Why
    /// The engine's seccomp profile keeps containers from more than forty system calls that they
    /// hardly ever need and that most ways out of containers go through. Switched off for the
    /// whole engine, no container has a filter unless it brings one.
    ///
    /// ## Fix
    /// Remove `"seccomp-profile": "unconfined"` from daemon.json and restart the engine. A profile
    /// of your own is fine if it forbids at least what the built-in one does: compare them at each
    /// update of the engine.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.17 (1.6, 1.7), 2.18 (1.8); docs.docker.com, "Seccomp security
    /// profiles". What is in force is `SecurityOptions` of `/info`.
    id: "daemon-seccomp-profile", title: "containers start under the built-in seccomp profile",
    severity: High, area: Daemon, cis16: ["2.17"], cis18: ["2.18"], Engine: seccomp_profile
}

fn seccomp_profile(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = engine.daemon.security_option("seccomp");
    if field.fact.unknown().is_some() {
        return Outcome::unread(&field);
    }
    let failure = |seen: &str, message: &str, fix: &str| {
        let evidence = Evidence::of(&field, seen, "seccomp, profile=builtin").effective();
        Failure::new(message, evidence, fix)
    };
    let without = failure(
        "no name=seccomp",
        "the engine or the kernel has no seccomp: no container has a filter",
        "use a kernel and an engine that were built with seccomp",
    );
    field.judge(without.into(), |settings| match settings.strip_prefix("profile=") {
        None | Some("builtin" | "default") => Outcome::Pass,
        Some("unconfined") => failure(
            settings,
            "no container has a seccomp filter unless it brings one",
            "remove \"seccomp-profile\" from daemon.json and restart the engine",
        )
        .into(),
        Some(own) => {
            let message = format!("containers start under a seccomp profile of your own, {own}");
            let fix = "compare it with the built-in profile: it should forbid at least as much";
            Outcome::Review(failure(settings, &message, fix).severity(Severity::Low))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_needs_a_look, assert_passes, assert_unknown, engine_with, snapshot,
    };
    use dockward_model::facts::{Field, sample};

    fn with(options: Field<Vec<String>>) -> Outcome {
        seccomp_profile(&snapshot(), &engine_with(|e| e.daemon.security_options = options))
    }

    fn option(text: &str) -> Field<Vec<String>> {
        sample::known(vec!["name=apparmor".into(), text.into()], "SecurityOptions")
    }

    #[test]
    fn the_built_in_profile_passes_by_its_old_and_new_name() {
        assert_passes(with(option("name=seccomp,profile=builtin")));
        assert_passes(with(option("name=seccomp,profile=default")));
    }

    #[test]
    fn unconfined_or_no_seccomp_at_all_fails() {
        assert_fails(with(option("name=seccomp,profile=unconfined")));
        assert_fails(with(option("name=cgroupns")));
        assert_fails(with(sample::absent("SecurityOptions")));
    }

    #[test]
    fn a_profile_of_ones_own_needs_a_look() {
        let failure = assert_needs_a_look(with(option("name=seccomp,profile=/etc/docker/s.json")));
        assert_eq!(failure.severity, Some(Severity::Low));
    }

    #[test]
    fn unread_is_unknown() {
        assert_unknown(with(sample::unknown("SecurityOptions")));
    }
}
