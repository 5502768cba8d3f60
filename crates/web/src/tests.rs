use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dockward_testbed::{Answer, FileServer};
use ureq::tls::Certificate;

use super::*;

fn quick() -> Limits {
    Limits {
        idle: Duration::from_secs(5),
        whole: Duration::from_secs(20),
        pauses: vec![Duration::from_millis(1); 3],
    }
}

fn client(limits: Limits) -> Client {
    Client::with("0.1.0", limits, &[], &|_| None).unwrap()
}

fn request(url: String) -> Request {
    Request { url, most: 1 << 20, ..Request::default() }
}

fn body(fetched: Fetched) -> Body {
    match fetched {
        Fetched::Body(body) => body,
        Fetched::Same => panic!("the same as what?"),
    }
}

/// Some bytes that differ everywhere.
fn content(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 31 % 251) as u8).collect()
}

#[test]
fn a_file_is_fetched_and_then_it_is_the_same() {
    let server = FileServer::start(|asked| Answer::content(asked, b"hello")).unwrap();
    let (client, mut request) = (client(quick()), request(server.url("/x")));
    let first = body(client.fetch(&request, &mut |_| ()).unwrap());
    assert_eq!(first.bytes, b"hello");
    request.had = first.validators;
    assert!(matches!(client.fetch(&request, &mut |_| ()).unwrap(), Fetched::Same));
    assert_eq!(server.asked()[0].header("user-agent"), "dockward/0.1.0");
}

#[test]
fn a_broken_server_is_asked_again_a_few_times_and_no_more() {
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let server = FileServer::start(move |asked| match counted.fetch_add(1, Ordering::Relaxed) {
        0 => Answer::status(500),
        1 => Answer { headers: vec![("Retry-After", "0".into())], ..Answer::status(429) },
        _ if asked.path == "/never" => Answer::status(503),
        _ => Answer::content(asked, b"at last"),
    })
    .unwrap();
    let mut waits = Vec::new();
    let mut step = |step: Step<'_>| {
        if let Step::Waiting { why, .. } = step {
            waits.push(why.to_owned());
        }
    };
    let got = client(quick()).fetch(&request(server.url("/x")), &mut step).unwrap();
    assert_eq!(body(got).bytes, b"at last");
    assert!(waits[0].ends_with("HTTP 500") && waits[1].ends_with("HTTP 429"), "{waits:?}");
    let error = client(quick()).fetch(&request(server.url("/never")), &mut |_| ()).unwrap_err();
    assert!(matches!(error, WebError::Status { status: 503, .. }), "{error}");
    assert_eq!(server.asked().len(), 3 + 4);
}

#[test]
fn what_is_not_there_is_asked_for_once() {
    let server = FileServer::start(|_| Answer::status(404)).unwrap();
    let error = client(quick()).fetch(&request(server.url("/x")), &mut |_| ()).unwrap_err();
    assert!(matches!(error, WebError::Status { status: 404, .. }) && error.hint().is_some());
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn what_is_too_long_is_not_read_whether_it_says_so_or_not() {
    let long = content(3_000);
    let server = FileServer::start(move |asked| {
        let mut answer = Answer::content(asked, &long);
        if asked.path == "/silent" {
            // No length: it ends with the connection.
            answer.headers.push(("Content-Length", String::new()));
            answer.headers =
                vec![("Transfer-Encoding", "identity".into()), ("Connection", "close".into())];
            answer.cut = Some(3_000);
        }
        answer
    })
    .unwrap();
    for path in ["/x", "/silent"] {
        let mut request = request(server.url(path));
        request.most = 2_999;
        let error = client(quick()).fetch(&request, &mut |_| ()).unwrap_err();
        assert!(matches!(error, WebError::TooLong { most: 2_999, .. }), "{path}: {error}");
    }
}

#[test]
fn an_answer_that_ends_early_is_none() {
    let server =
        FileServer::start(|asked| Answer { cut: Some(2), ..Answer::content(asked, b"hello") })
            .unwrap();
    let error = client(quick()).fetch(&request(server.url("/x")), &mut |_| ()).unwrap_err();
    assert!(matches!(error, WebError::Cut { of: 5, .. }), "{error}");
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn a_server_that_drips_or_says_nothing_is_left() {
    let server = FileServer::start(|asked| {
        if asked.path == "/silent" {
            std::thread::sleep(Duration::from_secs(3));
        }
        let drip = Some(Duration::from_millis(100));
        Answer { drip, ..Answer::content(asked, &content(1_000)) }
    })
    .unwrap();
    let limits = Limits {
        idle: Duration::from_millis(700),
        whole: Duration::from_millis(1_500),
        pauses: Vec::new(),
    };
    for path in ["/silent", "/drip"] {
        let error =
            client(limits.clone()).fetch(&request(server.url(path)), &mut |_| ()).unwrap_err();
        let left = matches!(error, WebError::Unreachable { .. } | WebError::Cut { .. });
        assert!(left, "{path}: {error}");
    }
}

#[test]
fn redirects_are_followed_a_few_times_and_credentials_are_not_taken_along() {
    let other = FileServer::start(|asked| Answer::content(asked, b"there")).unwrap();
    let there = other.url("/there?token=1");
    let server = FileServer::start(move |asked| match asked.path.as_str() {
        "/once" => Answer::redirect("/twice"),
        "/twice" => Answer::redirect(there.clone()),
        "/away" => Answer::redirect("ftp://127.0.0.1/x"),
        "/nowhere" => Answer::status(302),
        _ => Answer::redirect("/round"),
    })
    .unwrap();
    let client = client(quick());
    let mut first = request(server.url("/once"));
    first.authorization = Some("Bearer secret".into());
    assert_eq!(body(client.fetch(&first, &mut |_| ()).unwrap()).bytes, b"there");
    assert_eq!(server.asked()[1].header("authorization"), "Bearer secret");
    assert_eq!(other.asked()[0].header("authorization"), "");
    for path in ["/round", "/away", "/nowhere"] {
        let error = client.fetch(&request(server.url(path)), &mut |_| ()).unwrap_err();
        assert!(matches!(error, WebError::Redirect { .. }), "{path}: {error}");
    }
}

#[test]
fn a_download_that_broke_is_gone_on_with() {
    let whole = content(300_000);
    let sent = whole.clone();
    let server = FileServer::start(move |asked| {
        let cut = asked.header("range").is_empty().then_some(100_000);
        Answer { cut, ..Answer::content(asked, &sent) }
    })
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("file");
    let done = client(quick()).download(&request(server.url("/x")), &to, &mut |_| ()).unwrap();
    let Downloaded::Whole { length, resumed, .. } = done else { panic!("{done:?}") };
    assert_eq!(length, 300_000);
    assert!(resumed > 0 && resumed <= 100_000, "{resumed}");
    assert!(std::fs::read(&to).unwrap() == whole);
    assert_eq!(server.asked()[1].header("range"), format!("bytes={resumed}-"));
    assert!(!folder.path().join("file.etag").exists());
}

#[test]
fn a_download_is_gone_on_with_by_a_later_run_unless_the_file_is_another_by_then() {
    for same in [true, false] {
        let whole = content(50_000);
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("file");
        let sent = whole.clone();
        let first = FileServer::start(move |asked| Answer {
            cut: Some(20_000),
            ..Answer::content(asked, &sent)
        })
        .unwrap();
        let limits = Limits { pauses: Vec::new(), ..quick() };
        client(limits).download(&request(first.url("/x")), &to, &mut |_| ()).unwrap_err();
        let now = if same { whole } else { content(40_000) };
        let sent = now.clone();
        let second = FileServer::start(move |asked| Answer::content(asked, &sent)).unwrap();
        let done = client(quick()).download(&request(second.url("/x")), &to, &mut |_| ()).unwrap();
        let Downloaded::Whole { resumed, .. } = done else { panic!("{done:?}") };
        assert_eq!(resumed > 0, same);
        assert!(std::fs::read(&to).unwrap() == now);
    }
}

#[test]
fn a_part_that_is_not_the_rest_is_refused() {
    let whole = content(1_000);
    let server = FileServer::start(move |asked| {
        let mut answer = Answer::content(asked, &whole);
        answer.cut = Some(500);
        if answer.status == 206 {
            answer.headers.retain(|(name, _)| *name != "Content-Range");
            answer.headers.push(("Content-Range", "bytes 1-999/1000".into()));
        }
        answer
    })
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("file");
    let error = client(quick()).download(&request(server.url("/x")), &to, &mut |_| ()).unwrap_err();
    assert!(matches!(error, WebError::Odd { .. }), "{error}");
}

/// A server's certificate for 127.0.0.1, and what puts TLS with it around connections.
fn tls() -> (Certificate<'static>, dockward_testbed::Wrap) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let der = made.cert.der().clone();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der.clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let wrap: dockward_testbed::Wrap = Arc::new(move |stream| {
        let connection = rustls::ServerConnection::new(Arc::clone(&config)).ok()?;
        Some(Box::new(rustls::StreamOwned::new(connection, stream)))
    });
    (Certificate::from_der(&der).to_owned(), wrap)
}

#[test]
fn a_server_is_believed_by_its_certificate_and_no_redirect_leaves_tls() {
    let (certificate, wrap) = tls();
    let server = FileServer::start_wrapped(wrap, |asked| match asked.path.as_str() {
        "/down" => Answer::redirect("http://127.0.0.1:1/x"),
        _ => Answer::content(asked, b"secret"),
    })
    .unwrap();
    let url = |path: &str| format!("https://{}{path}", server.address());
    let knows = Client::with("0.1.0", quick(), &[certificate], &|_| None).unwrap();
    assert_eq!(body(knows.fetch(&request(url("/x")), &mut |_| ()).unwrap()).bytes, b"secret");
    let error = knows.fetch(&request(url("/down")), &mut |_| ()).unwrap_err();
    assert!(matches!(error, WebError::Redirect { why: "it leaves HTTPS", .. }), "{error}");
    let error = client(quick()).fetch(&request(url("/x")), &mut |_| ()).unwrap_err();
    assert!(matches!(error, WebError::Unreachable { .. }), "{error}");
    let up = url("/x");
    let plain = FileServer::start(move |_| Answer::redirect(up.clone())).unwrap();
    let got = knows.fetch(&request(plain.url("/")), &mut |_| ()).unwrap();
    assert_eq!(body(got).bytes, b"secret", "from HTTP to HTTPS is the right way");
}

#[test]
fn the_environments_proxy_is_gone_through() {
    let proxy = FileServer::start(|_| Answer::status(502)).unwrap();
    let address = proxy.address().to_owned();
    let variable = move |name: &str| match name {
        "HTTPS_PROXY" => Some(format!("http://{address}")),
        "NO_PROXY" => Some("localhost".to_owned()),
        _ => None,
    };
    let limits = Limits { pauses: Vec::new(), ..quick() };
    let client = Client::with("0.1.0", limits, &[], &variable).unwrap();
    client.fetch(&request("https://feeds.example/x".into()), &mut |_| ()).unwrap_err();
    assert_eq!(proxy.asked()[0].path, "feeds.example:443");
    client.fetch(&request("https://localhost:1/x".into()), &mut |_| ()).unwrap_err();
    assert_eq!(proxy.asked().len(), 1);
}

/// A registry of one artifact that wants a token, which it gives to everybody.
fn registry(blob: &'static [u8], bent: bool) -> FileServer {
    let realm = Arc::new(std::sync::OnceLock::<String>::new());
    let told = Arc::clone(&realm);
    let digest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let manifest = format!(
        r#"{{"schemaVersion":2,"layers":[{{"mediaType":"x/y","digest":"{digest}","size":5}}]}}"#
    );
    let server = FileServer::start(move |asked| {
        let path = asked.path.as_str();
        if path.starts_with("/token") {
            return Answer::content(asked, br#"{"token":"abc"}"#);
        }
        if asked.header("authorization") != "Bearer abc" {
            let challenge = format!(
                r#"Bearer realm="{}/token",service="r",scope="repository:db:pull""#,
                told.get().unwrap()
            );
            return Answer {
                headers: vec![("WWW-Authenticate", challenge)],
                ..Answer::status(401)
            };
        }
        match path {
            "/v2/db/manifests/1" => Answer::content(asked, manifest.as_bytes()),
            _ if path.starts_with("/v2/db/blobs/") && bent => Answer::content(asked, b"hellO"),
            _ if path.starts_with("/v2/db/blobs/") => Answer::content(asked, blob),
            _ => Answer::content(asked, b"{\"layers\":[]}"),
        }
    })
    .unwrap();
    realm.set(server.url("")).unwrap();
    server
}

#[test]
fn an_artifact_is_pulled_with_a_token_and_held_to_its_digest() {
    for bent in [false, true] {
        let server = registry(b"hello", bent);
        let reference = Reference::parse(&format!("{}/db:1", server.address())).unwrap();
        let client = client(quick());
        let mut registry = Registry::new(&client, &reference, None);
        let manifest = registry.manifest(&mut |_| ()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("blob");
        let pulled = registry.blob(&manifest.layers[0], 1 << 20, &to, &mut |_| ());
        assert_eq!(pulled.is_ok(), !bent, "{pulled:?}");
        assert_eq!(to.exists(), !bent);
        let small = registry.blob(&manifest.layers[0], 4, &to, &mut |_| ());
        assert!(matches!(small, Err(WebError::TooLong { most: 4, .. })));
        let token =
            server.asked().into_iter().find(|asked| asked.path.starts_with("/token")).unwrap();
        assert_eq!(token.path, "/token?service=r&scope=repository:db:pull");
    }
}

#[test]
fn a_manifest_is_held_to_the_digest_that_it_is_asked_by() {
    let server = registry(b"hello", false);
    let digest = "0".repeat(64);
    let reference = Reference::parse(&format!("{}/db@sha256:{digest}", server.address())).unwrap();
    let client = client(quick());
    let error = Registry::new(&client, &reference, None).manifest(&mut |_| ()).unwrap_err();
    assert!(
        matches!(error, WebError::Odd { what: "it is not what its digest names", .. }),
        "{error}"
    );
}
