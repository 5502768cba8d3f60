//! Owners of programs in made-up roots.

use std::io::{Read, Write};

use dockward_model::facts::{FileFacts, Manager, Package};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::tree::Recorded;

const STATUS: &str = "\
Package: bash
Status: install ok installed
Version: 5.2

Package: runc
Status: deinstall ok config-files
Version: 0.1

Package: runc
Status: install ok installed
Architecture: amd64
Source: runc (1.1.5+ds1-1+deb12u1)
Version: 1.1.5+ds1-1+deb12u1+b3
Description: x
 Version: 9
";

fn debian() -> Recorded {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(b"runc (1.1.5+ds1-1+deb12u1) x; y\n\n  * CVE-2024-21626\n").unwrap();
    let facts = FileFacts { mode: 0o644, uid: 0, gid: 0, node: "file".into(), modified: None };
    Recorded::new()
        .file("/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n")
        .file("/var/lib/dpkg/status", STATUS)
        .file("/var/lib/dpkg/info/runc.list", "/.\n/usr/sbin/runc\n")
        .file("/var/lib/dpkg/info/odd-name:amd64.list", "/usr/bin/containerd\n")
        .file("/usr/sbin/runc", "ELF")
        .file("/usr/bin/containerd", "ELF")
        .file("/usr/local/bin/dockerd", "ELF")
        .node("/usr/share/doc/runc/changelog.Debian.gz", facts, &packed.finish().unwrap())
}

fn package(owner: &Field<Owner>) -> &Package {
    match owner.get() {
        Some(Owner::Package(package)) => package,
        other => panic!("no package: {other:?}, {:?}", owner.fact),
    }
}

#[test]
fn a_debian_package_has_its_version_and_what_its_changelog_says() {
    let programs = programs(&debian(), "/usr/local/bin/dockerd", Some("runc"));
    let runc = package(&programs.runc);
    assert_eq!((runc.name.as_str(), runc.manager), ("runc", Manager::Dpkg));
    assert_eq!(runc.version, "1.1.5+ds1-1+deb12u1+b3");
    assert_eq!(runc.source_version.as_deref(), Some("1.1.5+ds1-1+deb12u1"));
    assert_eq!(programs.runc.origin.to_string(), "/var/lib/dpkg/status:9");
    assert_eq!(runc.changes.get().unwrap()["CVE-2024-21626"].line, 3);
    assert!(programs.engine.fact.is_absent(), "put there by hand");
    let distribution = programs.distribution.get().unwrap();
    assert_eq!((distribution.id.as_str(), distribution.version.as_str()), ("debian", "12"));
}

#[test]
fn a_package_of_another_name_is_searched_for() {
    let tree = debian().file(
        "/var/lib/dpkg/status",
        "Package: odd-name\nStatus: hold ok installed\nVersion: 1:2.3-4\n",
    );
    let programs = programs(&tree, "/usr/bin/dockerd", None);
    assert_eq!(package(&programs.containerd).version, "1:2.3-4");
    assert_eq!(package(&programs.containerd).source_version, None);
}

#[test]
fn a_path_may_be_listed_without_usr() {
    let tree = debian().file("/var/lib/dpkg/info/runc.list", "/sbin/runc\n");
    assert_eq!(package(&programs(&tree, "/usr/bin/dockerd", None).runc).name, "runc");
}

#[test]
fn a_file_that_was_diverted_is_that_of_who_diverted_it() {
    let tree = debian()
        .file("/var/lib/dpkg/info/own-runc.list", "/usr/sbin/runc\n")
        .file("/var/lib/dpkg/diversions", "/usr/sbin/runc\n/usr/sbin/runc.real\nown-runc\n")
        .file("/var/lib/dpkg/status", "Package: own-runc\nVersion: 7\n");
    assert_eq!(package(&programs(&tree, "/usr/bin/dockerd", None).runc).name, "own-runc");
}

#[test]
fn an_alpine_package_is_found_by_folder_and_file() {
    let records = "P:runc\nV:1.2.6-r1\nF:usr\nF:usr/bin\nR:runc\na:0:0:755\n\nP:docker-engine\n\
                   V:28.3.3-r0\nF:usr/bin\nR:dockerd\n";
    let tree = Recorded::new()
        .file("/lib/apk/db/installed", records)
        .file("/usr/bin/runc", "ELF")
        .file("/usr/bin/dockerd", "ELF");
    let programs = programs(&tree, "/usr/bin/dockerd", None);
    assert_eq!(package(&programs.engine).version, "28.3.3-r0");
    assert_eq!(package(&programs.runc).manager, Manager::Apk);
    assert_eq!(programs.engine.origin.to_string(), "/lib/apk/db/installed:8");
    assert!(programs.containerd.fact.unknown().is_some(), "no such program was found");
}

#[test]
fn records_that_are_not_read_leave_the_package_unread() {
    let tree = Recorded::new()
        .file("/var/lib/pacman/local", "")
        .file("/usr/bin/runc", "ELF")
        .file("/usr/local/bin/containerd", "ELF");
    let programs = programs(&tree, "/usr/bin/dockerd", None);
    assert_eq!(programs.runc.get(), Some(&Owner::Unread(Manager::Pacman)));
    assert!(programs.containerd.fact.is_absent());
}

/// A root with a database as rpm wrote it: see its README.
fn red_hat(place: &str) -> Recorded {
    let packed = include_bytes!("../../../package/fixtures/rpm/small.sqlite.gz");
    let mut database = Vec::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut database).unwrap();
    let facts = FileFacts { mode: 0o644, uid: 0, gid: 0, node: "file".into(), modified: None };
    Recorded::new()
        .node(place, facts, &database)
        .file("/usr/bin/runc", "ELF")
        .file("/usr/bin/containerd", "ELF")
}

#[test]
fn an_rpm_has_its_version_and_what_its_changelog_says() {
    for place in ["/var/lib/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/rpmdb.sqlite"] {
        let programs = programs(&red_hat(place), "/usr/bin/dockerd", None);
        let runc = package(&programs.runc);
        assert_eq!((runc.name.as_str(), runc.manager), ("runc", Manager::Rpm));
        assert_eq!((runc.version.as_str(), &runc.source_version), ("4:1.2.5-2.el9", &None));
        assert_eq!(programs.runc.origin.to_string(), place);
        let changes = runc.changes.get().unwrap();
        assert_eq!(
            (changes["CVE-2025-52565"].line, changes["CVE-2025-52565"].doubtful),
            (2, false)
        );
        assert!(changes["CVE-2024-21626"].doubtful);
        assert!(programs.containerd.fact.is_absent(), "no package lists it");
    }
}

#[test]
fn a_database_of_rpm_that_cannot_be_read_leaves_the_owner_unknown() {
    let tree = Recorded::new()
        .file("/var/lib/rpm/rpmdb.sqlite", "SQLite format 3")
        .file("/usr/bin/runc", "ELF");
    assert!(programs(&tree, "/usr/bin/dockerd", None).runc.fact.unknown().is_some());
    let tree = red_hat("/var/lib/rpm/rpmdb.sqlite").file("/var/lib/rpm/rpmdb.sqlite-wal", "no log");
    let programs = programs(&tree, "/usr/bin/dockerd", None);
    assert_eq!(package(&programs.runc).name, "runc");
    assert!(programs.containerd.fact.unknown().is_some(), "what waits in the log was not read");
}

#[test]
fn a_snap_is_known_by_its_folder() {
    let tree = Recorded::new()
        .file("/snap/docker/3265/meta/snap.yaml", "name: docker\nversion: '28.4.0'\n")
        .file("/snap/docker/3265/bin/runc", "ELF");
    let programs = programs(&tree, "/snap/docker/3265/bin/dockerd", None);
    assert_eq!(package(&programs.engine).version, "28.4.0");
    assert_eq!(package(&programs.runc).name, "docker");
}

#[test]
fn what_cannot_be_read_is_unknown() {
    let tree = debian().refused("/var/lib/dpkg/status", "permission denied");
    assert!(programs(&tree, "/x/dockerd", None).runc.fact.unknown().is_some());
    let tree = debian().refused("/var/lib/dpkg/info", "permission denied");
    assert!(programs(&tree, "/usr/bin/dockerd", None).containerd.fact.unknown().is_some());
    let tree = debian().refused("/usr/local/sbin", "permission denied");
    assert!(programs(&tree, "/usr/bin/dockerd", None).runc.fact.unknown().is_some());
}

#[test]
fn a_kernel_is_a_package_or_was_built_here() {
    let release = |text: &str| Field::known(text.to_owned(), Origin::Nowhere);
    let tree = Recorded::new().file(
        "/var/lib/dpkg/status",
        "Package: linux-image-6.1.0-28-amd64\nStatus: install ok installed\nVersion: 6.1.119-1\n",
    );
    assert_eq!(package(&kernel(&tree, &release("6.1.0-28-amd64")).0).version, "6.1.119-1");
    assert!(kernel(&tree, &release("6.18.44-own")).0.fact.is_absent());
    assert!(kernel(&tree, &release("../../etc")).0.fact.unknown().is_some());
    let arch = Recorded::new()
        .file("/var/lib/pacman/local", "")
        .file("/lib/modules/6.16.3-arch1-1/modules.builtin", "");
    let owner = kernel(&arch, &release("6.16.3-arch1-1")).0;
    assert_eq!(owner.get(), Some(&Owner::Unread(Manager::Pacman)));
}

fn kernels(tree: &Recorded) -> Fact<Vec<String>> {
    let release = Field::known("6.1.0-13-amd64".to_owned(), Origin::Nowhere);
    let one = |kernel: &KernelPackage| format!("{} {}", kernel.name, kernel.version);
    kernel(tree, &release).1.fact.map(|all| all.iter().map(one).collect())
}

#[test]
fn kernels_are_told_by_their_packages_and_not_by_what_depends_on_them() {
    let paragraph = |(name, state): (&str, &str)| {
        format!("Package: {name}\nStatus: {state}\nVersion: 6.1-1\nArchitecture: amd64\n\n")
    };
    let status: String = [
        ("linux-image-6.1.0-13-amd64", "install ok installed"),
        ("linux-image-6.1.0-12-amd64", "deinstall ok config-files"),
        ("linux-image-6.1.0-14-amd64", "install ok half-configured"),
        ("linux-image-amd64", "install ok installed"),
        ("linux-headers-6.1.0-13-amd64", "install ok installed"),
    ]
    .map(paragraph)
    .concat();
    let debian = Recorded::new().file("/var/lib/dpkg/status", &status);
    assert_eq!(kernels(&debian), Fact::Known(vec!["linux-image-6.1.0-13-amd64 6.1-1".into()]));

    let alpine = Recorded::new().file(
        "/lib/apk/db/installed",
        "P:linux-firmware\nV:1-r0\n\nP:linux-lts\nV:6.6.41-r0\nA:x86_64\n\nP:linux-headers\nV:6-r0\n\n",
    );
    assert_eq!(kernels(&alpine), Fact::Known(vec!["linux-lts 6.6.41-r0".into()]));

    // Its database has no kernel.
    assert_eq!(kernels(&red_hat("/var/lib/rpm/rpmdb.sqlite")), Fact::Known(Vec::new()));
    let torn = Recorded::new().file("/var/lib/rpm/rpmdb.sqlite", "SQLite format 3");
    assert!(kernels(&torn).unknown().is_some());
    let refused = Recorded::new().refused("/var/lib/dpkg/status", "permission denied");
    assert!(kernels(&refused).unknown().is_some());
    assert!(kernels(&Recorded::new()).is_absent());
}

#[test]
fn kernels_of_rpm_go_by_their_names() {
    for name in ["kernel", "kernel-core", "kernel-rt-core", "kernel-default", "kernel6.12"] {
        assert!(kernels::is_rpms(name), "{name}");
    }
    for name in ["kernel-headers", "kernel-tools", "kernel-modules-core", "kernelshark", "bash"] {
        assert!(!kernels::is_rpms(name), "{name}");
    }
}
