//! The orders against pairs whose order is known, and against dpkg itself.

use std::cmp::Ordering;
use std::process::Command;

use dockward_advisory::order::{
    Compare, apk, bitnami, composer, dpkg, gem, go, maven, pep440, rpm, semver, upstream,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Lines `A < B`, `A = B`, `A > B`; returns how many there were.
fn check(pairs: &str, compare: Compare) -> usize {
    let lines = pairs.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut count = 0;
    for line in lines {
        let words: Vec<_> = line.split(' ').collect();
        let [a, sign, b] = words[..] else { panic!("not a pair: {line}") };
        let wanted = match sign {
            "<" => Ordering::Less,
            ">" => Ordering::Greater,
            "=" => Ordering::Equal,
            other => panic!("{other} in {line}"),
        };
        assert_eq!(compare(a, b), wanted, "{line}");
        assert_eq!(compare(b, a), wanted.reverse(), "{line}, turned round");
        count += 1;
    }
    count
}

#[test]
fn debian_pairs_are_in_order() {
    assert!(check(include_str!("data/dpkg.txt"), dpkg::compare) > 300);
}

#[test]
fn rpm_pairs_are_in_order() {
    assert!(check(include_str!("data/rpm.txt"), rpm::compare) > 150);
}

#[test]
fn alpine_pairs_are_in_order() {
    assert!(check(include_str!("data/apk.txt"), apk::compare) > 300);
}

/// Versions of few kinds of bytes, so that they often begin alike.
fn version() -> impl Strategy<Value = String> {
    let upstream = "[0-2][0-3a.~+]{0,6}";
    (proptest::option::of(0..2u8), upstream, proptest::option::of("[0-2a.~+]{1,4}")).prop_map(
        |(epoch, upstream, revision)| {
            let epoch = epoch.map(|epoch| format!("{epoch}:")).unwrap_or_default();
            let revision = revision.map(|revision| format!("-{revision}")).unwrap_or_default();
            format!("{epoch}{upstream}{revision}")
        },
    )
}

fn dpkg_says(a: &str, sign: &str, b: &str) -> bool {
    let status = Command::new("dpkg").args(["--compare-versions", a, sign, b]).status();
    status.expect("dpkg runs").success()
}

#[test]
fn random_versions_are_ordered_as_dpkg_orders_them() {
    if Command::new("dpkg").arg("--version").output().is_err() {
        println!("skipped: there is no dpkg on this machine");
        return;
    }
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    let law = |(a, b): (String, String)| {
        let sign = match dpkg::compare(&a, &b) {
            Ordering::Less => "lt",
            Ordering::Equal => "eq",
            Ordering::Greater => "gt",
        };
        prop_assert!(dpkg_says(&a, sign, &b), "{} {} {}", a, sign, b);
        Ok(())
    };
    TestRunner::new(config).run(&(version(), version()), law).unwrap();
}

const ORDERS: [Compare; 11] = [
    dpkg::compare,
    rpm::compare,
    apk::compare,
    pep440::compare,
    semver::compare,
    go::compare,
    gem::compare,
    composer::compare,
    maven::compare,
    bitnami::compare,
    upstream::compare,
];

/// Texts that begin and go on alike, of what means something somewhere.
fn any() -> impl Strategy<Value = String> {
    let number = prop::sample::select(vec!["0", "1", "01", "10", ""]);
    let mark = prop::sample::select(vec![
        ".", "-", "~", "+", "^", "_", "!", ":", "a", "b", "rc", "x", "r", "p", "dev", "final",
        "go", "v", "é",
    ]);
    prop::collection::vec((number, mark), 0..5)
        .prop_map(|parts| parts.into_iter().flat_map(|(number, mark)| [number, mark]).collect())
}

#[test]
fn every_order_is_one() {
    let config = Config { cases: 3_000, failure_persistence: None, ..Config::default() };
    for (at, compare) in ORDERS.into_iter().enumerate() {
        let law = |(a, b, c): (String, String, String)| {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse(), "{}: {} {}", at, a, b);
            prop_assert_eq!(compare(&a, &a), Ordering::Equal);
            if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
                prop_assert!(compare(&a, &c).is_le(), "{}: {} {} {}", at, a, b, c);
            }
            Ok(())
        };
        TestRunner::new(config.clone()).run(&(any(), any(), any()), law).unwrap();
    }
}

/// With any step over and over again, this would not end.
#[test]
fn long_texts_are_compared_in_one_pass() {
    for piece in ["0.", "-0", "0-", ".a", "1.", "-.", "0", "a0", "~", "stable"] {
        let a = format!("1{}", piece.repeat(1 << 14));
        let b = format!("{a}.1");
        for compare in ORDERS {
            assert_eq!(compare(&a, &b), compare(&b, &a).reverse(), "{piece}");
        }
    }
}
