//! Secrets that were seen: how bad each is, and how it is told without telling it.

use dockward_model::facts::{Origin, SecretKind, Sighting};
use dockward_model::verdict::{Evidence, Severity};

/// At most so many secrets of one container are shown as evidence.
pub(crate) const SHOWN: usize = 10;

/// How bad it is that whoever may look at the container sees it: keys and tokens open other
/// systems by themselves.
pub(crate) const fn severity(kind: SecretKind) -> Severity {
    match kind {
        SecretKind::PrivateKey | SecretKind::CloudKey | SecretKind::Token => Severity::High,
        SecretKind::JsonWebToken | SecretKind::UrlPassword | SecretKind::NamedSecret => {
            Severity::Medium
        }
    }
}

/// The worst of them.
pub(crate) fn worst<'a>(seen: impl IntoIterator<Item = &'a Sighting>) -> Severity {
    seen.into_iter().map(|sighting| severity(sighting.kind)).max().unwrap_or(Severity::Medium)
}

/// Evidence of a secret at `place`, without the secret.
pub(crate) fn evidence(origin: &Origin, place: &str, seen: &Sighting) -> Evidence {
    let what = format!("{place}: {}, {} bytes", seen.kind.describe(), seen.length);
    Evidence::at(origin, what, "no secret")
}

#[cfg(test)]
pub(crate) fn sample(kind: SecretKind) -> Sighting {
    Sighting { kind, length: 16, entropy_centibits: 400 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_secret_decides() {
        let seen = [sample(SecretKind::NamedSecret), sample(SecretKind::PrivateKey)];
        assert_eq!(worst(&seen), Severity::High);
        assert_eq!(worst(&seen[..1]), Severity::Medium);
    }

    #[test]
    fn evidence_holds_kind_and_length_only() {
        let origin = Origin::default_of("Env");
        let evidence = evidence(&origin, "DB_PASSWORD", &sample(SecretKind::NamedSecret));
        assert_eq!(evidence.seen, "DB_PASSWORD: a value named as a secret, 16 bytes");
    }
}
