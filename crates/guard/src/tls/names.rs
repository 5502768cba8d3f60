//! The names in a certificate that was verified.

use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use crate::Certificate;

/// The subject's common name and alternative names. None where the certificate is none.
///
/// Two common names are as good as none: readers differ in which one they take. So is one that is
/// empty or has control characters.
pub(super) fn of(der: &CertificateDer<'_>) -> Option<Certificate> {
    let (_, certificate) = X509Certificate::from_der(der.as_ref()).ok()?;
    let mut common = certificate.subject().iter_common_name();
    let common_name = match (common.next(), common.next()) {
        (Some(only), None) => only.as_str().ok().filter(|name| is_plain(name)).map(str::to_owned),
        _ => None,
    };
    let alternative = certificate.subject_alternative_name().ok()?;
    let names = alternative.iter().flat_map(|names| &names.value.general_names);
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => {
            Some((*name).to_owned()).filter(|name| is_plain(name))
        }
        _ => None,
    };
    Some(Certificate { common_name, names: names.filter_map(text).collect() })
}

/// The subject of a certificate: `CN=ci, O=Example`.
pub(super) fn subject(der: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(der.as_ref()).ok()?;
    Some(certificate.subject().to_string())
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use dockward_testbed::Authority;
    use rcgen::{DnType, SanType};

    use super::*;

    #[test]
    fn common_and_alternative_names_are_read() {
        let pair = Authority::new().sign(&["ci.example"], |params| {
            params.distinguished_name = rcgen::DistinguishedName::new();
            params.distinguished_name.push(DnType::CommonName, "alice");
            params.subject_alt_names.extend([
                SanType::Rfc822Name("alice@example".try_into().unwrap()),
                SanType::URI("spiffe://x/alice".try_into().unwrap()),
                SanType::IpAddress([127, 0, 0, 1].into()),
            ]);
        });
        let certificate = of(&pair.der()).unwrap();
        assert_eq!(certificate.common_name.as_deref(), Some("alice"));
        assert_eq!(certificate.names, ["ci.example", "alice@example", "spiffe://x/alice"]);
    }

    #[test]
    fn a_name_that_is_none_is_none() {
        for name in ["", "a\nb"] {
            let pair = Authority::new().sign(&[], |params| {
                params.distinguished_name = rcgen::DistinguishedName::new();
                params.distinguished_name.push(DnType::CommonName, name);
            });
            let none = Certificate { common_name: None, names: Vec::new() };
            assert_eq!(of(&pair.der()), Some(none), "{name:?}");
        }
        assert_eq!(of(&CertificateDer::from(vec![0x30, 0x03, 1, 2, 3])), None);
    }
}
