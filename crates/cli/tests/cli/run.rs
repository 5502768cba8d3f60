//! Runs the program and holds on to what it printed.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// What a run printed, and how it ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn new(output: &Output) -> Self {
        Self {
            code: output.status.code().expect("it was not killed"),
            out: String::from_utf8(output.stdout.clone()).expect("UTF-8 on standard output"),
            err: String::from_utf8(output.stderr.clone()).expect("UTF-8 on standard error"),
        }
    }

    /// The JSON report on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|why| panic!("{why}: {}{}", self.out, self.err))
    }
}

/// The program, in an empty folder so that no settings of the checkout are found.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dockward"));
    command.current_dir(folder).env_clear().env("PATH", "/usr/bin:/bin");
    command
}

/// Runs it with these words.
pub(crate) fn dockward(words: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    Run::new(&command(folder.path()).args(words).output().expect("it starts"))
}

/// Runs `check` in JSON against the engine at `socket`.
pub(crate) fn check_json(socket: &Path, more: &[&str]) -> Run {
    let host = format!("unix://{}", socket.display());
    let mut words = vec!["check", "--format", "json", "-H", &host];
    words.extend(more);
    dockward(&words)
}

/// The findings of a rule about the thing with this name.
pub(crate) fn findings<'j>(report: &'j Value, subject: &str) -> Vec<&'j Value> {
    let all = report["findings"].as_array().expect("findings");
    all.iter().filter(|f| f["subject"]["name"] == subject).collect()
}
