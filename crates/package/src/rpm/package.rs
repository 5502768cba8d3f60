//! A package, out of its header.

use dockward_model::facts::Origin;
use dockward_model::inventory::{Package, PackageKind, SourcePackage};

use super::header::Header;

// rpm's `include/rpm/rpmtag.h`.
const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const VENDOR: u32 = 1011;
const LICENSE: u32 = 1014;
const ARCH: u32 = 1022;
const SOURCERPM: u32 = 1044;
const MODULARITYLABEL: u32 = 5096;

/// Keys that signatures are checked by stand among the packages, under this name.
const KEYS: &str = "gpg-pubkey";

/// The name and the architecture of a header's package; what is not UTF-8 in them replaced.
pub fn called(header: &Header<'_>) -> (String, String) {
    (lossy(header, NAME), lossy(header, ARCH))
}

/// The package of a header of the database at `path`, without a leading `/`; none where it is a key.
///
/// # Errors
///
/// Where it has no name, version or release, or one that is not UTF-8.
pub fn package(path: &str, header: &Header<'_>) -> Result<Option<Package>, String> {
    let name = needed(header, NAME, "a package without a name")?;
    if name == KEYS {
        return Ok(None);
    }
    let version = needed(header, VERSION, &format!("{name} has no version"))?;
    let release = needed(header, RELEASE, &format!("{name} has no release"))?;
    let release = format!("{version}-{release}");
    let epoch = header.numbers(EPOCH).next();
    let whole = |release: &str| match epoch {
        Some(epoch) => format!("{epoch}:{release}"),
        None => release.to_owned(),
    };
    Ok(Some(Package {
        kind: PackageKind::Rpm,
        version: whole(&release),
        architecture: lossy(header, ARCH),
        source: source(&lossy(header, SOURCERPM)).and_then(|(source, its)| {
            let differs = its != release;
            // A source rpm's name has no epoch: subpackages take their source's, unless told.
            (differs || source != name).then(|| SourcePackage {
                name: source.to_owned(),
                version: differs.then(|| whole(its)),
            })
        }),
        licences: Some(lossy(header, LICENSE)).into_iter().filter(|l| !l.is_empty()).collect(),
        vendor: lossy(header, VENDOR),
        module: Some(lossy(header, MODULARITYLABEL)).filter(|module| !module.is_empty()),
        origin: Origin::file(format!("/{path}"), None),
        name,
        ..Package::default()
    }))
}

fn needed(header: &Header<'_>, tag: u32, without: &str) -> Result<String, String> {
    let bytes = header.text(tag).filter(|text| !text.is_empty()).ok_or(without)?;
    let text = std::str::from_utf8(bytes);
    text.map(str::to_owned).map_err(|_| format!("tag {tag} of a package is not UTF-8"))
}

fn lossy(header: &Header<'_>, tag: u32) -> String {
    String::from_utf8_lossy(header.text(tag).unwrap_or_default()).into_owned()
}

/// Name and `version-release` in `name-version-release.src.rpm`.
fn source(file: &str) -> Option<(&str, &str)> {
    let stem = file.strip_suffix(".src.rpm").or_else(|| file.strip_suffix(".nosrc.rpm"))?;
    let (before, _) = stem.rsplit_once('-')?;
    let (name, _) = before.rsplit_once('-')?;
    Some((name, stem.strip_prefix(name)?.strip_prefix('-')?)).filter(|(name, _)| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_what_is_left_of_version_and_release() {
        assert_eq!(source("gcc-c++-12-1.el9.src.rpm"), Some(("gcc-c++", "12-1.el9")));
        assert_eq!(source("a-1-2.nosrc.rpm"), Some(("a", "1-2")));
        for odd in ["", "(none)", "a-1.src.rpm", "-1-2.src.rpm", "a-1-2.x86_64.rpm"] {
            assert_eq!(source(odd), None, "{odd}");
        }
    }
}
