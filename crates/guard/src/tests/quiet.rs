//! Answers that are silent for longer than they keep a thread.

use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::stage::{END, Open, Stage, closed, rest, until};
use crate::{Answering, End, Limits, Taking};

const GET: &str = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const SILENCE: Duration = Duration::from_millis(20);

fn stage(grace: Duration) -> Stage {
    let limits = Limits { silence: SILENCE, grace, ..Limits::default() };
    Stage::with(Open::new(Taking::Nothing, Answering::Pass), limits)
}

/// A stream that began, and has been silent for long.
fn silent(stage: &Stage) -> (UnixStream, UnixStream) {
    let ends = begun(stage);
    std::thread::sleep(SILENCE * 10);
    ends
}

fn begun(stage: &Stage) -> (UnixStream, UnixStream) {
    let mut caller = stage.send(GET);
    let mut engine = stage.accept();
    until(&mut engine, END);
    engine.write_all(HEAD).unwrap();
    until(&mut caller, END);
    (caller, engine)
}

#[test]
fn what_comes_after_each_silence_goes_on_and_so_does_the_connection() {
    let stage = stage(Duration::from_secs(20));
    let (mut caller, mut engine) = silent(&stage);
    for word in ["one", "two", "six"] {
        write!(engine, "3\r\n{word}\r\n").unwrap();
        until(&mut caller, &format!("3\r\n{word}\r\n"));
        assert!(stage.no_outcome());
        std::thread::sleep(SILENCE * 10);
    }
    engine.write_all(b"0\r\n\r\n").unwrap();
    until(&mut caller, "0\r\n\r\n");
    assert_eq!(stage.end(), End::Answered);
    caller.write_all(GET.as_bytes()).unwrap();
    until(&mut engine, END);
    engine.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK").unwrap();
    until(&mut caller, "\r\n\r\nOK");
    assert_eq!(stage.end(), End::Answered);
}

#[test]
fn a_request_that_was_sent_meanwhile_is_served_after_it() {
    let stage = stage(Duration::from_secs(20));
    let (mut caller, mut engine) = silent(&stage);
    caller.write_all(GET.as_bytes()).unwrap();
    std::thread::sleep(SILENCE * 5);
    engine.write_all(b"0\r\n\r\n").unwrap();
    until(&mut caller, "0\r\n\r\n");
    until(&mut engine, END);
    engine.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    assert!(until(&mut caller, END).starts_with("HTTP/1.1 204 "));
    assert_eq!((stage.end(), stage.end()), (End::Answered, End::Answered));
}

#[test]
fn a_caller_that_goes_is_noticed_and_one_that_only_stops_sending_is_still_there() {
    let stage = stage(Duration::from_secs(20));
    let (mut caller, mut engine) = silent(&stage);
    caller.shutdown(Shutdown::Write).unwrap();
    std::thread::sleep(SILENCE * 5);
    engine.write_all(b"2\r\nhi\r\n").unwrap();
    until(&mut caller, "2\r\nhi\r\n");
    std::thread::sleep(SILENCE * 5);
    assert!(stage.no_outcome());
    drop(caller);
    assert_eq!(stage.end(), End::CallerGone);
    assert!(closed(&mut engine));
}

#[test]
fn an_engine_that_goes_is_noticed() {
    let stage = stage(Duration::from_secs(20));
    let (mut caller, engine) = silent(&stage);
    drop(engine);
    assert_eq!(rest(&mut caller), "");
    assert_eq!(stage.end(), End::EngineGone);
}

#[test]
fn all_end_with_the_guard() {
    let mut stage = stage(Duration::from_millis(100));
    let mut silent: Vec<_> = (0..50).map(|_| begun(&stage)).collect();
    std::thread::sleep(SILENCE * 10);
    assert_eq!(stage.stopped().cut, 50);
    // Whoever has the gate's ledger closes it now.
    assert_eq!(std::sync::Arc::strong_count(&stage.gate), 1);
    for (caller, engine) in &mut silent {
        assert!(closed(caller) && closed(engine));
        assert_eq!(stage.end(), End::Stopped);
    }
}
