//! Who is at the other end of a Unix socket, by what the kernel says of it.

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use nix::errno::Errno;
use nix::sys::socket::{getsockopt, sockopt};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::status::{Status, started, text};
use super::{Process, Within, cgroup};

/// What the kernel noted when it connected (`unix(7)`, `SO_PEERCRED`). A descriptor that was passed
/// on later still says who connected.
pub(crate) fn of(stream: &UnixStream, came: Ticks) -> Process {
    let Ok(noted) = getsockopt(stream, sockopt::PeerCredentials) else {
        return Process {
            uid: u32::MAX,
            gid: u32::MAX,
            groups: Vec::new(),
            pid: 0,
            within: Within::Elsewhere("the kernel does not say who it is".into()),
        };
    };
    let pid = u32::try_from(noted.pid()).unwrap_or(0);
    let mut process = Process {
        uid: noted.uid(),
        gid: noted.gid(),
        groups: Vec::new(),
        pid,
        within: Within::Elsewhere("its process could not be looked at".into()),
    };
    match look(stream, came, pid, (process.uid, process.gid)) {
        Ok((groups, within)) => (process.groups, process.within) = (groups, within),
        Err(why) => process.within = Within::Elsewhere(why),
    }
    process
}

/// Reads the process below `/proc`, and then makes sure that it still is the one that connected.
fn look(
    stream: &UnixStream,
    came: Ticks,
    pid: u32,
    ids: (u32, u32),
) -> Result<(Vec<u32>, Within), String> {
    if pid == 0 {
        return Err("it is in a process namespace that is not below the guard's".to_owned());
    }
    let handle = handle(stream, pid, came)?;
    let status = Status::read(pid)?;
    let within = cgroup::within(pid, &status)?;
    let groups = if status.is_as_noted(ids) { status.groups } else { Vec::new() };
    if lives(&handle) { Ok((groups, within)) } else { Err(ended(pid)) }
}

fn ended(pid: u32) -> String {
    format!("process {pid}, which connected, has ended")
}

/// A handle of the process that connected (`SO_PEERPIDFD`, Linux 6.5).
///
/// Before that, there only is one of whoever has its id now. A process can connect, pass the socket
/// on and end, and its id be given to another: that one is younger than the connection.
fn handle(stream: &UnixStream, pid: u32, came: Ticks) -> Result<OwnedFd, String> {
    match getsockopt(&stream.as_fd(), sockopt::PeerPidfd) {
        Ok(handle) => Ok(handle),
        Err(Errno::ENOPROTOOPT) => older(pid, came),
        Err(_) => Err(ended(pid)),
    }
}

fn older(pid: u32, came: Ticks) -> Result<OwnedFd, String> {
    let raw = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    let raw = raw.ok_or_else(|| ended(pid))?;
    let opened = rustix::process::pidfd_open(raw, rustix::process::PidfdFlags::empty());
    let handle = opened.map_err(|_| ended(pid))?;
    let stat = text(&format!("/proc/{pid}/stat"))?;
    if started(&stat).is_some_and(|ticks| is_surely_before(ticks, came)) {
        return Ok(handle);
    }
    Err(format!("process {pid} is so young that it may not be the one that connected"))
}

/// Ticks of 1/100 s since the machine started, as `/proc` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticks(u64);

/// The time now.
pub(crate) fn now() -> Ticks {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    let rest = u64::try_from(now.tv_nsec).unwrap_or(0) / 10_000_000;
    Ticks(seconds.saturating_mul(100).saturating_add(rest))
}

/// A whole tick between them, since both are rounded.
fn is_surely_before(started: u64, came: Ticks) -> bool {
    started.saturating_add(2) <= came.0
}

/// A handle can be read once its process has ended (`pidfd_open(2)`).
fn lives(handle: &OwnedFd) -> bool {
    let mut polled = [PollFd::new(handle, PollFlags::IN)];
    poll(&mut polled, Some(&Timespec::default())).is_ok_and(|ready| ready == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_itself_with_its_own_ids() {
        let (stream, _other) = UnixStream::pair().unwrap();
        let process = of(&stream, now());
        assert_eq!(process.pid, std::process::id());
        assert_eq!(process.uid, rustix::process::geteuid().as_raw());
        assert_eq!(process.gid, rustix::process::getegid().as_raw());
        assert!(!matches!(process.within, Within::Elsewhere(_)), "{process:?}");
    }

    /// A connection whose process is gone, while its socket was passed on.
    #[test]
    fn a_process_that_ended_is_elsewhere_whoever_has_its_socket() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let script = "import socket, sys, os\ns = socket.socket(socket.AF_UNIX)\n\
                      s.connect(sys.argv[1])\nif os.fork() == 0:\n  import time; time.sleep(20)\n";
        let child = std::process::Command::new("python3").args(["-c", script]).arg(&path).spawn();
        let Ok(mut child) = child else { return };
        let (stream, _) = listener.accept().unwrap();
        child.wait().unwrap();
        let process = of(&stream, now());
        assert_eq!(process.pid, child.id());
        assert!(matches!(process.within, Within::Elsewhere(_)), "{process:?}");
        assert!(process.groups.is_empty());
    }

    #[test]
    fn where_ids_can_be_reused_only_an_older_process_is_believed() {
        let pid = std::process::id();
        std::thread::sleep(std::time::Duration::from_millis(40));
        assert!(older(pid, now()).is_ok());
        assert!(older(pid, Ticks(0)).is_err());
        assert!(older(u32::MAX, now()).is_err());
        assert!(is_surely_before(98, Ticks(100)) && !is_surely_before(99, Ticks(100)));
    }
}
