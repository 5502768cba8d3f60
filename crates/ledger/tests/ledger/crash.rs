//! The end of who writes, at any moment.

use std::path::Path;

use dockward_ledger::entry::{Event, Status, Verdict};
use dockward_ledger::{Ledger, verify};

use super::sample::{caller, copy, decided, decision, entries, in_memory, open, options, outcome};

fn journal(path: &Path) -> std::path::PathBuf {
    let mut all: Vec<_> = std::fs::read_dir(path.join("journal")).unwrap().collect();
    assert_eq!(all.len(), 1);
    all.pop().unwrap().unwrap().path()
}

fn unknown(path: &Path) -> Vec<u64> {
    let all = entries(path).into_iter().filter_map(|entry| match entry.event {
        Event::Outcome(outcome) if outcome.status == Status::UNKNOWN => Some(outcome.decision),
        _ => None,
    });
    all.collect()
}

#[test]
fn a_journal_that_ends_at_any_byte_gives_back_each_whole_entry_and_no_other() {
    let folder = in_memory();
    let ledger = open(folder.path());
    let begun = std::fs::metadata(journal(folder.path())).unwrap().len();
    let mut ends = vec![begun];
    for n in 0..3 {
        let seq = ledger.append(&decision(&n.to_string(), Verdict::Allow)).unwrap();
        ends.push(std::fs::metadata(journal(folder.path())).unwrap().len());
        if n < 2 {
            ledger.append(&outcome(seq)).unwrap();
        }
    }
    let whole = std::fs::read(journal(folder.path())).unwrap();
    for length in 0..=whole.len() as u64 {
        let copied = in_memory();
        copy(folder.path(), copied.path());
        std::fs::write(journal(copied.path()), &whole[..length as usize]).unwrap();
        let again = open(copied.path());
        assert!(verify(copied.path(), &[], None).is_ok(), "{length}");
        drop(again);
        let wanted = ends.iter().skip(1).filter(|end| **end <= length).count();
        let names: Vec<_> = (0..wanted).map(|n| n.to_string()).collect();
        assert_eq!(decided(copied.path()), names, "{length}");
        let mut last = entries(copied.path());
        assert!(last.pop().is_some_and(|entry| matches!(entry.event, Event::Stop(_))));
        // Each that was forwarded has one outcome.
        let told =
            entries(copied.path()).into_iter().filter(|e| matches!(e.event, Event::Outcome(_)));
        assert_eq!(told.count(), wanted, "{length}");
        let verified = verify(copied.path(), &[], None).unwrap();
        assert_eq!((verified.pending, verified.lost), (0, 0));
    }
}

#[test]
fn what_is_damaged_is_kept_aside_and_told_and_what_came_before_stays() {
    let folder = in_memory();
    let ledger = open(folder.path());
    for n in 0..4 {
        ledger.append(&decision(&n.to_string(), Verdict::Deny)).unwrap();
    }
    let whole = std::fs::read(journal(folder.path())).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let copied = in_memory();
        copy(folder.path(), copied.path());
        let mut bent = whole.clone();
        bent[at] ^= 1;
        std::fs::write(journal(copied.path()), &bent).unwrap();
        assert!(verify(copied.path(), &[], None).is_err(), "{at}");
        let again = open(copied.path());
        // And another crash at once.
        let twice = in_memory();
        copy(copied.path(), twice.path());
        drop(again);
        drop(open(twice.path()));
        for path in [copied.path(), twice.path()] {
            let names = decided(path).join("");
            assert!("012".starts_with(&names), "{at}: {names}");
            assert_eq!(verify(path, &[], None).unwrap().lost, 1, "{at}");
            assert_eq!(std::fs::read_dir(path.join("damaged")).unwrap().count(), 1);
        }
    }
}

#[test]
fn what_was_open_is_known_after_many_checkpoints_and_crashes() {
    let folder = in_memory();
    let ledger = open(folder.path());
    let seq = ledger.append(&decision("attach", Verdict::Allow)).unwrap();
    for n in 0..700 {
        ledger.append(&decision(&n.to_string(), Verdict::Deny)).unwrap();
        if n % 100 == 0 {
            ledger.publish().unwrap();
        }
    }
    ledger.read(&caller("poller"), &"container-list".into()).unwrap();
    ledger.publish().unwrap();
    let copied = in_memory();
    copy(folder.path(), copied.path());
    let mut again = open(copied.path());
    assert_eq!(unknown(copied.path()), [seq]);
    // Whoever crashes over and over says it once.
    for _ in 0..3 {
        let next = in_memory();
        copy(copied.path(), next.path());
        drop(open(next.path()));
        assert_eq!(unknown(next.path()), [seq]);
        let cut = entries(next.path()).into_iter().filter_map(|entry| match entry.event {
            Event::Reads(reads) => Some((reads.count, reads.cut)),
            _ => None,
        });
        assert_eq!(cut.collect::<Vec<_>>(), [(1, true)]);
        let after = entries(next.path())
            .into_iter()
            .filter(|entry| matches!(&entry.event, Event::Start(start) if start.after_crash));
        assert!(after.count() >= 1);
        again.append(&decision("more", Verdict::Deny)).unwrap();
        drop(std::mem::replace(&mut again, open(next.path())));
    }
}

#[test]
fn a_crash_between_tiles_and_checkpoint_is_gone_on_with() {
    // What a publishing that was killed leaves: tiles of the next tree, the checkpoint of the last.
    let folder = in_memory();
    let ledger = open(folder.path());
    for n in 0..300 {
        ledger.append(&decision(&n.to_string(), Verdict::Deny)).unwrap();
    }
    let before = in_memory();
    copy(folder.path(), before.path());
    ledger.publish().unwrap();
    for kept in ["log/tile", "log/tile/entries"] {
        let mixed = in_memory();
        copy(before.path(), mixed.path());
        copy(&folder.path().join(kept), &mixed.path().join(kept));
        let verified = verify(mixed.path(), &[], None).unwrap();
        assert_eq!(verified.unsigned, 300);
        drop(open(mixed.path()));
        assert_eq!(decided(mixed.path()).len(), 300);
        assert!(verify(mixed.path(), &[], None).unwrap().is_complete());
    }
}

#[test]
fn a_log_without_its_checkpoint_is_not_begun_anew() {
    let folder = in_memory();
    open(folder.path()).close().unwrap();
    std::fs::remove_file(folder.path().join("log/checkpoint")).unwrap();
    assert!(verify(folder.path(), &[], None).is_err());
    let error = Ledger::open(folder.path(), options(), vec![]).unwrap_err();
    assert!(error.to_string().contains("checkpoint"), "{error}");
}
