//! Requests' bodies: taken whole, or streamed on.

use std::io::{Read, Write};

use super::stage::{END, Open, Stage, rest, until};
use crate::{Answering, Body, End, Limits, Taking};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

#[test]
fn what_the_engine_gets_is_written_anew() {
    let stage = Stage::new(Open::new(Taking::Nothing, Answering::Pass));
    let mut caller = stage.send(b"GET /_ping HTTP/1.1\r\nHost: evil\r\nX-Caller: secret\r\n\r\n");
    let mut engine = stage.accept();
    let head = until(&mut engine, END);
    assert_eq!(head, "GET /_ping HTTP/1.1\r\nHost: docker\r\nX-Gate: 1\r\n\r\n");
    engine.write_all(OK).unwrap();
    assert!(until(&mut caller, "\r\n\r\nOK").starts_with("HTTP/1.1 200 OK\r\n"));
    let met = stage.gate.met.lock().unwrap();
    assert_eq!(met[0].values("x-caller").collect::<Vec<_>>(), [b"secret"]);
    assert_eq!(stage.outcome(), crate::Outcome { status: Some(200), end: End::Answered });
}

#[test]
fn requests_on_one_connection_share_one_to_the_engine_and_are_served_in_order() {
    let stage = Stage::new(Open::new(Taking::Whole { most: 10 }, Answering::Pass));
    let mut caller = stage.send(
        b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n2\
          GET /3 HTTP/1.1\r\nHost: x\r\n\r\n",
    );
    let mut engine = stage.accept();
    for (target, body) in [("/1", ""), ("/2", "2"), ("/3", "")] {
        let head = until(&mut engine, END);
        assert!(head.contains(&format!(" {target} HTTP/1.1")), "{head}");
        let mut came = vec![0; body.len()];
        engine.read_exact(&mut came).unwrap();
        assert_eq!(came, body.as_bytes());
        engine.write_all(OK).unwrap();
        until(&mut caller, "\r\n\r\nOK");
    }
    assert!(stage.nothing_came(), "a second connection to the engine");
}

#[test]
fn a_body_that_is_judged_is_whole_however_it_comes() {
    for request in [
        "Content-Length: 11\r\n\r\nhello world",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
    ] {
        let stage = Stage::new(Open::new(Taking::Whole { most: 11 }, Answering::Pass));
        let mut caller = stage.connect();
        let bytes = format!("POST /x HTTP/1.1\r\nHost: x\r\n{request}");
        for byte in bytes.as_bytes() {
            caller.write_all(&[*byte]).unwrap();
        }
        let mut engine = stage.accept();
        assert!(until(&mut engine, END).contains("\r\nContent-Length: 11\r\n"));
        assert_eq!(until(&mut engine, "world"), "hello world");
        assert_eq!(*stage.gate.judged.lock().unwrap(), [b"hello world"]);
    }
}

#[test]
fn a_body_that_is_too_long_is_refused_whether_it_says_so_or_not() {
    for request in [
        "Content-Length: 12\r\n\r\n".to_owned(),
        format!("Transfer-Encoding: chunked\r\n\r\nc\r\n{}\r\n", "x".repeat(12)),
    ] {
        let stage = Stage::new(Open::new(Taking::Whole { most: 11 }, Answering::Pass));
        let mut caller = stage.send(format!("POST /x HTTP/1.1\r\nHost: x\r\n{request}"));
        assert!(until(&mut caller, END).starts_with("HTTP/1.1 413 "));
        assert!(stage.nothing_came());
        assert!(stage.gate.judged.lock().unwrap().is_empty());
    }
}

#[test]
fn a_request_that_takes_no_body_may_bring_an_empty_one_only() {
    let stage = Stage::new(Open::new(Taking::Nothing, Answering::Pass));
    let mut caller = stage.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}");
    assert!(until(&mut caller, END).starts_with("HTTP/1.1 400 "));
    assert!(stage.nothing_came());
    for empty in ["Content-Length: 0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"] {
        let mut caller = stage.send(format!("POST /x HTTP/1.1\r\nHost: x\r\n{empty}"));
        let mut engine = stage.accept();
        assert!(until(&mut engine, END).ends_with("X-Gate: 1\r\n\r\n"));
        engine.write_all(OK).unwrap();
        until(&mut caller, "\r\n\r\nOK");
    }
}

#[test]
fn a_caller_that_waits_for_it_is_told_to_go_on_only_once_it_is_allowed() {
    for taking in [Taking::Whole { most: 5 }, Taking::Stream] {
        let stage = Stage::new(Open::new(taking, Answering::Pass));
        let head = "HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
        let mut denied = stage.send(format!("POST /denied {head}"));
        assert!(until(&mut denied, END).starts_with("HTTP/1.1 403 "));
        let mut caller = stage.send(format!("POST /x {head}"));
        assert_eq!(until(&mut caller, END), "HTTP/1.1 100 Continue\r\n\r\n");
        caller.write_all(b"hello").unwrap();
        let mut engine = stage.accept();
        let forwarded = until(&mut engine, END);
        assert!(!forwarded.to_lowercase().contains("expect"), "{forwarded}");
        assert_eq!(until(&mut engine, "hello"), "hello");
        engine.write_all(OK).unwrap();
        assert!(until(&mut caller, "\r\n\r\nOK").starts_with("HTTP/1.1 200 OK\r\n"));
    }
}

#[test]
fn a_streamed_body_goes_on_as_it_comes_with_framing_of_our_own() {
    let stage = Stage::new(Open::new(Taking::Stream, Answering::Pass));
    let mut caller =
        stage.send("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    let mut engine = stage.accept();
    assert!(until(&mut engine, END).contains("\r\nTransfer-Encoding: chunked\r\n"));
    caller.write_all(b"0005\r\nhello\r\n1\r").unwrap();
    assert_eq!(until(&mut engine, "hello\r\n"), "5\r\nhello\r\n");
    caller.write_all(b"\n!\r\n0\r\n\r\n").unwrap();
    assert_eq!(until(&mut engine, END), "1\r\n!\r\n0\r\n\r\n");
    engine.write_all(OK).unwrap();
    until(&mut caller, "\r\n\r\nOK");
    caller.write_all(b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert!(until(&mut engine, END).starts_with("GET /next "));
}

#[test]
fn a_large_body_streams_through_unchanged_both_ways_at_once() {
    const SIZE: usize = 20 << 20;
    let content: Vec<u8> = (0..SIZE).map(|at| (at % 251) as u8).collect();
    let stage = Stage::new(Open::new(Taking::Stream, Answering::Pass));
    let mut caller =
        stage.send(format!("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: {SIZE}\r\n\r\n"));
    let mut engine = stage.accept();
    until(&mut engine, END);
    // The engine answers with what it gets, while it gets it.
    let echo = std::thread::spawn(move || {
        engine.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        let (mut left, mut piece) = (SIZE, vec![0; 30_000]);
        while left > 0 {
            let count = engine.read(&mut piece).unwrap();
            write!(engine, "{count:X}\r\n").unwrap();
            engine.write_all(&piece[..count]).unwrap();
            engine.write_all(b"\r\n").unwrap();
            left -= count;
        }
        engine.write_all(b"0\r\n\r\n").unwrap();
        engine
    });
    let mut sender = caller.try_clone().unwrap();
    let sent = content.clone();
    let sending = std::thread::spawn(move || sender.write_all(&sent).unwrap());
    until(&mut caller, END);
    let mut reader = crate::http::chunked::Chunked::default();
    let mut came = Vec::new();
    let mut piece = vec![0; 70_000];
    while !reader.ended() {
        let count = caller.read(&mut piece).unwrap();
        let decoded = reader.decode(&mut piece[..count]).unwrap();
        came.extend_from_slice(&piece[..decoded.content]);
    }
    assert!(came == content);
    sending.join().unwrap();
    drop(echo.join().unwrap());
}

#[test]
fn a_caller_that_is_refused_in_the_middle_of_its_body_can_read_why() {
    let stage = Stage::new(Open::new(Taking::Stream, Answering::Pass));
    for target in ["/denied", "/judged-badly"] {
        let mut caller = stage
            .send(format!("POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n"));
        // More than any socket holds: it would block for ever, or fail, if nobody read it.
        caller.write_all(&vec![b'x'; 4_000_000]).unwrap();
        let answer = rest(&mut caller);
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        assert!(answer.contains("{\"message\":\"no"), "{answer}");
        assert!(stage.nothing_came());
    }
}

#[test]
fn an_answer_before_the_bodys_end_is_handed_on_and_ends_the_connection() {
    let stage = Stage::new(Open::new(Taking::Stream, Answering::Pass));
    let mut caller = stage.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\nx");
    let mut engine = stage.accept();
    until(&mut engine, "x");
    engine.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno").unwrap();
    drop(engine);
    let answer = until(&mut caller, "no");
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    caller.write_all(&vec![b'x'; 1_000_000]).unwrap();
    drop(caller);
    assert_eq!(stage.outcome().status, Some(400));
}

#[test]
fn a_judged_body_that_stands_still_is_not_waited_for() {
    let limits = Limits { whole: std::time::Duration::from_millis(200), ..Limits::default() };
    let stage = Stage::with(Open::new(Taking::Whole { most: 10 }, Answering::Pass), limits);
    let mut caller = stage.send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhell");
    assert!(until(&mut caller, END).starts_with("HTTP/1.1 408 "));
    assert!(stage.nothing_came());
}

#[test]
fn a_judged_body_that_drips_is_not_waited_for_without_end() {
    let limits = Limits { whole: std::time::Duration::from_millis(500), ..Limits::default() };
    let stage = Stage::with(Open::new(Taking::Whole { most: 100_000 }, Answering::Pass), limits);
    for (framing, piece) in
        [("Content-Length: 50000", "x"), ("Transfer-Encoding: chunked", "1\r\nx\r\n")]
    {
        let mut caller = stage.send(format!("POST /x HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n"));
        caller.set_read_timeout(Some(std::time::Duration::from_millis(10))).unwrap();
        let mut answer = [0; 12];
        let dripped = (0..5_000).take_while(|_| {
            caller.write_all(piece.as_bytes()).unwrap();
            caller.read(&mut answer).is_err()
        });
        assert!(dripped.count() < 5_000, "it was waited for");
        assert_eq!(&answer, b"HTTP/1.1 408");
        assert!(stage.nothing_came());
    }
}

#[test]
fn a_request_of_http_1_0_is_served_and_ends_its_connection() {
    let stage = Stage::new(Open::new(Taking::Nothing, Answering::Pass));
    let mut caller = stage.send("GET /x HTTP/1.0\r\n\r\n");
    let mut engine = stage.accept();
    until(&mut engine, END);
    engine
        .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n")
        .unwrap();
    let answer = rest(&mut caller);
    assert!(answer.ends_with("\r\n\r\nOK"), "{answer}");
    assert!(!answer.contains("chunked"), "{answer}");
    assert_eq!(stage.gate.met.lock().unwrap()[0].body, Body::Nothing);
}
