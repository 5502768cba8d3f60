//! A webhook over TLS on loopback: whom is believed, and how long is waited.

use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dockward_testbed::{Authority, Pair};
use tempfile::TempDir;

use super::*;

/// A server that shows this certificate, answers each connection in turn, and hands back what it
/// was sent. A client that breaks the handshake off has sent nothing.
fn server(pair: Pair, answers: &'static [&'static str]) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = std::thread::spawn(move || {
        let one = |answer: &&str| {
            let (stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            let Ok(mut session) = pair.accept(stream) else { return String::new() };
            let request = whole(&mut session);
            session.write_all(answer.as_bytes()).unwrap();
            session.flush().unwrap();
            request
        };
        answers.iter().map(one).collect()
    });
    (port, serving)
}

/// A list of authorities in a file, as `SSL_CERT_FILE` would name it.
fn list(authorities: &[&Authority]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("authorities.pem");
    let pem: String = authorities.iter().map(|authority| authority.pem()).collect();
    std::fs::write(&path, pem).unwrap();
    (folder, path)
}

/// Sends to this host's port, believing those in the list.
fn send(host: &str, port: u16, list: PathBuf) -> (Result<(), NotifyError>, usize) {
    let url = format!("https://{host}:{port}/hook?token=hidden");
    let roots = Roots::at(Some(list));
    send_how(&url, &How { roots: &roots, each: Duration::from_secs(5), pauses: &SHORT })
}

/// Why a server with this certificate is not believed. It must have got nothing, and no second try.
fn untrusted(pair: Pair, host: &str, list: PathBuf) -> (String, String) {
    let (port, serving) = server(pair, &[TAKEN]);
    let (sent, waits) = send(host, port, list);
    assert_eq!((serving.join().unwrap(), waits), (vec![String::new()], 0));
    let error = sent.unwrap_err();
    assert!(!error.to_string().contains("hidden"), "{error}");
    assert!(error.to_string().starts_with(&format!("https://{host}:{port}/hook ")), "{error}");
    let NotifyError::Untrusted { why, hint, .. } = error else { panic!("{error}") };
    (why, hint.to_owned())
}

#[test]
fn a_server_of_a_trusted_authority_gets_the_news_by_name_and_by_address() {
    let authority = Authority::new();
    let (_folder, list) = list(&[&Authority::new(), &authority]);
    for host in ["localhost", "127.0.0.1"] {
        let (port, serving) = server(authority.server(), &[TAKEN]);
        send(host, port, list.clone()).0.unwrap();
        let request = &serving.join().unwrap()[0];
        assert!(request.starts_with("POST /hook?token=hidden HTTP/1.1\r\n"), "{request}");
        let expected = include_str!("../sign/expected.txt").trim();
        assert!(request.to_lowercase().contains(expected), "{request}");
    }
}

#[test]
fn a_busy_server_is_asked_again_over_tls_too() {
    let authority = Authority::new();
    let (_folder, list) = list(&[&authority]);
    let (port, serving) = server(authority.server(), &[BUSY, TAKEN]);
    let (sent, waits) = send("127.0.0.1", port, list);
    sent.unwrap();
    assert_eq!(waits, 1);
    let requests = serving.join().unwrap();
    assert_eq!(requests[0], requests[1]);
}

#[test]
fn a_server_of_another_authority_gets_nothing_and_the_list_is_named() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let (_folder, list) = list(&[&ours]);
    let (why, hint) = untrusted(theirs.server(), "127.0.0.1", list.clone());
    let expected = format!("its certificate is signed by no authority in {}", list.display());
    assert_eq!(why, expected);
    assert!(hint.contains("SSL_CERT_FILE"), "{hint}");
}

#[test]
fn without_any_authority_nobody_is_believed_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("none.pem");
    let (why, _) = untrusted(Authority::new().server(), "127.0.0.1", list.clone());
    assert!(why.starts_with("no authority is trusted, since "), "{why}");
    assert!(why.contains(&list.display().to_string()), "{why}");
}

#[test]
fn a_server_with_another_name_gets_nothing() {
    let authority = Authority::new();
    let (_folder, list) = list(&[&authority]);
    let pair = authority.sign(&["hooks.example"], |_| {});
    let (why, hint) = untrusted(pair, "localhost", list);
    assert!(why.contains("hooks.example"), "{why}");
    assert!(hint.contains("subject alternative name"), "{hint}");
}

#[test]
fn a_certificate_that_is_over_is_told_as_such() {
    let authority = Authority::new();
    let (_folder, list) = list(&[&authority]);
    let pair = authority.sign(&["127.0.0.1"], |params| params.not_after = params.not_before);
    let (why, hint) = untrusted(pair, "127.0.0.1", list);
    assert_eq!(why, "its certificate has expired");
    assert!(hint.contains("clock"), "{hint}");
}

/// A port whose every connection is handed to `hold`, and how many there were.
fn holding(hold: impl Fn(TcpStream) + Send + Sync + 'static) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (hold, count) = (Arc::new(hold), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let hold = Arc::clone(&hold);
            std::thread::spawn(move || hold(stream));
        }
    });
    (port, count)
}

/// Longer than any try of these tests takes, and short enough that no thread outlives them by much.
const LONG: Duration = Duration::from_secs(30);

/// Two tries of half a second each at what never ends: both are made, and both are given up.
fn assert_given_up(port: u16, count: &AtomicUsize, list: PathBuf) {
    let roots = Roots::at(Some(list));
    let (each, pauses) = (Duration::from_millis(500), &SHORT[..1]);
    let started = Instant::now();
    let url = format!("https://127.0.0.1:{port}/");
    let (sent, _) = send_how(&url, &How { roots: &roots, each, pauses });
    let Err(NotifyError::Undelivered { tries: 2, why, .. }) = sent else { panic!("{sent:?}") };
    assert!(why.contains("timeout"), "{why}");
    assert_eq!(count.load(Ordering::SeqCst), 2);
    assert!(started.elapsed() < LONG / 2, "{:?}", started.elapsed());
}

#[test]
fn a_server_that_hangs_before_within_or_after_the_handshake_is_given_up() {
    let authority = Authority::new();
    let (_folder, list) = list(&[&authority]);
    let (port, count) = holding(|stream| {
        std::thread::sleep(LONG);
        drop(stream);
    });
    assert_given_up(port, &count, list.clone());
    let (port, count) = holding(|mut stream| {
        // The head of a record of 16 KiB that comes a byte at a time.
        let _ = stream.write_all(&[0x16, 3, 3, 0x40, 0]);
        for _ in 0..LONG.as_millis() / 100 {
            std::thread::sleep(Duration::from_millis(100));
            let _ = stream.write_all(&[2]);
        }
    });
    assert_given_up(port, &count, list.clone());
    let pair = authority.server();
    let (port, count) = holding(move |stream| {
        let session = pair.accept(stream);
        std::thread::sleep(LONG);
        drop(session);
    });
    assert_given_up(port, &count, list);
}

#[test]
fn what_speaks_no_tls_is_not_sent_the_news_in_the_clear() {
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let (port, count) = holding(move |mut stream| {
        let mut piece = [0; 4096];
        let n = stream.read(&mut piece).unwrap_or(0);
        hears.lock().unwrap().extend_from_slice(&piece[..n]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    let (sent, _) = send("127.0.0.1", port, PathBuf::from("/nowhere"));
    assert!(matches!(sent, Err(NotifyError::Undelivered { .. })), "{sent:?}");
    assert_eq!(count.load(Ordering::SeqCst), 3);
    let heard = String::from_utf8_lossy(&heard.lock().unwrap()).into_owned();
    assert!(!heard.is_empty() && !heard.contains("POST") && !heard.contains("hidden"), "{heard}");
}
