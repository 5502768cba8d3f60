//! Callers over TCP, who show a client certificate.

mod names;
mod session;

use std::net::TcpStream;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rustix::event::PollFlags;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig, ServerConnection};

pub(crate) use session::Session;

use crate::stop::Stops;
use crate::wait::wait;
use crate::{Certificate, Error};

/// The server's side of TLS: only who shows a certificate that the authority signed gets in.
#[derive(Debug, Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    used: Arc<[Used]>,
}

/// A certificate that is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// What for.
    pub role: Role,
    /// The certificate in DER, which holds no secret.
    pub der: Vec<u8>,
    /// Its subject, as it is written in it; empty where it can't be read.
    pub subject: String,
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is shown to callers: the server's own, and those above it.
    Server,
    /// It vouches for callers.
    Authority,
}

impl Used {
    fn new(role: Role, der: &CertificateDer<'_>) -> Self {
        Self { role, der: der.to_vec(), subject: names::subject(der).unwrap_or_default() }
    }
}

impl Tls {
    /// Reads the server's certificate with its chain, its key, and the authorities of clients, all in
    /// PEM, as `--tlscert`, `--tlskey` and `--tlscacert` name them to the engine. Revocation lists
    /// are not looked at: the engine doesn't either.
    ///
    /// # Errors
    /// A file that cannot be read or used, by its name.
    pub fn read(certificate: &Path, key: &Path, clients: &Path) -> Result<Self, Error> {
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        let mut used = Vec::new();
        for authority in certificates(clients)? {
            // One that nobody can be held to vouches for nobody.
            if roots.add(authority.clone()).is_ok() {
                used.push(Used::new(Role::Authority, &authority));
            }
        }
        if roots.is_empty() {
            return Err(unusable(clients, "it holds no authority's certificate"));
        }
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let verifier = verifier.build().map_err(|error| unusable(clients, &error.to_string()))?;
        let secret = PrivateKeyDer::from_pem_slice(&read(key)?)
            .map_err(|_| unusable(key, "it holds no private key in PEM"))?;
        let chain = certificates(certificate)?;
        used.extend(chain.iter().map(|der| Used::new(Role::Server, der)));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map(|builder| builder.with_client_cert_verifier(verifier))
            .and_then(|builder| builder.with_single_cert(chain, secret));
        let mut config = config.map_err(|error| unusable(key, &error.to_string()))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Each connection proves anew who it is of.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self { config: Arc::new(config), used: used.into() })
    }

    /// The certificates that are shown and that vouch, as they were read.
    #[must_use]
    pub fn used(&self) -> &[Used] {
        &self.used
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let pem = read(path)?;
    let all = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    all.ok()
        .filter(|all| !all.is_empty())
        .ok_or_else(|| unusable(path, "it holds no certificate in PEM"))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| unusable(path, &error.to_string()))
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::Tls { path: path.to_path_buf(), why: why.to_owned() }
}

/// Shakes hands, and says whose certificate was shown. None where that fails, or isn't done in time.
pub(crate) fn accept(
    stream: TcpStream,
    tls: &Tls,
    deadline: Option<Instant>,
    stops: &Stops,
) -> Option<(Session, Certificate)> {
    let connection = ServerConnection::new(Arc::clone(&tls.config)).ok()?;
    let mut session = Session::new(stream, connection).ok()?;
    while session.shakes_hands() {
        if !session.shake().ok()? {
            let mut flags = PollFlags::IN;
            flags.set(PollFlags::OUT, session.owes());
            let stop = (stops.now.as_fd(), PollFlags::empty());
            let [came, stopped] = wait([Some((session.as_fd(), flags)), Some(stop)], deadline);
            if came.is_empty() || !stopped.is_empty() {
                return None;
            }
        }
    }
    let certificate = names::of(session.certificate()?)?;
    Some((session, certificate))
}
