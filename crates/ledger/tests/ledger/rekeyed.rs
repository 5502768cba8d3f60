//! A log that follows another: by a process that is killed (SIGKILL) at many moments, and changed
//! afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use dockward_ledger::entry::Verdict;
use dockward_ledger::{Ledger, LedgerError, Verified, rekey, verify};

use super::sample::{copy, decided, decision, in_memory, open, options};

/// In the environment of the process that is killed: the ledger's folder.
const REKEYER: &str = "DOCKWARD_LEDGER_REKEYER";
/// How often it is killed: as often as this, and until it was often enough in between.
const ROUNDS: std::ops::Range<u64> = 60..600;

/// Not a test of its own: what the process does that is killed.
#[test]
fn the_process_that_is_killed() {
    let Ok(path) = std::env::var(REKEYER) else { return };
    println!("begun");
    for _ in 0..1_000 {
        rekey(Path::new(&path), &options(), Some("a year has passed")).unwrap();
        let ledger = open(Path::new(&path));
        ledger.append(&decision("web", Verdict::Deny)).unwrap();
        ledger.close().unwrap();
    }
}

fn killed_after(path: &Path, wait: Duration) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "rekeyed::the_process_that_is_killed", "--nocapture"])
        .env(REKEYER, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    assert!(said.lines().map_while(Result::ok).any(|line| line.ends_with("begun")));
    std::thread::sleep(wait);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The ledgers in a folder by their keys, each verified.
fn all(above: &Path) -> BTreeMap<String, (PathBuf, Verified)> {
    let folders = fs::read_dir(above).unwrap().map(|one| one.unwrap().path());
    let verified = folders.map(|path| {
        let verified = verify(&path, &[], None).unwrap();
        (verified.key.to_string(), (path, verified))
    });
    verified.collect()
}

#[test]
fn whenever_it_is_killed_each_log_follows_the_one_before_it_and_nothing_is_lost() {
    let above = in_memory();
    let path = above.path().join("ledger");
    open(&path).close().unwrap();
    let mut cut = 0;
    for round in 0..ROUNDS.end {
        if round > ROUNDS.start && cut > 5 {
            break;
        }
        // Longer and longer, where the machine has other things to do.
        killed_after(&path, Duration::from_micros((round * 7_919) % (15_000 + 100 * round)));
        match Ledger::open(&path, options(), Vec::new()) {
            Ok(ledger) => ledger.close().unwrap(),
            Err(LedgerError::Replaced { .. }) => cut += 1,
            Err(error) => panic!("round {round}: {error}"),
        }
    }
    let last = rekey(&path, &options(), None).unwrap();
    let all = all(above.path());
    let (mut key, mut length) = (last.key.to_string(), 1);
    while let Some(follows) = &all[&key].1.follows {
        assert_eq!(all[&key].1.is_after(&all[&follows.key].1), Ok(()));
        key.clone_from(&follows.key);
        length += 1;
    }
    println!("{length} logs, {cut} kills in between");
    assert_eq!(length, all.len(), "one is not of the chain");
    assert!(length > 5 && cut > 5, "{length} {cut}");
    let secrets = all.values().filter(|(path, _)| path.join("key").exists());
    assert_eq!(secrets.map(|(path, _)| path).collect::<Vec<_>>(), [&path]);
}

/// A ledger that follows another, which is put aside.
fn two() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let above = in_memory();
    let path = above.path().join("ledger");
    let ledger = open(&path);
    ledger.append(&decision("before", Verdict::Deny)).unwrap();
    ledger.close().unwrap();
    let kept = rekey(&path, &options(), None).unwrap().kept;
    let ledger = open(&path);
    ledger.append(&decision("after", Verdict::Deny)).unwrap();
    ledger.close().unwrap();
    (above, path, kept)
}

fn follows(new: &Path, old: &Path) -> Result<(), String> {
    let verified = |path| verify(path, &[], None).map_err(|error| error.to_string());
    verified(new)?.is_after(&verified(old)?)
}

#[test]
fn an_end_that_was_changed_is_told() {
    let (above, new, old) = two();
    follows(&new, &old).unwrap();
    assert_eq!((decided(&new), decided(&old)), (vec!["after".into()], vec!["before".into()]));
    // Another log of the same name, also one that follows another one.
    let (_other, other_new, other_old) = two();
    let why = follows(&new, &other_old).unwrap_err();
    assert!(why.contains("the log before it ends with the key web-07+"), "{why}");
    let why = follows(&other_new, &new).unwrap_err();
    assert!(why.contains("its key was not replaced"), "{why}");
    drop(above);
    // Somebody kept the old log as it was before its end, with its key, and ends it otherwise: with a
    // key of their own, or even with the very key that came after.
    for same in [false, true] {
        let (one, other) = (in_memory(), in_memory());
        let [path, forged] = [&one, &other].map(|above| above.path().join("ledger"));
        open(&path).close().unwrap();
        copy(&path, &forged);
        let done = rekey(&path, &options(), None).unwrap();
        follows(&path, &done.kept).unwrap();
        if same {
            let beside = other.path().join(done.kept.file_name().unwrap());
            fs::create_dir(&beside).unwrap();
            for name in ["key", "key.pub"] {
                fs::copy(path.join(name), beside.join(name)).unwrap();
            }
        }
        let ledger = open(&forged);
        ledger.append(&decision("never", Verdict::Deny)).unwrap();
        ledger.close().unwrap();
        let aside = rekey(&forged, &options(), None).unwrap();
        let why = follows(&path, &aside.kept).unwrap_err();
        let wanted = if same { "it follows 5 entries with" } else { "before it ends with the key" };
        assert!(why.contains(wanted), "{why}");
    }
}

#[test]
fn each_byte_of_both_ends_is_signed() {
    let (_above, new, old) = two();
    for (path, part) in [(&new, &b"\"follows\":{\"key"[..]), (&old, b"\"replaced_by\"")] {
        let bundle = fs::read_dir(path.join("log/tile/entries/000.p")).unwrap();
        let bundle = bundle
            .map(|one| one.unwrap().path())
            .max_by_key(|path| path.file_name().unwrap().to_string_lossy().parse::<u32>().unwrap());
        let bundle = bundle.unwrap();
        let whole = fs::read(&bundle).unwrap();
        let at = whole.windows(part.len()).position(|window| window == part).unwrap();
        for at in (at..whole.len()).take(100).step_by(9) {
            let mut bent = whole.clone();
            bent[at] ^= 1;
            fs::write(&bundle, &bent).unwrap();
            assert!(follows(&new, &old).is_err(), "{at}");
        }
        fs::write(&bundle, &whole).unwrap();
    }
    follows(&new, &old).unwrap();
}
