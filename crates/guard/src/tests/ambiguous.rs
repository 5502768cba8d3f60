//! Framings that two readers could read differently, as data: each is refused, and nothing of it
//! reaches the engine.

use std::io::Write;

use super::stage::{END, Open, Stage, rest, until};
use crate::{Answering, Limits, Taking};

const CASES: &str = include_str!("ambiguous.txt");
const BODIES: &str = include_str!("ambiguous-bodies.txt");

fn cases(text: &'static str) -> Vec<(&'static str, Vec<u8>)> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let split = |line: &'static str| {
        let (name, bytes) = line.split_at(28);
        (name.trim(), unescaped(bytes))
    };
    lines.map(split).collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'r') => bytes.push(b'\r'),
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'0') => bytes.push(0),
            Some(b'\\') => bytes.push(b'\\'),
            Some(b'x') => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            other => panic!("an escape that is none: {other:?}"),
        }
    }
    bytes
}

fn is_refused(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 400 ")
        && answer.contains("\r\nConnection: close\r\n")
        && answer.matches("HTTP/1.1 4").count() == 1
        && answer.ends_with("\"}\n")
}

#[test]
fn every_ambiguous_head_is_refused_and_none_of_it_reaches_the_engine() {
    for taking in [Taking::Stream, Taking::Whole { most: 1 << 20 }] {
        let stage = Stage::new(Open::new(taking, Answering::Upgrade { to: None }));
        let cases = cases(CASES);
        assert!(cases.len() > 70, "{}", cases.len());
        for (name, bytes) in cases {
            let mut caller = stage.send(&bytes);
            caller.shutdown(std::net::Shutdown::Write).unwrap();
            let answer = rest(&mut caller);
            assert!(is_refused(&answer), "{name}: {answer:?}");
            assert!(stage.nothing_came(), "{name}");
        }
        assert!(stage.gate.met.lock().unwrap().is_empty());
        assert!(stage.no_outcome());
    }
}

#[test]
fn a_head_is_refused_when_its_bad_byte_comes_not_when_it_would_end() {
    let stage = Stage::new(Open::new(Taking::Nothing, Answering::Pass));
    let mut caller = stage.send(b"GET / HTTP/1.1\nHost: x");
    assert!(until(&mut caller, END).starts_with("HTTP/1.1 400 "));
}

#[test]
fn every_ambiguous_body_that_is_judged_is_refused_unjudged() {
    let stage = Stage::new(Open::new(Taking::Whole { most: 1 << 20 }, Answering::Pass));
    for (name, body) in cases(BODIES) {
        let mut caller =
            stage.send(b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        caller.write_all(&body).unwrap();
        let answer = rest(&mut caller);
        assert!(is_refused(&answer), "{name}: {answer:?}");
        assert!(stage.nothing_came(), "{name}");
    }
    assert!(stage.gate.judged.lock().unwrap().is_empty());
}

#[test]
fn of_an_ambiguous_body_that_is_streamed_the_engine_sees_no_end() {
    for (name, body) in cases(BODIES) {
        let stage = Stage::new(Open::new(Taking::Stream, Answering::Pass));
        let mut caller =
            stage.send(b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        caller.write_all(b"2\r\nok\r\n").unwrap();
        caller.write_all(&body).unwrap();
        let mut engine = stage.accept();
        let came = rest(&mut engine);
        let (_, content) = came.split_once(END).unwrap();
        assert!(content.is_empty() || content.starts_with("2\r\nok\r\n"), "{name}: {content:?}");
        assert!(!content.contains("0\r\n\r\n"), "{name}: {content:?}");
        assert!(is_refused(&rest(&mut caller)), "{name}");
    }
}

#[test]
fn bytes_behind_a_request_that_may_upgrade_are_refused() {
    let stage = Stage::new(Open::new(Taking::Whole { most: 100 }, Answering::Upgrade { to: None }));
    let upgrade = "Connection: Upgrade\r\nUpgrade: tcp\r\n";
    for request in [
        format!("POST /a HTTP/1.1\r\nHost: x\r\n{upgrade}\r\nGET / HTTP/1.1\r\n\r\n"),
        format!("POST /a HTTP/1.1\r\nHost: x\r\n{upgrade}Content-Length: 2\r\n\r\n{{}}stream"),
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}stream".to_owned(),
    ] {
        let mut caller = stage.send(&request);
        assert!(is_refused(&rest(&mut caller)), "{request:?}");
        assert!(stage.nothing_came(), "{request:?}");
    }
}

#[test]
fn a_head_that_is_too_long_or_has_too_many_headers_is_refused() {
    let stage = Stage::new(Open::new(Taking::Nothing, Answering::Pass));
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n", "b".repeat(70_000));
    assert!(rest(&mut stage.send(long)).starts_with("HTTP/1.1 431 "));
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(100));
    assert!(rest(&mut stage.send(many)).starts_with("HTTP/1.1 400 "));
    assert!(stage.nothing_came());
}

#[test]
fn a_head_that_was_begun_and_does_not_end_is_not_waited_for() {
    let limits = Limits { head: std::time::Duration::from_millis(200), ..Limits::default() };
    let stage = Stage::with(Open::new(Taking::Nothing, Answering::Pass), limits);
    let mut caller = stage.send(b"GET / HTTP/1.1\r\nHost:");
    assert!(until(&mut caller, END).starts_with("HTTP/1.1 408 "));
    assert!(stage.nothing_came());
}
