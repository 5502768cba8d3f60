//! The host that is changed, as a small trait: the live one runs commands, a double in tests keeps
//! them.

use std::io::{self, Read as _, Seek as _};
use std::os::unix::process::CommandExt as _;
use std::process::{ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use dockward_engine::{Client, Endpoint, Limits};

use crate::{Command, Error};

/// How long an engine may take to answer after it was restarted.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(200);
/// How long a command may take: an engine with many containers stops and starts slowly.
const ENOUGH: Duration = Duration::from_secs(300);
/// How much is kept of what a command said, in bytes.
const SAID: u64 = 400;

/// What a plan may do to a host beside writing files.
pub trait Host {
    /// Runs a command to its end.
    ///
    /// # Errors
    /// Where it can't be run, or does not end well.
    fn run(&mut self, command: &Command) -> Result<(), Error>;

    /// Waits until an engine answers `/_ping` at a socket, or long enough.
    ///
    /// # Errors
    /// Nobody answers, or not as an engine does.
    fn answers(&mut self, socket: &str) -> Result<(), Error>;
}

/// This host.
#[derive(Debug, Default)]
pub struct Live;

impl Host for Live {
    fn run(&mut self, command: &Command) -> Result<(), Error> {
        let words = command.words();
        let failed = |why: String| Error::Command { command: words.join(" "), why };
        let Some((program, rest)) = words.split_first() else { return Ok(()) };
        let mut process = std::process::Command::new(program);
        process.args(rest).stdin(Stdio::null()).env("LC_ALL", "C");
        process.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        // What is typed at the terminal ends neither it nor, half way, the change.
        process.process_group(0);
        let (status, said) = ended(process).map_err(|error| failed(error.to_string()))?;
        match status {
            Some(status) if status.code().is_some_and(|code| command.is_well(code, &said)) => {
                Ok(())
            }
            Some(status) => Err(failed(format!("{status}: {}", said.trim()))),
            None => Err(failed(format!("no end within {} s: {}", ENOUGH.as_secs(), said.trim()))),
        }
    }

    fn answers(&mut self, socket: &str) -> Result<(), Error> {
        let until = Instant::now() + PATIENCE;
        loop {
            let why = match ask(socket) {
                Ok(()) => return Ok(()),
                Err(why) => why,
            };
            if Instant::now() > until {
                return Err(Error::NoAnswer { socket: socket.to_owned(), why });
            }
            thread::sleep(POLL);
        }
    }
}

/// How it ended, none where it took too long, and what it said. Its words go to a file: a pipe could
/// be held open by whatever it started.
fn ended(mut process: std::process::Command) -> io::Result<(Option<ExitStatus>, String)> {
    let mut said = tempfile::tempfile()?;
    process.stdout(said.try_clone()?).stderr(said.try_clone()?);
    let mut child = process.spawn()?;
    let until = Instant::now() + ENOUGH;
    let mut status = child.try_wait()?;
    while status.is_none() && Instant::now() < until {
        thread::sleep(POLL / 10);
        status = child.try_wait()?;
    }
    if status.is_none() {
        child.kill()?;
        child.wait()?;
    }
    said.rewind()?;
    let mut bytes = Vec::new();
    said.take(SAID).read_to_end(&mut bytes)?;
    Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
}

/// One call, with deadlines of its own: a socket that is held open answers late rather than never.
fn ask(socket: &str) -> Result<(), String> {
    let told = |error: dockward_engine::Error| error.to_string();
    let endpoint = Endpoint::parse(&format!("unix://{socket}"), None).map_err(told)?;
    Client::connect(endpoint, Limits::default()).map(drop).map_err(told)
}
