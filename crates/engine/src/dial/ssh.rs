//! The system's `ssh`, as the way to another host's engine.
//!
//! It runs `docker system dial-stdio` there, as the docker command's own helper does (docker/cli,
//! `cli/connhelper`). A socket takes the place of its standard input and output, since a pipe
//! cannot be read with a deadline.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use super::timed;
use crate::endpoint::Ssh;
use crate::error::{Error, plain};

/// How long the program may take to end once it is told to.
const ENDING: Duration = Duration::from_secs(1);
/// How long what it says on its standard error is waited for.
const TELLING: Duration = Duration::from_millis(500);
/// How much of that is read, in bytes.
const MOST_SAID: usize = 8 * 1024;

/// What is needed to reach a host with `ssh`.
#[derive(Debug)]
pub(crate) struct Dialer {
    pub(crate) program: PathBuf,
    pub(crate) to: Ssh,
}

/// One `ssh` that runs. It is killed, and waited for, when this goes.
#[derive(Debug)]
pub(crate) struct SshStream {
    pub(super) stream: UnixStream,
    said: UnixStream,
    child: process::Child,
}

impl Dialer {
    pub(super) fn prepare(to: &Ssh) -> Result<Self, Error> {
        let program = find("ssh", &env::var_os("PATH").unwrap_or_default());
        let program = program.ok_or_else(|| Error::NoSsh { place: to.to_string() })?;
        Ok(Self { program, to: to.clone() })
    }

    /// Starts `ssh`. Whether it gets through is known only when the engine answers.
    pub(super) fn dial(&self, within: Duration) -> Result<SshStream, Error> {
        self.start(within).map_err(|error| Error::Ssh {
            place: self.to.to_string(),
            said: format!("`{}` could not be started: {error}", self.program.display()),
        })
    }

    fn start(&self, within: Duration) -> io::Result<SshStream> {
        let (stream, theirs) = UnixStream::pair()?;
        let (said, their_error) = UnixStream::pair()?;
        let input = OwnedFd::from(theirs.try_clone()?);
        let child = Command::new(&self.program)
            .args(arguments(&self.to, within))
            .stdin(input)
            .stdout(OwnedFd::from(theirs))
            .stderr(OwnedFd::from(their_error))
            .spawn()?;
        Ok(SshStream { stream, said, child })
    }
}

/// The arguments. Nothing that the user wrote can be taken for an option: [`Ssh`] holds no text
/// that begins with `-`. Nothing is asked for on a terminal, and nothing of this host is forwarded
/// to the other.
fn arguments(to: &Ssh, within: Duration) -> Vec<String> {
    let seconds = within.as_secs().max(1);
    let mut all: Vec<String> =
        ["-T", "-a", "-x", "-o", "BatchMode=yes", "-o"].map(Into::into).into();
    all.push(format!("ConnectTimeout={seconds}"));
    all.extend(["-o", "ClearAllForwardings=yes"].map(Into::into));
    if let Some(user) = &to.user {
        all.extend(["-l".to_owned(), user.clone()]);
    }
    if let Some(port) = to.port {
        all.extend(["-p".to_owned(), port.to_string()]);
    }
    all.extend(["--".to_owned(), to.host.clone(), "docker".to_owned()]);
    if let Some(socket) = &to.socket {
        all.extend(["--host".to_owned(), format!("unix://{socket}")]);
    }
    all.extend(["system", "dial-stdio"].map(Into::into));
    all
}

/// The first program of this name in the directories of `PATH`. One that is relative would be
/// whatever lies where we were started.
fn find(name: &str, path: &OsStr) -> Option<PathBuf> {
    let dirs = env::split_paths(path).filter(|dir| dir.is_absolute());
    dirs.map(|dir| dir.join(name)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

impl SshStream {
    /// What `ssh`, or the command over there, said when nothing came of it.
    pub(super) fn said(&mut self) -> String {
        let mut said = Vec::new();
        let until = Instant::now() + TELLING;
        let mut piece = [0; 1024];
        while said.len() < MOST_SAID {
            match timed::read(&mut self.said, &mut piece, until) {
                Ok(0) | Err(_) => break,
                Ok(more) => said.extend(piece.get(..more).unwrap_or_default()),
            }
        }
        let said = String::from_utf8_lossy(&said);
        let lines: Vec<_> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if !lines.is_empty() {
            return plain(&lines.join("; "), 300);
        }
        match self.end_within(TELLING) {
            Some(status) => format!("ssh said nothing and ended with {status}"),
            None => "ssh got through to nothing that answers".to_owned(),
        }
    }

    fn end_within(&mut self, wait: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + wait;
        loop {
            match self.child.try_wait() {
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(2)),
                ended => return ended.ok().flatten(),
            }
        }
    }
}

impl Drop for SshStream {
    fn drop(&mut self) {
        let _ = self.child.kill();
        self.end_within(ENDING);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::Endpoint;

    fn parsed(address: &str) -> Ssh {
        match Endpoint::parse(address, None).unwrap() {
            Endpoint::Ssh(ssh) => ssh,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_the_user_named_stands_behind_its_option_or_behind_the_last_of_them() {
        let to = parsed("ssh://ops@web-7:2222/run/user/1000/docker.sock");
        assert_eq!(
            arguments(&to, Duration::from_millis(3900)).join(" "),
            "-T -a -x -o BatchMode=yes -o ConnectTimeout=3 -o ClearAllForwardings=yes -l ops \
             -p 2222 -- web-7 docker --host unix:///run/user/1000/docker.sock system dial-stdio"
        );
        let short = arguments(&parsed("ssh://web-7"), Duration::ZERO).join(" ");
        assert!(short.contains("ConnectTimeout=1 "), "{short}");
        assert!(short.ends_with(" -- web-7 docker system dial-stdio"), "{short}");
    }

    #[test]
    fn the_program_is_found_in_absolute_directories_only() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ssh");
        fs::write(&file, "").unwrap();
        let path = env::join_paths([Path::new("."), Path::new(""), dir.path()]).unwrap();
        assert_eq!(find("ssh", &path), None);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find("ssh", &path), Some(file));
        assert_eq!(find("src", OsStr::new(".")), None);
    }
}
