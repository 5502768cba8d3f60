//! Commands inside an engine's namespaces.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::Engine;
use crate::engine::PATH;

/// No command of a test needs longer; a hung one must not hang the test.
const SECONDS_FOR_A_COMMAND: &str = "120";

impl Engine {
    /// A command that will run in the engine's root and namespaces, with a minimal environment and no input.
    pub fn command<S: AsRef<OsStr>>(&self, words: &[S]) -> Command {
        let mut command = Command::new("nsenter");
        command.args([
            "--target",
            &self.pid().to_string(),
            "--mount",
            "--net",
            "--pid",
            "--cgroup",
            "--",
        ]);
        command
            .args(words)
            .env_clear()
            .envs([("PATH", PATH), ("HOME", "/root")])
            .stdin(Stdio::null());
        command
    }

    /// Runs a small command to its end (at most 120 s; `timeout` then ends it with code 124).
    ///
    /// # Panics
    /// When `nsenter` cannot be run at all.
    pub fn exec_in_root(&self, words: &[&str]) -> Output {
        let words: Vec<&str> =
            ["timeout", SECONDS_FOR_A_COMMAND].iter().chain(words).copied().collect();
        let output = self.command(&words).output();
        output.unwrap_or_else(|why| panic!("cannot run nsenter for {words:?}: {why}"))
    }

    /// Starts a process that stays, in the engine's network and PID namespace. It ends with the engine; a `Child`
    /// that the caller drops is not killed before that.
    ///
    /// # Errors
    /// When `nsenter` cannot be run.
    pub fn spawn_in_root(&self, words: &[&str]) -> io::Result<Child> {
        self.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    }

    /// Runs the engine's own `docker` command line.
    ///
    /// # Panics
    /// When `nsenter` cannot be run at all.
    pub fn docker(&self, args: &[&str]) -> Output {
        let words: Vec<&str> = ["docker"].iter().chain(args).copied().collect();
        self.exec_in_root(&words)
    }

    /// Runs `docker` and gives its trimmed output.
    ///
    /// # Panics
    /// When it fails, with what it wrote to standard error.
    pub fn docker_ok(&self, args: &[&str]) -> String {
        let output = self.docker(args);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{}: docker {args:?}: {}: {complaint}",
            self.suite(),
            output.status
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Copies a program into the engine's root and gives its path there, so that it can be run with
    /// [`Engine::exec_in_root`] as if the engine's root were the host. It must suit the root's C library.
    ///
    /// # Errors
    /// When the file cannot be copied or has no name.
    pub fn install(&self, program: &Path) -> io::Result<PathBuf> {
        let name =
            program.file_name().ok_or_else(|| io::Error::other("the program has no file name"))?;
        let inside = Path::new("usr/local/bin").join(name);
        fs::copy(program, self.root().join(&inside))?;
        Ok(Path::new("/").join(inside))
    }
}
