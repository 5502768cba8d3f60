use dockward_model::facts::{Case, UserNamespace};
use dockward_model::verdict::{Failure, Outcome};

use crate::standing::seen;

crate::rule! {
    /// ## Why
    /// Without a user namespace of its own, uid 0 in the container is uid 0 of the host: every
    /// mistake in a mount, a capability or the kernel then ends as root on the host, not as an
    /// ordinary user who owns nothing. It is the engine's default, and `--userns host` asks for it
    /// where the engine would remap.
    ///
    /// ## Fix
    /// Run the engine with `"userns-remap": "default"` in daemon.json or rootless, and remove
    /// `--userns host` (`userns_mode: host`). Files in volumes change hands once by that.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.31 (and 2.9 in 1.6, 2.10 in 1.8 for the engine);
    /// user_namespaces(7).
    id: "container-host-userns", title: "the host's user namespace is not shared",
    severity: Low, cis16: ["5.31"], cis18: ["5.31"], judge: host_userns
}

fn host_userns(case: &Case<'_>) -> Outcome {
    let field = &case.effective.userns;
    field.judge(Outcome::unread(field), |namespace| match namespace {
        UserNamespace::Remapped => Outcome::Pass,
        UserNamespace::Host => fail(case).into(),
    })
}

fn fail(case: &Case<'_>) -> Failure {
    let asked = case.container.userns_mode.get().is_some_and(|mode| mode == "host");
    let fix = if asked && case.daemon.security_option("userns").get().is_some() {
        "remove `--userns host` (`userns_mode: host`)"
    } else {
        "set `\"userns-remap\": \"default\"` in daemon.json, or run the engine rootless"
    };
    Failure::new(
        "uid 0 in it is uid 0 of the host: no user namespace stands between",
        seen(&case.effective.userns, "the host's", "one of its own"),
        fix,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_unknown, case_with, running_with, under_options,
    };
    use dockward_model::facts::{Container, sample};

    fn host(c: &mut Container) {
        c.userns_mode = sample::known("host".into(), "HostConfig.UsernsMode");
    }

    #[test]
    fn asking_for_the_hosts_fails() {
        let case = under_options(&["name=userns"], host);
        assert!(assert_fails(host_userns, &case).fix.contains("--userns host"));
    }

    #[test]
    fn nothing_said_under_an_engine_that_does_not_remap_fails() {
        let failure = assert_fails(host_userns, &case_with(|_| ()));
        assert!(failure.fix.contains("userns-remap"));
    }

    #[test]
    fn a_remapping_or_rootless_engine_passes() {
        assert_passes(host_userns, &under_options(&["name=userns"], |_| ()));
        assert_passes(host_userns, &under_options(&["name=rootless"], host));
    }

    #[test]
    fn what_the_engine_does_unread_is_never_a_pass() {
        let mut case = case_with(|_| ());
        case.daemon.security_options = sample::unknown("SecurityOptions");
        assert_unknown(host_userns, &case);
    }

    #[test]
    fn the_kernels_word_decides() {
        let remapped = sample::known(false, "ns/user");
        assert_passes(host_userns, &running_with(|k| k.namespaces.user_is_host = remapped));
    }
}
