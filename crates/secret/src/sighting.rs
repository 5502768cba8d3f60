//! What is kept of a secret.

use dockward_model::facts::{SecretKind, Sighting};

/// What is kept of this secret.
pub(crate) fn of(kind: SecretKind, secret: &str) -> Sighting {
    Sighting { kind, length: secret.len(), entropy_centibits: entropy(secret.as_bytes()) }
}

/// Shannon entropy in hundredths of a bit per byte: 0 to 800.
pub(crate) fn entropy(bytes: &[u8]) -> u32 {
    let mut counts = [0_u32; 256];
    for &byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let total = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX)).max(1.0);
    let bits: f64 = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / total)
        .map(|share| -share * share.log2())
        .sum();
    (bits * 100.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_over_and_over_has_no_entropy() {
        assert_eq!(entropy(b"aaaaaaaa"), 0);
        assert_eq!(entropy(b""), 0);
    }

    #[test]
    fn two_bytes_alike_often_have_one_bit_and_all_bytes_have_eight() {
        assert_eq!(entropy(b"abab"), 100);
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(entropy(&all), 800);
    }

    #[test]
    fn a_sighting_holds_the_length_in_bytes() {
        let seen = of(SecretKind::NamedSecret, "k3Vq9tR7");
        assert_eq!((seen.length, seen.entropy_centibits), (8, 300));
    }
}
