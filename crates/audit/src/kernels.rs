//! Which package a kernel is of, by its release (`uname -r`), and which of them is the newest.

use std::cmp::Ordering;

use dockward_advisory::order;
use dockward_model::facts::{KernelPackage, Manager};

/// Compares two packages of one manager by their versions.
pub(crate) fn by_version(a: &KernelPackage, b: &KernelPackage) -> Ordering {
    compare(a.manager, &a.version, &b.version)
}

/// Compares two versions in a manager's order.
pub(crate) fn compare(manager: Manager, a: &str, b: &str) -> Ordering {
    match manager {
        Manager::Apk => order::apk::compare(a, b),
        Manager::Rpm => order::rpm::compare(a, b),
        // The others keep no kernels that are read.
        Manager::Dpkg | Manager::Pacman | Manager::Snap => order::dpkg::compare(a, b),
    }
}

/// The package that brought the kernel of this release.
pub(crate) fn running<'a>(all: &'a [KernelPackage], release: &str) -> Option<&'a KernelPackage> {
    // Red Hat's `kernel-core` before `kernel-64k-core`, which has the same version.
    let named = |one: &&KernelPackage| usize::MAX - one.name.len();
    let of_it = all.iter().filter(|one| has_release(one, release));
    of_it.max_by(|a, b| named(a).cmp(&named(b)).then_with(|| by_version(a, b)))
}

/// The newest of the packages that bring the same kind of kernel as the one that runs.
pub(crate) fn newest<'a>(
    all: &'a [KernelPackage],
    release: &str,
    running: Option<&KernelPackage>,
) -> Option<&'a KernelPackage> {
    let kind = running.map_or_else(|| flavour(release), kind);
    let same = all.iter().filter(|one| !kind.is_empty() && self::kind(one) == kind);
    same.max_by(|a, b| by_version(a, b))
}

/// What kind of kernel a package brings: `cloud-amd64`, `lts`, `default`; of Red Hat's the name.
fn kind(package: &KernelPackage) -> &str {
    let name = package.name.as_str();
    match package.manager {
        Manager::Apk => name.strip_prefix("linux-").unwrap_or(name),
        Manager::Rpm => variant(name).unwrap_or("kernel"),
        Manager::Dpkg | Manager::Pacman | Manager::Snap => flavour(named_release(name)),
    }
}

/// `rt` of `kernel-rt-core`; none of `kernel`, `kernel-core` and `kernel6.12`.
fn variant(name: &str) -> Option<&str> {
    name.strip_suffix("-core").unwrap_or(name).split_once('-').map(|(_, variant)| variant)
}

/// The release in the name of one of dpkg's packages: all from the first digit on.
fn named_release(name: &str) -> &str {
    let at = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
    let release = name.get(at..).unwrap_or_default();
    release.strip_suffix("-signed").unwrap_or(release)
}

/// What follows the numbers of a release: `amd64` of `6.1.0-13-amd64`, nothing of Red Hat's.
fn flavour(release: &str) -> &str {
    let starts = release.match_indices('-').filter_map(|(at, _)| release.get(at + 1..));
    let mut words = starts.filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    words.next().unwrap_or_default()
}

fn has_release(package: &KernelPackage, release: &str) -> bool {
    let KernelPackage { name, version, architecture, .. } = package;
    match package.manager {
        // `6.6.41-r0` of `linux-lts` is `6.6.41-0-lts`.
        Manager::Apk => version.split_once("-r").is_some_and(|(version, build)| {
            release == format!("{version}-{build}-{}", kind(package))
        }),
        Manager::Rpm => {
            let version = version.split_once(':').map_or(version.as_str(), |(_, rest)| rest);
            let variant = variant(name).unwrap_or_default();
            // SUSE's leaves out the last number, which counts rebuilds.
            let suse = version.rsplit_once('.').map(|(built, _)| format!("{built}-{variant}"));
            let own = format!("{version}.{architecture}");
            release == own
                || release == format!("{own}+{variant}")
                || suse.is_some_and(|suse| release == suse)
        }
        Manager::Dpkg | Manager::Pacman | Manager::Snap => release == named_release(name),
    }
}
