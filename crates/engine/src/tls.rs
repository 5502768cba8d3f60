//! TLS to an engine, with the files that the docker command takes.

mod fault;
mod identity;
mod verifier;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustls::client::{ClientConnection, Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};

use crate::context::is_missing;
use crate::error::Error;
use identity::Identity;
use verifier::Unverified;

pub use fault::TlsFault;

/// How a TCP port is secured: the names of the files, not what is in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Whose signature the engine's certificate must bear; the system's authorities without it.
    pub ca: Option<PathBuf>,
    /// The certificate that we show; none is shown without its key.
    pub cert: Option<PathBuf>,
    /// The key of that certificate.
    pub key: Option<PathBuf>,
    /// Whether the engine's certificate is looked at. Without that, whoever sits between can be
    /// the engine.
    pub verify: bool,
}

impl Tls {
    /// The files in a directory, by their usual names, that are there.
    pub(crate) fn in_dir(dir: &Path, verify: bool) -> Self {
        let there = |name| Some(dir.join(name)).filter(|path| !is_missing(path));
        Self { ca: there("ca.pem"), cert: there("cert.pem"), key: there("key.pem"), verify }
    }

    /// Reads the files, once for all connections.
    pub(crate) fn prepare(&self) -> Result<Secured, Error> {
        let provider = Arc::new(ring::default_provider());
        let identity = Arc::new(Identity::read(self, &provider)?);
        let versions = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| own(&error))?;
        let verifying = if self.verify {
            versions.with_webpki_verifier(self.verifier(provider)?)
        } else {
            let any = Arc::new(Unverified(provider));
            versions.dangerous().with_custom_certificate_verifier(any)
        };
        let mut config = verifying.with_client_cert_resolver(identity.clone());
        // Each connection proves anew who it is with.
        config.resumption = Resumption::disabled();
        Ok(Secured { config: Arc::new(config), identity })
    }

    fn verifier(&self, provider: Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, Error> {
        let roots = match &self.ca {
            Some(path) => identity::authorities(path)?,
            None => identity::system_authorities()?,
        };
        let roots: Arc<RootCertStore> = Arc::new(roots);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
        verifier.map_err(|error| {
            let path = self.ca.clone().unwrap_or_default();
            Error::Unreadable { path, why: error.to_string() }
        })
    }
}

/// What cannot be but by a mistake of ours.
fn own(error: &rustls::Error) -> Error {
    Error::Tls { place: "TLS".to_owned(), fault: TlsFault::of(error, Asked::default()) }
}

/// TLS with its files read.
#[derive(Debug)]
pub(crate) struct Secured {
    config: Arc<ClientConfig>,
    identity: Arc<Identity>,
}

/// What came of certificates of ours.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    /// The engine asked for one.
    pub(crate) wanted: bool,
    /// There is one to show.
    pub(crate) given: bool,
}

impl Asked {
    /// Whether there is none to show to an engine that wants one.
    pub(crate) const fn is_missing(self) -> bool {
        self.wanted && !self.given
    }
}

impl Secured {
    /// The start of a session, nothing of which is sent yet.
    pub(crate) fn session(&self, host: &str) -> Result<ClientConnection, rustls::Error> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            rustls::Error::General("its host's name can be in no certificate".into())
        })?;
        ClientConnection::new(Arc::clone(&self.config), name)
    }

    /// Whether the engine asked for a certificate, and whether there is one.
    pub(crate) fn asked(&self) -> Asked {
        Asked {
            wanted: self.identity.wanted.load(Ordering::Relaxed),
            given: self.identity.key.is_some(),
        }
    }
}
