//! Sweeps up after test processes that were killed before they could.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::cgroup;

/// How a run's folder in the temporary folder begins; `RUN-` follows.
pub(crate) const PREFIX: &str = "dockward-engine-";

/// Removes folders and cgroups of runs (`PID-NUMBER`) whose process is gone. Their engines are gone too: they end when
/// the pipe that the process held is closed.
pub(crate) fn sweep() {
    for run in cgroup::runs().iter().filter(|run| is_over(run)) {
        cgroup::remove(run);
    }
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let run = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let ours = entry.metadata().is_ok_and(|meta| meta.is_dir() && meta.uid() == 0);
        if ours && run.is_some_and(is_over) {
            // Another test process may be sweeping the same folder.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Removes what libfaketime keeps in shared memory (`faketime_shm_PID`, `sem.faketime_sem_PID`) of programs that are
/// gone: those that were killed could not.
pub(crate) fn sweep_clocks(memory: &Path) {
    let Ok(entries) = fs::read_dir(memory) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let of =
            |begin| name.to_str().and_then(|name| name.strip_prefix(begin)).is_some_and(is_over);
        if of("faketime_shm_") || of("sem.faketime_sem_") {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_over(run: &str) -> bool {
    let pid = run.split('-').next().and_then(|pid| pid.parse::<u32>().ok());
    pid.is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists())
}
