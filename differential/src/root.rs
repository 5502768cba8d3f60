//! Roots made of packages.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;
use dockward_model::inventory::PackageKind;

use crate::{Drawn, rpmdb};

/// A root that both look into.
#[derive(Debug, Clone, Copy)]
pub struct Root {
    /// OSV's name of the release.
    pub release: &'static str,
    /// Trivy's.
    pub bucket: &'static str,
    /// `ID` and `VERSION_ID` of os-release(5).
    pub os: (&'static str, &'static str),
    /// The file that Trivy knows the release by, and what it holds.
    pub mark: (&'static str, &'static str),
    /// Its packages.
    pub kind: PackageKind,
}

/// Writes the files of a root with these packages.
///
/// # Errors
///
/// Something can't be written.
pub fn make(folder: &Path, root: &Root, packages: &[Drawn]) -> Result<()> {
    let (id, version) = root.os;
    let release = format!("ID={id}\nVERSION_ID=\"{version}\"\nNAME=\"{id}\"\n");
    write(folder, "etc/os-release", release.as_bytes())?;
    write(folder, root.mark.0, root.mark.1.as_bytes())?;
    match root.kind {
        PackageKind::Deb => write(folder, "var/lib/dpkg/status", status(packages)?.as_bytes()),
        PackageKind::Apk => write(folder, "lib/apk/db/installed", installed(packages)?.as_bytes()),
        PackageKind::Rpm => write(folder, "var/lib/rpm/Packages.db", &rpmdb::file(packages)?),
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = folder.join(name);
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    Ok(fs::write(path, bytes)?)
}

fn status(packages: &[Drawn]) -> Result<String> {
    let mut out = String::new();
    for one in packages {
        let state = if one.removed { "deinstall ok config-files" } else { "install ok installed" };
        writeln!(out, "Package: {}\nStatus: {state}\nMaintainer: A <a@example.com>", one.name)?;
        writeln!(out, "Architecture: {}", one.architecture)?;
        match &one.source_version {
            Some(version) => writeln!(out, "Source: {} ({version})", one.source)?,
            None if one.source != one.name => writeln!(out, "Source: {}", one.source)?,
            None => {}
        }
        writeln!(out, "Version: {}\nDescription: x\n", one.version)?;
    }
    Ok(out)
}

fn installed(packages: &[Drawn]) -> Result<String> {
    let mut out = String::new();
    for one in packages {
        writeln!(
            out,
            "P:{}\nV:{}\nA:{}\no:{}\n",
            one.name, one.version, one.architecture, one.source
        )?;
    }
    Ok(out)
}
