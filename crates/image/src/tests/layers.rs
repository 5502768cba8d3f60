//! Layers laid over each other.

use dockward_model::inventory::Contents;

use super::samples::Item::{File, Folder, Hard, Link};
use super::samples::{APK, apk, tar};
use crate::blob::Hash;
use crate::layer::{Layer, of_stream};
use crate::merge::{Answer, Named, answer};
use crate::wanted::Wanted;

pub(super) fn index(tar: &[u8], wanted: &Wanted) -> Layer {
    of_stream(tar, tar.len() as u64, wanted, Hash::Sha256, None, &mut |_, _| {}).unwrap()
}

fn once(layers: &[Vec<u8>], wanted: &Wanted) -> Answer {
    let named = |(number, tar): (usize, &Vec<u8>)| Named {
        index: index(tar, wanted).index.into(),
        name: format!("layer{number}"),
    };
    let layers: Vec<_> = layers.iter().enumerate().map(named).collect();
    answer(&layers, wanted)
}

/// What is in the root, and how often the layers were read for it.
fn contents(layers: &[Vec<u8>]) -> (Contents, usize) {
    let mut wanted = Wanted::default();
    for round in 1.. {
        let found = once(layers, &wanted);
        let is_more = found.extras.iter().filter(|extra| wanted.add(extra)).count() > 0;
        if !is_more || round == crate::open::ROUNDS {
            return (found.contents, round);
        }
    }
    unreachable!()
}

fn told(layers: &[Vec<u8>]) -> String {
    let (contents, _) = contents(layers);
    let package = |p: &dockward_model::inventory::Package| {
        format!("{} {} of {}", p.name, p.version, p.layer.map_or("?".into(), |l| l.to_string()))
    };
    let packages: Vec<_> = contents.packages.iter().map(package).collect();
    let problems = contents.problems.iter().map(|p| format!("{}: {}", p.place, p.why));
    [packages, problems.collect()].concat().join(", ")
}

fn record(packages: &[(&str, &str)]) -> Vec<u8> {
    tar(&[File(APK, &apk(packages))])
}

#[test]
fn a_package_is_of_the_lowest_layer_that_has_it_in_its_version() {
    let layers = [
        record(&[("a", "1"), ("b", "1")]),
        record(&[("a", "1"), ("b", "2")]),
        record(&[("a", "1"), ("b", "2"), ("c", "1")]),
    ];
    assert_eq!(told(&layers), "a 1 of 0, b 2 of 1, c 1 of 2");
}

#[test]
fn whiteouts_and_opaque_folders_hide_what_lies_below_and_nothing_of_their_own_layer() {
    let base = record(&[("a", "1")]);
    for hide in ["lib/apk/db/.wh.installed", "lib/apk/.wh.db", ".wh.lib", "lib/.wh..wh..opq"] {
        assert_eq!(told(&[base.clone(), tar(&[File(hide, "")])]), "", "{hide}");
        let both = tar(&[File(APK, &apk(&[("b", "1")])), File(hide, "")]);
        assert_eq!(told(&[base.clone(), both]), "b 1 of 1", "{hide}");
    }
    for no in [".wh.usr", "lib/.wh..wh.plnk", "lib/apk/db/.wh.", "lib/.wh...", "lib/apk/.wh.dbx"] {
        assert_eq!(told(&[base.clone(), tar(&[File(no, "")])]), "a 1 of 0", "{no}");
    }
    let again = [base.clone(), tar(&[File(".wh.lib", "")]), record(&[("b", "2")])];
    assert_eq!(told(&again), "b 2 of 2");
    assert_eq!(told(&[base, tar(&[File(".wh..wh..opq", "")])]), "");
}

#[test]
fn a_file_in_the_place_of_a_folder_hides_it_and_so_the_other_way_round() {
    let base = record(&[("a", "1")]);
    let over = |items: &[super::samples::Item<'_>]| told(&[base.clone(), tar(items)]);
    assert_eq!(over(&[File("lib/apk", "x")]), "");
    assert_eq!(over(&[Link("lib/apk", "/nowhere")]), "");
    assert_eq!(over(&[Folder(APK)]), "");
    assert_eq!(over(&[super::samples::Item::Fifo(APK)]), "");
    assert_eq!(over(&[Folder("lib"), Folder("lib/apk")]), "a 1 of 0");
    // In one layer too.
    let record = apk(&[("b", "1")]);
    assert_eq!(told(&[tar(&[File(APK, &record), File("lib", "x")])]), "");
    assert_eq!(told(&[tar(&[File("lib", "x"), File(APK, &record)])]), "b 1 of 0");
}

#[test]
fn links_of_other_layers_are_followed() {
    let usr = tar(&[Folder("usr/lib/apk/db"), Link("lib", "usr/lib")]);
    // Through the link to a place that is looked at anyway: read once.
    let layers = [usr.clone(), tar(&[File("usr/lib/apk/db/installed", &apk(&[("a", "1")]))])];
    assert_eq!(told(&layers), "a 1 of 1");
    assert_eq!(contents(&layers).1, 1);
    // A layer that writes through the link, without a folder of its own.
    assert_eq!(told(&[usr.clone(), record(&[("a", "1")])]), "a 1 of 1");
    // And one that puts a folder there.
    let folder = tar(&[Folder("lib"), File(APK, &apk(&[("a", "2")]))]);
    assert_eq!(told(&[usr, folder]), "a 2 of 1");
}

#[test]
fn what_links_lead_to_elsewhere_is_read_in_another_round() {
    let record = apk(&[("a", "1")]);
    for (link, file) in [
        ("../../opt/apk/db", "opt/apk/db/installed"),
        ("/opt/db", "opt/db/installed"),
        ("../../../../../x", "x/installed"),
    ] {
        let layers = [tar(&[File(file, &record)]), tar(&[Link("lib/apk/db", link)])];
        assert_eq!(told(&layers), "a 1 of 0", "{link}");
        assert_eq!(contents(&layers).1, 2);
    }
    let chain = [
        tar(&[File("d/e/installed", &record)]),
        tar(&[Link("lib/apk", "/b/c/../up"), Link("b/c", "/q/r"), Link("q/up", "../d/")]),
        tar(&[Folder("q/r"), Link("d/db", "e")]),
    ];
    assert_eq!(told(&chain), "a 1 of 0");
}

#[test]
fn links_that_go_round_are_told_and_dangling_ones_are_absent() {
    let round = told(&[tar(&[Link("lib", "lib2"), Link("lib2", "lib")])]);
    assert!(round.contains("/lib/apk/db/installed: the way there goes round in links"), "{round}");
    let own = told(&[tar(&[Link("lib/apk", "apk")])]);
    assert!(own.contains("goes round"), "{own}");
    assert_eq!(told(&[tar(&[Link("lib", "/nowhere/at/all")])]), "");
    assert_eq!(told(&[tar(&[Link(APK, "installed")])]).matches("goes round").count(), 1);
    // A chain that doubles with each link would be followed 2^30 times.
    let names: Vec<_> = (0..30).map(|n| format!("l{n}")).collect();
    let texts: Vec<_> = (0..30).map(|n| format!("l{}/../l{}", n + 1, n + 1)).collect();
    let mut items: Vec<_> = names.iter().zip(&texts).map(|(n, t)| Link(n, t)).collect();
    items.push(Link("lib", "l0"));
    let long = told(&[tar(&items)]);
    assert!(long.contains("which was not looked at"), "{long}");
}

#[test]
fn hard_links_to_bodies_that_went_past_are_read() {
    let record = apk(&[("a", "1")]);
    let wanted =
        [tar(&[File("usr/lib/apk/db/installed", &record), Hard(APK, "usr/lib/apk/db/installed")])];
    assert_eq!(told(&wanted), "a 1 of 0");
    let other = [tar(&[File("opt/body", &record), Hard(APK, "opt/body")])];
    assert_eq!((&*told(&other), contents(&other).1), ("a 1 of 0", 2));
    let chain =
        [tar(&[File("opt/body", &record), Hard("opt/b2", "opt/body"), Hard(APK, "opt/b2")])];
    assert_eq!(told(&chain), "a 1 of 0");
    // What it is another name of is replaced later, and it stays.
    let replaced = [other[0].clone(), tar(&[File("opt/.wh.body", "")])];
    assert_eq!(told(&replaced), "a 1 of 0");
    let nowhere = told(&[tar(&[Hard(APK, "opt/none")])]);
    assert!(nowhere.contains("another name of /opt/none, which is not there"), "{nowhere}");
    let own = told(&[tar(&[Hard(APK, APK)])]);
    assert!(own.contains("which is not there"), "{own}");
}

#[test]
fn the_distribution_is_read_through_its_link() {
    let release = "ID=alpine\nVERSION_ID=3.20.1\n";
    let link = [tar(&[
        File("usr/lib/os-release", release),
        Link("etc/os-release", "../usr/lib/os-release"),
    ])];
    let found = contents(&link).0.distribution;
    assert_eq!(found.get().unwrap().version, "3.20.1");
    assert_eq!(found.origin.to_string(), "/etc/os-release");
    let second = contents(&[tar(&[File("usr/lib/os-release", release)])]).0.distribution;
    assert_eq!(second.origin.to_string(), "/usr/lib/os-release");
    assert!(contents(&[tar(&[])]).0.distribution.fact.is_absent());
    let folder = contents(&[tar(&[Folder("etc/os-release")])]).0.distribution;
    assert!(folder.fact.is_absent());
    let large = "#".repeat(100_000);
    let large = contents(&[tar(&[File("etc/os-release", &large)])]).0.distribution;
    assert!(large.fact.unknown().unwrap().contains("100000 bytes"));
}

#[test]
fn a_record_that_two_places_lead_to_is_told_once() {
    let both =
        tar(&[File("usr/lib/apk/db/installed", &apk(&[("a", "1")])), Link("lib", "usr/lib")]);
    assert_eq!(told(&[both]), "a 1 of 0");
}

#[test]
fn what_is_wrong_with_a_record_counts_only_while_it_is_there() {
    let bad = tar(&[File(APK, "P:a\n\n")]);
    assert!(
        told(std::slice::from_ref(&bad)).contains("layer0 /lib/apk/db/installed: a has no version")
    );
    assert_eq!(told(&[bad, record(&[("a", "1")])]), "a 1 of 1");
}

#[test]
fn what_a_later_layer_adds_to_a_database_of_an_earlier_one_is_told_to_be_missing() {
    let (database, log) = ("var/lib/rpm/rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite-wal");
    let why = "it is of another layer than what it belongs to, and was not read with it";
    let is_told = |layers: &[Vec<u8>]| {
        let found = contents(layers).0.problems;
        found.iter().any(|problem| problem.place == format!("/{log}") && problem.why == why)
    };
    let apart = [tar(&[File(database, "x")]), tar(&[File(log, "y")])];
    assert!(is_told(&apart));
    let (together, emptied) = (tar(&[File(database, "x"), File(log, "y")]), tar(&[File(log, "")]));
    assert!(!is_told(&[together]) && !is_told(&[apart[0].clone(), emptied]));
}
