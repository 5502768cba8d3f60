//! When a certificate is valid: as much of X.509 (RFC 5280, section 4.1) as that takes. Nothing is
//! verified.

use data_encoding::BASE64;
use dockward_model::facts::Validity;
use jiff::Timestamp;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// `[0]`, which holds the version.
const VERSION: u8 = 0xa0;

/// The validity of the first certificate in a text of PEM blocks (RFC 7468); none where there is
/// no certificate that can be read.
pub(crate) fn validity(pem: &str) -> Option<Validity> {
    let (_, block) = pem.split_once(BEGIN)?;
    let (block, _) = block.split_once(END)?;
    let text: String = block.split_ascii_whitespace().collect();
    of_der(&BASE64.decode(text.as_bytes()).ok()?)
}

fn of_der(der: &[u8]) -> Option<Validity> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (mut fields, _) = element(certificate, SEQUENCE)?;
    if let Some((_, rest)) = element(fields, VERSION) {
        fields = rest;
    }
    // The serial number, the signature's algorithm, the issuer.
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        (_, fields) = element(fields, tag)?;
    }
    let (validity, _) = element(fields, SEQUENCE)?;
    let (not_before, rest) = time(validity)?;
    let (not_after, _) = time(rest)?;
    Some(Validity { not_before, not_after })
}

/// The content of the element of this tag that `bytes` starts with, and what follows it (X.690,
/// section 8.1, definite lengths only).
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length = digits.iter().fold(0_usize, |sum, &digit| sum << 8 | usize::from(digit));
            (length, rest)
        }
        _ => return None,
    };
    if first == tag { rest.split_at_checked(length) } else { None }
}

/// A time, and what follows it. Years of two digits are 1950 to 2049.
fn time(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (digits, rest) = element(bytes, UTC_TIME)
        .map(|(text, rest)| {
            let century = if text.first() < Some(&b'5') { "20" } else { "19" };
            (format!("{century}{}", String::from_utf8_lossy(text)), rest)
        })
        .or_else(|| {
            let (text, rest) = element(bytes, GENERALIZED_TIME)?;
            Some((String::from_utf8_lossy(text).into_owned(), rest))
        })?;
    let part = |from: usize, to: usize| digits.get(from..to);
    let day = format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let hour = format!("{}:{}:{}", part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let time = (digits.get(14..) == Some("Z")).then(|| format!("{day}T{hour}Z"))?;
    Some((time.parse().ok()?, rest))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The authority of a swarm that an engine made, and nothing else is signed by it.
    pub(crate) const SWARM_CA: &str = "-----BEGIN CERTIFICATE-----
MIIBazCCARCgAwIBAgIUdfSrsmNJlwdJ0anYCOYly0u82P4wCgYIKoZIzj0EAwIw
EzERMA8GA1UEAxMIc3dhcm0tY2EwHhcNMjYxMTIyMDUyMTAwWhcNNDYxMTE3MDUy
MTAwWjATMREwDwYDVQQDEwhzd2FybS1jYTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABOxbsFh1J+aZN4rriQFUwDjNQlsJQmuQA/uymjnTU0M6Z1ydLXwqwl3ty7bq
uUOO813KZUudlZVh17S2oywW0vyjQjBAMA4GA1UdDwEB/wQEAwIBBjAPBgNVHRMB
Af8EBTADAQH/MB0GA1UdDgQWBBQWbIH6ohqaM0j8vU0UnTbiiYLjWzAKBggqhkjO
PQQDAgNJADBGAiEA7MFrpYkmovM7jN9Iuw9eImzIInr79YRyceWz1c03/qgCIQDc
k4OAj04Pz5XbiaMm7lqRaExiryEbjF+X+CrZYiJu8g==
-----END CERTIFICATE-----
";

    #[test]
    fn a_swarms_authority_is_read() {
        let validity = validity(SWARM_CA).unwrap();
        assert_eq!(validity.not_before.to_string(), "2026-11-22T05:21:00Z");
        assert_eq!(validity.not_after.to_string(), "2046-11-17T05:21:00Z");
    }

    #[test]
    fn a_year_of_four_digits_and_one_of_the_last_century_are_read() {
        let of = |text: &[u8]| time(text).map(|(time, _)| time.to_string());
        assert_eq!(of(b"\x18\x0f20500102030405Z").as_deref(), Some("2050-01-02T03:04:05Z"));
        assert_eq!(of(b"\x17\x0d991231235959Z").as_deref(), Some("1999-12-31T23:59:59Z"));
        for odd in [&b"\x17\x0d991331235959Z"[..], b"\x17\x0b9912312359Z", b"\x18\x00", b"\x17"] {
            assert_eq!(of(odd), None);
        }
    }

    #[test]
    fn whatever_is_cut_off_or_bent_is_no_certificate_and_no_panic() {
        for end in 0..SWARM_CA.len() - END.len() - 1 {
            assert_eq!(validity(SWARM_CA.get(..end).unwrap()), None, "cut at {end}");
        }
        let whole: String = SWARM_CA.lines().filter(|line| !line.starts_with('-')).collect();
        let der = BASE64.decode(whole.as_bytes()).unwrap();
        for at in 0..der.len() {
            for byte in [0, 0x7f, 0x80, 0x84, 0xff] {
                let mut bent = der.clone();
                bent[at] = byte;
                let _ = of_der(&bent);
                let _ = of_der(der.get(..at).unwrap());
            }
        }
    }
}
