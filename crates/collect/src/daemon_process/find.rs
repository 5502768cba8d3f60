//! Who really owns a socket.

use std::collections::BTreeSet;

use dockward_model::facts::{DaemonProcess, Fact, Field, ListeningSocket, Origin, Protocol};
use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, clock_gettime};

use super::{Peer, unix};
use crate::kernel::sockets::{listening, open_sockets};
use crate::kernel::status::{Status, start_time, there};
use crate::tree::{Live, Proc};

/// How much of the table of Unix sockets is read, in bytes.
const LIMIT: usize = 16 << 20;

/// Programs that answer as a Docker engine does.
const ENGINES: &[&str] =
    &["dockerd", "dockerd-ce", "dockerd-current", "balena-engine-daemon", "balenad", "podman"];
/// Programs that listen on behalf of others.
const MANAGERS: &[&str] =
    &["systemd", "init", "systemd-socket-activate", "s6-ipcserver-socketbinder", "xinetd"];

/// Sockets of the process at the other end that listen at our path, and whether it has them open.
struct Sockets {
    inodes: BTreeSet<u64>,
    held_by_peer: BTreeSet<u64>,
}

/// See [`super::find`].
pub(super) fn find(proc: &Proc, tree: &Live, peer: Peer, path: &str) -> Field<DaemonProcess> {
    let Some(pid) = peer.0.filter(|pid| *pid > 0) else {
        return Field::unknown(
            "the process behind the socket lives outside our pid namespace",
            Origin::Nowhere,
        );
    };
    let owner = sockets(proc, tree, pid, path).and_then(|sockets| owner(proc, peer, pid, &sockets));
    match owner.and_then(|owner| describe(proc, owner).map(|process| (owner, process))) {
        Ok((owner, process)) => {
            Field::known(process, Origin::kernel(proc.show(&format!("{owner}/fd")), ""))
        }
        Err(why) => Field::unknown(why, Origin::kernel(proc.show(&format!("{pid}/fd")), "")),
    }
}

/// The sockets that listen at the very file that we connected to, by whatever name.
fn sockets(proc: &Proc, tree: &Live, peer: i32, path: &str) -> Result<Sockets, String> {
    let wanted = known(tree.identity(path), || format!("{path} is no longer there"))?;
    let name = format!("{peer}/net/unix");
    let text = known(there(proc.read_text(&name, LIMIT), peer), String::new)?;
    let its_files = known(Live::of_process(proc, peer), String::new)?;
    let inodes: BTreeSet<u64> = unix::listening(&text)
        .filter(|bound| its_files.identity(&bound.path).known() == Some(&wanted))
        .map(|bound| bound.inode)
        .collect();
    if inodes.is_empty() {
        return Err(format!("no socket that listens at {path} is seen from process {peer}"));
    }
    let held = known(open_sockets(proc, peer), String::new)?;
    let held_by_peer = inodes.intersection(&held).copied().collect();
    Ok(Sockets { inodes, held_by_peer })
}

fn known<T>(fact: Fact<T>, absent: impl FnOnce() -> String) -> Result<T, String> {
    match fact {
        Fact::Known(value) => Ok(value),
        Fact::Absent => Err(absent()),
        Fact::Unknown(why) => Err(why),
    }
}

/// The process that called listen(), unless it did so for another.
fn owner(proc: &Proc, peer: Peer, pid: i32, sockets: &Sockets) -> Result<i32, String> {
    let holds = !sockets.held_by_peer.is_empty();
    let program = proc.link(&format!("{pid}/exe"));
    if holds && program.known().is_some_and(|path| is_engine(path)) {
        return Ok(pid);
    }
    let is_manager = is_manager(pid, &program);
    match others(proc, peer, pid, sockets) {
        Ok(Some((other, is_engine))) if is_engine || is_manager || !holds => Ok(other),
        // Nobody took it over yet: with socket activation the engine starts with the first caller.
        Ok(_) if holds => Ok(pid),
        Err(_) if holds && !is_manager => Ok(pid),
        Ok(_) => Err("no process has the socket open any more".into()),
        Err(why) => Err(why),
    }
}

/// Process 1 and the programs that are known to start others. A name says nothing for a process
/// here: it only makes us look further.
fn is_manager(pid: i32, program: &Fact<String>) -> bool {
    match program.known() {
        Some(path) => MANAGERS.contains(&base_name(path)),
        None => pid == 1,
    }
}

/// The last part of a program's path, without the kernel's mark of a replaced file.
pub(super) fn base_name(path: &str) -> &str {
    let path = path.strip_suffix(" (deleted)").unwrap_or(path);
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a program's name is an engine's.
pub(super) fn is_engine(path: &str) -> bool {
    ENGINES.contains(&base_name(path))
}

/// The process beside `pid` that has the socket open, and whether it is an engine: engines come
/// before others, the oldest first.
fn others(
    proc: &Proc,
    peer: Peer,
    pid: i32,
    sockets: &Sockets,
) -> Result<Option<(i32, bool)>, String> {
    // What the peer itself holds can't be made up by a line in a table. Else the user must be the
    // one who called listen().
    let proven = !sockets.held_by_peer.is_empty();
    let wanted = if proven { &sockets.held_by_peer } else { &sockets.inodes };
    let mut unread = None;
    let mut best: Option<(bool, u64, i32)> = None;
    for other in known(proc.pids(), String::new)?.into_iter().filter(|other| *other != pid) {
        match open_sockets(proc, other) {
            Fact::Known(open) if open.is_disjoint(wanted) => continue,
            Fact::Known(_) => {}
            Fact::Unknown(why) => {
                unread.get_or_insert(why);
                continue;
            }
            Fact::Absent => continue,
        }
        let program = proc.link(&format!("{other}/exe"));
        let same_user = Status::read(proc, other).uid().get() == Some(&peer.1);
        if is_manager(other, &program) || !(proven || same_user) {
            continue;
        }
        let is_engine = program.known().is_some_and(|path| is_engine(path));
        let started = start_time(proc, other).known().copied().unwrap_or(u64::MAX);
        let rank = (!is_engine, started, other);
        best = Some(best.map_or(rank, |best| best.min(rank)));
    }
    match (best, unread) {
        (Some((is_other, _, owner)), _) => Ok(Some((owner, !is_other))),
        (None, Some(why)) => Err(why),
        (None, None) => Ok(None),
    }
}

/// See [`super::find_by_port`].
pub(super) fn by_port(proc: &Proc, port: u16) -> Field<DaemonProcess> {
    let listening = listening(proc, "self");
    let origin = listening.origin.clone();
    let found = match &listening.fact {
        Fact::Known(all) => engine_with(proc, &of_port(all, port)),
        Fact::Unknown(why) => Err(why.clone()),
        Fact::Absent => Ok(None),
    };
    match found {
        Ok(Some(process)) => Field::known(process, origin),
        Ok(None) => Field::absent(origin),
        Err(why) => Field::unknown(why, origin),
    }
}

fn of_port(all: &[ListeningSocket], port: u16) -> BTreeSet<u64> {
    let its = |socket: &&ListeningSocket| socket.protocol == Protocol::Tcp && socket.port == port;
    all.iter().filter(its).map(|socket| socket.inode).filter(|inode| *inode != 0).collect()
}

/// The engine that has one of these sockets open.
fn engine_with(proc: &Proc, sockets: &BTreeSet<u64>) -> Result<Option<DaemonProcess>, String> {
    if sockets.is_empty() {
        return Ok(None);
    }
    let is_engine_with = |pid: &i32| {
        let program = proc.link(&format!("{pid}/exe"));
        program.known().is_some_and(|path| is_engine(path))
            && open_sockets(proc, *pid).known().is_some_and(|open| !open.is_disjoint(sockets))
    };
    let pids = known(proc.pids(), String::new)?;
    pids.into_iter().find(is_engine_with).map(|pid| describe(proc, pid)).transpose()
}

fn describe(proc: &Proc, pid: i32) -> Result<DaemonProcess, String> {
    let ended = || format!("process {pid} has ended");
    let exe = known(proc.link(&format!("{pid}/exe")), ended)?;
    let uid = known(Status::read(proc, pid).uid().fact, ended)?;
    let started = start_time(proc, pid).known().and_then(|ticks| since_boot(*ticks));
    Ok(DaemonProcess { pid, uid, exe, started })
}

/// The time of day of a moment in clock ticks since boot.
fn since_boot(ticks: u64) -> Option<Timestamp> {
    let (now, up) = (clock_gettime(ClockId::Realtime), clock_gettime(ClockId::Boottime));
    let per_second = rustix::param::clock_ticks_per_second();
    let seconds = i64::try_from(ticks.checked_div(per_second)?).ok()?;
    let nanoseconds = i64::try_from((ticks % per_second) * (1_000_000_000 / per_second)).ok()?;
    let boot = Timestamp::new(now.tv_sec, i32::try_from(now.tv_nsec).ok()?)
        .ok()?
        .checked_sub(SignedDuration::new(up.tv_sec, i32::try_from(up.tv_nsec).ok()?))
        .ok()?;
    boot.checked_add(SignedDuration::new(seconds, i32::try_from(nanoseconds).ok()?)).ok()
}
