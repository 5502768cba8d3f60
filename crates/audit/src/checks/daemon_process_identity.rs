use dockward_model::facts::{DaemonProcess, Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

crate::check! {
    /// ## Why
    /// Whoever holds the socket says what this host is told of its engine, and hears every request
    /// made to it: registry passwords, environments, build contexts. A process that only poses as
    /// the engine can also make audits of it look good.
    ///
    /// ## Fix
    /// Find out what the process is and who started it (`ls -l /proc/PID/exe`, `systemctl status
    /// PID`). A proxy that you put there yourself belongs into a waiver.
    ///
    /// ## References
    /// unix(7), `SO_PEERCRED`; proc_pid_exe(5). Neither the name nor the arguments of a process
    /// prove anything: any user chooses both.
    id: "daemon-process-identity", title: "the process behind the socket is an engine",
    severity: Medium, area: Daemon, cis16: [], cis18: [], Engine: process_identity
}

const ENGINES: [&str; 5] = ["dockerd", "dockerd-ce", "balena-engine-daemon", "balenad", "podman"];
const FOLDERS: [&str; 6] = ["/usr/", "/bin/", "/sbin/", "/opt/", "/snap/", "/nix/store/"];

fn process_identity(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = &engine.daemon.process;
    if engine.daemon.socket.fact.is_absent() {
        return Outcome::NotApplicable("not reached by a socket".into());
    }
    field.judge(Outcome::unread(field), |process| {
        // The kernel's mark after an update that replaced the program under a running engine.
        let exe = process.exe.strip_suffix(" (deleted)").unwrap_or(&process.exe);
        let name = exe.rsplit('/').next().unwrap_or(exe);
        let rootless = engine.daemon.is_rootless();
        if ["systemd", "init"].contains(&name) {
            return Outcome::Unknown(format!("{exe} opened the socket for an engine not seen yet"));
        }
        let seen = |seen: String, expected: &str| Evidence::of(field, seen, expected).effective();
        if process.uid != 0 && !rootless {
            let evidence = seen(format!("{exe}, uid {}", process.uid), "uid 0");
            return foreign(process, evidence, "says that it is root's engine").into();
        }
        if !ENGINES.contains(&name) {
            let evidence = seen(exe.to_owned(), "an engine's program");
            return Outcome::Review(foreign(process, evidence, "is no engine that is known"));
        }
        if !rootless && !FOLDERS.iter().any(|folder| exe.starts_with(folder)) {
            let evidence = seen(exe.to_owned(), "a program below /usr");
            return Outcome::Review(foreign(process, evidence, "is not where packages put it"));
        }
        Outcome::Pass
    })
}

fn foreign(process: &DaemonProcess, evidence: Evidence, what: &str) -> Failure {
    Failure::new(
        format!("the socket is held by {} of uid {}, which {what}", process.exe, process.uid),
        evidence,
        format!("find out what process {} is and who started it", process.pid),
    )
    .severity(Severity::Medium)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_needs_a_look, assert_not_applicable, assert_passes, assert_unknown,
        engine_with, snapshot,
    };
    use dockward_model::facts::sample;

    fn with(exe: &str, uid: u32) -> Outcome {
        let process = DaemonProcess { pid: 812, uid, exe: exe.into(), started: None };
        let engine = engine_with(|e| e.daemon.process = sample::known(process, ""));
        process_identity(&snapshot(), &engine)
    }

    #[test]
    fn an_engine_of_root_passes_even_when_an_update_replaced_its_file() {
        assert_passes(with("/usr/sbin/dockerd", 0));
        assert_passes(with("/usr/bin/dockerd (deleted)", 0));
    }

    #[test]
    fn a_program_that_poses_as_an_engine_is_found_by_its_file() {
        assert_needs_a_look(with("/usr/bin/sleep", 0));
        assert_needs_a_look(with("/tmp/dockerd", 0));
        assert_needs_a_look(with("/usr/bin/dockerd-helper", 0));
    }

    #[test]
    fn an_ordinary_users_process_that_claims_to_be_roots_fails() {
        assert_fails(with("/usr/bin/dockerd", 1000));
        assert_fails(with("/usr/bin/python3.11", 1000));
    }

    #[test]
    fn an_init_that_holds_the_socket_and_an_unseen_process_are_unknown() {
        assert_unknown(with("/usr/lib/systemd/systemd", 0));
        for field in [sample::unknown(""), sample::absent("")] {
            let engine = engine_with(|e| e.daemon.process = field);
            assert_unknown(process_identity(&snapshot(), &engine));
        }
    }

    #[test]
    fn an_engine_reached_otherwise_is_not_asked() {
        let engine = engine_with(|e| e.daemon.socket = sample::absent("socket"));
        assert_not_applicable(process_identity(&snapshot(), &engine));
    }
}
