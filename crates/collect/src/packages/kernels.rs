//! Which packages bring a kernel, by their names.

use dockward_model::facts::{KernelPackage, Manager};
use dockward_model::inventory::{InstallState, Package, PackageKind};

/// Debian, Ubuntu and Proxmox name the package by the kernel's release; what goes on with a word is
/// a package that depends on the newest.
const DPKG: [&str; 4] = ["linux-image-unsigned-", "linux-image-", "proxmox-kernel-", "pve-kernel-"];
/// Alpine's flavours, of today and before.
const APK: [&str; 12] = [
    "lts", "virt", "edge", "stable", "rpi", "rpi2", "rpi4", "asahi", "openpax", "hardened",
    "vanilla", "starfive",
];
/// What Red Hat, Oracle, Amazon and SUSE have kernels for (`kernel-rt-core`, `kernel-uek`, …).
const RPM: [&str; 9] = ["rt", "uek", "64k", "debug", "default", "azure", "kvmsmall", "lt", "ml"];

/// The package as one of a kernel, if it is one and its files are all there.
pub(super) fn of(package: &Package) -> Option<KernelPackage> {
    let (manager, is_one) = match package.kind {
        PackageKind::Deb => (Manager::Dpkg, is_dpkgs(&package.name)),
        PackageKind::Apk => (Manager::Apk, is_apks(&package.name)),
        PackageKind::Rpm => (Manager::Rpm, is_rpms(&package.name)),
    };
    (is_one && package.state == InstallState::Installed).then(|| KernelPackage {
        manager,
        name: package.name.clone(),
        version: package.version.clone(),
        architecture: package.architecture.clone(),
        origin: package.origin.clone(),
    })
}

fn is_dpkgs(name: &str) -> bool {
    let release = DPKG.iter().find_map(|prefix| name.strip_prefix(prefix));
    release.is_some_and(|release| release.starts_with(|first: char| first.is_ascii_digit()))
}

fn is_apks(name: &str) -> bool {
    name.strip_prefix("linux-").is_some_and(|flavour| APK.contains(&flavour))
}

/// Whether this is rpm's name of one: `kernel`, `kernel-core`, Amazon's `kernel6.12`, and the same with a variant.
pub(super) fn is_rpms(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("kernel") else { return false };
    let rest = rest.strip_suffix("-core").unwrap_or(rest);
    let line = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    line.is_empty() || line.strip_prefix('-').is_some_and(|variant| RPM.contains(&variant))
}
