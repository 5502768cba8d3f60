//! The bodies of the fuzz targets as ordinary tests: over each file of the corpus as it is, cut at
//! many places, and with bytes changed, in an order that is the same each time.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

use std::path::{Path, PathBuf};

use dockward_fuzz::{BODIES, Body};

/// Copies of each file, beside the file itself; fewer of long ones.
const COPIES: usize = 96;
const WORK: usize = 4 << 20;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn run(name: &str) {
    let (_, body) = BODIES.iter().find(|(target, _)| *target == name).unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(corpus().join(name)).unwrap() {
        let data = std::fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        body(&data);
        bent(&data, *body);
    }
    assert!(files > 0, "{name} has no corpus");
}

/// Cuts and changed bytes: numbers by a linear congruence (Knuth's MMIX), so that a failure repeats.
fn bent(data: &[u8], body: Body) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below.max(1)
    };
    let copies = COPIES.min(WORK / (data.len() + 1)).max(8);
    for round in 0..copies {
        let mut copy = data.to_vec();
        match round % 3 {
            0 => copy.truncate(next(data.len())),
            1 => {
                for _ in 0..=next(8) {
                    let (at, byte) = (next(copy.len()), next(256));
                    if let Some(place) = copy.get_mut(at) {
                        *place = u8::try_from(byte).unwrap();
                    }
                }
            }
            _ => {
                let (from, at) = (next(copy.len()), next(copy.len()));
                let piece: Vec<u8> = copy.iter().skip(from).take(next(64)).copied().collect();
                let tail = copy.split_off(at.min(copy.len()));
                copy.extend(piece);
                copy.extend(tail);
            }
        }
        body(&copy);
    }
}

macro_rules! bodies {
    ($($name:ident)*) => {
        $(#[test] fn $name() { run(stringify!($name)); })*

        #[test]
        fn every_body_has_a_test_and_a_target() {
            let tested = [$(stringify!($name)),*];
            assert!(BODIES.iter().map(|(name, _)| *name).eq(tested));
            let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("targets/targets");
            for name in tested {
                assert!(targets.join(format!("{name}.rs")).is_file(), "{name}");
            }
        }
    };
}

bodies! {
    accounts advisory_database apk_installed audit_rules certificates daemon_json dockward_toml
    dpkg_status feed_listing feed_scores feed_signature guard_chunks guard_heads guard_requests history
    image_archive image_documents image_layers inspect kernel_audit_rule ledger mountinfo osv_record
    packet_filter rpm_bdb rpm_header
    rpm_ndb rpm_sqlite sbom snapshot units
}

/// Of an older layout, nothing of it would be read, and nothing tested.
#[test]
fn the_database_of_the_corpus_is_of_this_layout() {
    let bytes = std::fs::read(corpus().join("advisory_database/small.db")).unwrap();
    dockward_advisory::database::Database::read(&bytes).unwrap().verify().unwrap();
}
