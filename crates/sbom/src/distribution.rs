//! Distributions, by the names that package URLs and other tools have for them.

use dockward_model::facts::Distribution;

/// Names that differ from the `ID` of os-release(5): Trivy's families and the vendors that package
/// URLs are written with.
const NAMES: &[(&str, &str)] = &[
    ("alma", "almalinux"),
    ("amazon", "amzn"),
    ("cbl-mariner", "mariner"),
    ("opensuse.leap", "opensuse-leap"),
    ("opensuse.tumbleweed", "opensuse-tumbleweed"),
    ("oracle", "ol"),
    ("oraclelinux", "ol"),
    ("redhat", "rhel"),
    ("rockylinux", "rocky"),
    ("suse linux enterprise server", "sles"),
    ("suse", "sles"),
];

/// Code names, which the examples of purl-spec have in `distro`, by `ID` and `VERSION_ID`.
const CODE_NAMES: &[(&str, &str, &str)] = &[
    ("jessie", "debian", "8"),
    ("stretch", "debian", "9"),
    ("buster", "debian", "10"),
    ("bullseye", "debian", "11"),
    ("bookworm", "debian", "12"),
    ("trixie", "debian", "13"),
    ("forky", "debian", "14"),
    ("sid", "debian", ""),
    ("bionic", "ubuntu", "18.04"),
    ("focal", "ubuntu", "20.04"),
    ("jammy", "ubuntu", "22.04"),
    ("noble", "ubuntu", "24.04"),
    ("resolute", "ubuntu", "26.04"),
];

/// The namespace of package URLs (purl-spec: the vendor, such as `debian`, `redhat`, `opensuse`).
pub(crate) fn namespace(id: &str) -> &str {
    match id {
        "rhel" => "redhat",
        "opensuse-leap" | "opensuse-tumbleweed" => "opensuse",
        other => other,
    }
}

/// The qualifier `distro` of package URLs: `debian-12`.
pub(crate) fn qualifier(distribution: &Distribution) -> String {
    match &*distribution.version {
        "" => distribution.id.clone(),
        version => format!("{}-{version}", distribution.id),
    }
}

/// A distribution by another tool's words for it: its name or `ID`, its version, and what people
/// call it.
pub(crate) fn named(name: &str, version: &str, pretty: &str) -> Distribution {
    let id = name.trim().to_lowercase();
    let known = NAMES.iter().find(|(theirs, _)| *theirs == id);
    let id = known.map_or(id, |(_, ours)| (*ours).to_owned());
    // Debian's os-release has no point release; /etc/debian_version, which Trivy reads, has.
    let version = match (&*id, version.split_once('.')) {
        ("debian", Some((major, _))) => major,
        ("debian", None) if version.ends_with("/sid") => "",
        _ => version,
    };
    Distribution { id, version: version.to_owned(), name: pretty.to_owned() }
}

/// A distribution by the qualifier `distro` of a package URL in this namespace: `debian-12.8`,
/// `opensuse-leap-15.5`, `3.19.1` (Trivy of Alpine), `bookworm` (purl-spec's examples).
pub(crate) fn qualified(distro: &str, namespace: Option<&str>) -> Option<Distribution> {
    if let Some((_, id, version)) = CODE_NAMES.iter().find(|(code, ..)| *code == distro) {
        return Some(named(id, version, ""));
    }
    let begins_as_version = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    if begins_as_version(distro) {
        return Some(named(namespace?, distro, ""));
    }
    match distro.rsplit_once('-') {
        Some((id, version)) if begins_as_version(version) && !id.is_empty() => {
            Some(named(id, version, ""))
        }
        _ => namespace
            .filter(|namespace| named(namespace, "", "").id == named(distro, "", "").id)
            .map(|_| named(distro, "", "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(distribution: Option<Distribution>) -> Option<(String, String)> {
        distribution.map(|it| (it.id, it.version))
    }

    #[test]
    fn the_distro_of_a_package_url_is_understood_as_each_tool_writes_it() {
        let cases = [
            ("debian-12", Some("debian"), Some(("debian", "12"))),
            ("debian-12.15", Some("debian"), Some(("debian", "12"))),
            ("alpine-3.19.1", Some("alpine"), Some(("alpine", "3.19.1"))),
            ("3.19.1", Some("alpine"), Some(("alpine", "3.19.1"))),
            ("opensuse-leap-15.5", Some("opensuse"), Some(("opensuse-leap", "15.5"))),
            ("redhat-9.4", Some("redhat"), Some(("rhel", "9.4"))),
            ("amazon-2023", Some("amazon"), Some(("amzn", "2023"))),
            ("bookworm", Some("debian"), Some(("debian", "12"))),
            ("wolfi", Some("wolfi"), Some(("wolfi", ""))),
            ("3.19.1", None, None),
            ("nonsense", Some("debian"), None),
            ("-1", Some("debian"), None),
            ("", Some("debian"), None),
        ];
        for (distro, namespace, expected) in cases {
            let expected = expected.map(|(id, version)| (id.to_owned(), version.to_owned()));
            assert_eq!(short(qualified(distro, namespace)), expected, "{distro}");
        }
    }

    #[test]
    fn a_qualifier_of_ours_is_read_as_it_was() {
        for (id, version) in [("debian", "12"), ("ubuntu", "22.04"), ("wolfi", ""), ("rhel", "9.4")]
        {
            let one = Distribution { id: id.into(), version: version.into(), name: String::new() };
            assert_eq!(qualified(&qualifier(&one), Some(namespace(id))), Some(one));
        }
    }
}
