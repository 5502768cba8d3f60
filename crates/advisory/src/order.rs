//! How versions are ordered, one file a scheme.
//!
//! Each is a total order over any text, so that lists of what others wrote can be sorted; none
//! allocates, and none needs more time than the text is long.

use std::cmp::Ordering;

pub mod apk;
pub mod bitnami;
pub mod composer;
mod digits;
pub mod dpkg;
pub mod gem;
pub mod go;
pub mod maven;
pub mod pep440;
mod pep440_legacy;
pub mod rpm;
pub mod semver;
pub mod upstream;

/// Compares two versions.
pub type Compare = fn(&str, &str) -> Ordering;

/// The order of an ecosystem, by its name in OSV records (`Debian:12`, `Red Hat:enterprise_linux:9`,
/// `npm`; the list is in the OSV schema, "Defined Ecosystems"). None where it isn't known: nothing
/// may be concluded of versions then.
#[must_use]
pub fn of(ecosystem: &str) -> Option<Compare> {
    let name = ecosystem.split_once(':').map_or(ecosystem, |(name, _)| name);
    Some(match name {
        "Debian" | "Ubuntu" | "Echo" => dpkg::compare,
        "Alpine"
        | "Alpaquita"
        | "BellSoft Hardened Containers"
        | "Chainguard"
        | "MinimOS"
        | "Wolfi" => apk::compare,
        "AlmaLinux" | "Azure Linux" | "Mageia" | "openEuler" | "openSUSE" | "Photon OS"
        | "Red Hat" | "Rocky Linux" | "SUSE" => rpm::compare,
        "PyPI" => pep440::compare,
        "crates.io" | "GitHub Actions" | "Hex" | "Julia" | "Kubernetes" | "npm" | "Pub"
        | "SwiftURL" => semver::compare,
        "Go" => go::compare,
        "Bitnami" => bitnami::compare,
        "Maven" => maven::compare,
        "Packagist" => composer::compare,
        "RubyGems" => gem::compare,
        _ => return None,
    })
}

/// Words that are each before the next, by an order.
#[cfg(test)]
pub(crate) fn ascending(compare: Compare, versions: &str) {
    let versions: Vec<_> = versions.split_whitespace().collect();
    for (at, a) in versions.iter().enumerate() {
        for b in versions.get(at + 1..).unwrap_or_default() {
            assert_eq!(compare(a, b), Ordering::Less, "{a} {b}");
            assert_eq!(compare(b, a), Ordering::Greater, "{b} {a}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ecosystem_is_known_with_and_without_its_release() {
        for name in [
            "Debian",
            "Debian:12",
            "Ubuntu:Pro:18.04:LTS",
            "Wolfi",
            "npm",
            "Red Hat:rhel_eus:9.2::baseos",
        ] {
            assert!(of(name).is_some(), "{name}");
        }
        for name in ["", "debian", "Debianish", "Hackage", ":12"] {
            assert!(of(name).is_none(), "{name}");
        }
        let debian = of("Debian:11").unwrap();
        assert_eq!(debian("1.0~rc1", "1.0"), Ordering::Less);
    }
}
