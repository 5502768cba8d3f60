//! A false engine over TLS: certificates good and bad, and what goes wrong around them.

use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use dockward_testbed::Pair;
use rcgen::{BasicConstraints, CertificateParams, IsCa, date_time_ymd};
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};

use crate::scripted::tls::{Authority, Server, Session};
use crate::scripted::{Act, Wire, ok, on_tcp, patient, pong};
use crate::{Client, Endpoint, Error, Limits, Tls, TlsFault};

const BOTH: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

fn answers(path: &str) -> Vec<Act> {
    if path == "/_ping" { pong("Api-Version: 1.43\r\n") } else { ok("{}") }
}

fn connect_within(port: u16, tls: Tls, limits: Limits) -> Result<Client, Error> {
    let endpoint = Endpoint::Tcp { host: "127.0.0.1".into(), port, tls: Some(tls) };
    Client::connect(endpoint, limits)
}

fn connect(port: u16, tls: Tls) -> Result<Client, Error> {
    connect_within(port, tls, patient())
}

fn fault(result: Result<Client, Error>) -> TlsFault {
    match result.unwrap_err() {
        Error::Tls { fault, place } => {
            assert!(place.starts_with("tcp://127.0.0.1:"), "{place}");
            fault
        }
        other => panic!("{other}"),
    }
}

fn server(pair: Pair) -> Server<'static> {
    Server { pair, clients: None, version: &TLS13 }
}

/// The fault with a certificate that was changed so before it was signed.
fn fault_with(names: &[&str], change: impl Fn(&mut CertificateParams)) -> TlsFault {
    let authority = Authority::new();
    let port = server(authority.sign(names, change)).start(answers);
    fault(connect(port, authority.tls()))
}

#[test]
fn each_side_proves_who_it_is_in_both_versions() {
    let authority = Authority::new();
    for version in BOTH {
        let server = Server { pair: authority.server(), clients: Some(&authority), version };
        let client = connect(server.start(answers), authority.tls_with(&authority)).unwrap();
        let all = client.each(&[(); 8], |client, ()| client.info());
        assert!(all.iter().all(Result::is_ok));
    }
}

#[test]
fn a_host_is_found_by_the_name_that_its_certificate_is_for() {
    let authority = Authority::new();
    let port = server(authority.sign(&["localhost"], |_| {})).start(answers);
    let at = |host: &str| {
        let endpoint = Endpoint::Tcp { host: host.into(), port, tls: Some(authority.tls()) };
        Client::connect(endpoint, patient())
    };
    assert!(at("localhost").is_ok());
    let fault = fault(at("127.0.0.1"));
    assert!(matches!(&fault, TlsFault::WrongName { .. }), "{fault}");
    assert!(fault.to_string().contains("localhost"), "{fault}");
}

#[test]
fn a_certificate_that_is_over_or_not_yet_valid_is_told_as_such() {
    let over = fault_with(&["127.0.0.1"], |params| params.not_after = date_time_ymd(2020, 1, 1));
    assert_eq!(over, TlsFault::Expired);
    let early = fault_with(&["127.0.0.1"], |params| params.not_before = date_time_ymd(4000, 1, 1));
    assert_eq!(early, TlsFault::NotYetValid);
    assert!(early.hint().unwrap().contains("clock"));
}

#[test]
fn a_certificate_of_another_authority_or_an_authoritys_own_is_not_believed() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let port = server(theirs.server()).start(answers);
    assert_eq!(fault(connect(port, ours.tls())), TlsFault::UnknownIssuer);
    let authority = fault_with(&["127.0.0.1"], |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    assert_eq!(authority, TlsFault::IsAuthority);
}

#[test]
fn without_verifying_every_certificate_is_taken() {
    let theirs = Authority::new();
    let pair = theirs.sign(&["other"], |params| params.not_after = date_time_ymd(2020, 1, 1));
    for version in BOTH {
        let port = Server { version, ..server(pair.clone()) }.start(answers);
        assert!(connect(port, Tls::default()).unwrap().info().is_ok());
    }
}

#[test]
fn an_engine_that_wants_a_certificate_and_is_shown_none_is_told_as_such() {
    let authority = Authority::new();
    for version in BOTH {
        let server = Server { pair: authority.server(), clients: Some(&authority), version };
        let fault = fault(connect(server.start(answers), authority.tls()));
        assert_eq!(fault, TlsFault::CertificateWanted);
        assert!(fault.hint().unwrap().contains("cert.pem"));
    }
}

#[test]
fn a_certificate_of_ours_that_the_engine_does_not_take_is_told_as_such() {
    let (authority, other) = (Authority::new(), Authority::new());
    for version in BOTH {
        let server = Server { pair: authority.server(), clients: Some(&authority), version };
        let fault = fault(connect(server.start(answers), authority.tls_with(&other)));
        assert!(matches!(fault, TlsFault::CertificateRefused { .. }), "{fault}");
    }
}

#[test]
fn an_engine_without_tls_is_told_as_such() {
    let plain = |bytes: &'static [u8]| {
        let over = move |mut stream: TcpStream| {
            let _ = stream.read(&mut [0; 512]).unwrap();
            stream.write_all(bytes).unwrap();
            Box::new(stream) as Box<dyn Wire>
        };
        fault(connect(on_tcp(over, answers), Tls::default()))
    };
    let http = plain(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request");
    assert_eq!(http, TlsFault::PlainHttp);
    assert!(http.hint().unwrap().contains("whoever reaches that port is root"));
    assert_eq!(plain(b"SSH-2.0-OpenSSH_9.2\r\n"), TlsFault::NotTls);
}

/// How connecting fails at a server that does this with each connection, well before a test would
/// be thought to hang.
fn fails_soon(over: impl Fn(TcpStream) -> Box<dyn Wire> + Send + Sync + 'static) -> Error {
    let mut limits = patient();
    limits.deadlines.connect = Duration::from_millis(500);
    let started = Instant::now();
    let error = connect_within(on_tcp(over, answers), Tls::default(), limits).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(4), "{error}");
    error
}

#[test]
fn a_handshake_that_does_not_begin_or_comes_byte_by_byte_times_out() {
    let error = fails_soon(|stream| Box::new(stream));
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    let error = fails_soon(|mut stream| {
        // A record of 16 KiB, of which a byte comes at a time.
        let _ = stream.write_all(&[22, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xfc]);
        while stream.write_all(&[0]).is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Box::new(stream)
    });
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
}

#[test]
fn a_handshake_without_end_is_cut_off() {
    // An empty HelloRequest, a part of a message of 16 MiB, a change of ciphers.
    let records: [&[u8]; 3] = [
        &[22, 3, 3, 0, 4, 0, 0, 0, 0],
        &[22, 3, 3, 0, 4, 2, 0xff, 0xff, 0xff],
        &[20, 3, 3, 0, 1, 1],
    ];
    for record in records {
        let error = fails_soon(move |mut stream| {
            while stream.write_all(record).is_ok() {}
            Box::new(stream)
        });
        let known = matches!(error, Error::TimedOut { .. } | Error::Tls { .. });
        assert!(known, "{error}");
    }
}

#[test]
fn a_connection_closed_within_the_handshake_is_told() {
    let over = |stream: TcpStream| {
        let mut hello = [0; 4096];
        let _ = (&stream).read(&mut hello).unwrap();
        stream.shutdown(std::net::Shutdown::Both).unwrap();
        Box::new(stream) as Box<dyn Wire>
    };
    assert_eq!(fault(connect(on_tcp(over, answers), Tls::default())), TlsFault::Closed);
}

/// Lets a session go after its first answer and sends this instead.
struct Spoiled(Session, &'static [u8], bool);

impl Read for Spoiled {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Write for Spoiled {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        if !self.2 {
            self.2 = true;
            return self.0.write(from);
        }
        self.0.sock.write_all(self.1)?;
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[test]
fn garbage_within_a_session_breaks_it_and_not_us() {
    let authority = Authority::new();
    let spoil = |session| Box::new(Spoiled(session, &[23, 3, 3, 0, 4, 1, 2, 3, 4], false)) as _;
    let port = server(authority.server()).start_over(answers, spoil);
    let client = connect(port, authority.tls()).unwrap();
    let error = client.info().unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error}");
}

#[test]
fn a_connection_that_ends_without_saying_so_is_an_answer_cut_short() {
    let authority = Authority::new();
    let endless = |path: &str| match path {
        "/_ping" => answers(path),
        _ => vec![Act::Send(b"HTTP/1.1 200 OK\r\n\r\n{}".to_vec()), Act::Close],
    };
    for version in BOTH {
        let port = Server { version, ..server(authority.server()) }.start(endless);
        let error = connect(port, authority.tls()).unwrap().info().unwrap_err();
        assert!(matches!(error, Error::ClosedEarly { got: 21, .. }), "{error}");
    }
}

#[test]
fn deadlines_hold_within_a_session() {
    let authority = Authority::new();
    let slow = |path: &str| match path {
        "/_ping" => answers(path),
        _ => {
            let head = "HTTP/1.1 200 OK\r\nX: ".to_owned() + &"x".repeat(9000);
            vec![Act::Drip(head.into_bytes(), Duration::from_millis(20))]
        }
    };
    let port = server(authority.server()).start(slow);
    let mut limits = patient();
    limits.deadlines.answer = Duration::from_millis(800);
    let client = connect_within(port, authority.tls(), limits).unwrap();
    let error = client.info().unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
}

#[test]
fn another_certificate_than_at_the_start_is_not_believed() {
    let authority = Authority::new();
    let closing = |path: &str| [answers(path), vec![Act::Close]].concat();
    let ports = [0, 1].map(|_| server(authority.server()).start(closing));
    // The first connection goes to the first server, the second to the second.
    let order = Mutex::new(ports.into_iter().cycle());
    let over = move |near: TcpStream| {
        let port = order.lock().unwrap().next().unwrap();
        let far = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (mut from, mut to) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        std::thread::spawn(move || io::copy(&mut from, &mut to));
        let (mut from, mut to) = (far, near);
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Both);
        Box::new(to) as Box<dyn Wire>
    };
    let client = connect(on_tcp(over, answers), authority.tls()).unwrap();
    let error = client.info().unwrap_err();
    assert!(matches!(error, Error::PeerChanged { .. }), "{error}");
}

#[test]
fn files_that_cannot_be_used_are_told_with_their_path_before_anything_is_sent() {
    let authority = Authority::new();
    let good = authority.tls_with(&authority);
    let why = |tls: &Tls| match connect(1, tls.clone()).unwrap_err() {
        Error::Unreadable { path, why } => (path.file_name().unwrap().to_owned(), why),
        other => panic!("{other}"),
    };
    let missing = Tls { ca: Some(authority.path("none.pem")), ..good.clone() };
    assert!(why(&missing).1.contains("No such file"));
    let other = authority.path("other.pem");
    let with = |text: &str| {
        fs::write(&other, text).unwrap();
        why(&Tls { key: Some(other.clone()), ..good.clone() }).1
    };
    assert!(with("").contains("no private key in PEM"));
    assert!(with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n").contains("encrypted"));
    let broken = with("-----BEGIN PRIVATE KEY-----\nhunter2!\n-----END PRIVATE KEY-----\n");
    assert!(!broken.contains("hunter2"), "{broken}");
    assert!(with(&rcgen::KeyPair::generate().unwrap().serialize_pem()).contains("not the key of"));
    assert!(with(&"x".repeat(3 << 20)).contains("larger than"));
    let swapped = Tls { ca: good.key.clone(), ..good.clone() };
    assert_eq!(why(&swapped).0, "key.pem");
    let directory = Tls { ca: Some(authority.path("")), ..good };
    assert!(matches!(connect(1, directory), Err(Error::Unreadable { .. })));
}
