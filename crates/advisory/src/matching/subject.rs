//! What is compared of a package: which names, which version, which module.

use std::borrow::Cow;

use dockward_model::inventory::{MatchedName, Package, PackageKind};

use crate::ecosystem::Names;

/// A name of a package, and the version that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) by: MatchedName,
    pub(crate) version: Cow<'a, str>,
}

/// What a package is looked up by.
pub(crate) fn subjects(package: &Package, by: Names) -> Vec<Subject<'_>> {
    let binary = || Subject {
        name: package.name.as_str().into(),
        by: MatchedName::Binary,
        version: package.version.as_str().into(),
    };
    match by {
        Names::Binary => vec![binary()],
        Names::Source => vec![source(package)],
        Names::Either => {
            let source = source(package);
            if source.name == package.name { vec![source] } else { vec![source, binary()] }
        }
    }
}

fn source(package: &Package) -> Subject<'_> {
    let plain = |version| (Cow::from(package.source_name()), Cow::from(version));
    let (name, version) = match package.kind {
        PackageKind::Deb => {
            unsigned(package).unwrap_or_else(|| plain(without_rebuild(package.source_version())))
        }
        PackageKind::Apk | PackageKind::Rpm => plain(package.source_version()),
    };
    Subject { name, by: MatchedName::Source, version }
}

/// A source that was only built again (`1.2-3+b1`, a binNMU) is the source without that.
fn without_rebuild(version: &str) -> &str {
    let number = version.rsplit_once("+b");
    number
        .filter(|(_, number)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        .map_or(version, |(source, _)| source)
}

/// Boot loaders and kernels are signed by sources of their own, whose packages hold what another
/// source built. Advisories name that other source, with its version: the kernel's packages carry it
/// as their own, those of grub2 after a plus (`1+2.06+3~deb11u5`, `1.167.2+2.04-1ubuntu44.2`).
fn unsigned(package: &Package) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let signed = package.source_name();
    let version = without_rebuild(&package.version);
    if let Some(rest) = signed.strip_prefix("linux-signed") {
        // `linux-signed-amd64` of Debian names an architecture, `linux-signed-hwe` a kernel.
        let kernel = match rest.strip_prefix('-') {
            None | Some("amd64" | "arm64" | "i386") => "linux".into(),
            Some(_) => format!("linux{rest}").into(),
        };
        return Some((kernel, version.into()));
    }
    let of_debian = signed.starts_with("grub-efi-") && signed.ends_with("-signed");
    if !of_debian && signed != "grub2-signed" {
        return None;
    }
    let (_, inner) = version.split_once('+')?;
    // Debian writes the inner revision after a plus as well, since a version has one revision.
    let inner = match inner.rsplit_once('+').filter(|_| !inner.contains('-')) {
        Some((upstream, revision)) => format!("{upstream}-{revision}").into(),
        None => inner.into(),
    };
    Some(("grub2".into(), inner))
}

/// Whether a row about `module` speaks of a package. A fix in one stream says nothing of another,
/// and a row about plain packages says nothing of a module's.
pub(crate) fn is_of_stream(package: &Package, version: &str, module: &str, fixed: &str) -> bool {
    let modular = package.module.is_some() || version.contains(".module");
    if module.is_empty() || !modular {
        return module.is_empty() && !modular;
    }
    let streams = || module.split(' ');
    if module == "*" {
        return true;
    }
    match package.module.as_deref() {
        // `nodejs:20:8060020220503:abcdef`
        Some(label) => {
            let mut parts = label.splitn(3, ':');
            let own = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            streams().any(|stream| stream.split_once(':') == Some(own))
        }
        // Old builds have no label. Where a stream is called after its version, that tells.
        None => streams().any(|stream| {
            let line = stream.split_once(':').map_or("", |(_, line)| line);
            !is_line(fixed, line) || is_line(version, line)
        }),
    }
}

/// Whether a version is of a line: `1:20.3-1` of `20`.
fn is_line(version: &str, line: &str) -> bool {
    let plain = version.split_once(':').map_or(version, |(_, rest)| rest);
    let rest = plain.strip_prefix(line);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether an architecture of a row is that of a package, in the words of either.
pub(crate) fn is_of_architecture(package: &Package, wanted: &str) -> bool {
    let own = package.architecture.as_str();
    wanted.is_empty() || ["all", "noarch", ""].contains(&own) || machine(wanted) == machine(own)
}

/// An architecture in Debian's word, where it has one.
fn machine(name: &str) -> &str {
    match name {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "i586" | "i686" | "x86" => "i386",
        "ppc64le" => "ppc64el",
        "armv7" | "armv7hl" => "armhf",
        other => other,
    }
}

/// Whether a package holds headers, documentation or build scripts of a kernel's source, or programs
/// from its tree, and no kernel: what is weak in the kernel runs elsewhere. Image and modules are the
/// kernel; `perf`, `bpftool` and the like are programs of their own that share its version.
pub(crate) fn is_no_kernel(package: &Package, source: &str) -> bool {
    let of_kernel = source == "linux"
        || source == "kernel"
        || source.starts_with("linux-")
        || source.starts_with("kernel-");
    let own = |prefixes: &[&str]| prefixes.iter().any(|prefix| package.name.starts_with(prefix));
    let holds = |parts: &[&str]| parts.iter().any(|part| package.name.contains(part));
    let headers = own(&["linux-libc-dev", "linux-headers", "linux-kbuild", "linux-source"])
        || own(&[
            "linux-doc",
            "linux-config",
            "linux-compiler",
            "linux-support",
            "linux-buildinfo",
        ])
        || own(&["kernel-headers", "kernel-cross-headers", "kernel-doc", "kernel-srpm-macros"])
        || own(&[
            "kernel-abi",
            "kernel-macros",
            "kernel-source",
            "kernel-syms",
            "linux-glibc-devel",
        ])
        || (own(&["kernel"]) && holds(&["-devel"]))
        || (own(&["linux-"]) && package.name.ends_with("-dev"));
    let programs = own(&["linux-tools", "linux-cloud-tools", "linux-perf", "linux-cpupower"])
        || own(&["libcpupower", "bpftool", "usbip", "hyperv-daemons", "rtla", "intel-sdsi"])
        || own(&["kernel-tools", "python3-perf", "libperf"])
        || package.name == "perf";
    of_kernel && (headers || programs)
        || package.kind == PackageKind::Rpm && (headers || own(&["kernel-tools", "python3-perf"]))
}

#[cfg(test)]
mod tests {
    use dockward_model::inventory::SourcePackage;

    use super::*;

    fn deb(name: &str, version: &str, source: &str, source_version: Option<&str>) -> Package {
        let source =
            SourcePackage { name: source.into(), version: source_version.map(str::to_owned) };
        let source = (!source.name.is_empty()).then_some(source);
        Package { name: name.into(), version: version.into(), source, ..Package::default() }
    }

    fn rpm(name: &str, version: &str, module: Option<&str>) -> Package {
        let module = module.map(str::to_owned);
        let kind = PackageKind::Rpm;
        Package { kind, name: name.into(), version: version.into(), module, ..Package::default() }
    }

    #[test]
    fn a_source_is_compared_by_its_own_version() {
        for (package, name, version) in [
            (deb("libssl1.1", "1.1.1n-0+deb11u3", "openssl", None), "openssl", "1.1.1n-0+deb11u3"),
            (deb("libgcc-s1", "10.2.1-6", "gcc-10", None), "gcc-10", "10.2.1-6"),
            (deb("dmsetup", "2:1.02.175-2.1", "lvm2", Some("2.03.11-2.1")), "lvm2", "2.03.11-2.1"),
            (deb("runc", "1.1.5+ds1-1+deb12u1+b6", "", None), "runc", "1.1.5+ds1-1+deb12u1"),
            (deb("x", "1+beta", "", None), "x", "1+beta"),
            (
                deb(
                    "linux-image-5.10.0-8-amd64",
                    "5.10.46-4",
                    "linux-signed-amd64",
                    Some("5.10.46+4"),
                ),
                "linux",
                "5.10.46-4",
            ),
            (
                deb("linux-image-5.4.0-42-generic", "5.4.0-42.46", "linux-signed", None),
                "linux",
                "5.4.0-42.46",
            ),
            (
                deb("linux-image-5.4.0-1-hwe", "5.4.0-1.2", "linux-signed-hwe-5.4", None),
                "linux-hwe-5.4",
                "5.4.0-1.2",
            ),
            (
                deb("grub-efi-amd64-signed", "1+2.06+3~deb11u5", "grub-efi-amd64-signed", None),
                "grub2",
                "2.06-3~deb11u5",
            ),
            (
                deb("grub-efi-amd64-signed", "1.167.2+2.04-1ubuntu44.2", "grub2-signed", None),
                "grub2",
                "2.04-1ubuntu44.2",
            ),
        ] {
            let found = subjects(&package, Names::Source);
            assert_eq!((&*found[0].name, &*found[0].version), (name, version));
        }
    }

    #[test]
    fn a_stream_is_its_own_and_no_other() {
        let version = "1:18.20.4-1.module_el9.4.0+150+ec8fcd53";
        let labelled = rpm("nodejs", version, Some("nodejs:18:9040020240801:rhel9"));
        let old = rpm("nodejs", version, None);
        let plain = rpm("nodejs", "1:16.20.2-8.el9", None);
        let fix = "1:20.20.0-1.module_el9.7.0+207+84573810";
        for (package, module, fixed, wanted) in [
            (&labelled, "nodejs:18", "1:18.20.8-1.module_el9", true),
            (&labelled, "nodejs:20", fix, false),
            (&labelled, "", "1:16.20.3-1.el9", false),
            (&labelled, "*", fix, true),
            (&old, "nodejs:20", fix, false),
            (&old, "nodejs:18", "1:18.20.8-1.module_el9", true),
            (&old, "container-tools:rhel8", "2:1.module_el8", true),
            (&plain, "nodejs:20", fix, false),
            (&plain, "*", fix, false),
            (&plain, "", "1:16.20.3-1.el9", true),
        ] {
            let is = is_of_stream(package, &package.version, module, fixed);
            assert_eq!(is, wanted, "{:?} {module}", package.module);
        }
    }

    #[test]
    fn architectures_have_two_words_each() {
        let mut package = deb("x", "1", "", None);
        package.architecture = "amd64".into();
        assert!(is_of_architecture(&package, "") && is_of_architecture(&package, "x86_64"));
        assert!(!is_of_architecture(&package, "aarch64") && !is_of_architecture(&package, "mips"));
        package.architecture = "all".into();
        assert!(is_of_architecture(&package, "s390x"));
    }

    #[test]
    fn what_holds_no_kernel_is_told_from_what_does() {
        for (name, source, no_kernel) in [
            ("linux-libc-dev", "linux", true),
            ("linux-headers-5.10.0-8-amd64", "linux", true),
            ("linux-tools-common", "linux", true),
            ("linux-image-5.10.0-8-amd64", "linux", false),
            ("linux-modules-5.4.0-42-generic", "linux", false),
            ("libssl1.1", "openssl", false),
            ("linux-base", "linux-base", false),
        ] {
            assert_eq!(is_no_kernel(&deb(name, "1", source, None), source), no_kernel, "{name}");
        }
        for (name, no_kernel) in [
            ("kernel-headers", true),
            ("kernel-rt-devel", true),
            ("kernel-tools-libs", true),
            ("kernel-core", false),
            ("kernel", false),
            ("kernel-rt-modules", false),
            ("perftest", false),
        ] {
            assert_eq!(is_no_kernel(&rpm(name, "1", None), "kernel"), no_kernel, "{name}");
        }
    }
}
