//! An engine at a TCP port without TLS.

use std::net::TcpListener;
use std::time::Instant;

use crate::scripted::{Act, Scripted, Wire, ok, on_tcp, patient, pong, short};
use crate::{Client, Endpoint, Error, Limits};

fn connect(host: &str, port: u16, limits: Limits) -> Result<Client, Error> {
    Client::connect(Endpoint::Tcp { host: host.into(), port, tls: None }, limits)
}

fn engine(script: impl Fn(&str) -> Vec<Act> + Send + Sync + 'static) -> u16 {
    on_tcp(|stream| Box::new(stream) as Box<dyn Wire>, script)
}

fn answers(path: &str) -> Vec<Act> {
    if path == "/_ping" { pong("Api-Version: 1.43\r\n") } else { ok("{}") }
}

#[test]
fn an_engine_is_asked_at_its_port_by_address_and_by_name() {
    let port = engine(answers);
    for host in ["127.0.0.1", "localhost"] {
        let client = connect(host, port, patient()).unwrap();
        assert!(client.info().is_ok());
        assert_eq!(client.peer(), None);
        assert_eq!(client.endpoint().to_string(), format!("tcp://{host}:{port}"));
    }
}

#[test]
fn a_port_that_nobody_listens_on_is_told_with_its_address() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let error = connect("localhost", port, patient()).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn a_name_without_an_address_is_told() {
    let error = connect("a..b", 1, patient()).unwrap_err();
    assert!(matches!(error, Error::Unresolved { .. }), "{error}");
}

#[test]
fn deadlines_hold_at_a_port_as_at_a_socket() {
    let port = engine(|path| if path == "/_ping" { answers(path) } else { vec![Act::Hang] });
    let client = connect("127.0.0.1", port, short()).unwrap();
    let started = Instant::now();
    let error = client.info().unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    assert!(started.elapsed().as_secs() < 3);
}

#[test]
fn an_engine_that_wants_tls_is_told_as_such() {
    let go = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
    let port = engine(|_| vec![Act::Send(go.to_vec()), Act::Close]);
    let error = connect("127.0.0.1", port, patient()).unwrap_err();
    assert!(error.hint().unwrap().contains("DOCKER_TLS_VERIFY=1"), "{error}");
    let alert = [0x15, 3, 3, 0, 2, 2, 0x16];
    let port = engine(move |_| vec![Act::Send(alert.to_vec()), Act::Close]);
    let error = connect("127.0.0.1", port, patient()).unwrap_err();
    assert!(error.hint().unwrap().contains("DOCKER_TLS_VERIFY=1"), "{error}");
}

#[test]
fn a_socket_of_podmans_says_so() {
    let engine = Scripted::start(|_| {
        pong("Api-Version: 1.41\r\nLibpod-Api-Version: 5.4.2\r\nServer: Libpod/5.4.2 (linux)\r\n")
    });
    assert_eq!(engine.client().ping().libpod.as_deref(), Some("5.4.2"));
    let docker = Scripted::start(|_| pong("Api-Version: 1.41\r\n"));
    assert_eq!(docker.client().ping().libpod, None);
}
