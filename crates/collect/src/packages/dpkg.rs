//! Debian's package records (dpkg(1), `/var/lib/dpkg`).

use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::{Fact, Field, Manager, Origin, Package};

use crate::tree::Tree;

pub(super) const STATUS: &str = "/var/lib/dpkg/status";
/// How much of the list of packages is read, in bytes; a desktop with all that there is has some
/// 10 MB.
pub(super) const LIMIT: usize = 64 << 20;

const INFO: &str = "/var/lib/dpkg/info";
/// How much of a package's list of files is read, in bytes.
const FILES_LIMIT: usize = 4 << 20;
/// How many packages' lists are searched where none of the usual ones has it.
const MOST_LISTS: usize = 10_000;

/// Whether the package `name` lists one of `paths`.
pub(super) fn has(tree: &dyn Tree, name: &str, paths: &[String]) -> bool {
    match tree.read_text(&format!("{INFO}/{name}.list"), FILES_LIMIT) {
        Fact::Known(text) => text.lines().any(|line| paths.iter().any(|path| path == line)),
        Fact::Absent | Fact::Unknown(_) => false,
    }
}

/// Which packages list these paths, by path: one search through all lists.
pub(super) fn search(tree: &dyn Tree, paths: &BTreeSet<String>) -> Fact<BTreeMap<String, String>> {
    let lists = match tree.list(INFO, 4 * MOST_LISTS) {
        Fact::Known(lists) => lists,
        Fact::Absent => return Fact::Absent,
        Fact::Unknown(why) => return Fact::Unknown(why),
    };
    let mut found = BTreeMap::new();
    for list in lists.iter().filter(|name| name.ends_with(".list")).take(MOST_LISTS) {
        let Fact::Known(text) = tree.read_text(&format!("{INFO}/{list}"), FILES_LIMIT) else {
            continue;
        };
        // A list may be named for its architecture: `runc:amd64.list`.
        let package = list.trim_end_matches(".list").split(':').next().unwrap_or_default();
        let owned = text.lines().filter(|line| paths.contains(*line));
        found.extend(owned.map(|path| (path.to_owned(), package.to_owned())));
    }
    Fact::Known(found)
}

/// Whether packages put programs here: elsewhere a search is for nothing.
pub(super) fn is_searched(path: &str) -> bool {
    let folders = ["/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/libexec/", "/opt/"];
    folders.iter().any(|folder| path.starts_with(folder))
}

/// The installed package of this name, out of the list of packages.
pub(super) fn package(status: &Fact<String>, name: &str) -> Field<Package> {
    let origin = |line| Origin::file(STATUS, line);
    let text = match status {
        Fact::Known(text) => text,
        Fact::Absent => return Field::absent(origin(None)),
        Fact::Unknown(why) => return Field::unknown(why.clone(), origin(None)),
    };
    let Some((at, stanza)) = stanza(text, name) else { return Field::absent(origin(None)) };
    let value = |key: &str| {
        stanza.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": ")).map(str::trim)
    };
    let before = text.get(..at).unwrap_or_default().bytes().filter(|b| *b == b'\n').count();
    let within = stanza.lines().position(|line| line.starts_with("Version:")).unwrap_or(0);
    let Some(version) = value("Version") else {
        return Field::unknown(format!("{name} has no version"), origin(None));
    };
    // `Source: docker.io (20.10.24+dfsg1-1)`, where the source's version is another one.
    let source = value("Source").and_then(|source| source.split_once('('));
    let package = Package {
        manager: Manager::Dpkg,
        name: name.to_owned(),
        version: version.to_owned(),
        source_version: source.map(|(_, version)| version.trim_end_matches(')').to_owned()),
        changes: Field::absent(Origin::Nowhere),
    };
    Field::known(package, origin(u32::try_from(before + within + 1).ok()))
}

/// Where the paragraph of an installed package begins, and the paragraph.
fn stanza<'a>(text: &'a str, name: &str) -> Option<(usize, &'a str)> {
    let mut at = 0;
    for stanza in text.split("\n\n") {
        let is_it = stanza
            .trim_start()
            .strip_prefix("Package: ")
            .is_some_and(|rest| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('\n')));
        let is_installed =
            |line: &str| line.starts_with("Status: ") && line.trim_end().ends_with(" installed");
        if is_it && stanza.lines().any(is_installed) {
            return Some((at, stanza));
        }
        at += stanza.len() + 2;
    }
    None
}
