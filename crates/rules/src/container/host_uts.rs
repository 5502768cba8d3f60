use dockward_model::facts::{Capability, Case, NamespaceMode};
use dockward_model::verdict::{Failure, Outcome, Severity};

use crate::standing::{as_root, seen};

crate::rule! {
    /// ## Why
    /// With `--uts host` the container has the host's name for its own. With `SYS_ADMIN` beside it,
    /// root in the container renames the host, which misleads logs, monitoring and everything that
    /// finds peers by name. Without it, it is a layer taken away for nothing.
    ///
    /// ## Fix
    /// Remove `--uts host` (`uts: host`). A name of its own is `--hostname` (`hostname:`).
    ///
    /// ## References
    /// CIS Docker Benchmark 5.21; uts_namespaces(7); sethostname(2).
    id: "container-host-uts", title: "the host's name is not shared",
    severity: Low, cis16: ["5.21"], cis18: ["5.21"], judge: host_uts
}

fn host_uts(case: &Case<'_>) -> Outcome {
    case.effective.uts.judge(Outcome::Pass, |mode| match mode {
        NamespaceMode::Host => fail(case).into(),
        NamespaceMode::Own | NamespaceMode::Container(_) => Outcome::Pass,
    })
}

fn fail(case: &Case<'_>) -> Failure {
    let evidence = seen(&case.effective.uts, "host", "a name of its own");
    let renames = case.effective.capabilities.get().is_some_and(|c| c.has(Capability::SysAdmin));
    let (message, severity) = if renames {
        ("shares the host's name, and root in it can change it", Severity::Medium)
    } else {
        ("shares the host's name", Severity::Low)
    };
    let fix = "remove `--uts host` (`uts: host`); name it with `--hostname` (`hostname:`)";
    Failure::new(message, evidence, fix).severity(as_root(case, severity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, case_with, running_with};
    use dockward_model::facts::{Container, sample};

    fn host(c: &mut Container) {
        c.uts_mode = sample::known("host".into(), "HostConfig.UTSMode");
    }

    #[test]
    fn the_hosts_name_is_a_layer_less() {
        let failure = assert_fails(host_uts, &case_with(host));
        assert_eq!(failure.severity, Some(Severity::Low));
    }

    #[test]
    fn who_can_change_it_is_worse() {
        let case = case_with(|c| {
            host(c);
            c.cap_add = sample::known(vec!["SYS_ADMIN".into()], "HostConfig.CapAdd");
        });
        assert_eq!(assert_fails(host_uts, &case).severity, Some(Severity::Medium));
    }

    #[test]
    fn a_name_of_its_own_passes_said_or_unsaid() {
        let own = case_with(|c| c.uts_mode = sample::known(String::new(), "HostConfig.UTSMode"));
        assert_passes(host_uts, &own);
        assert_passes(host_uts, &case_with(|c| c.uts_mode = sample::absent("HostConfig.UTSMode")));
    }

    #[test]
    fn an_unreadable_mode_is_never_a_pass() {
        let case = case_with(|c| c.uts_mode = sample::unknown("HostConfig.UTSMode"));
        assert_unknown(host_uts, &case);
    }

    #[test]
    fn the_kernels_word_counts_as_much_as_the_option() {
        let case = running_with(|k| k.namespaces.uts_is_host = sample::known(true, "ns/uts"));
        assert_fails(host_uts, &case);
    }
}
