//! Callers that send slowly, or don't take what they asked for.

use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

use dockward_testbed::Suite;

use super::raw::{Raw, create, ping};
use super::start;
use crate::guard::{Guarded, IMAGE};

const OF_EACH_KIND: usize = 8;
/// Of an answer that is not taken.
const LARGE: u64 = 32 << 20;

#[test]
fn slow_callers_are_bounded_and_cost_others_nothing() {
    let test = "slow_callers_are_bounded_and_cost_others_nothing";
    let Some(mut guarded) = start(test, Suite::Sid, "", "") else { return };
    let engine = &guarded.engine;
    engine.docker_ok(&["run", "-d", "--name", "web", IMAGE, "sleep", "600"]);
    engine.docker_ok(&["exec", "web", "dd", "if=/dev/urandom", "of=/large", "bs=1M", "count=32"]);
    engine.docker_ok(&["commit", "web", "large:1"]);
    guarded.passes(&["run", "--rm", IMAGE, "true"]);
    let before = memory(&guarded);
    let socket = guarded.socket();
    std::thread::scope(|scope| {
        let socket = &socket;
        let heads = (0..OF_EACH_KIND).map(|_| scope.spawn(|| drip(socket, "", &endless_head())));
        let heads: Vec<_> = heads.collect();
        let bodies = (0..OF_EACH_KIND).map(|n| {
            scope.spawn(move || {
                let request = create(&format!("slow-{n}"), "");
                let (head, body) = request.split_at(request.find("\r\n\r\n").unwrap() + 4);
                drip(socket, head, body)
            })
        });
        let bodies: Vec<_> = bodies.collect();
        let never: Vec<_> = (0..OF_EACH_KIND).map(|_| takes_nothing(socket)).collect();
        others_are_served(&guarded);
        for head in heads {
            let told = head.join().unwrap();
            assert!(told.starts_with("HTTP/1.1 408 "), "it is not waited for: {told}");
        }
        for body in bodies {
            let told = body.join().unwrap();
            assert!(told.starts_with("HTTP/1.1 201 "), "it is waited for: {told}");
        }
        let held = memory(&guarded).saturating_sub(before);
        assert!(held < LARGE, "{held} bytes for {OF_EACH_KIND} answers that are not taken");
        others_are_served(&guarded);
        drop(never);
    });
    guarded.end();
}

/// A header that does not end, within what a head may have.
fn endless_head() -> String {
    format!("GET /_ping HTTP/1.1\r\nX: {}", "x".repeat(10_000))
}

/// Sends something at once and then a byte at a time, until an answer comes. The answer.
fn drip(socket: &Path, at_once: &str, rest: &str) -> String {
    let mut raw = Raw::to(socket);
    raw.send(at_once);
    raw.0.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut begun = [0];
    for byte in rest.bytes() {
        match raw.0.read(&mut begun) {
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => panic!("{error}"),
        }
        if raw.0.write_all(&[byte]).is_err() {
            break;
        }
    }
    raw.0.set_read_timeout(Some(super::PATIENCE)).unwrap();
    if begun == [0] {
        return raw.rest();
    }
    String::from(char::from(begun[0])) + &raw.rest()
}

/// Asks for an image and reads nothing of it.
fn takes_nothing(socket: &Path) -> Raw {
    let mut raw = Raw::to(socket);
    raw.send("GET /v1.41/images/large:1/get HTTP/1.1\r\nHost: docker\r\n\r\n");
    raw
}

fn others_are_served(guarded: &Guarded) {
    for _ in 0..20 {
        assert_eq!(Raw::ask(&guarded.socket(), &ping()).0, 200);
    }
    assert_eq!(guarded.passes(&["run", "--rm", IMAGE, "echo", "served"]), "served");
}

/// What of the guard is in memory, in bytes.
fn memory(guarded: &Guarded) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", guarded.guard.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() << 10
}
