//! Answers: as they are, whole, by line.

use std::io::Write;
use std::os::unix::net::UnixStream;

use super::stage::{END, Open, Stage, rest, until};
use crate::{Answering, Denial, End, Limits, Taking};

const GET: &str = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n";

fn asked(stage: &Stage, request: &str) -> (UnixStream, UnixStream) {
    let caller = stage.send(request);
    let mut engine = stage.accept();
    until(&mut engine, END);
    (caller, engine)
}

fn pass() -> Stage {
    Stage::new(Open::new(Taking::Nothing, Answering::Pass))
}

#[test]
fn the_engines_headers_are_handed_on_and_the_connections_are_our_own() {
    let stage = pass();
    let (mut caller, mut engine) = asked(&stage, GET);
    engine
        .write_all(
            b"HTTP/1.1 201 Created\r\nApi-Version: 1.45\r\nConnection: keep-alive\r\n\
              Keep-Alive: timeout=5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        )
        .unwrap();
    let answer = until(&mut caller, "0\r\n\r\n");
    assert_eq!(
        answer,
        "HTTP/1.1 201 Created\r\nApi-Version: 1.45\r\nTransfer-Encoding: chunked\r\n\r\n\
         2\r\nhi\r\n0\r\n\r\n"
    );
}

#[test]
fn a_gate_may_answer_itself_and_the_engine_hears_nothing() {
    let stage = pass();
    let mut caller = stage.send("POST /made-up HTTP/1.1\r\nHost: x\r\n\r\n");
    let answer = until(&mut caller, "}");
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    assert!(answer.ends_with("Content-Length: 10\r\n\r\n{\"Id\":\"1\"}"), "{answer}");
    // The connection goes on.
    caller.write_all(b"POST /made-up-stream HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let answer = rest(&mut caller);
    let switched = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
    assert_eq!(answer, switched);
    assert!(stage.nothing_came() && stage.no_outcome());
}

#[test]
fn a_header_says_what_the_gate_has_it_say() {
    let answer: &[u8] = b"HTTP/1.1 200 OK\r\nApi-Version: 1.99\r\nContent-Length: 5\r\n\r\nhello";
    let told = |told: fn(&str) -> Option<String>, request: &str| {
        let mut gate = Open::new(Taking::Nothing, Answering::Pass);
        gate.told = told;
        let stage = Stage::new(gate);
        let (mut caller, mut engine) = asked(&stage, request);
        engine.write_all(answer).unwrap();
        (until(&mut caller, END), stage.end())
    };
    let capped = |name: &str| (name == "api-version").then(|| "1.51".to_owned());
    for request in [GET, "HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let (head, end) = told(capped, request);
        assert_eq!(
            (head.as_str(), end),
            ("HTTP/1.1 200 OK\r\nApi-Version: 1.51\r\nContent-Length: 5\r\n\r\n", End::Answered)
        );
    }
    let (head, end) = told(|_| Some("1\r\nX-Two: 2".into()), GET);
    assert!(head.starts_with("HTTP/1.1 500 ") && !head.contains("X-Two"), "{head}");
    assert_eq!(end, End::Refused);
    let (head, end) = told(|_| panic!("as the test wants"), GET);
    assert!(head.starts_with("HTTP/1.1 500 "), "{head}");
    assert_eq!(end, End::Panicked);
}

#[test]
fn what_comes_is_handed_on_at_once() {
    let stage = pass();
    let (mut caller, mut engine) = asked(&stage, GET);
    engine.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    until(&mut caller, END);
    for line in ["one", "two"] {
        engine.write_all(format!("3\r\n{line}\r\n").as_bytes()).unwrap();
        assert_eq!(until(&mut caller, "\r\n"), "3\r\n");
        assert_eq!(until(&mut caller, "\r\n"), format!("{line}\r\n"));
    }
}

#[test]
fn an_answer_until_the_end_of_the_connection_gets_chunks() {
    let stage = pass();
    let (mut caller, mut engine) = asked(&stage, GET);
    engine.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello").unwrap();
    drop(engine);
    assert!(rest(&mut caller).ends_with("5\r\nhello\r\n0\r\n\r\n"));
    assert_eq!(stage.end(), End::Answered);
}

#[test]
fn answers_without_a_body_have_none() {
    for (request, answer, told) in [
        ("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK\r\nContent-Length: 5", "Content-Length: 5"),
        (GET, "204 No Content", "204 No Content"),
        (GET, "304 Not Modified\r\nContent-Length: 5", "304"),
    ] {
        let stage = pass();
        let (mut caller, mut engine) = asked(&stage, request);
        engine.write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes()).unwrap();
        let head = until(&mut caller, END);
        assert!(head.contains(told), "{head}");
        caller.write_all(GET.as_bytes()).unwrap();
        until(&mut engine, END);
    }
}

#[test]
fn interim_answers_stay_here() {
    let stage = pass();
    let (mut caller, mut engine) = asked(&stage, GET);
    engine
        .write_all(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
              HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK",
        )
        .unwrap();
    assert!(until(&mut caller, "\r\n\r\nOK").starts_with("HTTP/1.1 200 "));
    let (mut caller, mut engine) = asked(&stage, GET);
    for _ in 0..20 {
        let _ = engine.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
    }
    assert!(until(&mut caller, END).starts_with("HTTP/1.1 502 "));
}

#[test]
fn what_is_no_plain_http_is_told_as_one_line() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
        "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 999 Odd\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
    ] {
        let stage = pass();
        let closing = "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let (mut caller, mut engine) = asked(&stage, closing);
        engine.write_all(answer.as_bytes()).unwrap();
        engine.shutdown(std::net::Shutdown::Write).unwrap();
        let told = rest(&mut caller);
        assert!(told.starts_with("HTTP/1.1 502 "), "{answer:?}: {told:?}");
        assert!(told.contains("engine.sock"), "{told}");
        assert!(told.split_once(END).unwrap().1.lines().count() == 1, "{told}");
        assert_eq!(stage.end(), End::EngineGone);
    }
}

fn whole(filter: fn(Vec<u8>) -> Result<Vec<u8>, Denial>) -> Stage {
    let mut gate = Open::new(Taking::Nothing, Answering::Whole { most: 10 });
    gate.filter = filter;
    Stage::new(gate)
}

#[test]
fn a_whole_answer_is_what_the_gate_makes_of_it() {
    let stage = whole(|body| Ok([&body[..], b"!"].concat()));
    let (mut caller, mut engine) = asked(&stage, GET);
    engine
        .write_all(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3\r\n yo\r\n0\r\n\r\n",
        )
        .unwrap();
    let answer = until(&mut caller, "!");
    assert_eq!(answer, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhi yo!");
    assert_eq!(stage.end(), End::Answered);
    caller.write_all(GET.as_bytes()).unwrap();
    until(&mut engine, END);
}

#[test]
fn a_whole_answer_that_is_refused_or_too_long_is_not_seen() {
    let stage = whole(|_| Err(Denial::new(403, "not this answer")));
    let (mut caller, mut engine) = asked(&stage, GET);
    engine.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret").unwrap();
    let answer = until(&mut caller, "}\n");
    assert!(answer.starts_with("HTTP/1.1 403 ") && !answer.contains("secret"), "{answer}");
    assert_eq!(stage.outcome(), crate::Outcome { status: Some(200), end: End::Refused });

    let stage = whole(Ok);
    let (mut caller, mut engine) = asked(&stage, GET);
    engine.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nsecretsecre").unwrap();
    let answer = until(&mut caller, "}\n");
    assert!(answer.starts_with("HTTP/1.1 502 ") && !answer.contains("secret"), "{answer}");
    assert_eq!(stage.end(), End::Refused);
}

#[test]
fn a_compressed_answer_is_not_filtered_blindly() {
    let stage = whole(Ok);
    let (mut caller, mut engine) = asked(&stage, GET);
    engine
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx")
        .unwrap();
    assert!(until(&mut caller, "}\n").starts_with("HTTP/1.1 502 "));
}

#[test]
fn lines_are_filtered_as_they_come_however_they_are_cut() {
    let mut gate = Open::new(Taking::Nothing, Answering::Lines);
    gate.filter = |line| Ok(if line == b"hidden" { Vec::new() } else { line.to_ascii_uppercase() });
    let stage = Stage::new(gate);
    let (mut caller, mut engine) = asked(&stage, GET);
    engine.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    until(&mut caller, END);
    engine.write_all(b"5\r\none\nh\r\n").unwrap();
    assert_eq!(until(&mut caller, "\n\r\n"), "4\r\nONE\n\r\n");
    engine.write_all(b"6\r\nidden\n\r\n4\r\ntwo\n\r\n3\r\nend\r\n0\r\n\r\n").unwrap();
    let more = until(&mut caller, "0\r\n\r\n");
    assert!(more.contains("TWO\n") && more.contains("END"), "{more}");
    assert!(!more.to_lowercase().contains("hidden"), "{more}");
}

#[test]
fn a_line_that_is_refused_or_too_long_cuts_the_stream() {
    for (line, outcome) in [("bad\n".to_owned(), End::Refused), ("x".repeat(101), End::Refused)] {
        let mut gate = Open::new(Taking::Nothing, Answering::Lines);
        gate.filter = |line| {
            if line == b"bad" { Err(Denial::new(403, "no")) } else { Ok(line) }
        };
        let stage = Stage::with(gate, Limits { line: 100, ..Limits::default() });
        let (mut caller, mut engine) = asked(&stage, GET);
        engine.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        engine.write_all(format!("{:x}\r\n{line}\r\n", line.len()).as_bytes()).unwrap();
        let answer = rest(&mut caller);
        assert!(!answer.contains("0\r\n\r\n") && !answer.contains(&line), "{answer}");
        assert_eq!(stage.end(), outcome);
    }
}
