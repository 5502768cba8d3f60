//! A wall clock that is set while programs run by it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::suite::prepared_layer;
use crate::{Skip, leftovers};

/// What is loaded into programs, below the folder of the machine's architecture.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";
/// Far enough from the true time to be told from it.
const FAR: i64 = 400 * 86_400;

/// A wall clock for programs that are linked dynamically and ask libc for the time: Debian's libfaketime, loaded into
/// them. The machine's own clock is never set. What the kernel itself tells and writes (times of files, deadlines,
/// `CLOCK_BOOTTIME` where it is asked past libc) is the truth.
#[derive(Debug)]
pub struct WallClock {
    library: PathBuf,
    folder: tempfile::TempDir,
}

impl WallClock {
    /// One that is right, until it is set. The clock that only goes forward goes on beside it as it should.
    ///
    /// # Errors
    /// A [`Skip`] with the reason: the library is not unpacked, or programs of this machine can't be run with it.
    pub fn new() -> Result<Self, Skip> {
        let unpacked = prepared_layer("faketime")?.join("usr/lib");
        let folders = fs::read_dir(&unpacked).into_iter().flatten().flatten();
        let mut there = folders.map(|entry| entry.path().join(LIBRARY));
        let library = there.find(|path| path.is_file());
        let library =
            library.ok_or_else(|| Skip::because(format!("no {LIBRARY} below {unpacked:?}")))?;
        let folder = tempfile::tempdir().map_err(|why| Skip::because(why.to_string()))?;
        let clock = Self { library, folder };
        clock.set(FAR);
        let (here, there) = (seconds(None)?, seconds(Some(&clock))?);
        if (there - here - FAR).abs() > 60 {
            return Err(Skip::because("libfaketime does not set the clock of programs here"));
        }
        clock.set(0);
        Ok(clock)
    }

    /// [`WallClock::new`] for a test: announces a skip and gives `None`, except where tests must not be skipped, where
    /// it panics with the reason as [`Engine::start_or_skip`](crate::Engine::start_or_skip) does.
    pub fn new_or_skip(test_name: &str) -> Option<Self> {
        Self::new().map_err(|skip| skip.announce_or_panic(test_name)).ok()
    }

    /// Sets it so many seconds ahead of the true time, at once for all programs that run by it.
    ///
    /// # Panics
    /// Where its file can't be written.
    pub fn set(&self, ahead: i64) {
        let (new, file) = (self.folder.path().join("new"), self.file());
        // Programs read it at any moment: it comes whole.
        let set = fs::write(&new, format!("{ahead:+}\n")).and_then(|()| fs::rename(&new, &file));
        set.unwrap_or_else(|why| panic!("the clock can't be set: {why}"));
    }

    /// Has a program run by it. To be called after the environment was cleared.
    pub fn governs(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env("FAKETIME_TIMESTAMP_FILE", self.file());
        command.env("FAKETIME_NO_CACHE", "1").env("NO_FAKE_STAT", "1");
        // It gives the wall clock's time for the one that only goes forward, by which the kernel wakes programs
        // (futex(2)): they would sleep for good. Versions differ in what this is called.
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ahead")
    }
}

impl Drop for WallClock {
    fn drop(&mut self) {
        leftovers::sweep_clocks(Path::new("/dev/shm"));
    }
}

/// What a program of this machine takes for the time.
fn seconds(clock: Option<&WallClock>) -> Result<i64, Skip> {
    let mut command = Command::new("date");
    command.arg("+%s").env_clear().env("PATH", crate::engine::PATH);
    if let Some(clock) = clock {
        clock.governs(&mut command);
    }
    let said = command.output().map_err(|why| Skip::because(format!("no date: {why}")))?;
    let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    said.parse().map_err(|_| Skip::because(format!("date says {said:?}")))
}
