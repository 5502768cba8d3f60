//! Connections that turn into raw streams.

use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use super::stage::{END, Open, Stage, closed, rest, until};
use crate::{Answering, End, Taking};

const ATTACH: &str =
    "POST /attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
const SWITCHED: &str = "HTTP/1.1 101 UPGRADED\r\n\
     Content-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

fn upgrading() -> Stage {
    Stage::new(Open::new(Taking::Whole { most: 100 }, Answering::Upgrade { to: None }))
}

fn streaming(stage: &Stage) -> (UnixStream, UnixStream) {
    let mut caller = stage.send(ATTACH);
    let mut engine = stage.accept();
    let head = until(&mut engine, END);
    assert!(head.contains("\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"), "{head}");
    engine.write_all(SWITCHED.as_bytes()).unwrap();
    let answer = until(&mut caller, END);
    assert_eq!(answer, SWITCHED);
    (caller, engine)
}

#[test]
fn a_switched_connection_is_a_stream_both_ways() {
    let stage = upgrading();
    let (mut caller, mut engine) = streaming(&stage);
    caller.write_all(b"GET / HTTP/1.1\n\n").unwrap();
    assert_eq!(until(&mut engine, "\n\n"), "GET / HTTP/1.1\n\n");
    engine.write_all(b"\x01\0\0\0 out").unwrap();
    assert_eq!(until(&mut caller, "out"), "\x01\0\0\0 out");
    assert!(stage.no_outcome());
    assert_eq!(stage.gate.met.lock().unwrap().len(), 1);
}

#[test]
fn each_half_closes_alone() {
    let stage = upgrading();
    let (mut caller, mut engine) = streaming(&stage);
    caller.write_all(b"input").unwrap();
    caller.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut engine), "input");
    engine.write_all(b"late output").unwrap();
    drop(engine);
    assert_eq!(rest(&mut caller), "late output");
    assert_eq!(stage.end(), End::Answered);

    let (mut caller, mut engine) = streaming(&stage);
    engine.write_all(b"output").unwrap();
    engine.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut caller), "output");
    caller.write_all(b"late input").unwrap();
    drop(caller);
    assert_eq!(rest(&mut engine), "late input");
    assert_eq!(stage.outcome(), crate::Outcome { status: Some(101), end: End::Answered });
}

#[test]
fn what_was_written_before_closing_arrives() {
    let stage = upgrading();
    let (mut caller, mut engine) = streaming(&stage);
    let much = "x".repeat(3_000_000);
    let reading = std::thread::spawn(move || rest(&mut engine));
    caller.write_all(much.as_bytes()).unwrap();
    drop(caller);
    assert!(reading.join().unwrap() == much);
    let (mut caller, mut engine) = streaming(&stage);
    let writing = std::thread::spawn({
        let much = much.clone();
        move || engine.write_all(much.as_bytes()).unwrap()
    });
    assert!(rest(&mut caller) == much);
    writing.join().unwrap();
}

#[test]
fn a_caller_that_goes_away_takes_the_engines_side_with_it() {
    let stage = upgrading();
    let (caller, mut engine) = streaming(&stage);
    drop(caller);
    assert!(closed(&mut engine));
    assert_eq!(stage.end(), End::Answered);
    let (mut caller, engine) = streaming(&stage);
    drop(engine);
    assert!(closed(&mut caller));
    assert_eq!(stage.end(), End::Answered);
}

#[test]
fn an_engine_that_was_not_asked_to_switch_may_begin_a_stream() {
    let plain = "POST /attach HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
    for kind in ["raw", "multiplexed"] {
        let stage = upgrading();
        let mut caller = stage.send(plain);
        let mut engine = stage.accept();
        until(&mut engine, "{}");
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.{kind}-stream\r\n\r\n"
        );
        engine.write_all(head.as_bytes()).unwrap();
        assert_eq!(until(&mut caller, END), head);
        caller.write_all(b"in").unwrap();
        assert_eq!(until(&mut engine, "in"), "in");
    }
}

#[test]
fn an_ordinary_answer_to_it_is_one_and_more_requests_are_met() {
    let stage = upgrading();
    for answer in [
        "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\
         Content-Length: 2\r\n\r\nno",
    ] {
        let mut caller = stage.send(ATTACH);
        let mut engine = stage.accept();
        until(&mut engine, END);
        engine.write_all(answer.as_bytes()).unwrap();
        until(&mut caller, "no");
        caller.write_all(b"GET /denied HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert!(until(&mut caller, END).starts_with("HTTP/1.1 403 "));
    }
}

#[test]
fn a_switch_to_something_else_is_no_answer() {
    for answer in [
        SWITCHED.replace("tcp", "h2c"),
        SWITCHED.replace("Upgrade: tcp\r\n", ""),
        SWITCHED.replace("Upgrade: tcp", "Upgrade: tcp\r\nUpgrade: h2c"),
        SWITCHED.replace("Upgrade: tcp", "Upgrade: tcp\r\nContent-Length: 5"),
    ] {
        let stage = upgrading();
        let mut caller = stage.send(ATTACH);
        let mut engine = stage.accept();
        until(&mut engine, END);
        engine.write_all(answer.as_bytes()).unwrap();
        assert!(until(&mut caller, END).starts_with("HTTP/1.1 502 "), "{answer}");
    }
}

#[test]
fn an_ordinary_request_gets_no_stream() {
    let stage = Stage::new(Open::new(Taking::Nothing, Answering::Pass));
    let mut caller = stage.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut engine = stage.accept();
    until(&mut engine, END);
    engine
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n")
        .unwrap();
    until(&mut caller, END);
    caller.write_all(b"into the engine").unwrap();
    engine.write_all(b"x").unwrap();
    engine.shutdown(Shutdown::Write).unwrap();
    assert!(rest(&mut engine).is_empty());
    assert_eq!(until(&mut caller, "0\r\n\r\n"), "1\r\nx\r\n0\r\n\r\n");
}

#[test]
fn a_body_that_was_not_read_is_never_taken_for_the_streams() {
    let stage = Stage::new(Open::new(Taking::Stream, Answering::Upgrade { to: None }));
    for framing in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
        let mut caller = stage.send(ATTACH.replace("Host: x", &format!("Host: x\r\n{framing}")));
        assert!(until(&mut caller, END).starts_with("HTTP/1.1 400 "), "{framing}");
        assert!(stage.nothing_came(), "{framing}");
        assert_eq!(stage.end(), End::Refused);
    }
}
