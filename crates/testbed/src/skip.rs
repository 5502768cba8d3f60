//! Why a live test could not run here.

use std::io::Write as _;

/// The reason why no engine could be started on this machine.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Skip(String);

impl Skip {
    /// A skip for that reason (one line, without a full stop).
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// Writes `skipped: NAME: reason` to standard error, past the test harness's capture.
    pub fn announce(&self, test_name: &str) {
        // A closed standard error is no reason to fail a test that is skipped anyway.
        let _ = writeln!(std::io::stderr(), "skipped: {test_name}: {self}");
    }

    /// Announces the skip; panics instead where tests must not be skipped (see [`must_run`]).
    pub(crate) fn announce_or_panic(&self, test_name: &str) {
        assert!(!must_run(), "{test_name} must not be skipped on this machine in CI: {self}");
        self.announce(test_name);
    }
}

/// True in CI on a machine that can run engines: root on Debian.
fn must_run() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
        && rustix::process::geteuid().is_root()
        && std::fs::read_to_string("/etc/os-release")
            .is_ok_and(|text| text.lines().any(|line| line == "ID=debian"))
}
