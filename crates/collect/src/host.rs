//! What the host's own files and kernel say of it.

mod accounts;
mod audit_rules;
mod cgroups;
mod files;
mod firewall;
mod lsm;
mod registries;
mod signature_policy;
mod subids;
mod sysctl;
mod units;
mod viewer;

use std::collections::BTreeMap;

use dockward_model::facts::{
    Fact, Field, Host, KernelPackage, ListeningSocket, Origin, Owner, Process, Sight, Viewer,
};

pub use accounts::{directory_services, groups, users};
pub(crate) use audit_rules::kernel_rule;
pub use units::units;
pub use viewer::viewer;

use crate::kernel::{socket_owners, sockets};
use crate::packages;
use crate::tree::{Proc, SMALL, Tree};

/// What is seen of the host below `tree`, of its kernel in `proc`, by `viewer`.
#[must_use]
pub fn host(tree: &dyn Tree, proc: &Fact<Proc>, viewer: Viewer) -> Host {
    let units = units::units(tree);
    let wanted: Vec<_> = units::fragments(&units).collect();
    let registry_files = registries::of_folders(tree, &[]);
    let theirs = registry_files.values().filter_map(Field::get).flatten().cloned();
    let paths: Vec<_> = theirs.chain(units::paths(&units)).collect();
    let files = files::files(tree, &paths);
    let listening = listening(proc, viewer.in_container);
    let kernel = kernel_line(tree, "/proc/sys/kernel/osrelease");
    let (kernel_owner, kernel_packages) = kernel_packages(tree, &kernel, viewer.in_container);
    Host {
        inspection: None,
        hostname: hostname(tree),
        os: os(tree),
        kernel_base: kernel_base(tree),
        kernel_build: kernel_build(tree),
        kernel_owner,
        kernel_packages,
        kernel,
        distribution: packages::distribution(tree),
        lsms: lsm::modules(tree),
        lockdown: lsm::lockdown(tree),
        selinux_enforcing: lsm::selinux_enforcing(tree),
        cgroups: cgroups::layout(tree),
        sysctls: sysctl::sysctls(tree),
        groups: accounts::groups(tree),
        users: accounts::users(tree),
        directories: accounts::directories(tree),
        subuids: subids::uids(tree),
        subgids: subids::gids(tree),
        files: files.facts,
        links: files.links,
        registry_files,
        units,
        firewall: firewall::switched_on(tree),
        signature_policy: signature_policy::read(tree),
        listeners: listeners(proc, &listening),
        listening,
        audit: audit_rules::audit_rules(tree, viewer.in_container, &wanted),
        memory_bytes: memory(tree),
        viewer,
        sight: Sight::Whole,
    }
}

/// What the rules over containers ask of the host: who its users are, and what holds them. All else
/// is unknown: it is asked again and again, and by whoever may see little.
pub(crate) fn for_containers(tree: &dyn Tree) -> Host {
    let files = files::files(tree, &[]);
    Host {
        lsms: lsm::modules(tree),
        selinux_enforcing: lsm::selinux_enforcing(tree),
        cgroups: cgroups::layout(tree),
        groups: accounts::groups(tree),
        users: accounts::users(tree),
        files: files.facts,
        links: files.links,
        firewall: firewall::switched_on(tree),
        memory_bytes: memory(tree),
        ..Host::default()
    }
}

/// Looks at further files whose owner and mode matter: engines' data roots and sockets, and what
/// lies in their folders of registries.
pub(crate) fn look_at(host: &mut Host, tree: &dyn Tree, paths: &[String]) {
    let facts = std::mem::take(&mut host.files);
    let mut files = files::Files { facts, links: std::mem::take(&mut host.links) };
    let registries = registries::of_folders(tree, paths);
    let theirs = registries.values().filter_map(Field::get).flatten();
    paths.iter().chain(theirs).for_each(|path| files.add(tree, path));
    host.registry_files.extend(registries);
    (host.files, host.links) = (files.facts, files.links);
    // Empty where nothing of the host's audit is in sight.
    if !host.audit.paths.is_empty() {
        host.audit.paths.extend(audit_rules::places(tree, paths));
    }
}

/// The kernel's word, and where that is out of sight, the file that it is made from at boot
/// (hostname(5)).
fn hostname(tree: &dyn Tree) -> Field<String> {
    const PATH: &str = "/etc/hostname";
    let kernels = kernel_line(tree, "/proc/sys/kernel/hostname");
    let written = || tree.read_text(PATH, SMALL).map(|text| text.trim().to_owned());
    match kernels.fact.unknown().map(|_| written()) {
        Some(Fact::Known(name)) if !name.is_empty() => {
            Field::known(name, Origin::file(PATH, Some(1)))
        }
        _ => kernels,
    }
}

/// A file of the kernel's that holds one line.
fn kernel_line(tree: &dyn Tree, path: &str) -> Field<String> {
    let fact = tree.read_text(path, SMALL).map(|text| text.trim().to_owned());
    Field { fact, origin: Origin::kernel(path, "") }
}

/// The last word of what Ubuntu's kernels say: `Ubuntu 5.15.0-126.136-generic 5.15.167`.
fn kernel_base(tree: &dyn Tree) -> Field<String> {
    let mut line = kernel_line(tree, "/proc/version_signature");
    if let Fact::Known(text) = &mut line.fact {
        *text = text.rsplit(' ').next().unwrap_or_default().to_owned();
    }
    line
}

/// What Debian's kernels end with: `#1 SMP PREEMPT_DYNAMIC Debian 6.1.55-1 (2023-09-29)`.
fn kernel_build(tree: &dyn Tree) -> Field<String> {
    let mut line = kernel_line(tree, "/proc/version");
    if let Fact::Known(text) = &line.fact {
        let told = text.rsplit_once(" Debian ").and_then(|(_, told)| told.split(' ').next());
        line.fact = told.map_or(Fact::Absent, |version| Fact::Known(version.to_owned()));
    }
    line
}

/// Who owns the kernel that runs, and the packages of kernels that are installed.
fn kernel_packages(
    tree: &dyn Tree,
    release: &Field<String>,
    in_container: bool,
) -> (Field<Owner>, Field<Vec<KernelPackage>>) {
    if in_container {
        let why = "Dockward runs in a container: the host's packages are not in sight";
        let unseen = || release.origin.clone();
        return (Field::unknown(why, unseen()), Field::unknown(why, unseen()));
    }
    packages::kernel(tree, release)
}

/// `PRETTY_NAME` of os-release(5).
fn os(tree: &dyn Tree) -> Field<String> {
    const PATHS: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];
    for path in PATHS {
        match tree.read_text(path, SMALL) {
            Fact::Known(text) => return pretty_name(&text, path),
            Fact::Absent => {}
            Fact::Unknown(why) => return Field::unknown(why, Origin::file(path, None)),
        }
    }
    Field::absent(Origin::file(PATHS[0], None))
}

fn pretty_name(text: &str, path: &str) -> Field<String> {
    for (line, number) in text.lines().zip(1..) {
        if let Some(value) = line.strip_prefix("PRETTY_NAME=") {
            let name = value.trim().trim_matches(['"', '\'']).to_owned();
            return Field::known(name, Origin::file(path, Some(number)));
        }
    }
    Field::absent(Origin::file(path, None))
}

/// `MemTotal` of `/proc/meminfo`, in bytes.
fn memory(tree: &dyn Tree) -> Field<u64> {
    const PATH: &str = "/proc/meminfo";
    let fact = match tree.read_text(PATH, SMALL) {
        Fact::Known(text) => parse_memory(&text)
            .map_or_else(|| Fact::Unknown(format!("{PATH} can't be read")), Fact::Known),
        Fact::Absent => Fact::Absent,
        Fact::Unknown(why) => Fact::Unknown(why),
    };
    Field { fact, origin: Origin::kernel(PATH, "MemTotal") }
}

fn parse_memory(text: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    value.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The sockets of process 1's network namespace; from in a container that is not the host's.
fn listening(proc: &Fact<Proc>, in_container: bool) -> Field<Vec<ListeningSocket>> {
    let origin = || Origin::kernel("/proc/1/net", "");
    match proc {
        _ if in_container => Field::unknown(
            "Dockward runs in a container: the host's sockets are not in sight",
            origin(),
        ),
        Fact::Known(proc) => sockets::listening(proc, "1"),
        Fact::Absent => Field::unknown("there is no procfs", origin()),
        Fact::Unknown(why) => Field::unknown(why.clone(), origin()),
    }
}

/// Who has them open.
fn listeners(
    proc: &Fact<Proc>,
    listening: &Field<Vec<ListeningSocket>>,
) -> Field<BTreeMap<u64, Process>> {
    match (proc, listening.fact.unknown()) {
        (Fact::Known(proc), None) => socket_owners::owners(proc, listening),
        (_, why) => {
            Field::unknown(why.unwrap_or("there is no procfs"), Origin::kernel("/proc", ""))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Live, Recorded};

    #[test]
    fn this_machine_is_seen_without_any_error() {
        let (Fact::Known(tree), proc) = (Live::host(), Proc::host()) else { panic!("no root") };
        let mut host = host(&tree, &proc, viewer(&tree, &proc));
        look_at(&mut host, &tree, &["/tmp".into()]);
        assert!(host.hostname.get().is_some_and(|name| !name.is_empty()));
        assert!(host.kernel.get().is_some_and(|release| release.contains('.')));
        assert!(host.memory_bytes.get().is_some_and(|bytes| *bytes > 1 << 20));
        assert!(host.users.get().is_some_and(|users| users.iter().any(|u| u.uid == 0)));
        assert!(host.groups.get().is_some_and(|groups| groups.iter().any(|g| g.gid == 0)));
        assert_eq!(host.files["/tmp"].get().map(|f| f.mode), Some(0o1777));
        assert_eq!(host.viewer.uid, rustix::process::geteuid().as_raw());
    }

    #[test]
    fn the_name_of_the_system_has_its_line() {
        let tree = Recorded::new()
            .file(
                "/usr/lib/os-release",
                "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
            )
            .symlink("/etc/os-release", "../usr/lib/os-release");
        let name = os(&tree);
        assert_eq!(name.get().map(String::as_str), Some("Debian GNU/Linux 12 (bookworm)"));
        assert_eq!(name.origin.to_string(), "/etc/os-release:2");
        assert!(os(&Recorded::new()).fact.is_absent());
        let refused = Recorded::new().refused("/etc/os-release", "permission denied");
        assert!(os(&refused).fact.unknown().is_some());
    }

    #[test]
    fn debians_kernel_tells_the_package_that_it_was_built_in() {
        let build = |text| kernel_build(&Recorded::new().file("/proc/version", text)).fact;
        let debian = "Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org) (gcc-12 \
            (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP \
            PREEMPT_DYNAMIC Debian 6.1.55-1 (2023-09-29)\n";
        assert_eq!(build(debian), Fact::Known("6.1.55-1".into()));
        assert!(build("Linux version 6.18.44 (root@here) #2 SMP\n").is_absent());
        let refused = Recorded::new().refused("/proc/version", "permission denied");
        assert!(kernel_build(&refused).fact.unknown().is_some());
    }

    #[test]
    fn memory_is_told_in_bytes() {
        let file = |text| memory(&Recorded::new().file("/proc/meminfo", text)).fact;
        assert_eq!(
            file("MemTotal:       24690868 kB\nMemFree: 1 kB\n"),
            Fact::Known(24_690_868 * 1024)
        );
        assert!(file("MemTotal: 99999999999999999999 kB\n").unknown().is_some());
        assert!(file("").unknown().is_some());
    }

    #[test]
    fn in_a_container_the_hosts_sockets_are_unknown() {
        assert!(listening(&Proc::host(), true).fact.unknown().is_some());
        assert!(listening(&Fact::Absent, false).fact.unknown().is_some());
    }
}
