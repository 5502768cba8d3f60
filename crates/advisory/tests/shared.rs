//! The orders against the lists in `../shared/advisories/versions`, which osv-scalibr made with the
//! ecosystems' own tools. Skipped by name where that folder isn't there.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use dockward_advisory::order::{Compare, of};
use dockward_testbed::Skip;

/// Lines of Alpine's list with a text that `apk version --check` takes for no version, so that apk
/// itself gives it no place (a word or a hyphen in the revision, text behind it). The list has what
/// apk's reader happens to leave; it has some of them equal that end differently.
const APK_TAKES_NO_SUCH_VERSION: [&str; 8] = [
    "1-r-0 < 1-r0",
    "1-r-1 < 1-r0",
    "1 > 1-ruff",
    "1-r0-1 = 1-r-2",
    "1-r0-1 = 1-r0-2",
    "1-ruff2 = 1-ruff1",
    "1-ruff2 = 1--ruff1",
    "1-r0-ruff2 = 1-r0-ruff1",
];

/// Those of them that ours has as the list does.
const APK_ALIKE: [&str; 2] = ["1-r-0 < 1-r0", "1-r-1 < 1-r0"];

/// Lines of Red Hat's list that rpm has otherwise where it asks whether a requirement is met: `= 1`
/// is met by any release of 1. That is no order (`1-1` and `1-2` would both equal `1`); ours is
/// rpm's other one, `rpmverCmp`, and has them as the list does.
const RPM_REQUIREMENTS_ARE_MET: [&str; 4] = ["1 < 1-1", "1 < 1-0", "1 < 1-", "1 < 1-"];

fn lists() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/advisories/versions")
}

/// The text of a list; none where the folder isn't there.
fn text(name: &str) -> Option<String> {
    let path = lists().join(name);
    if !lists().is_dir() {
        return None;
    }
    let data = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if !name.ends_with(".zst") {
        return Some(String::from_utf8(data).unwrap());
    }
    Some(String::from_utf8(zstd::decode_all(&*data).unwrap()).unwrap())
}

/// `A < B`, `A = B`, `A > B`.
fn pair(line: &str) -> (&str, Ordering, &str) {
    let mut words = line.split(' ');
    let (Some(a), Some(sign), Some(b), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        panic!("not a pair: {line}")
    };
    let order = match sign {
        "<" => Ordering::Less,
        "=" => Ordering::Equal,
        ">" => Ordering::Greater,
        other => panic!("{other} in {line}"),
    };
    (a, order, b)
}

/// The lines that `compare` has otherwise, and how many there are in all.
fn otherwise(text: &str, compare: Compare) -> (Vec<&str>, usize) {
    let is_pair =
        |line: &&str| !line.is_empty() && !line.starts_with('#') && !line.starts_with("//");
    let lines: Vec<&str> = text.lines().map(str::trim).filter(is_pair).collect();
    let wrong = lines.iter().copied().filter(|line| {
        let (a, order, b) = pair(line);
        assert_eq!(compare(a, b), compare(b, a).reverse(), "{line}, turned round");
        compare(a, b) != order
    });
    (wrong.collect(), lines.len())
}

/// Holds the lists to be in order, but for `known`.
fn check(test: &str, ecosystem: &str, lists: &[(&str, usize)], known: &[&str]) {
    let compare = of(ecosystem).unwrap();
    let mut found = Vec::new();
    for (name, count) in lists {
        let Some(text) = text(name) else {
            return Skip::because("../shared/advisories is not here").announce(test);
        };
        let (wrong, lines) = otherwise(&text, compare);
        assert_eq!(lines, *count, "{name}");
        found.extend(wrong.into_iter().map(str::to_owned));
    }
    assert_eq!(found, known);
}

#[test]
fn debians_lists_are_in_order() {
    let lists = [("debian-versions.txt", 30), ("debian-versions-generated.txt.zst", 14_442)];
    check("debians_lists_are_in_order", "Debian", &lists, &[]);
}

#[test]
fn alpines_lists_are_in_order_but_for_what_apk_takes_for_no_version() {
    let lists = [("alpine-versions.txt", 778), ("alpine-versions-generated.txt.zst", 13_979)];
    let name = "alpines_lists_are_in_order_but_for_what_apk_takes_for_no_version";
    let known: Vec<_> =
        APK_TAKES_NO_SUCH_VERSION.into_iter().filter(|line| !APK_ALIKE.contains(line)).collect();
    check(name, "Alpine", &lists, &known);
}

#[test]
fn red_hats_list_is_in_order() {
    check("red_hats_list_is_in_order", "Red Hat", &[("redhat-versions.txt", 165)], &[]);
}

#[test]
fn without_a_release_comes_first_though_rpm_takes_it_to_meet_requirements() {
    let name = "without_a_release_comes_first_though_rpm_takes_it_to_meet_requirements";
    let Some(text) = text("redhat-versions.txt") else {
        return Skip::because("../shared/advisories is not here").announce(name);
    };
    let is_of_one = |line: &&str| {
        let (a, order, b) = pair(line);
        order == Ordering::Less
            && !a.contains('-')
            && b.strip_prefix(a).is_some_and(|r| r.starts_with('-'))
    };
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let found: Vec<&str> = lines.filter(is_of_one).collect();
    assert_eq!(found, RPM_REQUIREMENTS_ARE_MET);
    let compare = of("Red Hat").unwrap();
    for (a, order, b) in found.into_iter().map(pair) {
        assert_eq!(compare(a, b), order, "{a} {b}");
    }
}

#[test]
fn pythons_lists_are_in_order() {
    let lists = [("pypi-versions.txt", 37), ("pypi-versions-generated.txt.zst", 12_375)];
    check("pythons_lists_are_in_order", "PyPI", &lists, &[]);
}

#[test]
fn rubys_lists_are_in_order() {
    let lists = [("rubygems-versions.txt", 25), ("rubygems-versions-generated.txt.zst", 4_098)];
    check("rubys_lists_are_in_order", "RubyGems", &lists, &[]);
}
