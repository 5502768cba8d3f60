use super::*;

fn named(found: &Cataloged) -> Vec<&str> {
    found.packages.iter().map(|package| &*package.name).collect()
}

fn whys(found: &Cataloged) -> Vec<&str> {
    found.problems.iter().map(|problem| &*problem.why).collect()
}

const LIBC: &str = "\
Package: libc6
Status: install ok installed
Priority: optional
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.36-9+deb12u10
Depends: libgcc-s1
Conffiles:
 /etc/ld.so.conf.d/x86_64-linux-gnu.conf d4e7a7b88a71b5ffd9e2644e71a0cfab
Description: GNU C Library: Shared libraries
 Package: not-a-package
 .
 More.

";

#[test]
fn a_package_is_told_with_its_source_and_line() {
    let found = read(STATUS, LIBC.as_bytes());
    let [libc] = &*found.packages else { panic!("{found:?}") };
    assert_eq!(
        (&*libc.name, &*libc.version, &*libc.architecture),
        ("libc6", "2.36-9+deb12u10", "amd64")
    );
    assert_eq!((libc.source_name(), libc.source_version()), ("glibc", "2.36-9+deb12u10"));
    assert_eq!(libc.vendor, "GNU Libc Maintainers <debian-glibc@lists.debian.org>");
    assert_eq!(libc.origin.to_string(), "/var/lib/dpkg/status:1");
    assert_eq!(copyright(&libc.name), "usr/share/doc/libc6/copyright");
    assert_eq!(found.problems, []);
}

#[test]
fn a_source_keeps_its_own_version() {
    let source = |fields: &str| {
        let text = format!("Package: runc\nVersion: 1.1.5-1+b3\n{fields}\n");
        let found = read(STATUS, text.as_bytes());
        assert_eq!(found.problems, [], "{fields}");
        found.packages[0].source.clone().map(|source| (source.name, source.version))
    };
    let some = |name: &str, version: Option<&str>| Some((name.into(), version.map(Into::into)));
    assert_eq!(source("Source: runc (1.1.5-1)"), some("runc", Some("1.1.5-1")));
    assert_eq!(source("Source: docker.io (20.10-1)"), some("docker.io", Some("20.10-1")));
    assert_eq!(source("Source: other\n (1:2)"), some("other", Some("1:2")));
    assert_eq!(source("sOURCE : other (1.1.5-1+b3)"), some("other", None));
    assert_eq!(source("Source: runc"), None);
    assert_eq!(source("Source: runc (1.1.5-1+b3)"), None);
    assert_eq!(source("Source:"), None);
}

#[test]
fn every_word_of_a_status_is_known() {
    let state = |status: &str| {
        let text = format!("Package: a\nStatus: {status}\nVersion: 1\n");
        let found = read(STATUS, text.as_bytes());
        (found.packages.first().map(|package| package.state), found.problems.len())
    };
    use InstallState::{Incomplete, Installed, Removed};
    for want in ["unknown", "install", "hold", "deinstall", "purge"] {
        for flag in ["ok", "reinstreq"] {
            let state = |word: &str| state(&format!("{want} {flag} {word}"));
            assert_eq!(state("not-installed"), (None, 0));
            assert_eq!(state("config-files"), (Some(Removed), 0));
            assert_eq!(state("installed"), (Some(Installed), 0));
            for word in [
                "half-installed",
                "unpacked",
                "half-configured",
                "triggers-awaited",
                "triggers-pending",
            ] {
                assert_eq!(state(word), (Some(Incomplete), 0), "{word}");
            }
        }
    }
    assert_eq!(state("Install OK Installed\r"), (Some(Installed), 0));
    for odd in ["", "install ok", "install ok instal", "x ok installed", "install ok installed x"] {
        assert_eq!(state(odd), (Some(Incomplete), 1), "{odd}");
    }
}

#[test]
fn removed_packages_may_have_the_version_of_their_configuration_only() {
    let text = "Package: a\nStatus: deinstall ok config-files\nConfig-Version: 1.2-3\n";
    let found = read(STATUS, text.as_bytes());
    assert_eq!(
        (&*found.packages[0].version, found.packages[0].state),
        ("1.2-3", InstallState::Removed)
    );
}

#[test]
fn files_of_status_d_need_no_status_and_sums_are_no_packages() {
    let path = "var/lib/dpkg/status.d/base";
    let found = read(path, b"Package: base-files\nVersion: 12.4\nArchitecture: amd64");
    assert_eq!((named(&found), &found.problems), (vec!["base-files"], &vec![]));
    assert_eq!(found.packages[0].state, InstallState::Installed);
    let sums = read(&format!("{path}.md5sums"), b"d41d8cd98f00b204e9800998ecf8427e  etc/x\n");
    assert_eq!(sums, Cataloged::default());
}

#[test]
fn one_name_with_two_architectures_is_two_packages() {
    let text = "Package: a\nArchitecture: amd64\nVersion: 1\n\nPackage: a\nArchitecture: i386\n\
        Version: 1\n\nPackage: a\nArchitecture: i386\nVersion: 1\n\nPackage: a\n\
        Architecture: i386\nVersion: 2\n";
    let found = read(STATUS, text.as_bytes());
    assert_eq!(named(&found), ["a", "a", "a"]);
    assert_eq!(whys(&found), ["a 1 stands twice"]);
}

#[test]
fn odd_lines_lose_no_package() {
    let text = b"\r\n\n \t\nPACKAGE: a\r\nVERSION:1\r\nDescription: x\r\n more\r\n\r\n\
        package:b\nMaintainer: J\xf6rg\nversion: 2\nno field\n\0\0\0\nPackage: c\nVersion: 3\n\
        version: 4\n\n\n\nPackage: \xff\nVersion: 5\n\nPackage: d\nVersion: \xff\n\n\
        Package: e\nSource: \xff\nVersion: 6\n\nVersion: 7\n\nPackage: f\n\nPackage: g\nVersion: 8";
    let found = read(STATUS, text);
    assert_eq!(named(&found), ["a", "b", "c", "e", "g"]);
    assert_eq!(found.packages[0].version, "1");
    assert_eq!(found.packages[0].origin.to_string(), "/var/lib/dpkg/status:4");
    assert_eq!(found.packages[1].vendor, "J\u{fffd}rg");
    assert_eq!(found.packages[2].version, "3");
    assert_eq!(
        whys(&found),
        [
            "line 12 is no field",
            "line 13 is no field",
            "line 16 repeats a field",
            "line 20: a name is not UTF-8",
            "d has a version not in UTF-8",
            "e has a source not in UTF-8",
            "line 30: a package without a name",
            "f has no version",
            "ends within a line: it may have been cut",
        ]
    );
}

#[test]
fn a_record_that_is_cut_anywhere_keeps_what_came_before_and_says_so() {
    let text = LIBC.replace("libc6", "a") + &LIBC.replace("libc6", "b");
    for cut in LIBC.len()..text.len() {
        let found = read(STATUS, &text.as_bytes()[..cut]);
        assert_eq!(found.packages[0].name, "a", "{cut}");
        let within = text.as_bytes()[cut - 1] != b'\n';
        assert!(!within || !found.problems.is_empty(), "{cut}");
    }
}

#[test]
fn problems_are_counted_to_an_end() {
    let found = read(STATUS, "x\n".repeat(100_000).as_bytes());
    assert_eq!(found.problems.len(), 101);
    assert!(whys(&found)[100].contains("more problems"));
}
