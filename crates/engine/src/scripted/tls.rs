//! Certificates, made anew for each test, and a false engine that shows them.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dockward_testbed::Pair;
use rcgen::CertificateParams;
use rustls::crypto::ring;
use rustls::server::WebPkiClientVerifier;
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
};
use tempfile::TempDir;

use super::{Act, Wire, on_tcp};
use crate::Tls;

/// An authority, and the directory with what it signed.
pub(crate) struct Authority {
    own: dockward_testbed::Authority,
    dir: TempDir,
}

impl Authority {
    /// An authority, whose certificate is in `ca.pem`.
    pub(crate) fn new() -> Self {
        let own = dockward_testbed::Authority::new();
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("ca.pem"), own.pem()).unwrap();
        Self { own, dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A certificate for these names, changed as told before it is signed.
    pub(crate) fn sign(&self, names: &[&str], change: impl Fn(&mut CertificateParams)) -> Pair {
        self.own.sign(names, change)
    }

    /// One for this host.
    pub(crate) fn server(&self) -> Pair {
        self.own.server()
    }

    /// Writes what an engine's daemon is given: authority, certificate and key.
    pub(crate) fn write_server(&self, dir: &Path) {
        let pair = self.server();
        fs::write(dir.join("ca.pem"), self.own.pem()).unwrap();
        fs::write(dir.join("cert.pem"), pair.pem()).unwrap();
        fs::write(dir.join("key.pem"), pair.key_pem()).unwrap();
    }

    /// Verifying with `ca.pem`, and nothing to show.
    pub(crate) fn tls(&self) -> Tls {
        Tls { ca: Some(self.path("ca.pem")), verify: true, ..Tls::default() }
    }

    /// The same, and a certificate that `by` signed to show.
    pub(crate) fn tls_with(&self, by: &Self) -> Tls {
        let pair = by.sign(&["client"], |_| {});
        let (cert, key) = (self.path("cert.pem"), self.path("key.pem"));
        fs::write(&cert, pair.pem()).unwrap();
        fs::write(&key, pair.key_pem()).unwrap();
        Tls { cert: Some(cert), key: Some(key), ..self.tls() }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.own.der()).unwrap();
        roots
    }
}

/// What a server does.
pub(crate) struct Server<'a> {
    pub(crate) pair: Pair,
    /// Who must have signed the client's certificate.
    pub(crate) clients: Option<&'a Authority>,
    pub(crate) version: &'static SupportedProtocolVersion,
}

impl Server<'_> {
    fn config(&self) -> ServerConfig {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[self.version])
            .unwrap();
        let builder = match self.clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let roots = Arc::new(authority.roots());
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        builder.with_single_cert(vec![self.pair.der()], self.pair.key_der()).unwrap()
    }

    /// Starts it, and says at which port.
    pub(crate) fn start(&self, script: impl Fn(&str) -> Vec<Act> + Send + Sync + 'static) -> u16 {
        self.start_over(script, |stream| Box::new(stream))
    }

    /// The same, with another hand on the connection.
    pub(crate) fn start_over(
        &self,
        script: impl Fn(&str) -> Vec<Act> + Send + Sync + 'static,
        over: impl Fn(Session) -> Box<dyn Wire> + Send + Sync + 'static,
    ) -> u16 {
        let config = Arc::new(self.config());
        let spoken = move |stream| {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            over(StreamOwned::new(session, stream))
        };
        on_tcp(spoken, script)
    }
}

pub(crate) type Session = StreamOwned<ServerConnection, TcpStream>;
