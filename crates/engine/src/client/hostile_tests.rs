//! A false engine that hangs, lies, floods and breaks off.

use std::time::{Duration, Instant};

use crate::api::{ContainerInspect, Info};
use crate::scripted::{Act, Scripted, ok, patient, pong, reply, short};
use crate::{Answer, Ask, Deadlines, Error, Lenient, Limits};

fn info_from(engine: &Scripted) -> Result<Answer<Info>, Error> {
    engine.client().info()
}

fn info_of(bytes: impl Into<Vec<u8>>) -> Result<Answer<Info>, Error> {
    info_from(&Scripted::answering(bytes))
}

/// What `/info` fails with, and that it does so well before a test would be thought to hang.
fn fails_soon(script: impl Fn() -> Vec<Act> + Send + Sync + 'static) -> Error {
    let engine = Scripted::after_ping(move |_| script());
    let client = engine.connect(short()).unwrap();
    let started = Instant::now();
    let error = client.info().unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(3), "{error}");
    error
}

const MIB: usize = 1024 * 1024;

#[test]
fn an_engine_that_hangs_before_its_answer_times_out() {
    let error = fails_soon(|| vec![Act::Hang]);
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    assert!(error.to_string().contains("/v1.43/info"), "{error}");
}

#[test]
fn an_engine_that_hangs_in_its_ping_times_out() {
    let engine = Scripted::start(|_| vec![Act::Hang]);
    let error = engine.connect(short()).unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
}

#[test]
fn an_engine_that_hangs_within_its_headers_or_its_body_times_out() {
    for begun in ["HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"]
    {
        let error = fails_soon(move || vec![Act::Send(begun.into()), Act::Hang]);
        assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    }
}

#[test]
fn a_byte_at_a_time_does_not_extend_the_deadline() {
    let every = Duration::from_millis(100);
    let heads = [
        "",
        "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
    ];
    for head in heads {
        let script = move || {
            let rest = "HTTP/1.1 200 OK\r\nX: ".to_owned() + &"x".repeat(900);
            vec![Act::Send(head.into()), Act::Drip(rest.into(), every)]
        };
        let error = fails_soon(script);
        assert!(matches!(error, Error::TimedOut { .. }), "{head}: {error}");
    }
}

#[test]
fn all_questions_together_end_at_the_overall_deadline() {
    let engine = Scripted::after_ping(|_| vec![Act::Hang]);
    let limits = Limits {
        deadlines: Deadlines { overall: Duration::from_millis(700), ..short().deadlines },
        ..short()
    };
    let client = engine.connect(limits).unwrap();
    let started = Instant::now();
    let asks: Vec<_> = (0..60).map(|n| Ask::Container(format!("{n:064x}"))).collect();
    let answers = client.get_many::<ContainerInspect>(&asks);
    assert!(started.elapsed() < Duration::from_secs(3));
    assert_eq!(answers.len(), 60);
    let last = answers.last().unwrap().as_ref().unwrap_err();
    assert!(matches!(last, Error::OutOfTime { .. }), "{last}");
}

#[test]
fn a_body_that_says_it_is_a_gibibyte_is_refused_unread() {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 1024 * MIB);
    let error = fails_soon(move || vec![Act::Send(head.clone().into()), Act::Hang]);
    assert!(matches!(error, Error::TooLarge { limit, .. } if limit == 64 * MIB));
}

#[test]
fn a_flood_without_a_length_is_cut_off_at_the_limit() {
    for head in ["", "Transfer-Encoding: chunked\r\n"] {
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        let engine = Scripted::after_ping(move |_| {
            let head = format!("HTTP/1.1 200 OK\r\n{head}\r\n");
            vec![Act::Send(head.into()), Act::Flood(chunk.clone().into_bytes())]
        });
        let limits = Limits { one: MIB, ..patient() };
        let client = engine.connect(limits).unwrap();
        let error = client.container("a").unwrap_err();
        assert!(matches!(error, Error::TooLarge { limit: MIB, .. }), "{error}");
    }
}

#[test]
fn endless_headers_chunk_extensions_and_trailers_are_cut_off_at_their_limits() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let starts =
        ["HTTP/1.1 200 OK\r\nX: ".to_owned(), format!("{chunked}1;"), format!("{chunked}0\r\nX: ")];
    for start in starts {
        let shown = start.clone();
        let engine = Scripted::after_ping(move |_| {
            let start = start.clone().into_bytes();
            vec![Act::Send(start), Act::Flood(vec![b'x'; 4096])]
        });
        let error = engine.client().info().unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{shown}: {error}");
    }
}

#[test]
fn many_short_trailers_are_cut_off_as_one_long_one() {
    let engine = Scripted::after_ping(|_| {
        let start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n";
        vec![Act::Send(start.into()), Act::Flood(b"A: b\r\n".repeat(999))]
    });
    let error = engine.client().info().unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
}

#[test]
fn all_answers_together_are_cut_off_at_their_limit() {
    let body = format!("{{\"Id\":\"{}\"}}", "x".repeat(MIB / 8));
    let engine = Scripted::after_ping(move |_| ok(&body));
    let limits = Limits { all: MIB, ..patient() };
    let client = engine.connect(limits).unwrap();
    let asks: Vec<_> = (0..60).map(|n| Ask::Container(n.to_string())).collect();
    let answers = client.get_many::<ContainerInspect>(&asks);
    let whole = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!((7..=12).contains(&whole), "{whole}");
    let last = answers.last().unwrap().as_ref().unwrap_err();
    assert!(matches!(last, Error::TooLarge { limit: MIB, .. }), "{last}");
}

#[test]
fn too_many_headers_are_refused() {
    let headers = "X: y\r\n".repeat(65);
    let error = info_of(format!("HTTP/1.1 200 OK\r\n{headers}\r\n")).unwrap_err();
    assert!(error.to_string().contains("more than 64 headers"), "{error}");
}

#[test]
fn an_answer_that_breaks_off_says_so() {
    for bytes in [
        "",
        "HTT",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}",
    ] {
        let error = info_of(bytes).unwrap_err();
        match &error {
            Error::ClosedEarly { got, .. } => assert_eq!(*got, bytes.len(), "{bytes}"),
            _ => panic!("{bytes}: {error}"),
        }
    }
}

#[test]
fn what_is_no_http_or_breaks_its_framing_is_told_as_such() {
    for bytes in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "{}",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 101 Switching\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{} \r\n0\r\n\r\n",
    ] {
        let error = info_of(bytes).unwrap_err();
        assert!(matches!(error, Error::NotHttp { .. }), "{bytes}: {error}");
    }
    let error = info_of("\u{1b}[2Jhello").unwrap_err().to_string();
    assert!(!error.contains('\u{1b}'), "{error}");
}

#[test]
fn a_compressed_answer_is_refused() {
    let error = info_of("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nx").unwrap_err();
    assert!(matches!(error, Error::Encoded { .. }), "{error}");
}

#[test]
fn a_redirect_is_not_followed() {
    let bytes = "HTTP/1.1 301 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
    let engine = Scripted::answering(bytes);
    let error = info_from(&engine).unwrap_err();
    assert!(matches!(error, Error::Status { status: 301, .. }), "{error}");
    assert!(!engine.asked().iter().any(|(_, line)| line.contains("elsewhere")));
}

#[test]
fn interim_answers_are_passed_over_but_not_for_ever() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\n";
    let answer = format!("{interim}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{{}}");
    assert!(info_of(answer).is_ok());
    let error = info_of(interim.repeat(50)).unwrap_err();
    assert!(matches!(error, Error::NotHttp { .. }), "{error}");
}

#[test]
fn deeply_nested_json_is_refused_without_a_crash() {
    let body = "[".repeat(3_000_000);
    let engine = Scripted::after_ping(move |_| ok(&body));
    let error = engine.client().info().unwrap_err();
    assert!(matches!(error, Error::TooDeep { .. }), "{error}");
}

#[test]
fn a_refusal_is_told_in_the_engines_words_without_its_escapes() {
    let body = r#"{"message":"no \u001b[31mmanager\n"}"#;
    let error = info_of(reply(503, body)).unwrap_err();
    assert_eq!(error.to_string(), "/v1.43/info: the engine answered 503: no [31mmanager");
    let long = info_of(reply(500, &"x".repeat(5000))).unwrap_err();
    assert!(long.to_string().len() < 300);
}

#[test]
fn a_container_that_vanished_is_told_apart_from_a_missing_endpoint() {
    let engine = Scripted::answering(reply(404, r#"{"message":"No such container: a"}"#));
    let client = engine.client();
    assert!(client.container("a").unwrap_err().is_gone());
    let error = client.info().unwrap_err();
    assert!(matches!(error, Error::Status { status: 404, .. }), "{error}");
}

#[test]
fn odd_fields_and_bytes_that_are_no_utf_8_lose_only_themselves() {
    let mut body = b"{\"Id\":7,\"Name\":\"/\xff\",\"Args\":null,\"State\":[],".to_vec();
    body.extend(br#""HostConfig":{"Privileged":"yes","PidMode":"host","PidMode":""}}"#);
    let mut answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    let bytes = [std::mem::take(&mut answer).into_bytes(), body].concat();
    let found = Scripted::answering(bytes).client().container("a").unwrap();
    let found = found.value;
    assert!(found.id.odd().is_some());
    assert_eq!(found.name, Lenient::Known("/\u{fffd}".into()));
    assert_eq!(found.args, Lenient::Null);
    assert!(found.state.within(|s| &s.running).odd().is_some());
    assert!(found.host_config.within(|h| &h.privileged).odd().is_some());
    assert!(found.host_config.within(|h| &h.pid_mode).odd().is_some());
    assert_eq!(found.path, Lenient::Missing);
}

#[test]
fn an_id_as_long_as_an_answer_is_not_sent_back() {
    let engine = Scripted::after_ping(|_| ok("{}"));
    let error = engine.client().container(&"x".repeat(5000)).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    assert!(error.to_string().len() < 300);
    assert_eq!(engine.asked().len(), 1);
}

#[test]
fn an_engine_that_lies_about_its_version_is_an_error_not_a_guess() {
    for header in ["", "Api-Version: new\r\n", "Api-Version: 1.999\r\n"] {
        let engine = Scripted::start(move |path| match path {
            "/_ping" => pong(header),
            _ => ok(r#"{"ApiVersion":[1,41]}"#),
        });
        let error = engine.connect(patient()).unwrap_err();
        assert!(matches!(error, Error::NotJson { .. }), "{error}");
    }
}
