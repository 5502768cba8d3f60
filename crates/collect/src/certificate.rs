//! How long and how well a certificate holds: as much of X.509 (RFC 5280, section 4.1) as that
//! takes. Nothing is verified.

use data_encoding::BASE64;
use dockward_model::facts::{Certificate, Validity};
use jiff::Timestamp;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// `[0]`, which holds the version.
const VERSION: u8 = 0xa0;

/// How many certificates of one file are read; a chain has three or four.
const MOST: usize = 100;

/// The validity of the first certificate in a text of PEM blocks (RFC 7468); none where there is
/// no certificate that can be read.
pub(crate) fn validity(pem: &str) -> Option<Validity> {
    Some(of_block(blocks(pem).next()??)?.validity)
}

/// All certificates in a text of PEM blocks; none where one of them can't be read, or where there
/// is none.
pub(crate) fn all(pem: &str) -> Option<Vec<Certificate>> {
    let all: Vec<_> = blocks(pem).take(MOST + 1).map(|b| of_block(b?)).collect::<Option<_>>()?;
    (1..=MOST).contains(&all.len()).then_some(all)
}

/// What stands between the marks; none where the second is missing.
fn blocks(pem: &str) -> impl Iterator<Item = Option<&str>> {
    pem.split(BEGIN).skip(1).map(|rest| rest.split_once(END).map(|(block, _)| block))
}

fn of_block(block: &str) -> Option<Certificate> {
    let text: String = block.split_ascii_whitespace().collect();
    of_der(&BASE64.decode(text.as_bytes()).ok()?)
}

fn of_der(der: &[u8]) -> Option<Certificate> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (mut fields, _) = element(certificate, SEQUENCE)?;
    if let Some((_, rest)) = element(fields, VERSION) {
        fields = rest;
    }
    let (_, fields) = element(fields, INTEGER)?;
    let (algorithm, fields) = element(fields, SEQUENCE)?;
    let (issuer, fields) = element(fields, SEQUENCE)?;
    let (times, fields) = element(fields, SEQUENCE)?;
    let (subject, fields) = element(fields, SEQUENCE)?;
    let (key, _) = element(fields, SEQUENCE)?;
    let (not_before, rest) = time(times)?;
    let (not_after, _) = time(rest)?;
    Some(Certificate {
        validity: Validity { not_before, not_after },
        self_issued: issuer == subject,
        signature: dotted(element(algorithm, OBJECT_IDENTIFIER)?.0)?,
        rsa_bits: rsa_bits(key),
    })
}

/// The length of the modulus (RFC 8017, appendix A.1.1); none of another kind of key.
fn rsa_bits(key: &[u8]) -> Option<usize> {
    const RSA: &str = "1.2.840.113549.1.1.1";
    let (algorithm, rest) = element(key, SEQUENCE)?;
    let kind = dotted(element(algorithm, OBJECT_IDENTIFIER)?.0)?;
    let (bits, _) = element(rest, BIT_STRING).filter(|_| kind == RSA)?;
    // The first byte of a bit string counts its unused bits, which are none here.
    let (numbers, _) = element(bits.get(1..)?, SEQUENCE)?;
    let (modulus, _) = element(numbers, INTEGER)?;
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(zeros)?;
    Some((modulus.len() - zeros) * 8 - first.leading_zeros() as usize)
}

/// An object identifier in numbers with dots (X.690, section 8.19).
fn dotted(bytes: &[u8]) -> Option<String> {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number = 0_u64;
    for byte in bytes {
        number = number.checked_mul(128)? | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.push(first);
                number -= first * 40;
            }
            numbers.push(number);
            number = 0;
        }
    }
    let texts: Vec<_> = numbers.iter().map(u64::to_string).collect();
    (!texts.is_empty()).then(|| texts.join("."))
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

    /// An authority with a key of 1,024 bits, and a server's certificate that it signed with SHA-1.
    pub(crate) const WEAK: &str = "-----BEGIN CERTIFICATE-----
MIICBDCCAW2gAwIBAgIUAgZ/I4qJjAtVCWLJ0xNI6p01wzkwDQYJKoZIhvcNAQEF
BQAwFDESMBAGA1UEAwwJZG9ja2VyLWNhMB4XDTI2MTEyMjA1NTMxMVoXDTI3MDkx
ODA1NTMxMVowFDESMBAGA1UEAwwJZG9ja2VyLWNhMIGfMA0GCSqGSIb3DQEBAQUA
A4GNADCBiQKBgQC4DkV2mqI90OXlMufD7v/ojijj+yG8EEgtgzkIyZczIRqfORgQ
qS8DNjKS3N/AMQMExwq6a3Hx7TMpDJE80Z0muUkKl6QD3CdIX6muFQu0I9tdPhgb
JrcmMbt6jm8Ln9Sxau9moEfx6Ad3pISxOUlicp3zHjaeqWI9l27Kqf4ItwIDAQAB
o1MwUTAdBgNVHQ4EFgQUuKZMoF0uRvS6xEJf6dXMcbrxdkQwHwYDVR0jBBgwFoAU
uKZMoF0uRvS6xEJf6dXMcbrxdkQwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0B
AQUFAAOBgQAH6Iq4rbySR8Cl7wyZxXStNcNyo5Y+kbCTfqAwLADfBP5a4BfNqDmG
G+dJxS/M63Plu6Rp9ahhgfZ6lYer3eYbkmwFAyia8FuirZYL5pWpdeweFe6oEmVE
BBAntwyD+fSmm19a/OUX6geEQBYKo8cKepTWFddXL8LBNidJHmQFuQ==
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MIIBSTCBswIBBzANBgkqhkiG9w0BAQUFADAUMRIwEAYDVQQDDAlkb2NrZXItY2Ew
HhcNMjYxMTIyMDU1MzExWhcNMjYxMjEyMDU1MzExWjAOMQwwCgYDVQQDDANzcnYw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATkUk7lJCfUqh7xNNDNYri4E/SQe2s0
qDtrAeI0/1O6WHMqh3PHk5MR6txMpAuv5YFoeavdbVV3NlWsnxdqcexmMA0GCSqG
SIb3DQEBBQUAA4GBABbqEsTosMCcroVFG7t7eBbgacv3KjgcYUuriDLDoI5eNgw2
GGlq8Ynhc5i9kXejzbsWlYZS8vSq3PtUnCRRNsLxN5cIDf8MNCXtGSFNu/T7Tses
Pwtaen9kfS/+w79QHC08HJqT7RqSe4r8iWKTvfqSrT+CO+nWakiDgs8buAFB
-----END CERTIFICATE-----
";

    #[test]
    fn algorithm_key_and_issuer_of_each_certificate_are_read() {
        let [authority, server] = &all(WEAK).unwrap()[..] else { panic!("not two") };
        assert_eq!((authority.self_issued, authority.rsa_bits), (true, Some(1024)));
        assert_eq!(authority.signature, "1.2.840.113549.1.1.5");
        assert_eq!((server.self_issued, server.rsa_bits), (false, None));
        assert_eq!(server.signature, "1.2.840.113549.1.1.5");
        assert_eq!(server.validity.not_after.to_string(), "2026-12-12T05:53:11Z");
        let own = &all(SWARM_CA).unwrap()[0];
        assert_eq!((own.signature.as_str(), own.self_issued), ("1.2.840.10045.4.3.2", true));
        for none in ["", "no certificate", BEGIN, &format!("{SWARM_CA}{BEGIN}AAAA{END}")] {
            assert_eq!(all(none), None);
        }
        assert_eq!(all(&SWARM_CA.repeat(MOST + 1)), None);
    }

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
