//! What a package was built from, as bills of materials say it.

use dockward_model::inventory::{Package, PackageKind, SourcePackage};

/// The epoch, the version and the release of a version in a manager's own form: `1`, `2.38.1`,
/// `5+deb12u3`. apk's versions are one piece.
pub(crate) fn parts(kind: PackageKind, version: &str) -> (Option<&str>, &str, Option<&str>) {
    if kind == PackageKind::Apk {
        return (None, version, None);
    }
    let (epoch, rest) = match version.split_once(':') {
        Some((epoch, rest)) => (Some(epoch), rest),
        None => (None, version),
    };
    match rest.rsplit_once('-') {
        Some((upstream, release)) => (epoch, upstream, Some(release)),
        None => (epoch, rest, None),
    }
}

/// The qualifier `upstream` of package URLs, as Syft writes it and Grype reads it: the source's name,
/// `name@version` where its version is another, the source rpm's file name. None where the package
/// is its own source.
pub(crate) fn upstream(package: &Package) -> Option<String> {
    let source = package.source.as_ref()?;
    Some(match (package.kind, &source.version) {
        (PackageKind::Rpm, version) => {
            let version = version.as_deref().unwrap_or(&package.version);
            let without_epoch = version.split_once(':').map_or(version, |(_, rest)| rest);
            format!("{}-{without_epoch}.src.rpm", source.name)
        }
        (_, Some(version)) => format!("{}@{version}", source.name),
        (_, None) => source.name.clone(),
    })
}

/// The source that an `upstream` names: name and version, where it has one.
pub(crate) fn named_upstream(text: &str) -> Option<(String, Option<String>)> {
    let rpm = text.strip_suffix(".src.rpm").or_else(|| text.strip_suffix(".nosrc.rpm"));
    let (name, version) = match rpm {
        Some(file) => {
            let (rest, release) = file.rsplit_once('-')?;
            let (name, version) = rest.rsplit_once('-')?;
            (name, Some(format!("{version}-{release}")))
        }
        None => match text.split_once('@') {
            Some((name, version)) => (name, Some(version.to_owned())),
            None => (text, None),
        },
    };
    let version = version.filter(|version| !version.is_empty());
    (!name.is_empty()).then(|| (name.to_owned(), version))
}

/// The source as a [`Package`] holds it: absent where the package is its own source, without a
/// version where that is the package's own.
pub(crate) fn of(
    package: &Package,
    name: Option<String>,
    version: Option<String>,
) -> Option<SourcePackage> {
    let name = name.filter(|name| !name.is_empty())?;
    let version = version.filter(|version| !is_same(package, version));
    (name != package.name || version.is_some()).then_some(SourcePackage { name, version })
}

/// Whether a source's version is the package's own. A source rpm's file name has no epoch.
fn is_same(package: &Package, version: &str) -> bool {
    let own = &*package.version;
    let without_epoch = own.split_once(':').map_or(own, |(_, rest)| rest);
    version == own || package.kind == PackageKind::Rpm && version == without_epoch
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(kind: PackageKind, name: &str, version: &str) -> Package {
        Package { kind, name: name.into(), version: version.into(), ..Package::default() }
    }

    #[test]
    fn what_is_its_own_source_has_none_and_a_rebuild_has_the_version() {
        let openssl = package(PackageKind::Deb, "openssl", "3.0.1-1");
        let same =
            |name: &str, version: &str| of(&openssl, Some(name.into()), Some(version.into()));
        assert_eq!(same("openssl", "3.0.1-1"), None);
        let rebuilt = SourcePackage { name: "openssl".into(), version: Some("3.0.1-0".into()) };
        assert_eq!(same("openssl", "3.0.1-0"), Some(rebuilt));
        let other = SourcePackage { name: "edk".into(), version: None };
        assert_eq!(same("edk", "3.0.1-1"), Some(other));
        assert_eq!(of(&openssl, None, None), None);
    }

    #[test]
    fn upstreams_are_written_and_read_by_kind() {
        let mut deb = package(PackageKind::Deb, "bsdutils", "1:2.38.1-5");
        deb.source = of(&deb, Some("util-linux".into()), Some("2.38.1-5".into()));
        assert_eq!(upstream(&deb).as_deref(), Some("util-linux@2.38.1-5"));
        let mut rpm = package(PackageKind::Rpm, "bash-doc", "1:5.1.8-6.el9");
        rpm.source = of(&rpm, Some("bash".into()), Some("5.1.8-6.el9".into()));
        assert_eq!(upstream(&rpm).as_deref(), Some("bash-5.1.8-6.el9.src.rpm"));
        for package in [&deb, &rpm] {
            let (name, version) = named_upstream(&upstream(package).unwrap()).unwrap();
            assert_eq!(of(package, Some(name), version), package.source);
        }
        for bad in ["", "@1", "a.src.rpm", "-1-2.src.rpm"] {
            assert_eq!(named_upstream(bad), None, "{bad}");
        }
    }

    #[test]
    fn versions_come_apart_as_their_kind_puts_them_together() {
        assert_eq!(parts(PackageKind::Deb, "1:2.38-a-5"), (Some("1"), "2.38-a", Some("5")));
        assert_eq!(parts(PackageKind::Deb, "2.38"), (None, "2.38", None));
        assert_eq!(parts(PackageKind::Apk, "1.2-r4"), (None, "1.2-r4", None));
    }
}
