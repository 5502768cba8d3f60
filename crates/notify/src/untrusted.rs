//! Why a server is not believed to be who it should be.

use std::error::Error as _;

use rustls::CertificateError;

use dockward_web::Roots;

/// What is wrong with a server's certificate, and what mends it.
pub(crate) struct Untrusted {
    pub(crate) why: String,
    pub(crate) hint: &'static str,
}

const AUTHORITY: &str = "let this host trust the authority that signed it (update-ca-certificates, \
     update-ca-trust), or name a file with its certificate in SSL_CERT_FILE";
const NAME: &str = "write a name of the certificate's into the webhook's `url`, or make the server \
     one with this name as a subject alternative name; the common name alone does not count";
const TIME: &str = "make the server a new certificate; or is the clock of this host wrong?";

impl Untrusted {
    /// Of what came of a try; none where it was not for the server's certificate that it failed.
    pub(crate) fn of(error: &ureq::Error, roots: &Roots) -> Option<Self> {
        match tls(error)? {
            rustls::Error::InvalidCertificate(error) => Some(Self::of_certificate(error, roots)),
            _ => None,
        }
    }

    fn of_certificate(error: &CertificateError, roots: &Roots) -> Self {
        use CertificateError as E;
        let list = roots.list.display();
        let (why, hint) = match error {
            E::UnknownIssuer | E::BadSignature if roots.certificates.is_empty() => (
                format!("no authority is trusted, since {list} holds none or can't be read"),
                AUTHORITY,
            ),
            E::UnknownIssuer | E::BadSignature => {
                (format!("its certificate is signed by no authority in {list}"), AUTHORITY)
            }
            E::NotValidForName => ("its certificate is for another name".to_owned(), NAME),
            E::NotValidForNameContext { presented, .. } => {
                let names: Vec<_> = presented.iter().take(8).map(String::as_str).collect();
                (format!("its certificate is only for {}", names.join(", ")), NAME)
            }
            E::Expired | E::ExpiredContext { .. } => {
                ("its certificate has expired".to_owned(), TIME)
            }
            E::NotValidYet | E::NotValidYetContext { .. } => {
                ("its certificate is not valid yet".to_owned(), TIME)
            }
            other => (format!("its certificate is not taken: {other}"), ""),
        };
        Self { why, hint }
    }
}

/// What the TLS library says, wherever it stands in an error.
fn tls(error: &ureq::Error) -> Option<&rustls::Error> {
    match error {
        ureq::Error::Rustls(error) => Some(error),
        ureq::Error::Io(error) => error.get_ref()?.downcast_ref(),
        other => other.source()?.downcast_ref(),
    }
}
