//! Containers that end, or are started anew, while they are looked at.
#![allow(
    clippy::unwrap_used,
    reason = "the lint's leave for tests does not reach the functions that tests call"
)]

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use dockward_collect::{Collected, Options, collect};
use dockward_engine::Endpoint;
use dockward_model::facts::Fact;
use serde_json::{Value, json};

/// An engine whose one container is told in these ways, one after the other; null is a 404.
fn look(records: Vec<Value>) -> (Collected, usize) {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("docker.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let (records, count) = (Arc::new(records), Arc::clone(&asked));
    // Ends with the test's process; a connection that fails is the test's failure.
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (records, asked) = (Arc::clone(&records), Arc::clone(&asked));
            thread::spawn(move || serve(stream.unwrap(), &records, &asked));
        }
    });
    let options = Options::new(vec![Endpoint::Unix(socket)]);
    (collect(&options, &mut |_| {}), count.load(Ordering::SeqCst))
}

fn serve(mut stream: UnixStream, records: &[Value], asked: &AtomicUsize) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    while let Some(Ok(request)) = lines.next() {
        while lines.next().is_some_and(|line| !line.unwrap_or_default().is_empty()) {}
        let body = answer(&request, records, asked);
        let status = if body.is_null() { "404 Not Found" } else { "200 OK" };
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status}\r\nApi-Version: 1.51\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}

fn answer(request: &str, records: &[Value], asked: &AtomicUsize) -> Value {
    let path = request.split_whitespace().nth(1).unwrap_or_default();
    if path.contains("/containers/json") {
        json!([{"Id": "c".repeat(64), "Names": ["/web"]}])
    } else if path.contains("/containers/") {
        records.get(asked.fetch_add(1, Ordering::SeqCst)).cloned().unwrap_or_default()
    } else if path.contains("/volumes") || path.contains("/info") || path.contains("/version") {
        json!({})
    } else {
        json!([])
    }
}

/// A process of ours that is no container's: as a pid that was given anew.
fn running(pid: u32) -> Value {
    json!({"Id": "c".repeat(64), "Name": "/web", "State": {"Running": true, "Pid": pid},
        "Config": {}, "HostConfig": {}, "NetworkSettings": {}})
}

fn stopped() -> Value {
    let mut record = running(0);
    record["State"]["Running"] = json!(false);
    record
}

#[test]
fn one_that_ended_after_it_was_told_to_run_is_told_as_ended() {
    let (collected, asked) = look(vec![running(std::process::id()), stopped()]);
    let c = &collected.snapshot.engines[0].containers[0];
    assert_eq!(c.running.get(), Some(&false));
    assert!(c.kernel.is_absent());
    assert_eq!(asked, 2);
}

#[test]
fn one_that_was_removed_after_it_was_told_to_run_is_gone() {
    let (collected, _) = look(vec![running(std::process::id()), Value::Null]);
    assert!(collected.snapshot.engines[0].containers.is_empty());
    assert_eq!(collected.vanished, 1);
}

#[test]
fn one_whose_process_is_not_to_be_known_as_its_own_is_asked_for_twice_and_no_more() {
    let same = running(std::process::id());
    let (collected, asked) = look(vec![same.clone(), same.clone(), same]);
    let c = &collected.snapshot.engines[0].containers[0];
    assert!(matches!(&c.kernel, Fact::Unknown(why) if why.contains("not this container's")));
    assert_eq!(asked, 2);
}
