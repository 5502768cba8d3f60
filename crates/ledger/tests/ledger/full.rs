//! A file system without room: a small one of memory, in a mount namespace of its own.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use dockward_ledger::entry::{Event, Verdict};
use dockward_ledger::{AppendError, Ledger, Options, Room, verify};
use dockward_testbed::Skip;

use super::sample::{decided, decision, entries, options, outcome};

/// In the environment of the process that has the file system: its folder.
const INSIDE: &str = "DOCKWARD_LEDGER_FULL";

/// Runs a test again in a mount namespace with a small file system, which goes with the process.
fn inside(test: &str, work: impl FnOnce(&Path)) {
    if let Some(folder) = std::env::var_os(INSIDE) {
        return work(Path::new(&folder));
    }
    if !rustix::process::geteuid().is_root() {
        Skip::because("a file system can be mounted by root alone").announce(test);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=4m,mode=0755 ledger \"$0\" && exec \"$@\"";
    let status = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c", script])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("full::{test}"), "--nocapture"])
        .env(INSIDE, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&status.stdout).into_owned();
    let said = said + &String::from_utf8_lossy(&status.stderr);
    if said.contains("Operation not permitted") && !said.contains("panicked") {
        Skip::because("no file system can be mounted here").announce(test);
        return;
    }
    assert!(status.status.success() && said.contains("1 passed"), "{said}");
}

/// Takes all the room that is left.
fn fill(folder: &Path, name: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    let mut file = File::create(&path).unwrap();
    for size in [1 << 16, 1] {
        while file.write_all(&vec![1; size]).is_ok() {}
    }
    path
}

fn kept(reserve: u64) -> Options {
    let sync_every = Duration::from_millis(5);
    Options { reserve, sync_every, ..options() }
}

/// Records until there is no room. How many decisions were recorded.
fn until_full(ledger: &Ledger, name: &str) -> usize {
    for n in 0..1_000_000 {
        match ledger.append(&decision(&format!("{name}-{n}"), Verdict::Deny)) {
            Ok(_) => {}
            Err(AppendError::Full) => return n,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("there is always room");
}

#[test]
fn the_reserve_keeps_recording_and_what_is_lost_after_it_is_counted() {
    inside("the_reserve_keeps_recording_and_what_is_lost_after_it_is_counted", |folder| {
        let path = folder.join("ledger");
        let ledger = Ledger::open(&path, kept(512 << 10), vec![]).unwrap();
        ledger.append(&decision("before", Verdict::Deny)).unwrap();
        assert_eq!(ledger.room(), Room::Normal);
        let other = fill(folder, "of somebody else");
        let first = ledger.append(&decision("with the reserve", Verdict::Deny));
        assert!(first.is_ok());
        // The last page of the journal may still have had room.
        let mut recorded = 0;
        while ledger.room() == Room::Normal {
            ledger.append(&decision(&format!("page-{recorded}"), Verdict::Deny)).unwrap();
            recorded += 1;
        }
        // What filled it goes on to do so, and takes nothing of the reserve.
        fill(folder, "of somebody else, too");
        let _ = ledger.publish();
        recorded += until_full(&ledger, "r");
        assert_eq!(ledger.room(), Room::Full);
        assert!(recorded > 500, "the reserve has room for more than {recorded}");
        for n in 0..6 {
            let lost = ledger.append(&decision(&format!("lost-{n}"), Verdict::Allow));
            assert_eq!(lost, Err(AppendError::Full));
        }
        // What was written is whole, and readers are not disturbed.
        let verified = verify(&path, &[], None).unwrap();
        assert!(verified.live);
        std::fs::remove_file(other).unwrap();
        ledger.append(&decision("after", Verdict::Deny)).unwrap();
        let started = Instant::now();
        while ledger.room() != Room::Normal {
            assert!(started.elapsed() < Duration::from_secs(60), "the reserve is made again");
            std::thread::sleep(Duration::from_millis(5));
        }
        ledger.close().unwrap();
        let verified = verify(&path, &[], None).unwrap();
        assert_eq!((verified.lost, verified.is_complete()), (7, false));
        let names = decided(&path);
        assert_eq!(names.len(), recorded + 3);
        assert_eq!(names.last().unwrap(), "after");
        let all = entries(&path);
        let gap =
            all.iter().position(|entry| matches!(&entry.event, Event::Gap(gap) if gap.lost == 7));
        let after = all.iter().position(|entry| {
            matches!(&entry.event, Event::Decision(one) if one.resources.to_string() == "after")
        });
        assert_eq!(gap.map(|gap| gap + 1), after, "the gap stands where the lost ones would");
    });
}

#[test]
fn the_last_of_the_reserve_is_for_what_makes_room() {
    inside("the_last_of_the_reserve_is_for_what_makes_room", |folder| {
        let path = folder.join("ledger");
        let ledger = Ledger::open(&path, kept(512 << 10), vec![]).unwrap();
        let other = fill(folder, "of somebody else");
        let sparing = |n: usize| ledger.append_sparing(&decision(&n.to_string(), Verdict::Allow));
        let recorded = (0..1_000_000).take_while(|n| sparing(*n).is_ok()).count();
        assert!(recorded > 200, "half of the reserve is for all: {recorded}");
        assert_eq!(sparing(0), Err(AppendError::Full));
        let removed = ledger.append(&decision("removed", Verdict::Allow)).unwrap();
        ledger.append(&outcome(removed)).unwrap();
        assert_eq!(sparing(0), Err(AppendError::Full));
        let more = until_full(&ledger, "r");
        assert!(more > 200, "the other half is for what makes room: {more}");
        std::fs::remove_file(other).unwrap();
        let started = Instant::now();
        while sparing(0).is_err() {
            assert!(started.elapsed() < Duration::from_secs(60), "there is room again");
            std::thread::sleep(Duration::from_millis(5));
        }
        ledger.close().unwrap();
        let all = entries(&path);
        let gaps = all.iter().filter_map(|entry| match &entry.event {
            Event::Gap(gap) => Some(gap.lost),
            _ => None,
        });
        assert_eq!(gaps.clone().next(), Some(2), "two were lost before the removal");
        assert!(gaps.count() >= 2);
    });
}

#[test]
fn a_ledger_is_opened_without_any_room_and_records_once_there_is_some() {
    inside("a_ledger_is_opened_without_any_room_and_records_once_there_is_some", |folder| {
        let path = folder.join("ledger");
        let ledger = Ledger::open(&path, kept(64 << 10), vec![]).unwrap();
        let seq = ledger.append(&decision("running", Verdict::Allow)).unwrap();
        let other = fill(folder, "of somebody else");
        let recorded = until_full(&ledger, "a");
        drop(ledger);
        let again = fill(folder, "more");
        let ledger = Ledger::open(&path, kept(64 << 10), vec![]).unwrap();
        until_full(&ledger, "b");
        assert_eq!(ledger.room(), Room::Full);
        drop(ledger);
        std::fs::remove_file(again).unwrap();
        std::fs::remove_file(other).unwrap();
        let ledger = Ledger::open(&path, kept(64 << 10), vec![]).unwrap();
        ledger.append(&decision("after", Verdict::Deny)).unwrap();
        ledger.close().unwrap();
        let verified = verify(&path, &[], None).unwrap();
        assert_eq!((verified.pending, verified.unknown), (0, 1));
        let outcomes: Vec<_> = entries(&path)
            .into_iter()
            .filter_map(|entry| match entry.event {
                Event::Outcome(outcome) => Some(outcome.decision),
                _ => None,
            })
            .collect();
        assert_eq!(outcomes, [seq]);
        let names = decided(&path);
        assert!(names.len() >= recorded + 2 && names.last().unwrap() == "after");
    });
}

#[test]
fn tiles_that_cannot_be_written_wait_in_the_journal() {
    inside("tiles_that_cannot_be_written_wait_in_the_journal", |folder| {
        let path = folder.join("ledger");
        let ledger = Ledger::open(&path, kept(4_096), vec![]).unwrap();
        for n in 0..2_000 {
            ledger.append(&decision(&n.to_string(), Verdict::Deny)).unwrap();
        }
        let other = fill(folder, "of somebody else");
        assert!(ledger.publish().is_err());
        assert!(ledger.publish().is_err());
        assert_eq!(verify(&path, &[], None).unwrap().unsigned, 2_000);
        std::fs::remove_file(other).unwrap();
        ledger.publish().unwrap();
        assert_eq!(verify(&path, &[], None).unwrap().unsigned, 0);
        ledger.close().unwrap();
        assert_eq!(decided(&path).len(), 2_000);
        assert!(verify(&path, &[], None).unwrap().is_complete());
    });
}
