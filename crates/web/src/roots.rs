//! Whom this host trusts to vouch for servers: the system's own list.

use std::env;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use ureq::tls::Certificate;

/// Where systems keep their list: Debian and Alpine, Red Hat, SUSE, BSD's way.
const USUAL: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The most that is read of a list, in bytes.
const MOST: u64 = 8 << 20;

/// The authorities that are trusted, and where their list is.
pub struct Roots {
    /// None where there is no list: then no server is believed.
    pub certificates: Vec<Certificate<'static>>,
    /// The list's path, for messages; or the one that was looked for.
    pub list: PathBuf,
}

impl Roots {
    /// Those of the file that `SSL_CERT_FILE` names (as OpenSSL has it), or of the system's.
    #[must_use]
    pub fn of_this_host() -> Self {
        let named = env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty());
        Self::at(named.map(PathBuf::from))
    }

    /// Those of the file at `named`, or of the system's. A file that was named and can't be read is
    /// an empty list: whoever named it did not mean the system's.
    #[must_use]
    pub fn at(named: Option<PathBuf>) -> Self {
        let paths = named.map_or_else(|| USUAL.map(PathBuf::from).to_vec(), |path| vec![path]);
        let first = paths.first().cloned().unwrap_or_default();
        let found = paths.into_iter().find_map(|path| Some((content(&path)?, path)));
        let (text, list) = found.unwrap_or((Vec::new(), first));
        Self { certificates: certificates(&text), list }
    }
}

fn content(path: &Path) -> Option<Vec<u8>> {
    let file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|m| m.is_file()))?;
    let mut text = Vec::new();
    file.take(MOST).read_to_end(&mut text).ok().map(|_| text)
}

/// Those of a list in PEM (RFC 7468) that can be read.
fn certificates(pem: &[u8]) -> Vec<Certificate<'static>> {
    let all = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok);
    all.map(|der| Certificate::from_der(&der).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_passed_over() {
        let pem = b"# a list\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n-----BEGIN X-----\nMAA=\n-----END X-----\n";
        assert_eq!(certificates(pem).len(), 1);
        assert!(certificates(b"").is_empty());
    }
    #[test]
    fn a_list_that_was_named_and_is_not_there_is_not_replaced_by_the_systems() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().join("none.pem"), folder.path().to_owned()] {
            let roots = Roots::at(Some(path.clone()));
            assert!(roots.certificates.is_empty());
            assert_eq!(roots.list, path);
        }
    }
}
