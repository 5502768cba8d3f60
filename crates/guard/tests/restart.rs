//! The transport as a process: a restart behind a socket that was handed over costs no call, and what is silent no
//! thread.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The example beside this test's own program.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.parent().unwrap().parent().unwrap().join("examples/pass")
}

/// Starts the guard as a service manager does: the socket as descriptor 3.
fn start(socket: &UnixListener, engine: &Path) -> Child {
    let script = "exec 3<&0 </dev/null; LISTEN_PID=$$; export LISTEN_PID; exec \"$@\"";
    let socket: std::os::fd::OwnedFd = socket.try_clone().unwrap().into();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script, "sh"]).arg(program()).arg(engine);
    command.env("LISTEN_FDS", "1").env("LISTEN_FDNAMES", "docker.sock");
    command.stdin(Stdio::from(socket)).spawn().unwrap()
}

fn terminate(child: &mut Child) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}

/// An engine that answers each request after a while.
fn engine(path: &Path) {
    let listener = UnixListener::bind(path).unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            std::thread::spawn(move || {
                while read_head(&mut stream).is_some() {
                    std::thread::sleep(Duration::from_millis(3));
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK");
                }
            });
        }
    });
}

fn read_head(stream: &mut UnixStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).ok()
}

/// One call on a connection of its own, as a docker command makes it.
fn call(socket: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let mut stream = UnixStream::connect(socket).map_err(told)?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).map_err(told)?;
    stream.write_all(b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n").map_err(told)?;
    let head = read_head(&mut stream).ok_or("no answer")?;
    let mut body = [0; 2];
    stream.read_exact(&mut body).map_err(told)?;
    if head.starts_with("HTTP/1.1 200 ") && &body == b"OK" { Ok(()) } else { Err(head) }
}

#[test]
fn callers_in_a_loop_lose_no_call_while_the_guard_is_restarted() {
    let folder = tempfile::tempdir().unwrap();
    let (socket, upstream) = (folder.path().join("docker.sock"), folder.path().join("engine.sock"));
    engine(&upstream);
    let listener = UnixListener::bind(&socket).unwrap();
    let ended = Arc::new(AtomicBool::new(false));
    let mut guard = start(&listener, &upstream);
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (socket, ended) = (socket.clone(), Arc::clone(&ended));
            std::thread::spawn(move || {
                let mut calls = 0_usize;
                while !ended.load(Ordering::Relaxed) {
                    call(&socket).unwrap_or_else(|why| panic!("call {calls}: {why}"));
                    calls += 1;
                }
                calls
            })
        })
        .collect();
    for _ in 0..8 {
        // It is up: before that, it doesn't know yet what it is told by a signal.
        call(&socket).unwrap();
        std::thread::sleep(Duration::from_millis(60));
        terminate(&mut guard);
        // Nobody serves for a while: the calls wait with the socket.
        std::thread::sleep(Duration::from_millis(20));
        guard = start(&listener, &upstream);
    }
    call(&socket).unwrap();
    ended.store(true, Ordering::Relaxed);
    for caller in callers {
        assert!(caller.join().unwrap() > 20);
    }
    terminate(&mut guard);
}

#[test]
fn a_guard_that_is_killed_costs_the_calls_in_flight_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (socket, upstream) = (folder.path().join("docker.sock"), folder.path().join("engine.sock"));
    engine(&upstream);
    let listener = UnixListener::bind(&socket).unwrap();
    let mut guard = start(&listener, &upstream);
    call(&socket).unwrap();
    guard.kill().unwrap();
    guard.wait().unwrap();
    let waiting = std::thread::spawn({
        let socket = socket.clone();
        move || call(&socket)
    });
    std::thread::sleep(Duration::from_millis(50));
    let mut guard = start(&listener, &upstream);
    waiting.join().unwrap().unwrap();
    terminate(&mut guard);
}

/// An engine that begins an answer and says no more.
fn silent_engine(path: &Path) {
    let listener = UnixListener::bind(path).unwrap();
    std::thread::spawn(move || {
        let mut streams = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            read_head(&mut stream).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
            streams.push(stream);
        }
    });
}

fn threads(guard: &Child) -> usize {
    std::fs::read_dir(format!("/proc/{}/task", guard.id())).unwrap().count()
}

#[test]
fn silent_streams_have_no_threads() {
    let folder = tempfile::tempdir().unwrap();
    let (socket, upstream) = (folder.path().join("docker.sock"), folder.path().join("engine.sock"));
    silent_engine(&upstream);
    let listener = UnixListener::bind(&socket).unwrap();
    let mut guard = start(&listener, &upstream);
    let mut streams = Vec::new();
    for _ in 0..60 {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(b"GET /logs HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        read_head(&mut stream).unwrap();
        streams.push(stream);
    }
    let few = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        threads(&guard) < 10
    });
    let count = threads(&guard);
    drop(streams);
    terminate(&mut guard);
    assert!(few, "{count} threads for 60 silent streams");
}
