//! A guard that is told to stop.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::stage::{END, Open, Stage, closed, rest, until};
use crate::{Answering, End, Limits, Taking};

const GET: &str = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

fn stage(answer: Answering, grace: Duration) -> Stage {
    Stage::with(Open::new(Taking::Nothing, answer), Limits { grace, ..Limits::default() })
}

fn asked(stage: &Stage) -> (UnixStream, UnixStream) {
    let caller = stage.send(GET);
    let mut engine = stage.accept();
    until(&mut engine, END);
    (caller, engine)
}

#[test]
fn a_call_in_flight_ends_as_it_should_and_its_connection_with_it() {
    let mut stage = stage(Answering::Pass, Duration::from_secs(20));
    let (mut caller, mut engine) = asked(&stage);
    stage.stop();
    std::thread::sleep(Duration::from_millis(100));
    engine.write_all(OK).unwrap();
    let answer = rest(&mut caller);
    assert!(answer.ends_with("\r\n\r\nOK"), "{answer}");
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    assert_eq!(stage.end(), End::Answered);
    assert_eq!(stage.stopped().cut, 0);
}

#[test]
fn an_idle_connection_ends_at_once() {
    let mut stage = stage(Answering::Pass, Duration::from_secs(20));
    let (mut caller, mut engine) = asked(&stage);
    engine.write_all(OK).unwrap();
    until(&mut caller, "\r\n\r\nOK");
    assert_eq!(stage.stopped().cut, 0);
    assert!(closed(&mut caller));
}

#[test]
fn a_call_on_a_connection_that_is_new_is_served() {
    let mut stage = stage(Answering::Pass, Duration::from_secs(20));
    let mut caller = stage.connect();
    // The guard has taken this connection once it serves the next.
    let (other, _engine) = asked(&stage);
    drop(other);
    stage.stop();
    std::thread::sleep(Duration::from_millis(50));
    caller.write_all(GET.as_bytes()).unwrap();
    let mut engine = stage.accept();
    until(&mut engine, END);
    engine.write_all(OK).unwrap();
    assert!(rest(&mut caller).ends_with("\r\n\r\nOK"));
    assert_eq!(stage.stopped().cut, 0);
}

#[test]
fn a_stream_of_lines_ends_at_once_and_well() {
    let mut stage = stage(Answering::Lines, Duration::from_secs(20));
    let (mut caller, mut engine) = asked(&stage);
    engine
        .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n")
        .unwrap();
    until(&mut caller, "one\n\r\n");
    assert_eq!(stage.stopped().cut, 0);
    assert_eq!(rest(&mut caller), "0\r\n\r\n");
    assert!(closed(&mut engine));
    assert_eq!(stage.end(), End::Stopped);
}

#[test]
fn what_does_not_end_is_cut_and_told() {
    let mut stage = stage(Answering::Pass, Duration::from_millis(200));
    let (mut waiting, _engine) = asked(&stage);
    let (mut streaming, mut engine) = asked(&stage);
    engine
        .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n")
        .unwrap();
    until(&mut streaming, "one\n\r\n");
    assert_eq!(stage.stopped().cut, 2);
    assert_eq!(rest(&mut streaming), "");
    assert!(rest(&mut waiting).starts_with("HTTP/1.1 503 "));
    assert_eq!((stage.end(), stage.end()), (End::Stopped, End::Stopped));
}
