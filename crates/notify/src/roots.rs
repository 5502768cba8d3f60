//! Whom this host trusts to vouch for servers: the system's own list.

use std::env;
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

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

/// The certificates that are trusted: of the file that `SSL_CERT_FILE` names (as OpenSSL has it), or
/// of the system's. None where there is no list: then no server is believed.
pub(crate) fn trusted() -> Vec<Certificate<'static>> {
    let named = env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let paths = named.map_or_else(|| USUAL.map(PathBuf::from).to_vec(), |path| vec![path]);
    let text = paths.iter().find_map(|path| {
        let mut text = Vec::new();
        let file = File::open(path).ok()?;
        file.take(MOST).read_to_end(&mut text).ok().map(|_| text)
    });
    certificates(&text.unwrap_or_default())
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
}
