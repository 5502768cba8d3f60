use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// An update put a new engine on the disk, and the old one still runs: its holes are open
    /// although every list of packages says that they are mended.
    ///
    /// ## Fix
    /// `systemctl restart docker`. With `"live-restore": true` containers keep running meanwhile.
    ///
    /// ## References
    /// proc_pid_exe(5): the kernel marks the program of a process as deleted when its file was
    /// replaced.
    id: "daemon-restart-pending", title: "the engine runs the program that is installed",
    severity: Medium, area: Daemon, cis16: [], cis18: [], Engine: restart_pending
}

fn restart_pending(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = &engine.daemon.process;
    if engine.daemon.socket.fact.is_absent() {
        return Outcome::NotApplicable("not reached by a socket".into());
    }
    field.judge(Outcome::unread(field), |process| {
        if !process.exe.ends_with(" (deleted)") {
            return Outcome::Pass;
        }
        let evidence = Evidence::of(field, process.exe.as_str(), "a file that is there");
        let message = "runs a program that an update has since replaced";
        let fix = "restart the engine: `systemctl restart docker`";
        Failure::new(message, evidence.effective(), fix).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with, snapshot,
    };
    use dockward_model::facts::{DaemonProcess, Field, sample};

    fn with(field: Field<DaemonProcess>) -> Outcome {
        restart_pending(&snapshot(), &engine_with(|e| e.daemon.process = field))
    }

    fn process(exe: &str) -> Field<DaemonProcess> {
        sample::known(DaemonProcess { pid: 812, uid: 0, exe: exe.into(), started: None }, "exe")
    }

    #[test]
    fn a_replaced_program_fails() {
        assert_fails(with(process("/usr/bin/dockerd (deleted)")));
    }

    #[test]
    fn the_installed_one_passes() {
        assert_passes(with(process("/usr/bin/dockerd")));
    }

    #[test]
    fn an_unseen_process_is_unknown() {
        assert_unknown(with(sample::unknown("exe")));
        assert_unknown(with(sample::absent("exe")));
    }

    #[test]
    fn an_engine_reached_otherwise_is_not_asked() {
        let engine = engine_with(|e| e.daemon.socket = sample::absent("socket"));
        assert_not_applicable(restart_pending(&snapshot(), &engine));
    }
}
