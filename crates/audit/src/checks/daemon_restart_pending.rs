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
mod tests;
