//! dpkg's records of what is installed (dpkg(1), deb-control(5), dpkg's `lib/dpkg/parse.c`):
//! `var/lib/dpkg/status`, and `var/lib/dpkg/status.d/NAME` in images without a package manager.
//!
//! They name no licences: those stand in prose or in DEP 5 in `usr/share/doc/NAME/copyright`, one
//! file a package. [`copyright`] says where, [`crate::copyright::licences`] what they say.

mod paragraph;
mod status;

use std::collections::BTreeSet;

use dockward_model::facts::Origin;
use dockward_model::inventory::{InstallState, Package, PackageKind, SourcePackage};

use crate::Cataloged;
use paragraph::{Paragraph, paragraphs};
use status::{Installed, installed};

/// Where dpkg keeps its packages.
pub const STATUS: &str = "var/lib/dpkg/status";
/// Where images without a package manager keep a file for each package.
pub const STATUS_D: &str = "var/lib/dpkg/status.d";

/// Where the copyright and the licences of a package stand (Debian Policy 12.5), without a leading
/// `/`.
#[must_use]
pub fn copyright(package: &str) -> String {
    format!("usr/share/doc/{package}/copyright")
}

/// Reads a record: the file at `path` below a root, without a leading `/`. A paragraph without a
/// `Status` is an installed package. Sums of files beside those in `status.d` are none.
#[must_use]
pub fn read(path: &str, record: &[u8]) -> Cataloged {
    let mut found = Cataloged::default();
    if path.ends_with(".md5sums") {
        return found;
    }
    let mut seen = BTreeSet::new();
    for paragraph in paragraphs(record) {
        take(path, &paragraph, &mut seen, &mut found);
    }
    // dpkg ends each line; people who write into status.d by hand may not.
    if path == STATUS && record.last().is_some_and(|&last| last != b'\n') {
        found.problem(path, "ends within a line: it may have been cut");
    }
    found
}

type Key = (String, String, String);

fn take(path: &str, paragraph: &Paragraph<'_>, seen: &mut BTreeSet<Key>, found: &mut Cataloged) {
    for (line, why) in &paragraph.odd {
        found.problem(path, format!("line {line} {why}"));
    }
    if paragraph.is_empty() {
        return;
    }
    let line = paragraph.line;
    let name = match paragraph.text("package") {
        Some(Ok(name)) if !name.is_empty() => name,
        Some(Err(_)) => return found.problem(path, format!("line {line}: a name is not UTF-8")),
        _ => return found.problem(path, format!("line {line}: a package without a name")),
    };
    let state = match installed(paragraph.text("status")) {
        Installed::No => return,
        Installed::Yes(state) => state,
        Installed::Odd(why) => {
            found.problem(path, format!("{name} has the status {why}"));
            InstallState::Incomplete
        }
    };
    let version = match paragraph.text("version").or_else(|| paragraph.text("config-version")) {
        Some(Ok(version)) if !version.is_empty() => version,
        Some(Err(_)) => return found.problem(path, format!("{name} has a version not in UTF-8")),
        _ => return found.problem(path, format!("{name} has no version")),
    };
    let package = Package {
        kind: PackageKind::Deb,
        source: source(path, paragraph, &name, &version, found),
        architecture: paragraph.lossy("architecture"),
        vendor: paragraph.lossy("maintainer"),
        state,
        origin: Origin::file(format!("/{path}"), Some(line)),
        name,
        version,
        ..Package::default()
    };
    keep(path, package, seen, found);
}

/// Keeps a package that is not there yet. One name may stand twice with two architectures
/// (`Multi-Arch: same`).
fn keep(path: &str, package: Package, seen: &mut BTreeSet<Key>, found: &mut Cataloged) {
    let Package { name, architecture, version, .. } = &package;
    if !seen.insert((name.clone(), architecture.clone(), version.clone())) {
        return found.problem(path, format!("{name} {version} stands twice"));
    }
    found.packages.push(package);
}

/// `Source: name (version)`, or nothing where both are the package's own.
fn source(
    path: &str,
    paragraph: &Paragraph<'_>,
    name: &str,
    version: &str,
    found: &mut Cataloged,
) -> Option<SourcePackage> {
    let written = match paragraph.text("source")? {
        Ok(written) => written,
        Err(_) => {
            found.problem(path, format!("{name} has a source not in UTF-8"));
            return None;
        }
    };
    let (source, its) = match written.split_once('(') {
        Some((source, its)) => (source.trim(), its.trim_end_matches(')').trim()),
        None => (written.trim(), ""),
    };
    let its = Some(its).filter(|its| !its.is_empty() && *its != version).map(str::to_owned);
    match source {
        "" => None,
        same if same == name && its.is_none() => None,
        source => Some(SourcePackage { name: source.to_owned(), version: its }),
    }
}

#[cfg(test)]
mod tests;
