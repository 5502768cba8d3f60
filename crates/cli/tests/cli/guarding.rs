//! A `dockward guard run` that listens, for tests that ask through it.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// It ends with the test.
pub(crate) struct Guard {
    child: Child,
    pub(crate) socket: PathBuf,
}

impl Guard {
    /// One before the engine at that socket, under these settings. What it keeps lies in `folder`.
    pub(crate) fn start(engine: &Path, socket: PathBuf, folder: &Path, settings: &str) -> Self {
        std::fs::write(folder.join("dockward.toml"), settings).unwrap();
        let mut command = crate::run::command(folder);
        command.args(["guard", "run", "--engine"]).arg(engine).arg("--listen").arg(&socket);
        command.arg("--ledger").arg(folder.join("ledger"));
        command.arg("--glass").arg(folder.join("bypass"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let guard = Self { child, socket };
        let deadline = Instant::now() + Duration::from_secs(20);
        while std::os::unix::net::UnixStream::connect(&guard.socket).is_err() {
            assert!(Instant::now() < deadline, "nobody listens at {}", guard.socket.display());
            std::thread::sleep(Duration::from_millis(20));
        }
        guard
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
