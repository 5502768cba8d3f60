//! Finding an engine, agreeing on a version, keeping connections, asking many questions.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::api::ContainerInspect;
use crate::scripted::{Act, Scripted, ok, patient, pong, reply};
use crate::{ApiVersion, Ask, Client, Endpoint, Error, Lenient};

fn spoken(ping: &'static str, version: &'static str) -> Result<ApiVersion, Error> {
    let engine = Scripted::start(move |path| match path {
        "/_ping" => pong(ping),
        _ => ok(version),
    });
    engine.connect(patient()).map(|client| client.api_version())
}

#[test]
fn the_version_comes_from_the_header_of_the_ping() {
    let version = spoken("api-version: 1.45\r\n", "").unwrap();
    assert_eq!(version, ApiVersion::new(1, 45));
}

#[test]
fn an_engine_without_the_header_is_asked_for_its_version() {
    let version = spoken("", r#"{"ApiVersion":"1.41","MinAPIVersion":"1.12"}"#).unwrap();
    assert_eq!(version, ApiVersion::new(1, 41));
}

#[test]
fn a_newer_engine_is_asked_in_the_newest_version_that_both_know() {
    let newer = "Api-Version: 1.77\r\n";
    let version = spoken(newer, r#"{"ApiVersion":"1.77","MinAPIVersion":"1.44"}"#).unwrap();
    assert_eq!(version, ApiVersion::NEWEST);
    let version = spoken(newer, r#"{"ApiVersion":"1.77","MinAPIVersion":"1.60"}"#).unwrap();
    assert_eq!(version, ApiVersion::new(1, 60));
}

#[test]
fn an_engine_older_than_20_10_is_refused_with_a_hint() {
    let error = spoken("Api-Version: 1.40\r\n", "").unwrap_err();
    assert!(matches!(error, Error::TooOld { .. }), "{error}");
    assert!(error.hint().unwrap().contains("20.10"));
}

#[test]
fn what_the_ping_says_is_kept() {
    let engine = Scripted::start(|_| {
        pong(
            "Api-Version: 1.45\r\nOSType: linux\r\nServer: Docker/26.1.5 (linux)\r\nSwarm: inactive\r\n",
        )
    });
    let client = engine.client();
    let ping = client.ping();
    assert_eq!(ping.os_type.as_deref(), Some("linux"));
    assert_eq!(ping.server.as_deref(), Some("Docker/26.1.5 (linux)"));
    assert_eq!(ping.swarm.as_deref(), Some("inactive"));
    assert_eq!(ping.builder_version, None);
}

#[test]
fn the_peer_is_the_process_that_listens() {
    let engine = Scripted::after_ping(|_| ok("{}"));
    let peer = engine.client().peer().unwrap();
    assert_eq!(peer.pid, Some(std::process::id()));
}

#[test]
fn an_answer_keeps_its_raw_text_and_its_endpoint() {
    let body = r#"{"Name": "web-07", "Unheard": [1]}"#;
    let answer = Scripted::answering(reply(200, body)).client().info().unwrap();
    assert_eq!(answer.value.name, Lenient::Known("web-07".into()));
    assert_eq!(&*answer.raw, body);
    assert_eq!(answer.endpoint, "/v1.43/info");
}

#[test]
fn the_swarm_is_answered_without_its_join_tokens() {
    let body = r#"{"ID":"x","JoinTokens":{"Worker":"SWMTKN-1","Manager":"SWMTKN-2"}}"#;
    let swarm = Scripted::after_ping(move |_| ok(body)).client().swarm().unwrap();
    assert_eq!(swarm.value.id, Lenient::Known("x".into()));
    assert!(!swarm.raw.contains("SWMTKN"), "{}", swarm.raw);
}

#[test]
fn a_body_is_read_in_each_way_to_say_where_it_ends() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"Name\":\"a\"}",
        "HTTP/1.1 200 OK\r\n\r\n{\"Name\":\"a\"}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
         5;x=y\r\n{\"Nam\r\n7\r\ne\":\"a\"}\r\n0\r\nA: b\r\n\r\n",
    ] {
        let info = Scripted::answering(answer).client().info().unwrap();
        assert_eq!(info.value.name, Lenient::Known("a".into()), "{answer}");
    }
}

#[test]
fn a_body_that_arrives_in_single_bytes_is_read_all_the_same() {
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                  5\r\n{\"Nam\r\n7\r\ne\":\"a\"}\r\n0\r\n\r\n";
    let drip = move |_: &str| vec![Act::Drip(answer.into(), Duration::from_micros(100))];
    let info = Scripted::after_ping(drip).client().info().unwrap();
    assert_eq!(info.value.name, Lenient::Known("a".into()));
}

#[test]
fn questions_share_one_connection_and_are_gets_only() {
    let engine = Scripted::after_ping(|_| ok("{}"));
    let client = engine.client();
    for _ in 0..5 {
        client.info().unwrap();
        client.container("a").unwrap();
    }
    let asked = engine.asked();
    assert_eq!(asked.len(), 11);
    assert!(asked.iter().all(|(connection, _)| *connection == 0));
    assert!(asked.iter().all(|(_, line)| line.starts_with("GET /")));
}

#[test]
fn a_kept_connection_that_the_engine_closed_is_replaced() {
    let engine = Scripted::after_ping(|_| {
        let mut acts = ok("{}");
        acts.push(Act::Close);
        acts
    });
    let client = engine.client();
    for _ in 0..3 {
        client.info().unwrap();
    }
    assert_eq!(engine.asked().last().unwrap().0, 2);
}

#[test]
fn an_engine_lives_as_long_as_the_connection_that_is_kept_for_that() {
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let ended = Mutex::new(ended);
    let engine = Scripted::start(move |path| {
        if path == "/_ping" {
            return pong("Api-Version: 1.43\r\n");
        }
        let _ = ended.lock().unwrap().recv();
        vec![Act::Close]
    });
    let client = engine.client();
    assert!(client.liveness().unwrap().holds());
    assert!(client.liveness().is_none(), "the only connection was given away");
    let client = engine.client();
    let liveness = client.liveness().unwrap();
    liveness.write("GET /x HTTP/1.1\r\n\r\n");
    assert!(liveness.holds());
    drop(end);
    while liveness.holds() {
        thread::yield_now();
    }
}

#[test]
fn a_connection_with_bytes_after_an_answer_is_not_used_again() {
    let engine = Scripted::after_ping(|_| {
        let twice = [reply(200, r#"{"Name":"a"}"#), reply(200, r#"{"Name":"b"}"#)].concat();
        vec![Act::Send(twice)]
    });
    let client = engine.client();
    for _ in 0..3 {
        let info = client.info().unwrap();
        assert_eq!(info.value.name, Lenient::Known("a".into()));
    }
}

#[test]
fn many_answers_come_in_the_order_of_their_questions_over_few_connections() {
    let engine = Scripted::after_ping(|path| {
        let id = path.split('/').nth(3).unwrap();
        thread::sleep(Duration::from_millis(id.parse::<u64>().unwrap() * 7 % 5));
        match id {
            "13" => vec![Act::Send(reply(404, "{}"))],
            "17" => vec![Act::Close],
            _ => ok(&format!(r#"{{"Id":"{id}"}}"#)),
        }
    });
    let client = engine.client();
    let asks: Vec<_> = (0..50).map(|n| Ask::Container(n.to_string())).collect();
    let answers = client.get_many::<ContainerInspect>(&asks);
    assert_eq!(answers.len(), 50);
    for (number, answer) in answers.iter().enumerate() {
        match answer {
            Ok(found) => assert_eq!(found.value.id, Lenient::Known(number.to_string())),
            Err(error) if number == 13 => assert!(error.is_gone()),
            Err(error) => {
                assert_eq!(number, 17);
                assert!(matches!(error, Error::ClosedEarly { .. }), "{error}");
            }
        }
    }
    let connections = engine.asked().iter().map(|(connection, _)| *connection).max();
    assert!(connections.unwrap() < 8, "{connections:?}");
}

#[test]
fn work_on_no_items_asks_nothing() {
    let engine = Scripted::after_ping(|_| ok("{}"));
    let none: [Ask; 0] = [];
    assert!(engine.client().get_many::<ContainerInspect>(&none).is_empty());
}

#[test]
fn the_work_is_shared_among_threads() {
    let engine = Scripted::after_ping(|_| ok("{}"));
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    engine.client().each(&[(); 8], |_, ()| {
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(50));
        now.fetch_sub(1, Ordering::SeqCst);
    });
    let most = most.into_inner();
    assert!((2..=4).contains(&most), "{most}");
}

#[test]
fn a_socket_taken_over_by_another_listener_is_not_believed() {
    let engine = Scripted::after_ping(|_| vec![Act::Close]);
    let mut client = engine.client();
    let peer = client.other_end.peer.map(|peer| crate::Peer { pid: Some(1), ..peer });
    client.other_end.peer = peer;
    let error = client.info().unwrap_err();
    assert!(matches!(error, Error::PeerChanged { .. }), "{error}");
}

#[test]
fn an_engine_that_is_restarted_within_a_run_is_asked_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("docker.sock");
    let first = UnixListener::bind(&path).unwrap();
    let serve = |listener: UnixListener, body: &str| {
        let head = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\n\r\n";
        answer_once(&listener, 1024, &format!("{head}{body}"));
    };
    let server = thread::spawn(move || serve(first, "OK"));
    let client = Client::connect(Endpoint::Unix(path.clone()), patient()).unwrap();
    server.join().unwrap();
    fs::remove_file(&path).unwrap();
    let second = UnixListener::bind(&path).unwrap();
    let server = thread::spawn(move || serve(second, "{}"));
    assert!(client.info().is_ok());
    server.join().unwrap();
}

/// Reads so much of a question, answers it, and closes the connection.
fn answer_once(listener: &UnixListener, read: usize, answer: &str) {
    let (mut stream, _) = listener.accept().unwrap();
    let _ = stream.read(&mut vec![0; read]).unwrap();
    stream.write_all(answer.as_bytes()).unwrap();
}

#[test]
fn a_reset_does_not_end_a_body_that_ends_with_the_connection() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("docker.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let server = thread::spawn(move || {
        let head = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\n\r\n";
        answer_once(&listener, 1024, head);
        // Closing with a part of the question unread resets the connection.
        answer_once(&listener, 1, &format!("{head}{{}}"));
    });
    let client = Client::connect(Endpoint::Unix(path), patient()).unwrap();
    let error = client.info().unwrap_err();
    server.join().unwrap();
    assert!(matches!(error, Error::ClosedEarly { got: 40, .. }), "{error}");
}
