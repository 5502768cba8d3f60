//! The side of who asks: starting a confined process, asking it, ending it.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Confinement, frame};

/// How a program is started that calls [`crate::Served::enter`] before all else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// A confined process. It is ended when this is dropped, and by the kernel when the thread that
/// started it ends.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    socket: UnixStream,
    /// How well it is confined, once it said so.
    confinement: Option<Confinement>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Lost {
    /// It can't be started.
    #[error("no process for reading it can be started: {0}")]
    Start(io::Error),
    /// It can't be confined, and so reads nothing.
    #[error("the process for reading it can't be confined: {0}")]
    Unconfined(String),
    /// The time was over before it answered.
    #[error("the time for it is over")]
    Late,
    /// It ended before it answered.
    #[error("the process that read it {0}")]
    Ended(String),
    /// What it answers is no answer.
    #[error("the process that read it gives no sound answer: {0}")]
    Unsound(String),
}

impl Launch {
    /// Starts the program: without environment, in `/`, with one socket and no other descriptor
    /// of ours.
    ///
    /// # Errors
    ///
    /// It can't be started.
    pub fn start(&self) -> Result<Child, Lost> {
        let (ours, theirs) = UnixStream::pair().map_err(Lost::Start)?;
        let process = Command::new(&self.program)
            .arg0("dockward")
            .args(&self.arguments)
            .env_clear()
            .current_dir("/")
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(Lost::Start)?;
        Ok(Child { process, socket: ours, confinement: None })
    }
}

impl Child {
    /// The process's number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// How well it is confined; none before its first answer.
    #[must_use]
    pub fn confinement(&self) -> Option<&Confinement> {
        self.confinement.as_ref()
    }

    /// Sends a request, with at most two descriptors.
    ///
    /// # Errors
    ///
    /// It has ended, or does not take it in time.
    pub fn ask<T: Serialize>(
        &mut self,
        request: &T,
        descriptors: &[BorrowedFd<'_>],
        until: Instant,
    ) -> Result<(), Lost> {
        let left = left(until).ok_or(Lost::Late)?;
        let sent = self.socket.set_write_timeout(Some(left));
        let sent = sent.and_then(|()| frame::send(&mut self.socket, request, descriptors));
        sent.map_err(|error| self.lost(&error))
    }

    /// The next answer. Whatever type it has, its content is as hostile as what was read.
    ///
    /// # Errors
    ///
    /// There is none until then, or it is not sound. The process is of no use any more.
    pub fn hear<T: DeserializeOwned>(&mut self, until: Instant) -> Result<T, Lost> {
        if self.confinement.is_none() {
            let said: Result<Confinement, String> = self.message(until)?;
            self.confinement = Some(said.map_err(Lost::Unconfined)?);
        }
        self.message(until)
    }

    fn message<T: DeserializeOwned>(&mut self, until: Instant) -> Result<T, Lost> {
        let mut from = Timed { socket: &self.socket, until };
        let read = frame::length(&mut from).and_then(|length| frame::body(&mut from, length));
        read.map_err(|error| self.lost(&error))
    }

    fn lost(&mut self, error: &io::Error) -> Lost {
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Lost::Late,
            io::ErrorKind::InvalidData => Lost::Unsound(error.to_string()),
            _ => Lost::Ended(self.end().map_or_else(|| error.to_string(), how)),
        }
    }

    /// Ends it, if it has not ended, and waits for that; none where it does not end: what it reads
    /// from may hang in the kernel.
    fn end(&mut self) -> Option<ExitStatus> {
        // It is our own child and not waited for yet, so its number is no other's.
        let _ = self.process.kill();
        let has_ended = Pid::from_raw(i32::try_from(self.process.id()).ok()?)
            .and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok())
            .is_none_or(|handle| {
                let mut handle = [PollFd::new(&handle, PollFlags::IN)];
                poll(&mut handle, Some(&PATIENCE)).is_ok_and(|count| count > 0)
            });
        if has_ended { self.process.wait().ok() } else { None }
    }
}

/// How long a process that was killed may take to end.
const PATIENCE: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };

impl Drop for Child {
    fn drop(&mut self) {
        // Where it does not end now, the kernel gives it to whoever adopts orphans once we end.
        let _ = self.end();
    }
}

/// How a process ended, in words.
fn how(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(6 | 11), _) => {
            "gave up: it wants more memory than it may have, or is broken".to_owned()
        }
        (Some(9), _) => "was killed: there may be too little memory".to_owned(),
        (Some(signal), _) => format!("was ended by signal {signal}"),
        (None, code) => format!("ended with code {}", code.unwrap_or_default()),
    }
}

/// Reading until a point in time.
struct Timed<'a> {
    socket: &'a UnixStream,
    until: Instant,
}

impl Read for Timed<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = left(self.until).ok_or(io::ErrorKind::TimedOut)?;
        self.socket.set_read_timeout(Some(left))?;
        (&*self.socket).read(out)
    }
}

fn left(until: Instant) -> Option<Duration> {
    until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
}
