//! Callers over TCP with TLS.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use dockward_testbed::{Authority, Pair};
use rcgen::{DistinguishedName, DnType};
use rustls::crypto::ring;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::stage::{END, Open, Stage, closed, rest, until};
use crate::{Answering, Caller, End, Listener, Role, Taking, Tls};

const GET: &[u8] = b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

/// A guard that listens to TLS, and the authority of all.
struct Secured {
    stage: Stage,
    authority: Authority,
    port: u16,
}

type Session = StreamOwned<ClientConnection, TcpStream>;

impl Secured {
    fn new(gate: Open) -> Self {
        let authority = Authority::new();
        let folder = tempfile::tempdir().unwrap();
        let [ca, cert, key] = ["ca", "cert", "key"].map(|name| folder.path().join(name));
        let server = authority.server();
        std::fs::write(&ca, authority.pem()).unwrap();
        std::fs::write(&cert, server.pem()).unwrap();
        std::fs::write(&key, server.key_pem()).unwrap();
        let tls = Tls::read(&cert, &key, &ca).unwrap();
        let listener = Listener::bind_tls("127.0.0.1:0".parse().unwrap(), &tls).unwrap();
        let port = listener.address().unwrap().port();
        Self { stage: Stage::listening(gate, listener), authority, port }
    }

    fn client(&self) -> Pair {
        self.authority.sign(&["ci.example"], |params| {
            params.distinguished_name = DistinguishedName::new();
            params.distinguished_name.push(DnType::CommonName, "alice");
        })
    }

    fn connect(&self, with: Option<&Pair>) -> Session {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.der()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match with {
            Some(pair) => builder.with_client_auth_cert(vec![pair.der()], pair.key_der()).unwrap(),
            None => builder.with_no_client_auth(),
        };
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
        let name = "localhost".try_into().unwrap();
        StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream)
    }

    fn known(&self) -> Session {
        self.connect(Some(&self.client()))
    }
}

fn pass() -> Open {
    Open::new(Taking::Stream, Answering::Pass)
}

#[test]
fn what_is_shown_and_what_vouches_is_known_by_its_certificates() {
    let (authority, other) = (Authority::new(), Authority::new());
    let folder = tempfile::tempdir().unwrap();
    let [ca, cert, key] = ["ca", "cert", "key"].map(|name| folder.path().join(name));
    let server = authority.server();
    let broken = "-----BEGIN CERTIFICATE-----\nMAMBAgM=\n-----END CERTIFICATE-----\n";
    std::fs::write(&ca, [&authority.pem(), broken, &other.pem()].concat()).unwrap();
    std::fs::write(&cert, [server.pem(), authority.pem()].concat()).unwrap();
    std::fs::write(&key, server.key_pem()).unwrap();
    let tls = Tls::read(&cert, &key, &ca).unwrap();
    let used: Vec<_> = tls.used().iter().map(|one| (one.role, &*one.der)).collect();
    let [ours, others] = [authority.der(), other.der()];
    let vouch = [&ours, &others].map(|der| (Role::Authority, &**der));
    let own = server.der();
    assert_eq!(used, [&vouch[..], &[(Role::Server, &*own), (Role::Server, &*ours)]].concat());
    assert!(tls.used()[0].subject.contains("CN=authority for tests"), "{:?}", tls.used()[0]);
}

#[test]
fn a_caller_is_who_its_certificate_names() {
    let secured = Secured::new(pass());
    let mut caller = secured.known();
    // It goes with the end of the handshake, in one piece.
    caller.conn.writer().write_all(&GET.repeat(3)).unwrap();
    caller.flush().unwrap();
    while caller.conn.is_handshaking() || caller.conn.wants_write() {
        caller.conn.complete_io(&mut caller.sock).unwrap();
    }
    let mut engine = secured.stage.accept();
    for _ in 0..3 {
        until(&mut engine, END);
        engine.write_all(OK).unwrap();
        until(&mut caller, "\r\n\r\nOK");
    }
    let callers = secured.stage.gate.callers.lock().unwrap();
    let Caller::Certificate(certificate) = &*callers[0] else { panic!("{callers:?}") };
    assert_eq!(certificate.common_name.as_deref(), Some("alice"));
    assert_eq!(certificate.names, ["ci.example"]);
}

#[test]
fn who_shows_no_certificate_of_the_authority_is_not_met() {
    let secured = Secured::new(pass());
    let other = Authority::new().sign(&["alice"], |_| {});
    let late = secured.authority.sign(&["alice"], |params| {
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    });
    for pair in [None, Some(&other), Some(&late)] {
        let mut caller = secured.connect(pair);
        let _ = caller.write_all(GET);
        let mut byte = [0];
        assert!(!matches!(caller.read(&mut byte), Ok(1..)));
    }
    let mut plain = TcpStream::connect(("127.0.0.1", secured.port)).unwrap();
    plain.write_all(GET).unwrap();
    assert!(!rest(&mut plain).contains("HTTP"));
    assert!(secured.stage.gate.met.lock().unwrap().is_empty() && secured.stage.nothing_came());
}

#[test]
fn a_large_body_goes_there_and_back_whoever_reads_late() {
    const SIZE: usize = 6 << 20;
    let content: Vec<u8> = (0..SIZE).map(|at| (at % 253) as u8).collect();
    let secured = Secured::new(pass());
    let mut caller = secured.known();
    let head = format!("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: {SIZE}\r\n\r\n");
    caller.write_all(head.as_bytes()).unwrap();
    let mut engine = secured.stage.accept();
    let serving = std::thread::spawn(move || {
        until(&mut engine, END);
        std::thread::sleep(Duration::from_millis(200));
        let mut came = vec![0; SIZE];
        engine.read_exact(&mut came).unwrap();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n");
        engine.write_all(head.as_bytes()).unwrap();
        engine.write_all(&came).unwrap();
        engine
    });
    caller.write_all(&content).unwrap();
    until(&mut caller, END);
    std::thread::sleep(Duration::from_millis(300));
    let mut came = vec![0; SIZE];
    caller.read_exact(&mut came).unwrap();
    assert!(came == content);
    let mut engine = serving.join().unwrap();
    caller.write_all(GET).unwrap();
    assert!(until(&mut engine, END).starts_with("GET /x "));
}

#[test]
fn a_raw_stream_closes_one_way_at_a_time() {
    let secured = Secured::new(Open::new(Taking::Nothing, Answering::Upgrade { to: None }));
    let mut caller = secured.known();
    caller
        .write_all(b"POST /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
        .unwrap();
    let mut engine = secured.stage.accept();
    until(&mut engine, END);
    engine
        .write_all(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
        .unwrap();
    until(&mut caller, END);
    // Both in one piece: nothing more comes that the socket could tell of.
    caller.conn.writer().write_all(b"input").unwrap();
    caller.conn.send_close_notify();
    caller.flush().unwrap();
    assert_eq!(rest(&mut engine), "input");
    engine.write_all(b"late output").unwrap();
    drop(engine);
    assert_eq!(rest(&mut caller), "late output");
    assert_eq!(secured.stage.end(), End::Answered);
}

#[test]
fn a_caller_that_goes_away_takes_its_call_with_it() {
    let secured = Secured::new(pass());
    let mut caller = secured.known();
    caller.write_all(GET).unwrap();
    let mut engine = secured.stage.accept();
    until(&mut engine, END);
    drop(caller);
    assert!(closed(&mut engine));
    assert_eq!(secured.stage.end(), End::CallerGone);
}

#[test]
fn a_handshake_that_does_not_go_on_holds_nobody_else_up() {
    let secured = Secured::new(pass());
    let _silent: Vec<_> =
        (0..20).map(|_| TcpStream::connect(("127.0.0.1", secured.port)).unwrap()).collect();
    let mut caller = secured.known();
    caller.write_all(GET).unwrap();
    let mut engine = secured.stage.accept();
    until(&mut engine, END);
    engine.write_all(OK).unwrap();
    until(&mut caller, "\r\n\r\nOK");
}
