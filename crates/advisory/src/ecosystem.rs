//! Whose advisories speak of a distribution's packages: from os-release(5) to OSV's ecosystems.

use dockward_model::facts::Distribution;
use dockward_model::inventory::PackageKind;

/// How a distribution's advisories are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ecosystem {
    /// OSV's names with the release: any of them may have rows, and all of them count.
    pub names: Vec<String>,
    /// The one whose fixes only come with a contract (`Ubuntu:Pro:…`), where there is one.
    pub paid: Option<String>,
    /// The names that its advisories use.
    pub by: Names,
    /// Its packages.
    pub kind: PackageKind,
}

/// Which names of a package advisories use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// The source's: Debian, Ubuntu, Alpine, Wolfi, SUSE, openEuler, Mageia.
    Source,
    /// The package's own: Red Hat, Alma.
    Binary,
    /// Either: exports that name sources for some advisories, and packages for others (Rocky, Photon
    /// OS, Azure Linux).
    Either,
}

/// How many numbers of `VERSION_ID` are part of the ecosystem's name.
#[derive(Clone, Copy)]
enum Release {
    /// None: it rolls.
    None,
    /// `9.4` is of `9`.
    Major,
    /// `3.20.3` is of `3.20`.
    Minor,
    /// As it is written.
    Whole,
}

struct Row {
    /// `ID`.
    id: &'static str,
    /// What stands before the release.
    name: &'static str,
    release: Release,
    by: Names,
    kind: PackageKind,
}

const fn row(
    id: &'static str,
    name: &'static str,
    release: Release,
    by: Names,
    kind: PackageKind,
) -> Row {
    Row { id, name, release, by, kind }
}

/// The names of the ecosystems are those of the OSV schema ("Defined ecosystems").
const TABLE: &[Row] = &[
    row("debian", "Debian:", Release::Major, Names::Source, PackageKind::Deb),
    row("raspbian", "Debian:", Release::Major, Names::Source, PackageKind::Deb),
    row("echo", "Echo", Release::None, Names::Source, PackageKind::Deb),
    row("alpine", "Alpine:v", Release::Minor, Names::Source, PackageKind::Apk),
    row("wolfi", "Wolfi", Release::None, Names::Source, PackageKind::Apk),
    row("chainguard", "Chainguard", Release::None, Names::Source, PackageKind::Apk),
    row("minimos", "MinimOS", Release::None, Names::Source, PackageKind::Apk),
    row("alpaquita", "Alpaquita:", Release::Whole, Names::Source, PackageKind::Apk),
    row("almalinux", "AlmaLinux:", Release::Major, Names::Binary, PackageKind::Rpm),
    row("rocky", "Rocky Linux:", Release::Major, Names::Either, PackageKind::Rpm),
    row("opensuse-leap", "openSUSE:Leap ", Release::Minor, Names::Source, PackageKind::Rpm),
    row(
        "opensuse-tumbleweed",
        "openSUSE:Tumbleweed",
        Release::None,
        Names::Source,
        PackageKind::Rpm,
    ),
    row("photon", "Photon OS:", Release::Whole, Names::Either, PackageKind::Rpm),
    row("azurelinux", "Azure Linux:", Release::Major, Names::Either, PackageKind::Rpm),
    row("mariner", "Azure Linux:", Release::Major, Names::Either, PackageKind::Rpm),
    row("mageia", "Mageia:", Release::Major, Names::Source, PackageKind::Rpm),
];

/// Distributions that are made of another's packages, unchanged but for a few of their own: which
/// release of theirs is which of the other's. Those that rebuild (Kali, Devuan's forks aside, Deepin)
/// are none: their versions mean something else.
const DERIVED: &[(&str, &str, &str, &str)] = &[
    ("linuxmint", "20", "ubuntu", "20.04"),
    ("linuxmint", "21", "ubuntu", "22.04"),
    ("linuxmint", "22", "ubuntu", "24.04"),
    ("pop", "20.04", "ubuntu", "20.04"),
    ("pop", "22.04", "ubuntu", "22.04"),
    ("pop", "24.04", "ubuntu", "24.04"),
    ("elementary", "6", "ubuntu", "20.04"),
    ("elementary", "7", "ubuntu", "22.04"),
    ("elementary", "8", "ubuntu", "24.04"),
    ("zorin", "16", "ubuntu", "20.04"),
    ("zorin", "17", "ubuntu", "22.04"),
    ("neon", "20.04", "ubuntu", "20.04"),
    ("neon", "22.04", "ubuntu", "22.04"),
    ("neon", "24.04", "ubuntu", "24.04"),
    ("devuan", "4", "debian", "11"),
    ("devuan", "5", "debian", "12"),
    ("devuan", "6", "debian", "13"),
];

/// The parts of Red Hat Enterprise Linux that OSV has apart (`Red Hat:enterprise_linux:9::baseos`).
const RED_HAT: &[&str] = &[
    "baseos",
    "appstream",
    "crb",
    "highavailability",
    "nfv",
    "realtime",
    "resilientstorage",
    "sap",
    "sap_hana",
    "supplementary",
    // Red Hat 7 and older.
    "client",
    "computenode",
    "server",
    "workstation",
];

/// The modules of SUSE Linux Enterprise 15 that servers have; 12 has one product.
const SUSE: &[&str] = &[
    "Linux Enterprise Server",
    "Linux Enterprise Desktop",
    "Linux Enterprise Module for Basesystem",
    "Linux Enterprise Module for Containers",
    "Linux Enterprise Module for Development Tools",
    "Linux Enterprise Module for Legacy",
    "Linux Enterprise Module for Package Hub",
    "Linux Enterprise Module for Python 3",
    "Linux Enterprise Module for Server Applications",
    "Linux Enterprise Module for Web and Scripting",
];

/// The ecosystem of a distribution.
///
/// # Errors
/// Why none is known, in a person's words: never to be taken for "nothing is weak".
pub fn of(distribution: &Distribution) -> Result<Ecosystem, String> {
    let (id, version) = derived(&distribution.id, &distribution.version);
    match id {
        "ubuntu" => ubuntu(version),
        "rhel" => red_hat(version),
        "centos" if distribution.name.contains("Stream") => {
            Err("CentOS Stream is ahead of Red Hat's releases, and has no advisories".to_owned())
        }
        "centos" => red_hat(version),
        "sles" | "sled" | "sles_sap" => suse(version),
        "openEuler" => open_euler(distribution),
        _ => by_table(id, version),
    }
}

fn derived<'a>(id: &'a str, version: &'a str) -> (&'a str, &'a str) {
    let own = DERIVED.iter().find(|(own, release, ..)| *own == id && is_of(version, release));
    own.map_or((id, version), |(_, _, id, version)| (*id, *version))
}

/// Whether a version is a release or a part of it: `21.3` of `21`.
fn is_of(version: &str, release: &str) -> bool {
    let rest = version.strip_prefix(release);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn by_table(id: &str, version: &str) -> Result<Ecosystem, String> {
    let Some(row) = TABLE.iter().find(|row| row.id == id) else {
        return Err(match id {
            "" => "os-release has no ID".to_owned(),
            _ => format!("`{id}` has no advisories here"),
        });
    };
    let release = match row.release {
        Release::None => String::new(),
        Release::Major => numbers(version, 1),
        Release::Minor => numbers(version, 2),
        Release::Whole => version.to_owned(),
    };
    if release.is_empty() && !matches!(row.release, Release::None) {
        return Err(format!(
            "`{id}` without VERSION_ID: a testing release, which has no advisories of its own"
        ));
    }
    // The export has the next version of Alpine's as `edge`'s packages: nothing there is of `edge`.
    if release.contains("alpha") || version.contains("alpha") || version.contains("edge") {
        return Err(format!("`{id}` {version} is not released: it has no advisories"));
    }
    Ok(Ecosystem {
        names: vec![format!("{}{release}", row.name)],
        paid: None,
        by: row.by,
        kind: row.kind,
    })
}

/// The first numbers of a version.
fn numbers(version: &str, count: usize) -> String {
    version.split('.').take(count).collect::<Vec<_>>().join(".")
}

/// Releases of April of even years are kept for long (`LTS`), and longer for those who pay.
fn ubuntu(version: &str) -> Result<Ecosystem, String> {
    let release = numbers(version, 2);
    let (year, month) = release.split_once('.').unwrap_or_default();
    let Ok(number) = year.parse::<u32>() else {
        return Err(format!("Ubuntu `{version}` is no release"));
    };
    let long = number % 2 == 0 && month == "04";
    let (suffix, paid) = if long { (":LTS", true) } else { ("", false) };
    Ok(Ecosystem {
        names: vec![format!("Ubuntu:{release}{suffix}")],
        paid: paid.then(|| format!("Ubuntu:Pro:{release}{suffix}")),
        by: Names::Source,
        kind: PackageKind::Deb,
    })
}

fn red_hat(version: &str) -> Result<Ecosystem, String> {
    let (major, minor) = (numbers(version, 1), numbers(version, 2));
    if major.is_empty() {
        return Err("Red Hat Enterprise Linux without VERSION_ID".to_owned());
    }
    // From 10 on, the name has the minor release.
    let mut releases = vec![major];
    if !releases.contains(&minor) {
        releases.push(minor);
    }
    let whole = releases.iter().flat_map(|release| {
        RED_HAT.iter().map(move |part| format!("Red Hat:enterprise_linux:{release}::{part}"))
    });
    let plain = releases.iter().map(|release| format!("Red Hat:enterprise_linux:{release}"));
    let names = plain.chain(whole).collect();
    Ok(Ecosystem { names, paid: None, by: Names::Binary, kind: PackageKind::Rpm })
}

fn suse(version: &str) -> Result<Ecosystem, String> {
    let (major, pack) = version.split_once('.').unwrap_or((version, ""));
    if major.is_empty() {
        return Err("SUSE Linux Enterprise without VERSION_ID".to_owned());
    }
    let release = if pack.is_empty() { major.to_owned() } else { format!("{major} SP{pack}") };
    let names = SUSE.iter().map(|product| format!("SUSE:{product} {release}")).collect();
    Ok(Ecosystem { names, paid: None, by: Names::Source, kind: PackageKind::Rpm })
}

/// `PRETTY_NAME` has the service pack (`openEuler 22.03 (LTS-SP1)`), `VERSION_ID` has not.
fn open_euler(distribution: &Distribution) -> Result<Ecosystem, String> {
    let pack = distribution.name.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    let release = match pack {
        Some((pack, _)) if !pack.is_empty() => format!("{}-{pack}", distribution.version),
        _ => distribution.version.clone(),
    };
    let names = vec![format!("openEuler:{release}")];
    Ok(Ecosystem { names, paid: None, by: Names::Source, kind: PackageKind::Rpm })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_(id: &str, version: &str, name: &str) -> Result<Ecosystem, String> {
        of(&Distribution { id: id.into(), version: version.into(), name: name.into() })
    }

    #[test]
    fn each_distribution_has_its_ecosystem() {
        for (id, version, wanted) in [
            ("debian", "11", "Debian:11"),
            ("debian", "12.5", "Debian:12"),
            ("raspbian", "11", "Debian:11"),
            ("ubuntu", "16.04", "Ubuntu:16.04:LTS"),
            ("ubuntu", "19.10", "Ubuntu:19.10"),
            ("ubuntu", "21.04", "Ubuntu:21.04"),
            ("linuxmint", "21.3", "Ubuntu:22.04:LTS"),
            ("alpine", "3.11.5", "Alpine:v3.11"),
            ("wolfi", "20230201", "Wolfi"),
            ("chainguard", "20230214", "Chainguard"),
            ("almalinux", "9.3", "AlmaLinux:9"),
            ("rocky", "8.9", "Rocky Linux:8"),
            ("rhel", "9.4", "Red Hat:enterprise_linux:9"),
            ("centos", "7", "Red Hat:enterprise_linux:7"),
            ("opensuse-leap", "15.5", "openSUSE:Leap 15.5"),
            ("opensuse-tumbleweed", "20240101", "openSUSE:Tumbleweed"),
            ("sles", "15.5", "SUSE:Linux Enterprise Server 15 SP5"),
            ("devuan", "4", "Debian:11"),
            ("photon", "5.0", "Photon OS:5.0"),
            ("mageia", "9", "Mageia:9"),
        ] {
            let found = of_(id, version, "").unwrap();
            assert_eq!(found.names.first().map(String::as_str), Some(wanted), "{id} {version}");
        }
        let red = of_("rhel", "10.1", "").unwrap().names;
        assert!(red.contains(&"Red Hat:enterprise_linux:10.1::baseos".to_owned()));
        let euler = of_("openEuler", "22.03", "openEuler 22.03 (LTS-SP1)").unwrap();
        assert_eq!(euler.names, ["openEuler:22.03-LTS-SP1"]);
    }

    #[test]
    fn only_long_releases_of_ubuntu_can_be_bought() {
        assert_eq!(
            of_("ubuntu", "18.04", "").unwrap().paid.as_deref(),
            Some("Ubuntu:Pro:18.04:LTS")
        );
        assert_eq!(of_("ubuntu", "19.10", "").unwrap().paid, None);
    }

    #[test]
    fn what_is_not_known_says_why() {
        for (id, version, name) in [
            ("", "", ""),
            ("arch", "", ""),
            ("kali", "2024.1", ""),
            ("debian", "", "Debian GNU/Linux trixie/sid"),
            ("centos", "9", "CentOS Stream 9"),
            ("ubuntu", "", ""),
            ("alpine", "3.21_alpha20240923", ""),
            ("amzn", "2", ""),
            ("rhel", "", ""),
            ("sles", "", ""),
        ] {
            assert!(!of_(id, version, name).unwrap_err().is_empty(), "{id}");
        }
    }
}
