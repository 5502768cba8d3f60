//! The maps onto CIS sections 2 and 7 are whole, in both numberings.

use std::collections::BTreeSet;

use dockward_audit::CHECKS;
use dockward_model::verdict::Framework;

fn mapped(framework: Framework) -> BTreeSet<&'static str> {
    let maps = CHECKS.iter().flat_map(|check| check.meta.maps);
    maps.filter(|map| map.framework == framework).map(|map| map.number).collect()
}

fn missing(framework: Framework, section: u32, last: u32) -> Vec<String> {
    let mapped = mapped(framework);
    let wanted = (1..=last).map(|n| format!("{section}.{n}"));
    wanted.filter(|number| !mapped.contains(number.as_str())).collect()
}

#[test]
fn every_recommendation_for_the_daemon_has_a_check() {
    assert_eq!(missing(Framework::Cis16, 2, 18), Vec::<String>::new());
    assert_eq!(missing(Framework::Cis18, 2, 19), Vec::<String>::new());
}

#[test]
fn every_recommendation_for_swarm_mode_has_a_check() {
    assert_eq!(missing(Framework::Cis16, 7, 9), Vec::<String>::new());
    assert_eq!(missing(Framework::Cis18, 7, 9), Vec::<String>::new());
}

#[test]
fn every_recommendation_for_the_daemons_files_has_a_check() {
    assert_eq!(missing(Framework::Cis16, 3, 24), Vec::<String>::new());
    assert_eq!(missing(Framework::Cis18, 3, 24), Vec::<String>::new());
}

/// Owner and mode are two questions, and each file is its own: one number, one check.
#[test]
fn of_the_daemons_files_each_check_answers_one_recommendation() {
    for check in CHECKS {
        for framework in [Framework::Cis16, Framework::Cis18] {
            let maps = check.meta.maps.iter().filter(|map| map.framework == framework);
            let numbers: Vec<_> = maps.map(|map| map.number).collect();
            let of_files = numbers.iter().any(|number| number.starts_with("3."));
            assert!(!of_files || numbers.len() == 1, "{}: {numbers:?}", check.meta.id);
        }
    }
}

#[test]
fn every_recommendation_for_images_and_for_sprawl_has_a_check() {
    // Sections 4 and 6 number alike in 1.6, 1.7 and 1.8.
    for framework in [Framework::Cis16, Framework::Cis18] {
        let mapped = mapped(framework);
        let wanted = (1..=12).map(|n| format!("4.{n}")).chain((1..=2).map(|n| format!("6.{n}")));
        let missing: Vec<_> = wanted.filter(|n| !mapped.contains(n.as_str())).collect();
        assert_eq!(missing, Vec::<String>::new(), "{}", framework.name());
    }
}

#[test]
fn what_1_8_put_in_shifts_the_numbers_behind_it() {
    let number = |id: &str, framework| {
        let check = CHECKS.iter().find(|check| check.meta.id == id).expect("a check of that id");
        check.meta.maps.iter().find(|map| map.framework == framework).map(|map| map.number)
    };
    for (id, old, new) in [
        ("daemon-storage-driver-aufs", Some("2.6"), Some("2.6")),
        ("daemon-storage-driver-devicemapper", None, Some("2.7")),
        ("daemon-tcp-without-client-certificates", Some("2.7"), Some("2.8")),
        ("daemon-live-restore", Some("2.15"), Some("2.16")),
        ("daemon-experimental", Some("2.18"), Some("2.19")),
    ] {
        assert_eq!(number(id, Framework::Cis16), old, "{id}");
        assert_eq!(number(id, Framework::Cis18), new, "{id}");
    }
}
