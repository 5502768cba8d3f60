//! The fake, seen by a client that reads raw bytes.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::{Behaviour, FakeEngine, Framing, Reply};

const PATIENCE: Duration = Duration::from_secs(1);

fn connect(fake: &FakeEngine) -> UnixStream {
    let stream = UnixStream::connect(fake.socket()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// All that comes for one request, and how it ended: closed, or still open after some patience.
fn ask(fake: &FakeEngine, target: &str) -> (String, io::Result<usize>) {
    let mut stream = connect(fake);
    write!(stream, "GET {target} HTTP/1.1\r\nHost: fake\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes);
    (String::from_utf8(bytes).unwrap(), end)
}

fn answer_to(reply: Reply) -> (String, io::Result<usize>) {
    ask(&FakeEngine::serve(Behaviour::new().otherwise(reply)).unwrap(), "/any")
}

#[test]
fn requests_are_answered_by_their_route_on_a_kept_connection_and_remembered() {
    let script =
        Behaviour::empty_engine("1.41").route("/containers/*/json", Reply::error(404, "gone"));
    let fake = FakeEngine::serve(script).unwrap();
    let mut stream = connect(&fake);
    let mut read = vec![0; 4096];
    for (target, status, body) in [
        ("/_ping", "200", "OK"),
        ("/v1.41/containers/json?all=1", "200", "[]"),
        ("/v1.41/containers/abc/json", "404", r#"{"message":"gone"}"#),
        ("/v1.41/nothing", "404", r#"{"message":"page not found"}"#),
    ] {
        write!(stream, "GET {target} HTTP/1.1\r\nHost: fake\r\n\r\n").unwrap();
        let mut answer = String::new();
        while !answer.ends_with(body) {
            let size = stream.read(&mut read).unwrap();
            answer.push_str(std::str::from_utf8(&read[..size]).unwrap());
        }
        assert_eq!(answer.split(' ').nth(1), Some(status), "{target}");
    }
    assert_eq!(fake.connections(), 1);
    assert_eq!(fake.requests()[..2], ["GET /_ping", "GET /v1.41/containers/json?all=1"]);
}

#[test]
fn each_framing_is_told_as_it_is() {
    let reply = || Reply::json(200, "[1]");
    let (length, end) = answer_to(reply());
    assert!(
        length.contains("Content-Length: 3\r\n") && length.ends_with("\r\n\r\n[1]") && end.is_err()
    );
    let (chunked, end) = answer_to(reply().with_framing(Framing::Chunked));
    assert!(
        chunked.contains("chunked\r\n")
            && chunked.ends_with("\r\n\r\n3\r\n[1]\r\n0\r\n\r\n")
            && end.is_err()
    );
    let (closed, end) = answer_to(reply().with_framing(Framing::UntilClose));
    assert!(!closed.contains("Content-Length") && closed.ends_with("[1]") && end.is_ok());
    let (unannounced, end) = answer_to(reply().then_close());
    assert!(!unannounced.contains("close") && end.is_ok());
}

#[test]
fn what_hangs_stays_open_and_what_closes_early_closes() {
    let (answer, end) = answer_to(Reply::never());
    assert!(answer.is_empty() && end.is_err());
    let (answer, end) = answer_to(Reply::hang_after("[{", 100));
    assert!(answer.contains("Content-Length: 100\r\n") && answer.ends_with("[{") && end.is_err());
    let (answer, end) = answer_to(Reply::close_after("[{", 100));
    assert!(answer.contains("Content-Length: 100\r\n") && answer.ends_with("[{") && end.is_ok());
    let (answer, end) = answer_to(Reply::raw("\x16\x03\x01garbage"));
    assert!(answer == "\x16\x03\x01garbage" && end.is_ok());
    let fake = FakeEngine::serve(Behaviour::hang_after_accept()).unwrap();
    let (answer, end) = ask(&fake, "/_ping");
    assert!(answer.is_empty() && end.is_err() && fake.requests().is_empty());
}

#[test]
fn a_drip_comes_a_byte_at_a_time() {
    let started = Instant::now();
    let (answer, _) = answer_to(Reply::drip("[1, 2]", Duration::from_millis(30)));
    assert!(answer.ends_with("[1, 2]") && started.elapsed() >= Duration::from_millis(180));
}

#[test]
fn a_gibibyte_streams_in_either_framing_and_may_be_left_unread() {
    const GIBIBYTE: u64 = 1 << 30;
    for framing in [Framing::ContentLength, Framing::Chunked, Framing::UntilClose] {
        let reply = Reply::stream(GIBIBYTE).with_framing(framing);
        let fake = FakeEngine::serve(Behaviour::new().otherwise(reply)).unwrap();
        let mut stream = connect(&fake);
        stream.write_all(b"GET /info HTTP/1.1\r\n\r\n").unwrap();
        let mut start = vec![0; 1 << 20];
        stream.read_exact(&mut start).unwrap();
        let letters = start.iter().filter(|byte| **byte == b'a').count();
        assert!(letters > 1_000_000, "{framing:?}: {letters}");
    }
    let (whole, _) = answer_to(Reply::stream(200_000));
    assert_eq!(whole.split("\r\n\r\n").nth(1).unwrap().len(), 200_000);
}
