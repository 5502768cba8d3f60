//! Packages as package URLs (purl-spec), with the qualifiers that Syft and Trivy write.

use std::str::FromStr;

use dockward_model::facts::Distribution;
use dockward_model::inventory::{Package, PackageKind};
use packageurl::PackageUrl;

use crate::{distribution, source};

/// The longest package URL that is read, in bytes.
const LONGEST: usize = 8192;

/// The package URL of a package; none where its name allows none.
pub(crate) fn write(package: &Package, distribution: Option<&Distribution>) -> Option<String> {
    let mut purl = PackageUrl::new(package.kind.purl_type(), &*package.name).ok()?;
    // Of rpm the epoch is a qualifier (purl-spec, rpm), of deb it is a part of the version.
    let (epoch, version) = match (package.kind, package.version.split_once(':')) {
        (PackageKind::Rpm, Some((epoch, rest))) => (epoch, rest),
        _ => ("", &*package.version),
    };
    purl.with_version(version).ok()?;
    // os-release(5): an ID is letters, digits, `.`, `_` and `-`. Others' lists may say anything.
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let is_plain = |id: &str| id.starts_with(char::is_alphanumeric) && id.chars().all(plain);
    if let Some(distribution) = distribution.filter(|it| is_plain(&it.id)) {
        purl.with_namespace(distribution::namespace(&distribution.id)).ok()?;
        purl.add_qualifier("distro", distribution::qualifier(distribution)).ok()?;
    }
    let qualifiers = [
        ("arch", Some(package.architecture.clone())),
        ("epoch", Some(epoch.to_owned())),
        ("rpmmod", package.module.clone()),
        ("upstream", source::upstream(package)),
    ];
    for (name, value) in qualifiers {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            purl.add_qualifier(name, value).ok()?;
        }
    }
    Some(purl.to_string())
}

/// What a package URL says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Purl {
    /// A package of a kind that is known.
    Package(Box<Said>),
    /// A package of another kind, by its type: `npm`, `pypi`.
    OtherKind(String),
    /// No package URL at all.
    Malformed,
}

/// What a package URL says of a package.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) kind: PackageKind,
    pub(crate) name: String,
    /// `[epoch:]version[-release]`.
    pub(crate) version: Option<String>,
    pub(crate) architecture: String,
    /// The source's name and version, by `upstream`.
    pub(crate) source: Option<(String, Option<String>)>,
    pub(crate) module: Option<String>,
    /// The distribution, by `distro`.
    pub(crate) distribution: Option<Distribution>,
}

/// Reads a package URL.
pub(crate) fn read(text: &str) -> Purl {
    if text.len() > LONGEST {
        return Purl::Malformed;
    }
    let ours = [PackageKind::Deb, PackageKind::Apk, PackageKind::Rpm];
    let kind = |ty: &str| ours.into_iter().find(|kind| kind.purl_type() == ty);
    let Some(ty) = type_of(text) else { return Purl::Malformed };
    match (kind(&ty), PackageUrl::from_str(text)) {
        (Some(kind), Ok(purl)) => Purl::Package(Box::new(said(kind, &purl))),
        (Some(_), Err(_)) => Purl::Malformed,
        // A type that is counted may break rules of its own.
        (None, _) => Purl::OtherKind(ty),
    }
}

/// Its type, in lower case.
fn type_of(text: &str) -> Option<String> {
    let (ty, _) = text.strip_prefix("pkg:")?.trim_start_matches('/').split_once('/')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
    (!ty.is_empty() && ty.len() <= 32 && ty.chars().all(plain)).then(|| ty.to_ascii_lowercase())
}

fn said(kind: PackageKind, purl: &PackageUrl<'_>) -> Said {
    let qualifier = |name: &str| purl.qualifiers().get(name).map(|value| &**value);
    let whole = |version: &str| match qualifier("epoch") {
        Some(epoch) if kind != PackageKind::Apk && !version.contains(':') => {
            format!("{epoch}:{version}")
        }
        _ => version.to_owned(),
    };
    let module = qualifier("rpmmod").or_else(|| qualifier("modularitylabel"));
    Said {
        kind,
        name: purl.name().to_owned(),
        version: purl.version().filter(|version| !version.is_empty()).map(whole),
        architecture: qualifier("arch").unwrap_or_default().to_owned(),
        source: qualifier("upstream").and_then(source::named_upstream),
        module: module.map(str::to_owned),
        distribution: qualifier("distro")
            .and_then(|distro| distribution::qualified(distro, purl.namespace())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_model::inventory::SourcePackage;

    fn package(text: &str) -> Said {
        let Purl::Package(said) = read(text) else { panic!("{text}") };
        *said
    }

    #[test]
    fn packages_are_written_as_purl_spec_and_syft_write_them() {
        let debian = Distribution { id: "debian".into(), version: "12".into(), name: "".into() };
        let mut one = Package {
            name: "libstdc++6".into(),
            version: "1:12.2.0-14~x+deb12u1".into(),
            architecture: "amd64".into(),
            source: Some(SourcePackage {
                name: "gcc-12".into(),
                version: Some("12.2.0-14".into()),
            }),
            ..Package::default()
        };
        assert_eq!(
            write(&one, Some(&debian)).unwrap(),
            "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14~x%2Bdeb12u1\
             ?arch=amd64&distro=debian-12&upstream=gcc-12%4012.2.0-14"
        );
        let rhel = Distribution { id: "rhel".into(), version: "9.4".into(), name: "".into() };
        one.kind = PackageKind::Rpm;
        one.version = "1:5.1-6.el9".into();
        one.module = Some("nodejs:18:9:abc".into());
        one.source = None;
        let written = write(&one, Some(&rhel)).unwrap();
        let expected = "pkg:rpm/redhat/libstdc%2B%2B6@5.1-6.el9?arch=amd64&distro=rhel-9.4&epoch=1\
             &rpmmod=nodejs:18:9:abc";
        assert_eq!(written, expected);
        assert_eq!(package(&written).version.as_deref(), Some("1:5.1-6.el9"));
    }

    #[test]
    fn what_trivy_and_syft_write_says_the_same() {
        let trivy = package(
            "pkg:deb/debian/bsdutils@2.38.1-5%2Bdeb12u3?arch=amd64&distro=debian-12.15&epoch=1",
        );
        let mut syft = package(
            "pkg:deb/debian/bsdutils@1%3A2.38.1-5+deb12u3?arch=amd64&distro=debian-12\
             &upstream=util-linux%402.38.1-5%2Bdeb12u3",
        );
        let source = syft.source.take().unwrap();
        assert_eq!(source, ("util-linux".into(), Some("2.38.1-5+deb12u3".into())));
        assert_eq!(trivy, syft);
        assert_eq!(trivy.version.as_deref(), Some("1:2.38.1-5+deb12u3"));
    }

    #[test]
    fn other_kinds_are_named_and_nonsense_is_malformed() {
        assert_eq!(read("pkg:npm/%40angular/core@1"), Purl::OtherKind("npm".into()));
        assert_eq!(read("pkg:swift/no-namespace"), Purl::OtherKind("swift".into()));
        let long = format!("pkg:deb/{}", "a".repeat(LONGEST));
        for bad in ["", "pkg:", "pkg:deb", "pkg:deb/", "deb/a@1", "pkg:d b/a", "pkg:deb/%ff", &long]
        {
            assert_eq!(read(bad), Purl::Malformed, "{bad:.40}");
        }
    }
}
