use dockward_model::facts::{Case, NamespaceMode};
use dockward_model::verdict::{Failure, Outcome, Severity};

use crate::standing::{as_root, is_rootless, seen};

crate::rule! {
    /// ## Why
    /// With `--pid host` the container sees every process of the host. Any user in it reads their
    /// command lines, with the passwords that stand there. Root in it kills any of them, the engine
    /// included, and through `/proc/PID/root` and `/proc/PID/mem` reaches into every other
    /// container that runs with no more capabilities. With `SYS_PTRACE` added it is root on the
    /// host.
    ///
    /// ## Fix
    /// Remove `--pid host` (`pid: host`). An agent that must see processes gets its own review, a
    /// read-only root and no added capability.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.16; pid_namespaces(7); ptrace(2), "Ptrace access mode checking".
    id: "container-host-pid", title: "the host's processes are not shared",
    severity: High, cis16: ["5.16"], cis18: ["5.16"], judge: host_pid
}

fn host_pid(case: &Case<'_>) -> Outcome {
    case.effective.pid.judge(Outcome::Pass, |mode| match mode {
        NamespaceMode::Host => fail(case).into(),
        NamespaceMode::Own | NamespaceMode::Container(_) => Outcome::Pass,
    })
}

fn fail(case: &Case<'_>) -> Failure {
    let evidence = seen(&case.effective.pid, "host", "a process namespace of its own");
    let fix = "remove `--pid host` (`pid: host`)";
    let message = if is_rootless(case) {
        "sees every process of the rootless engine's user"
    } else {
        "sees every process of the host with its arguments; root in it can kill them"
    };
    // Reading command lines takes no root, so it never comes down to a mere missing layer.
    let severity = as_root(case, Severity::High).max(Severity::Medium);
    Failure::new(message, evidence, fix).severity(severity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_unknown, case_with, running_with, under_options,
    };
    use dockward_model::facts::{Container, sample};

    fn mode(text: &str) -> impl FnOnce(&mut Container) {
        move |c| c.pid_mode = sample::known(text.into(), "HostConfig.PidMode")
    }

    #[test]
    fn the_hosts_processes_are_one_step_from_the_host() {
        let failure = assert_fails(host_pid, &case_with(mode("host")));
        assert_eq!(failure.severity, Some(Severity::High));
    }

    #[test]
    fn another_user_still_reads_command_lines() {
        let case = case_with(|c| {
            mode("host")(c);
            c.user = sample::known("1000".into(), "Config.User");
        });
        assert_eq!(assert_fails(host_pid, &case).severity, Some(Severity::Medium));
    }

    #[test]
    fn its_own_or_another_containers_processes_pass() {
        for text in ["", "private", "container:db"] {
            assert_passes(host_pid, &case_with(mode(text)));
        }
    }

    #[test]
    fn nothing_said_is_a_namespace_of_its_own() {
        assert_passes(host_pid, &case_with(|c| c.pid_mode = sample::absent("HostConfig.PidMode")));
    }

    #[test]
    fn an_unreadable_mode_is_never_a_pass() {
        let case = case_with(|c| c.pid_mode = sample::unknown("HostConfig.PidMode"));
        assert_unknown(host_pid, &case);
    }

    #[test]
    fn the_kernels_word_counts_as_much_as_the_option() {
        let case = running_with(|k| k.namespaces.pid_is_host = sample::known(true, "ns/pid"));
        assert_fails(host_pid, &case);
    }

    #[test]
    fn under_a_rootless_engine_it_is_the_users_processes() {
        let case = under_options(&["name=rootless"], mode("host"));
        assert!(assert_fails(host_pid, &case).message.contains("user"));
    }
}
