//! Packages with versions around the fixes that records name.

use std::collections::BTreeSet;

use dockward_model::inventory::PackageKind;

use crate::Release;

/// A package as its manager's database would hold it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Its own name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its source's name.
    pub source: String,
    /// Its source's version, where that is another.
    pub source_version: Option<String>,
    /// Its architecture.
    pub architecture: String,
    /// `name:stream:version:context` of a module; empty for none.
    pub module: String,
    /// Whether it was removed, and left its settings behind.
    pub removed: bool,
}

/// How many names of a release are drawn from, and how many fixes of each.
const NAMES: usize = 150;
const FIXES: usize = 3;

/// Draws packages from what is said in a release: of some hundred names, evenly from all of them, and of each around
/// its first fix, its last, and one in between.
#[must_use]
pub fn draw(release: &Release, kind: PackageKind) -> Vec<Drawn> {
    let step = release.len().div_ceil(NAMES).max(1);
    let mut drawn = Vec::new();
    // Hand-made records are about names that begin with an `x-`: all of them.
    let is_taken = |name: &str, at: usize| at.is_multiple_of(step) || name.starts_with("x-");
    let taken = release.iter().zip(0..).filter(|((name, _), at)| is_taken(name, *at));
    for ((name, weaknesses), at) in taken {
        let fixes: BTreeSet<&str> =
            weaknesses.values().flatten().flat_map(|said| said.fixes()).collect();
        let streams: BTreeSet<&str> = weaknesses
            .values()
            .flatten()
            .flat_map(|said| said.streams.iter().map(String::as_str))
            .collect();
        let mut own = Vec::new();
        for fix in some(&fixes) {
            around(fix, kind, &mut own);
        }
        if fixes.is_empty() {
            around(if kind == PackageKind::Apk { "1.0-r0" } else { "1.0-1" }, kind, &mut own);
        }
        let versions: BTreeSet<String> = own.into_iter().collect();
        match kind {
            PackageKind::Rpm => rpm(name, at, &versions, &streams, &mut drawn),
            _ => named(name, kind, &versions, &mut drawn),
        }
    }
    drawn
}

/// The first, the last, and one in between.
fn some<'a>(fixes: &BTreeSet<&'a str>) -> Vec<&'a str> {
    let all: Vec<&str> = fixes.iter().copied().collect();
    let step = all.len().div_ceil(FIXES).max(1);
    let mut some: Vec<&str> = all.iter().step_by(step).copied().collect();
    some.extend(all.last());
    some
}

/// Versions before, at and after a fix, in the manager's own ways.
fn around(fix: &str, kind: PackageKind, out: &mut Vec<String>) {
    let (epoch, plain) = match fix.split_once(':') {
        Some((epoch, plain)) => (Some(epoch), plain),
        None => (None, fix),
    };
    out.push(fix.to_owned());
    let more: Vec<String> = match kind {
        PackageKind::Apk => apk(fix),
        PackageKind::Deb => [
            // Older by a hair, a backport to an older release, rebuilt, newer by a hair.
            format!("{fix}~"),
            format!("{fix}~bpo10+1"),
            format!("{fix}+b1"),
            format!("{fix}.1"),
            plain
                .rsplit_once('-')
                .map_or(format!("{fix}-0"), |(upstream, _)| format!("{upstream}-0")),
        ]
        .into(),
        PackageKind::Rpm => {
            let (version, release) = fix.rsplit_once('-').unwrap_or((fix, "1"));
            [
                format!("{fix}~"),
                format!("{fix}.1"),
                format!("{version}~rc1-{release}"),
                format!("{version}^git1-{release}"),
                format!("{version}-0"),
            ]
            .into()
        }
    };
    out.extend(more);
    // Without its epoch a version is older than with it; with one more, newer than everything.
    // (Trivy tells packages of rpm apart without their epochs: these have releases of their own.)
    if kind != PackageKind::Apk {
        out.push(if epoch.is_some() { format!("{plain}.2") } else { format!("1:{fix}.2") });
    }
}

fn apk(fix: &str) -> Vec<String> {
    let Some((version, Ok(number))) = fix.rsplit_once("-r").map(|(v, n)| (v, n.parse::<u32>()))
    else {
        return vec![format!("{fix}-r0"), format!("{fix}-r7"), format!("{fix}_rc1-r0")];
    };
    let older = match number.checked_sub(1) {
        Some(older) => format!("{version}-r{older}"),
        None => format!("{version}_rc1-r0"),
    };
    [
        older,
        format!("{version}-r{}", number + 1),
        format!("{version}_p1-r0"),
        format!("{version}_git20200101-r{number}"),
        if version.ends_with(|c: char| c.is_ascii_digit()) && !version.contains('_') {
            format!("{version}.1-r0")
        } else {
            // apk knows no number after a letter or a suffix.
            format!("9{version}-r0")
        },
    ]
    .into()
}

/// Names of their own for each version, of the same source.
fn named(source: &str, kind: PackageKind, versions: &BTreeSet<String>, out: &mut Vec<Drawn>) {
    for (version, at) in versions.iter().zip(0..) {
        let package = Drawn {
            name: if at == 0 { source.to_owned() } else { format!("{source}-part{at}") },
            version: version.clone(),
            source: source.to_owned(),
            architecture: if kind == PackageKind::Apk { "x86_64" } else { "amd64" }.into(),
            ..Drawn::default()
        };
        if kind == PackageKind::Deb {
            // A package with a version of its own is compared by its source's.
            let own = |number: &str, version: &str| Drawn {
                name: format!("{}-{number}", package.name),
                version: version.into(),
                source_version: Some(package.version.clone()),
                ..package.clone()
            };
            match at {
                1 => out.push(own("new", "99:9-1")),
                2 => out.push(own("old", "0~1-1")),
                3 => out.push(Drawn {
                    name: format!("{}-gone", package.name),
                    removed: true,
                    ..package.clone()
                }),
                _ => {}
            }
        }
        out.push(package);
    }
}

/// The same name for each version, as rpm allows; where there are streams, in each of them, in another, and in none.
fn rpm(
    name: &str,
    at: usize,
    versions: &BTreeSet<String>,
    streams: &BTreeSet<&str>,
    out: &mut Vec<Drawn>,
) {
    let architecture = if at.is_multiple_of(5) { "noarch" } else { "x86_64" };
    for version in versions {
        let package = Drawn {
            name: name.to_owned(),
            version: version.clone(),
            source: name.to_owned(),
            architecture: architecture.into(),
            ..Drawn::default()
        };
        if !version.contains(".module") {
            out.push(package);
            continue;
        }
        // Name and version tell packages apart, so that all but the first are rebuilt.
        let labels = streams.iter().copied().chain(["other:1", ""]);
        for (stream, number) in labels.zip(0..) {
            let rebuilt = if number == 0 { String::new() } else { format!(".r{number}") };
            let build = if stream.is_empty() { "" } else { ":8060020220503:abcdef" };
            out.push(Drawn {
                version: format!("{version}{rebuilt}"),
                module: format!("{stream}{build}"),
                ..package.clone()
            });
        }
    }
}
