use dockward_model::facts::{Case, NamespaceMode};
use dockward_model::verdict::{Failure, Outcome, Severity};

use crate::standing::{as_root, seen};

crate::rule! {
    /// ## Why
    /// With `--ipc host` the container has the host's `/dev/shm`, message queues and semaphores.
    /// Databases, browsers and graphics servers keep data there: root in the container reads it,
    /// changes it, or removes it under them. The engine also takes the SELinux label away.
    ///
    /// ## Fix
    /// Remove `--ipc host` (`ipc: host`). More shared memory is `--shm-size` (`shm_size:`);
    /// two containers that must share it use `--ipc shareable` and `--ipc container:NAME`.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.17; ipc_namespaces(7); moby `daemon/create_unix.go`.
    id: "container-host-ipc", title: "the host's shared memory is not shared",
    severity: Medium, cis16: ["5.17"], cis18: ["5.17"], judge: host_ipc
}

fn host_ipc(case: &Case<'_>) -> Outcome {
    case.effective.ipc.judge(Outcome::Pass, |mode| match mode {
        NamespaceMode::Host => fail(case).into(),
        NamespaceMode::Own | NamespaceMode::Container(_) => Outcome::Pass,
    })
}

fn fail(case: &Case<'_>) -> Failure {
    let evidence = seen(&case.effective.ipc, "host", "private or shareable");
    Failure::new(
        "shares the host's shared memory and message queues: root in it reads and changes them",
        evidence,
        "remove `--ipc host` (`ipc: host`); for more shared memory use `--shm-size` (`shm_size:`)",
    )
    .severity(as_root(case, Severity::Medium))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, case_with, running_with};
    use dockward_model::facts::{Container, sample};

    fn mode(text: &str) -> impl FnOnce(&mut Container) {
        move |c| c.ipc_mode = sample::known(text.into(), "HostConfig.IpcMode")
    }

    #[test]
    fn the_hosts_shared_memory_fails() {
        let failure = assert_fails(host_ipc, &case_with(mode("host")));
        assert_eq!(failure.severity, Some(Severity::Medium));
    }

    #[test]
    fn its_own_passes_in_every_form() {
        for text in ["private", "shareable", "none", "container:db"] {
            assert_passes(host_ipc, &case_with(mode(text)));
        }
    }

    #[test]
    fn nothing_said_is_the_engines_private_default() {
        assert_passes(host_ipc, &case_with(|c| c.ipc_mode = sample::absent("HostConfig.IpcMode")));
    }

    #[test]
    fn an_unreadable_mode_is_never_a_pass() {
        let case = case_with(|c| c.ipc_mode = sample::unknown("HostConfig.IpcMode"));
        assert_unknown(host_ipc, &case);
    }

    #[test]
    fn the_kernels_word_counts_as_much_as_the_option() {
        let case = running_with(|k| k.namespaces.ipc_is_host = sample::known(true, "ns/ipc"));
        assert_fails(host_ipc, &case);
    }
}
