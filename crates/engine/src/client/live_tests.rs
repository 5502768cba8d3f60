//! Live engines: over TLS, and through `docker system dial-stdio` as over SSH.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use dockward_testbed::{DaemonConfig, Engine, Suite};

use super::ssh_tests::{connect as connect_over_ssh, script};
use crate::scripted::patient;
use crate::scripted::tls::Authority;
use crate::{Client, Endpoint, Error, Tls, TlsFault};

#[test]
fn a_live_engine_answers_through_the_command_that_ssh_runs() {
    let name = "a_live_engine_answers_through_the_command_that_ssh_runs";
    let Some(engine) = Engine::start_or_skip(name, Suite::Bookworm, &DaemonConfig::default())
    else {
        return;
    };
    let inside = format!("exec nsenter --target {} --mount --net --pid -- \"$@\"", engine.pid());
    let ssh = script(&format!("while [ \"$1\" != -- ]; do shift; done; shift 2\n{inside}"));
    let client = connect_over_ssh(&ssh, patient()).unwrap();
    let version = client.version().unwrap().value.version;
    assert_eq!(version.known().map(String::as_str), Some("20.10.24+dfsg1"));
    let all = client.each(&[(); 8], |client, ()| client.info());
    assert!(all.iter().all(Result::is_ok));
}

/// A second daemon in an engine's root that listens to TLS only, and our end of a way to it: its
/// network is not ours.
struct Secured<'a> {
    engine: &'a Engine,
    port: u16,
}

impl<'a> Secured<'a> {
    fn start(engine: &'a Engine, authority: &Authority) -> Self {
        let dir = engine.root().join("etc/docker/tls");
        fs::create_dir_all(&dir).unwrap();
        authority.write_server(&dir);
        let daemon = "mkdir -p /run/second /var/lib/docker/second && exec dockerd \
             -H tcp://127.0.0.1:2376 --tlsverify --tlscacert /etc/docker/tls/ca.pem \
             --tlscert /etc/docker/tls/cert.pem --tlskey /etc/docker/tls/key.pem \
             --data-root /var/lib/docker/second --exec-root /run/second \
             --pidfile /run/second/pid --bridge none --iptables=false";
        // It ends with the engine.
        let mut daemon = engine.spawn_in_root(&["sh", "-c", daemon]).unwrap();
        thread::spawn(move || daemon.wait());
        let port = Self::relay(engine);
        Self { engine, port }
    }

    fn relay(engine: &Engine) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = engine.pid().to_string();
        thread::spawn(move || {
            for stream in listener.incoming() {
                carry(&target, stream.unwrap());
            }
        });
        port
    }

    fn connect(&self, tls: Tls) -> Result<Client, Error> {
        let endpoint = Endpoint::Tcp { host: "127.0.0.1".into(), port: self.port, tls: Some(tls) };
        Client::connect(endpoint, patient())
    }

    /// Waits for the daemon to listen.
    fn wait(&self, tls: &Tls) -> Client {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            match self.connect(tls.clone()) {
                Ok(client) => return client,
                Err(error) if Instant::now() > until => panic!("{error}\n{}", self.engine.log()),
                Err(_) => thread::sleep(Duration::from_millis(200)),
            }
        }
    }
}

/// Lets a process in the engine's network carry the bytes.
fn carry(target: &str, stream: TcpStream) {
    let relay = "exec 3<>/dev/tcp/127.0.0.1/2376 && { cat <&3 & cat >&3; kill $!; }";
    let words = ["--target", target, "--net", "--", "bash", "-c", relay];
    let input = OwnedFd::from(stream.try_clone().unwrap());
    let output = OwnedFd::from(stream);
    let mut command = Command::new("nsenter");
    // Until the daemon listens, it has much to say.
    command.args(words).stdin(input).stdout(output).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    thread::spawn(move || child.wait());
}

#[test]
fn a_live_engine_answers_over_tls_and_only_to_a_certificate_that_it_knows() {
    let name = "a_live_engine_answers_over_tls_and_only_to_a_certificate_that_it_knows";
    for suite in [Suite::Bookworm, Suite::Sid] {
        let Some(engine) = Engine::start_or_skip(name, suite, &DaemonConfig::default()) else {
            return;
        };
        let (authority, other) = (Authority::new(), Authority::new());
        let secured = Secured::start(&engine, &authority);
        let client = secured.wait(&authority.tls_with(&authority));
        assert!(client.info().unwrap().value.id.known().is_some());
        let fault = |tls: Tls| match secured.connect(tls).unwrap_err() {
            Error::Tls { fault, .. } => fault,
            other => panic!("{other}"),
        };
        assert_eq!(fault(authority.tls()), TlsFault::CertificateWanted);
        let refused = fault(authority.tls_with(&other));
        assert!(matches!(refused, TlsFault::CertificateRefused { .. }), "{refused}");
        assert_eq!(fault(other.tls()), TlsFault::UnknownIssuer);
    }
}
