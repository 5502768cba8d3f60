use dockward_model::facts::{Daemon, DaemonProcess, Engine, Field, Host, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};
use jiff::{SignedDuration, Timestamp};

use crate::{lookup, together, unit_files};

crate::check! {
    /// ## Why
    /// An update put a new engine on the disk, and the old one still runs: its holes are open
    /// although every list of packages says that they are mended. The same goes for a unit that was
    /// edited: what it says, a hardening perhaps, holds from the next start on.
    ///
    /// ## Fix
    /// `systemctl restart docker`. With `"live-restore": true` containers keep running meanwhile.
    ///
    /// ## References
    /// proc_pid_exe(5): the kernel marks the program of a process as deleted when its file was
    /// replaced. The unit is that of the process's cgroup; its files and drop-in folders are
    /// compared with the process's start by their times.
    id: "daemon-restart-pending", title: "the engine runs what is installed",
    severity: Medium, area: Daemon, cis16: [], cis18: [], Engine: restart_pending
}

fn restart_pending(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    let field = &engine.daemon.process;
    if engine.daemon.socket.fact.is_absent() {
        return Outcome::NotApplicable("not reached by a socket".into());
    }
    field.judge(Outcome::unread(field), |process| {
        let unit = unit(&snapshot.host, &engine.daemon, process);
        together::all([program(field, process), unit], "nothing to compare")
    })
}

fn program(field: &Field<DaemonProcess>, process: &DaemonProcess) -> Outcome {
    if !process.exe.ends_with(" (deleted)") {
        return Outcome::Pass;
    }
    let evidence = Evidence::of(field, process.exe.as_str(), "a file that is there");
    let message = "runs a program that an update has since replaced";
    Failure::new(message, evidence.effective(), FIX).into()
}

const FIX: &str = "restart the engine: `systemctl restart docker`";

/// The clock that stamps files is coarser than the one that stamps processes.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(1);

/// What the unit says since the start holds from the next one on. A drop-in that was taken away
/// shows in its folder alone.
fn unit(host: &Host, daemon: &Daemon, process: &DaemonProcess) -> Outcome {
    let Some(name) = daemon.service.get() else {
        let none = Outcome::NotApplicable("no service started it".into());
        return daemon.service.judge(none, |_| Outcome::Pass);
    };
    let Some(started) = process.started else {
        return Outcome::Unknown("when the engine was started was not seen".into());
    };
    let field = unit_files::unit(host, name);
    field.judge(Outcome::NotApplicable(format!("{name} is no unit of the host's")), |unit| {
        let own = format!("/{name}.d");
        let folders = unit.folders.iter().filter(|path| path.ends_with(&own));
        let paths = unit.files().chain(folders.map(String::as_str));
        together::all(paths.map(|path| changed(host, path, started)), "no file")
    })
}

fn changed(host: &Host, path: &str, started: Timestamp) -> Outcome {
    let field = lookup::file(host, path);
    field.judge(Outcome::Pass, |file| match file.modified {
        Some(modified) if modified.duration_since(started) > TOLERANCE => {
            let seen = format!("changed {modified}");
            let evidence = Evidence::of(&field, seen, format!("not after the start, {started}"));
            let message = format!("{path} was changed after the engine was started");
            Failure::new(message, evidence, FIX).severity(Severity::Low).into()
        }
        Some(_) => Outcome::Pass,
        None => Outcome::Unknown(format!("{path} has no time that can be read")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with, file,
        host_with_unit, snapshot, snapshot_with, unit as unit_of,
    };
    use dockward_model::facts::{Origin, sample};

    fn with(field: Field<DaemonProcess>) -> Outcome {
        let engine = engine_with(|e| {
            e.daemon.process = field;
            e.daemon.service = sample::absent("cgroup");
        });
        restart_pending(&snapshot(), &engine)
    }

    /// Its unit's drop-in was last changed at this time; the engine was started at eight.
    fn with_unit(modified: &str) -> Outcome {
        let name = "docker.service";
        let mut host = host_with_unit(name, unit_of(name));
        for (path, time) in unit_of(name).files().zip(["2026-01-01T00:00:00Z", modified]) {
            let mut facts = file(0o644, 0, 0).get().cloned().expect("a file");
            facts.modified = time.parse().ok();
            host.files.insert(path.to_owned(), Field::known(facts, Origin::file(path, None)));
        }
        let engine = engine_with(|e| {
            let started = "2026-11-22T08:00:00Z".parse().ok();
            let process = DaemonProcess {
                started,
                ..process("/usr/bin/dockerd").get().cloned().expect("a process")
            };
            e.daemon.process = sample::known(process, "exe");
            e.daemon.service = sample::known(name.into(), "cgroup");
        });
        restart_pending(&snapshot_with(|s| s.host = host), &engine)
    }

    #[test]
    fn a_unit_that_was_edited_since_the_start_fails_low() {
        let failure = assert_fails(with_unit("2026-11-22T09:00:00Z"));
        assert_eq!(failure.severity, Some(Severity::Low));
        assert!(failure.message.contains("own.conf was changed after"), "{}", failure.message);
        assert_passes(with_unit("2026-11-22T07:00:00Z"));
        assert_passes(with_unit("2026-11-22T08:00:00.5Z"));
        assert_unknown(with_unit("no time"));
    }

    #[test]
    fn an_unseen_unit_or_start_is_unknown() {
        let engine = |service: Field<String>| {
            engine_with(|e| {
                e.daemon.process = process("/usr/bin/dockerd");
                e.daemon.service = service;
            })
        };
        let docker = sample::known("docker.service".to_owned(), "cgroup");
        assert_unknown(restart_pending(&snapshot(), &engine(docker)));
        assert_unknown(restart_pending(&snapshot(), &engine(sample::unknown("cgroup"))));
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
