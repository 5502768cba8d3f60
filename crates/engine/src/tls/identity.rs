//! Certificates and keys from files.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, SignatureScheme};

use super::Tls;
use crate::error::Error;
use crate::file;

/// Bytes of a certificate's or a key's file; the system's authorities take 200 KiB.
const LIMIT: usize = 2 * 1024 * 1024;

/// Where the distributions keep the authorities that they trust (Go's `crypto/x509`, `root_linux.go`,
/// names the same).
const SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The certificate that we show, if any, and whether it was asked for.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) key: Option<Arc<CertifiedKey>>,
    pub(super) wanted: AtomicBool,
}

impl Identity {
    /// Reads certificate and key. As with the docker command, one without the other is none.
    pub(super) fn read(tls: &Tls, provider: &CryptoProvider) -> Result<Self, Error> {
        let key = match (&tls.cert, &tls.key) {
            (Some(cert), Some(key)) => Some(Arc::new(certified(cert, key, provider)?)),
            _ => None,
        };
        Ok(Self { key, wanted: AtomicBool::new(false) })
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.wanted.store(true, Ordering::Relaxed);
        self.key.clone()
    }

    fn has_certs(&self) -> bool {
        self.key.is_some()
    }
}

fn certified(cert: &Path, key: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, Error> {
    let chain = certificates(cert)?;
    let secret = private_key(key)?;
    CertifiedKey::from_der(chain, secret, provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            unusable(key, &format!("it is not the key of the certificate in `{}`", cert.display()))
        }
        other => unusable(key, &other.to_string()),
    })
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let pem = read(path)?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
        let text = String::from_utf8_lossy(&pem);
        // `BEGIN ENCRYPTED PRIVATE KEY`, or the header of older ones.
        let why = match text.contains("ENCRYPTED") {
            true => "its key is encrypted, which the docker command does not take either",
            false => "it holds no private key in PEM",
        };
        unusable(path, why)
    })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let pem = read(path)?;
    let all = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    all.ok()
        .filter(|all| !all.is_empty())
        .ok_or_else(|| unusable(path, "it holds no certificate in PEM"))
}

/// The authorities in a file.
pub(super) fn authorities(path: &Path) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    match roots.add_parsable_certificates(certificates(path)?) {
        (0, _) => Err(unusable(path, "it holds no certificate of an authority")),
        _ => Ok(roots),
    }
}

/// The authorities that this system trusts.
pub(super) fn system_authorities() -> Result<RootCertStore, Error> {
    let there = SYSTEM.iter().map(Path::new).find(|path| path.is_file());
    authorities(there.unwrap_or(Path::new(SYSTEM[0])))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    file::read(path, LIMIT).map_err(|error| unusable(path, &error.to_string()))
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::Unreadable { path: path.to_owned(), why: why.to_owned() }
}
