use std::fs;

use tempfile::TempDir;

use super::*;
use crate::entry::{Caller, Decision, Verdict};
use crate::{Texts, Verified, entries, verify};

fn options() -> Options {
    Options { origin: Some("web-07".to_owned()), reserve: 4_096, ..Options::default() }
}

/// Where file systems are in memory: these tests would wait for a disk otherwise.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (entry, target) =
            (entry.as_ref().unwrap(), to.join(entry.as_ref().unwrap().file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn copied(from: &Path) -> TempDir {
    let to = folder();
    copy(from, to.path());
    to
}

/// A ledger that was left by a kill: with a decision that waits for its outcome, and a read.
fn killed() -> TempDir {
    let written = folder();
    let ledger = Ledger::open(&written.path().join("ledger"), options(), Vec::new()).unwrap();
    let caller = Caller { name: "anna".into(), uid: Some(1_000), container: None };
    let decision = Decision {
        caller: caller.clone(),
        pid: None,
        operation: "container-create".into(),
        resources: Texts::new(["web"]),
        image: None,
        verdict: Verdict::Allow,
        rules: Texts::default(),
        reason: None,
        digest: None,
    };
    ledger.append(&Event::Decision(decision)).unwrap();
    ledger.read(&caller, &"container-list".into()).unwrap();
    ledger.remember(b"what is in force").unwrap();
    ledger.publish().unwrap();
    copied(written.path())
}

/// The folder of the ledger that was put aside; none where there is none.
fn kept(above: &Path) -> Option<PathBuf> {
    let mut others = fs::read_dir(above).unwrap().map(|one| one.unwrap().path());
    let kept = others.find(|path| path.file_name().unwrap() != "ledger");
    assert!(others.all(|path| path.ends_with("ledger")), "more than one");
    kept
}

fn kinds(path: &Path) -> Vec<String> {
    let kind = |entry| serde_json::to_value(entry).unwrap()["kind"].as_str().unwrap().to_owned();
    entries(path).unwrap().map(|entry| kind(entry.unwrap())).collect()
}

/// All that must hold once it was done, whatever came before.
fn is_done(above: &Path) -> (Verified, Verified) {
    let (path, kept) = (above.join("ledger"), kept(above).unwrap());
    assert!(!kept.join(KEY).exists() && !kept.join(reserve::NAME).exists());
    let (new, old) = (verify(&path, &[], None).unwrap(), verify(&kept, &[], None).unwrap());
    assert_eq!(new.is_after(&old), Ok(()));
    assert!(old.is_after(&new).is_err());
    assert_eq!((old.pending, old.unsigned, new.unsigned), (0, 0, 0));
    assert_eq!((old.unknown, kinds(&path)[0].as_str()), (1, "key"));
    let all = kinds(&kept);
    let of = |wanted: &str| all.iter().filter(|kind| *kind == wanted).count();
    assert_eq!((of("decision"), of("outcome"), of("reads")), (1, 1, 1), "{all:?}");
    assert_eq!(all.last().unwrap(), "key");
    assert_eq!(fs::read(path.join(IN_FORCE)).unwrap(), b"what is in force");
    (new, old)
}

/// What a kill after each step leaves.
fn steps_of(above: &Path) -> Vec<(Step, TempDir)> {
    let mut all = Vec::new();
    let path = above.join("ledger");
    steps(&path, &options(), Some("a year has passed"), &mut |step| {
        all.push((step, copied(above)));
    })
    .unwrap();
    all
}

#[test]
fn a_kill_after_any_step_leaves_the_old_ledger_or_the_new_one_and_it_can_be_finished() {
    let all = steps_of(killed().path());
    let names: Vec<_> = all.iter().map(|(step, _)| *step).collect();
    let (ended, begun) = ([Step::Made, Step::Named, Step::Ended], [Step::Forgotten, Step::Begun]);
    assert_eq!(names, [&ended[..], &begun[..], &[Step::Exchanged]].concat());
    for (step, left) in &all {
        let path = left.path().join("ledger");
        // A guard that is started then.
        let guard = copied(left.path());
        let opened = Ledger::open(&guard.path().join("ledger"), options(), Vec::new());
        match step {
            Step::Made => {
                opened.unwrap().close().unwrap();
                let old = verify(&guard.path().join("ledger"), &[], None).unwrap();
                assert_eq!((old.follows, old.replaced_by), (None, None));
            }
            Step::Exchanged => {
                opened.unwrap().close().unwrap();
                is_done(guard.path());
                continue;
            }
            _ => {
                let error = opened.unwrap_err();
                assert!(matches!(error, LedgerError::Replaced { .. }), "{step:?}: {error}");
                assert!(error.hint().unwrap().contains("rekey"));
            }
        }
        for above in [left.path(), guard.path()] {
            let made = kept(above).unwrap();
            let key = fs::read_to_string(made.join("key.pub")).unwrap();
            let done = rekey(&above.join("ledger"), &options(), None).unwrap();
            assert_eq!((format!("{}\n", done.key), &done.kept), (key, &made), "{step:?}");
            let (new, old) = is_done(above);
            assert_eq!((new.key, old.key, old.checkpoint), (done.key, done.old, Some(done.last)));
        }
        // And so on from there.
        Ledger::open(&path, options(), Vec::new()).unwrap().close().unwrap();
        is_done(left.path());
    }
}

#[test]
fn an_entry_that_was_cut_short_replaces_nothing() {
    let all = steps_of(killed().path());
    let (_, named) = &all[1];
    let journals = fs::read_dir(named.path().join("ledger/journal")).unwrap();
    let newest = journals.map(|one| one.unwrap().path()).max().unwrap();
    let whole = fs::read(&newest).unwrap();
    let at = whole.windows(11).rposition(|part| part == b"replaced_by").unwrap();
    let lengths = (at - 100..whole.len()).step_by(11).chain([whole.len() - 1, whole.len()]);
    for length in lengths {
        let left = copied(named.path());
        let path = left.path().join("ledger");
        fs::write(path.join("journal").join(newest.file_name().unwrap()), &whole[..length])
            .unwrap();
        let there = verify(&path, &[], None).unwrap().replaced_by.is_some();
        assert_eq!(there, length == whole.len(), "{length}");
        let opened = Ledger::open(&path, options(), Vec::new());
        assert_eq!(opened.is_err(), there, "{length}");
        drop(opened);
        rekey(&path, &options(), None).unwrap();
        is_done(left.path());
    }
}

#[test]
fn what_stands_in_the_way_is_told_and_nothing_is_changed() {
    let left = killed();
    let path = left.path().join("ledger");
    let why = |path: &Path| rekey(path, &options(), None).unwrap_err().to_string();
    let writer = Ledger::open(&path, options(), Vec::new()).unwrap();
    assert!(matches!(rekey(&path, &options(), None), Err(LedgerError::Locked { .. })));
    writer.close().unwrap();
    assert_eq!(kept(left.path()), None);
    assert!(why(Path::new("/proc")).contains("it is a mount point"));
    assert!(why(&left.path().join("none")).contains("No such file"));
    assert!(why(left.path()).contains("there is no key.pub in it"));
    // A ledger of the name that this one would get.
    let key = fs::read_to_string(path.join("key.pub")).unwrap();
    let aside = left.path().join(format!("ledger-{}", key.split('+').nth(1).unwrap()));
    Ledger::open(&aside, options(), Vec::new()).unwrap().close().unwrap();
    assert!(why(&path).contains("is in the way: it holds a ledger"));
    fs::remove_dir_all(&aside).unwrap();
    let all = steps_of(left.path());
    for (step, left) in all.iter().filter(|(step, _)| *step != Step::Exchanged) {
        let aside = kept(left.path()).unwrap();
        fs::remove_dir_all(&aside).unwrap();
        let path = left.path().join("ledger");
        match step {
            Step::Made => drop(rekey(&path, &options(), None).unwrap()),
            _ => {
                assert!(why(&path).contains("is missing, with the key that took"), "{step:?}");
                Ledger::open(&aside, options(), Vec::new()).unwrap().close().unwrap();
                assert!(why(&path).contains("is of another key than the one that took"));
            }
        }
    }
    // What was put aside has nothing more to say.
    let aside = kept(left.path()).unwrap();
    assert!(why(&aside).contains("is missing, with the key that took"));
    assert!(matches!(
        Ledger::open(&aside, options(), Vec::new()),
        Err(LedgerError::Replaced { .. })
    ));
    is_done(left.path());
}
