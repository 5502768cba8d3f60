use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::Instant;

use super::*;

mod tls;

/// A server that gives these answers, one a connection, and hands back what it was sent.
fn server(answers: &'static [&'static str]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook?token=hidden", listener.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        answers
            .iter()
            .map(|answer| {
                let (mut stream, _) = listener.accept().unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                let request = whole(&mut stream);
                stream.write_all(answer.as_bytes()).unwrap();
                request
            })
            .collect()
    });
    (url, serving)
}

/// A request with its body, by its length.
fn whole(stream: &mut impl Read) -> String {
    let (mut got, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let n = stream.read(&mut piece).unwrap();
        got.extend_from_slice(&piece[..n]);
        let text = String::from_utf8_lossy(&got).into_owned();
        if n == 0 || text.ends_with("}") {
            return text;
        }
    }
}

const TAKEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";
const BUSY: &str =
    "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 0\r\nConnection: close\r\n\r\n";

fn send_to(url: &str, pauses: &[Duration]) -> (Result<(), NotifyError>, usize) {
    send_how(url, &How { roots: &Roots::of_this_host(), each: TRY, pauses })
}

fn send_how(url: &str, how: &How<'_>) -> (Result<(), NotifyError>, usize) {
    let secret = Secret::new(b"0123456789abcdef").unwrap();
    let message = Message { url, body: br#"{"a":1}"#, at: 1_795_305_600, version: "0.1.0" };
    let mut waits = 0;
    let sent = send_with(&message, &secret, how, &mut |_, _| waits += 1);
    (sent, waits)
}

const SHORT: [Duration; 2] = [Duration::from_millis(1); 2];

#[test]
fn what_is_taken_is_sent_once_and_signed() {
    let (url, serving) = server(&[TAKEN]);
    let (sent, waits) = send_to(&url, &SHORT);
    sent.unwrap();
    assert_eq!(waits, 0);
    let request = &serving.join().unwrap()[0];
    let lower = request.to_lowercase();
    assert!(request.starts_with("POST /hook?token=hidden HTTP/1.1\r\n"), "{request}");
    let expected = include_str!("sign/expected.txt").trim();
    assert!(
        lower.contains(&format!("dockward-signature: t=1795305600,v1={expected}")),
        "{request}"
    );
    assert!(request.ends_with("{\"a\":1}"));
}

#[test]
fn a_busy_server_is_asked_again_with_the_same_delivery() {
    let (url, serving) = server(&[BUSY, BUSY, TAKEN]);
    let (sent, waits) = send_to(&url, &SHORT);
    sent.unwrap();
    assert_eq!(waits, 2);
    let requests = serving.join().unwrap();
    assert_eq!(requests[0], requests[2]);
}

#[test]
fn a_server_that_stays_busy_is_given_up_and_its_token_is_not_told() {
    let (url, serving) = server(&[BUSY, BUSY, BUSY]);
    let error = send_to(&url, &SHORT).0.unwrap_err();
    assert!(matches!(&error, NotifyError::Undelivered { tries: 3, why, .. } if why == "HTTP 503"));
    assert!(!error.to_string().contains("hidden"), "{error}");
    serving.join().unwrap();
}

#[test]
fn a_refusal_is_final_and_a_redirect_is_one() {
    for answer in [
        &["HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"],
        &["HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"],
    ] {
        let (url, serving) = server(answer);
        let (sent, waits) = send_to(&url, &SHORT);
        assert!(matches!(sent, Err(NotifyError::Refused { .. })), "{sent:?}");
        assert_eq!(waits, 0);
        serving.join().unwrap();
    }
}

#[test]
fn nobody_there_is_undelivered_and_not_waited_for_without_end() {
    let started = Instant::now();
    let (sent, waits) = send_to("http://127.0.0.1:1/", &SHORT);
    assert!(matches!(sent, Err(NotifyError::Undelivered { .. })), "{sent:?}");
    assert_eq!(waits, 2);
    assert!(started.elapsed() < TRY);
}
