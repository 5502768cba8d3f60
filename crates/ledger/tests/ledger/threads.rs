//! Many at once: who writes, who reads, who gets copies.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dockward_ledger::entry::{Entry, Verdict};
use dockward_ledger::{AppendError, Clock, Ledger, LedgerError, Lines, Options, prove, verify};

use super::sample::{decided, decision, entries, open, options, outcome};

#[test]
fn many_threads_record_at_once_and_each_gets_its_own_place() {
    for sync in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path(), Options { sync, ..options() }, vec![]).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let ledger = &ledger;
                scope.spawn(move || {
                    for n in 0..50 {
                        let seq =
                            ledger.append(&decision(&format!("{thread}-{n}"), Verdict::Allow));
                        ledger.append(&outcome(seq.unwrap())).unwrap();
                        if n % 20 == 0 {
                            ledger.publish().unwrap();
                        }
                    }
                });
            }
        });
        ledger.close().unwrap();
        assert!(verify(folder.path(), &[], None).unwrap().is_complete());
        let mut names = decided(folder.path());
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 400);
    }
}

#[test]
fn two_cannot_write_one_ledger_and_readers_may_look_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(folder.path());
    let error = Ledger::open(folder.path(), options(), vec![]).unwrap_err();
    assert!(matches!(error, LedgerError::Locked { .. }) && error.hint().is_some());
    let seq = ledger.append(&decision("a", Verdict::Allow)).unwrap();
    let verified = verify(folder.path(), &[], None).unwrap();
    assert_eq!((verified.live, verified.unsigned, verified.pending), (true, 1, 1));
    assert_eq!(entries(folder.path()).last().unwrap().seq, seq);
    drop(ledger);
    assert!(!verify(folder.path(), &[], None).unwrap().live);
}

#[test]
fn whoever_verifies_and_reads_while_it_is_written_sees_nothing_that_does_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let often = Duration::from_millis(1);
    let options = Options { sync_every: often, publish_every: often, ..options() };
    let ledger = Ledger::open(folder.path(), options, vec![]).unwrap();
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 0..20_000_u64 {
                let seq = ledger.append(&decision(&n.to_string(), Verdict::Allow)).unwrap();
                ledger.append(&outcome(seq)).unwrap();
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                if n % 2 == 0 {
                    std::thread::sleep(often);
                }
            }
        });
        let (mut known, mut looked) = (Vec::new(), 0);
        while !writer.is_finished() && looked < 30 {
            let verified = verify(folder.path(), &known, None).unwrap();
            let size = verified.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size);
            known = verified.checkpoint.into_iter().collect();
            if size > 0 {
                prove(folder.path(), size - 1, None).unwrap();
            }
            let all = entries(folder.path());
            assert!(all.iter().map(|entry| entry.seq).eq(0..all.len() as u64));
            assert!(all.len() as u64 >= size);
            looked += 1;
        }
        ended.store(true, Ordering::Relaxed);
        assert!(looked >= 3, "{looked}");
    });
}

/// A writer that tests look into.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn copies_get_each_entry_in_order_and_the_last_checkpoint() {
    let (folder, pipe) = (tempfile::tempdir().unwrap(), Pipe::default());
    let lines = Box::new(Lines::new("a pipe", pipe.clone()));
    let ledger = Ledger::open(folder.path(), options(), vec![lines]).unwrap();
    for n in 0..500 {
        ledger.append(&decision(&n.to_string(), Verdict::Deny)).unwrap();
    }
    ledger.close().unwrap();
    let text = String::from_utf8(pipe.0.lock().unwrap().clone()).unwrap();
    let (notes, lines): (Vec<_>, Vec<_>) =
        text.lines().partition(|line| line.starts_with("{\"checkpoint\""));
    let all = entries(folder.path());
    assert_eq!(lines.len(), all.len());
    for (line, entry) in lines.iter().zip(&all) {
        assert_eq!(Entry::parse(line.as_bytes()).as_ref(), Ok(entry));
    }
    let last: serde_json::Value = serde_json::from_str(notes.last().unwrap()).unwrap();
    let written = std::fs::read_to_string(folder.path().join("log/checkpoint")).unwrap();
    assert_eq!(last["checkpoint"], written);
}

/// A clock that fails when it is told to, as nothing in a ledger should.
#[derive(Debug, Default)]
struct Failing(AtomicBool);

impl Clock for Failing {
    fn wall(&self) -> jiff::Timestamp {
        assert!(!self.0.load(Ordering::Relaxed), "told to");
        jiff::Timestamp::UNIX_EPOCH
    }

    fn steady(&self) -> Duration {
        Duration::ZERO
    }
}

#[test]
fn a_thread_that_panics_while_it_writes_leaves_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Failing::default());
    let options = Options { clock: clock.clone(), ..options() };
    let ledger = Ledger::open(folder.path(), options, vec![]).unwrap();
    let kept = ledger.append(&decision("before", Verdict::Deny)).unwrap();
    clock.0.store(true, Ordering::Relaxed);
    let ended = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                scope.spawn({
                    let ledger = &ledger;
                    move || ledger.append(&decision(&n.to_string(), Verdict::Deny))
                })
            })
            .collect();
        threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    clock.0.store(false, Ordering::Relaxed);
    assert!(ended.iter().any(Result::is_err), "one of them panicked");
    assert!(
        ended.into_iter().flatten().all(|result| matches!(result, Err(AppendError::Broken(_))))
    );
    assert!(matches!(
        ledger.append(&decision("later", Verdict::Deny)),
        Err(AppendError::Broken(_))
    ));
    drop(ledger);
    drop(open(folder.path()));
    assert_eq!((kept, decided(folder.path())), (2, vec!["before".to_owned()]));
}
