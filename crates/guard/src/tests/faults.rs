//! Ends that go away, stand still or are wrong.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::stage::{END, Open, Stage, closed, patient, rest, until};
use crate::{Answering, End, Limits, Outcome, Taking};

const GET: &str = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

fn pass() -> Open {
    Open::new(Taking::Nothing, Answering::Pass)
}

fn impatient() -> Limits {
    Limits { stuck: Duration::from_millis(300), ..Limits::default() }
}

fn asked(stage: &Stage) -> (UnixStream, UnixStream) {
    let caller = stage.send(GET);
    let mut engine = stage.accept();
    until(&mut engine, END);
    (caller, engine)
}

#[test]
fn an_engine_that_is_not_there_is_named_in_one_line_and_asked_again() {
    let stage = Stage::new(pass());
    let path = stage.path().with_file_name("engine.sock");
    std::fs::remove_file(&path).unwrap();
    let mut caller = stage.send(GET);
    let told = until(&mut caller, "}\n");
    assert!(told.starts_with("HTTP/1.1 502 ") && told.contains("engine.sock"), "{told}");
    assert_eq!(stage.outcome(), Outcome { status: None, end: End::EngineGone });
    let engine = std::os::unix::net::UnixListener::bind(&path).unwrap();
    caller.write_all(GET.as_bytes()).unwrap();
    let mut engine = patient(engine.accept().unwrap().0);
    until(&mut engine, END);
    engine.write_all(OK).unwrap();
    until(&mut caller, "\r\n\r\nOK");
    assert_eq!(stage.end(), End::Answered);
}

#[test]
fn an_engine_that_goes_away_in_the_middle_never_looks_like_an_end() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello",
    ] {
        let stage = Stage::new(pass());
        let (mut caller, mut engine) = asked(&stage);
        engine.write_all(answer.as_bytes()).unwrap();
        drop(engine);
        let came = rest(&mut caller);
        assert!(came.contains("hello") && !came.contains("0\r\n\r\n"), "{came:?}");
        assert_eq!(stage.outcome(), Outcome { status: Some(200), end: End::EngineGone });
    }
}

#[test]
fn an_engine_that_goes_away_before_its_answer_is_told() {
    for begun in ["", "HTTP/1.1 200"] {
        let stage = Stage::new(pass());
        let (mut caller, mut engine) = asked(&stage);
        engine.write_all(begun.as_bytes()).unwrap();
        drop(engine);
        assert!(until(&mut caller, "}\n").starts_with("HTTP/1.1 502 "));
        assert_eq!(stage.end(), End::EngineGone);
    }
}

#[test]
fn an_engine_that_closes_between_two_requests_closes_the_callers_connection() {
    let stage = Stage::new(pass());
    let (mut caller, mut engine) = asked(&stage);
    engine.write_all(OK).unwrap();
    until(&mut caller, "\r\n\r\nOK");
    drop(engine);
    assert!(closed(&mut caller));
}

#[test]
fn bytes_that_the_engine_was_not_asked_for_are_nobodys_answer() {
    let stage = Stage::new(pass());
    let (mut caller, mut engine) = asked(&stage);
    engine.write_all(&[OK, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"].concat()).unwrap();
    until(&mut caller, "\r\n\r\nOK");
    let _ = caller.write_all(GET.as_bytes());
    assert!(!rest(&mut caller).contains("evil"));
}

#[test]
fn a_caller_that_goes_away_takes_its_call_with_it() {
    let stage = Stage::new(pass());
    let (caller, mut engine) = asked(&stage);
    drop(caller);
    assert!(closed(&mut engine));
    assert_eq!(stage.outcome(), Outcome { status: None, end: End::CallerGone });
    let (mut caller, mut engine) = asked(&stage);
    engine.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    until(&mut caller, END);
    drop(caller);
    assert!(closed(&mut engine));
    assert_eq!(stage.outcome(), Outcome { status: Some(200), end: End::CallerGone });
}

#[test]
fn a_caller_that_goes_away_in_its_body_never_looks_like_an_end() {
    for framing in
        ["Content-Length: 9\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"]
    {
        let stage = Stage::new(Open::new(Taking::Stream, Answering::Pass));
        let mut caller = stage.send(format!("POST /x HTTP/1.1\r\nHost: x\r\n{framing}"));
        let mut engine = stage.accept();
        until(&mut engine, "hello");
        caller.shutdown(Shutdown::Write).unwrap();
        assert!(!rest(&mut engine).contains("0\r\n\r\n"));
        assert_eq!(stage.end(), End::CallerGone);
        assert!(rest(&mut caller).is_empty());
    }
}

#[test]
fn a_caller_that_only_stopped_sending_gets_its_answer() {
    let stage = Stage::new(pass());
    let (mut caller, mut engine) = asked(&stage);
    caller.shutdown(Shutdown::Write).unwrap();
    engine.write_all(OK).unwrap();
    assert!(rest(&mut caller).ends_with("\r\n\r\nOK"));
    assert_eq!(stage.end(), End::Answered);
}

#[test]
fn a_caller_that_takes_nothing_is_not_waited_for_without_end() {
    let stage = Stage::with(pass(), impatient());
    let (mut caller, mut engine) = asked(&stage);
    engine.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n").unwrap();
    let sent = (0..2000).take_while(|_| engine.write_all(&[b'x'; 50_000]).is_ok()).count();
    assert!(sent < 2000, "it was all taken");
    assert_eq!(stage.end(), End::CallerGone);
    until(&mut caller, END);
}

#[test]
fn a_streamed_body_that_stands_still_is_not_waited_for_without_end() {
    let stage = Stage::with(Open::new(Taking::Stream, Answering::Pass), impatient());
    let mut caller = stage.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhello");
    let mut engine = stage.accept();
    assert!(rest(&mut engine).ends_with("hello"));
    assert!(until(&mut caller, END).starts_with("HTTP/1.1 408 "));
    assert_eq!(stage.end(), End::CallerGone);
}

#[test]
fn silence_where_no_bytes_are_due_is_no_fault() {
    let stage = Stage::with(pass(), impatient());
    let (mut caller, mut engine) = asked(&stage);
    std::thread::sleep(Duration::from_millis(500));
    engine.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(500));
    engine.write_all(b"1\r\nx\r\n0\r\n\r\n").unwrap();
    until(&mut caller, "x\r\n0\r\n\r\n");
    std::thread::sleep(Duration::from_millis(500));
    caller.write_all(GET.as_bytes()).unwrap();
    until(&mut engine, END);
}

#[test]
fn an_engine_that_reads_late_gets_all_of_a_large_judged_body() {
    let stage = Stage::new(Open::new(Taking::Whole { most: 4 << 20 }, Answering::Pass));
    let body = "x".repeat(3 << 20);
    let mut caller = stage.send(format!(
        "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let mut engine = stage.accept();
    std::thread::sleep(Duration::from_millis(200));
    until(&mut engine, END);
    let mut came = vec![0; body.len()];
    engine.read_exact(&mut came).unwrap();
    assert!(came == body.as_bytes());
    engine.write_all(OK).unwrap();
    until(&mut caller, "\r\n\r\nOK");
}

#[test]
fn a_gate_that_panics_ends_that_call_alone() {
    for target in ["/panics", "/judge-panics"] {
        let stage = Stage::new(pass());
        let mut caller = stage.send(format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert!(until(&mut caller, "}\n").starts_with("HTTP/1.1 500 "));
        assert!(stage.nothing_came() && stage.no_outcome());
        caller.write_all(GET.as_bytes()).unwrap();
        let mut engine = stage.accept();
        until(&mut engine, END);
        engine.write_all(OK).unwrap();
        until(&mut caller, "\r\n\r\nOK");
        assert_eq!(stage.end(), End::Answered);
    }
    let mut gate = Open::new(Taking::Nothing, Answering::Whole { most: 10 });
    gate.filter = |_| panic!("as the test wants");
    let stage = Stage::new(gate);
    let (mut caller, mut engine) = asked(&stage);
    engine.write_all(OK).unwrap();
    assert!(until(&mut caller, "}\n").starts_with("HTTP/1.1 500 "));
    assert_eq!(stage.outcome(), Outcome { status: Some(200), end: End::Panicked });
}

#[test]
fn a_denial_is_one_line_and_the_connection_goes_on() {
    let stage = Stage::new(pass());
    let mut caller = stage.send("GET /denied HTTP/1.1\r\nHost: x\r\n\r\n");
    let told = until(&mut caller, "}\n");
    assert!(told.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{told}");
    assert!(told.ends_with("\r\n\r\n{\"message\":\"no never\"}\n"), "{told}");
    caller.write_all(b"HEAD /denied HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert!(until(&mut caller, END).starts_with("HTTP/1.1 403 "));
    caller.write_all(GET.as_bytes()).unwrap();
    assert!(until(&mut stage.accept(), END).starts_with("GET /x "));
}

#[test]
fn a_caller_with_more_than_its_share_is_told_so_and_so_is_everyone_when_all_are_taken() {
    let limits = Limits { connections: 4, ..Limits::default() };
    let stage = Stage::with(pass(), limits);
    let held: Vec<_> = (0..2).map(|_| asked(&stage)).collect();
    let told = until(&mut stage.send(GET), "}\n");
    assert!(told.starts_with("HTTP/1.1 503 ") && told.contains("its share"), "{told}");
    assert!(stage.nothing_came());
    drop(held);
    assert_eq!((stage.end(), stage.end()), (End::CallerGone, End::CallerGone));

    let stage = Stage::with(pass(), Limits { connections: 0, ..Limits::default() });
    let told = rest(&mut stage.send(GET));
    assert!(told.starts_with("HTTP/1.1 503 ") && told.contains("are taken"), "{told}");
}

#[test]
fn callers_that_are_refused_hold_nothing_that_others_need() {
    let limits = Limits { connections: 4, ..Limits::default() };
    let stage = Stage::with(pass(), limits);
    let held: Vec<_> = (0..2).map(|_| asked(&stage)).collect();
    // They say nothing, and are waited for.
    let _silent: Vec<_> = (0..100).map(|_| stage.connect()).collect();
    std::thread::sleep(Duration::from_millis(300));
    drop(held);
    assert_eq!((stage.end(), stage.end()), (End::CallerGone, End::CallerGone));
    let (mut caller, mut engine) = asked(&stage);
    engine.write_all(OK).unwrap();
    until(&mut caller, "\r\n\r\nOK");
}
