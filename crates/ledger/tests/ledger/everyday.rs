//! What happens every day.

use std::path::Path;
use std::time::Duration;

use dockward_ledger::entry::{Event, Status, Verdict};
use dockward_ledger::{AppendError, Checkpoint, Ledger, LedgerError, Room, prove, verify};

use super::sample::{
    Hands, caller, copy, decided, decision, entries, files, open, options, outcome,
};

#[test]
fn what_is_recorded_is_read_in_order_and_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let ledger = open(&path);
    assert_eq!((ledger.room(), ledger.origin()), (Room::Normal, "web-07"));
    let first = ledger.append(&decision("a", Verdict::Allow)).unwrap();
    let second = ledger.append(&decision("b", Verdict::Deny)).unwrap();
    ledger.append(&outcome(first)).unwrap();
    ledger.close().unwrap();

    let verified = verify(&path, &[], None).unwrap();
    assert!(verified.is_complete() && verified.own_key && !verified.live);
    assert_eq!((first, second), (2, 3), "after the key and the start");
    let all = entries(&path);
    assert!(all.iter().map(|entry| entry.seq).eq(0..6));
    assert!(matches!(all[0].event, Event::Key(_)) && matches!(all[5].event, Event::Stop(_)));
    assert_eq!(decided(&path), ["a", "b"]);
    assert!(std::fs::read_dir(path.join("journal")).unwrap().next().is_none());
}

#[test]
fn a_ledger_goes_on_over_many_tiles_and_openings() {
    let folder = tempfile::tempdir().unwrap();
    let (mut known, mut total) = (Vec::new(), 0);
    for round in 0..6 {
        let ledger = open(folder.path());
        for n in 0..[1, 253, 256, 300, 0, 511][round] {
            let seq = ledger.append(&decision(&format!("{round}-{n}"), Verdict::Allow)).unwrap();
            ledger.append(&outcome(seq)).unwrap();
            if n == 100 {
                ledger.publish().unwrap();
            }
            total += 1;
        }
        ledger.close().unwrap();
        let verified = verify(folder.path(), &known, None).unwrap();
        assert!(verified.is_complete(), "{verified:?}");
        known.push(verified.checkpoint.unwrap());
    }
    assert_eq!(decided(folder.path()).len(), total);
    let (size, key) = (known[5].size, verify(folder.path(), &known, None).unwrap().key);
    for index in [0, 255, 256, 1_000, size - 1] {
        let proof = prove(folder.path(), index, Some(&key)).unwrap();
        assert!(proof.line.unwrap().contains(&format!("\"seq\":{index},")));
    }
    assert!(matches!(prove(folder.path(), size, None), Err(LedgerError::Misfit { .. })));
    // Parts of tiles that are whole now are gone; those of the last ones are still there.
    let parts = files(&folder.path().join("log/tile/entries"));
    let parts = parts.iter().filter(|path| path.to_string_lossy().contains(".p/"));
    assert!(
        parts.clone().all(|path| path.to_string_lossy().contains(&format!("{:03}.p/", size / 256)))
    );
}

#[test]
fn an_outcome_needs_a_decision_that_waits_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(folder.path());
    let denied = ledger.append(&decision("a", Verdict::Deny)).unwrap();
    let allowed = ledger.append(&decision("b", Verdict::Observed)).unwrap();
    ledger.append(&outcome(allowed)).unwrap();
    for wrong in [denied, allowed, 0, u64::MAX] {
        assert_eq!(ledger.append(&outcome(wrong)), Err(AppendError::Unlinked(wrong)));
    }
}

#[test]
fn what_is_open_at_the_end_gets_an_unknown_outcome_and_makes_it_incomplete() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(folder.path());
    let seq = ledger.append(&decision("a", Verdict::Allow)).unwrap();
    ledger.close().unwrap();
    let all = entries(folder.path());
    let unknown = all.iter().find_map(|entry| match &entry.event {
        Event::Outcome(outcome) => Some((outcome.decision, outcome.status)),
        _ => None,
    });
    assert_eq!(unknown, Some((seq, Status::UNKNOWN)));
    let verified = verify(folder.path(), &[], None).unwrap();
    assert_eq!((verified.unknown, verified.is_complete()), (1, false));
}

#[test]
fn reads_of_an_hour_are_one_entry_whatever_the_clock_does() {
    for jump in [0, -100_000, 100_000] {
        let folder = tempfile::tempdir().unwrap();
        let hands = Hands::new();
        let options = dockward_ledger::Options {
            clock: hands.clone(),
            sync_every: Duration::from_millis(1),
            ..options()
        };
        let ledger = Ledger::open(folder.path(), options, vec![]).unwrap();
        let read = || ledger.read(&caller("poller"), &"container-list".into()).unwrap();
        (0..5).for_each(|_| read());
        hands.turn(Duration::from_secs(1_800), jump);
        (0..5).for_each(|_| read());
        std::thread::sleep(Duration::from_millis(30));
        assert_eq!(entries(folder.path()).len(), 2, "half an hour has passed");
        hands.turn(Duration::from_secs(1_800), 0);
        let counts = || {
            let all = entries(folder.path()).into_iter();
            all.filter_map(|entry| match entry.event {
                Event::Reads(reads) => Some((reads.count, reads.seconds, reads.cut)),
                _ => None,
            })
            .collect::<Vec<_>>()
        };
        let mut tries = 0;
        while counts().is_empty() {
            tries += 1;
            assert!(tries < 1_000, "an hour has passed");
            std::thread::sleep(Duration::from_millis(10));
        }
        read();
        ledger.close().unwrap();
        assert_eq!(counts(), [(10, 1_800, false), (1, 0, false)]);
    }
}

#[test]
fn what_is_too_old_goes_and_proofs_keep_working() {
    let folder = tempfile::tempdir().unwrap();
    let hands = Hands::new();
    let options = dockward_ledger::Options { clock: hands.clone(), ..options() };
    let ledger = Ledger::open(folder.path(), options, vec![]).unwrap();
    let open_one = ledger.append(&decision("still running", Verdict::Allow)).unwrap();
    for n in 0..600 {
        ledger.append(&decision(&n.to_string(), Verdict::Deny)).unwrap();
        if n == 400 {
            hands.turn(Duration::from_secs(86_400), 0);
        }
    }
    ledger.publish().unwrap();
    let before = verify(folder.path(), &[], None).unwrap().checkpoint.unwrap();
    let limit = "2026-11-28T13:00:00Z".parse().unwrap();
    assert_eq!(ledger.prune(limit).unwrap(), 256, "the second bundle has newer ones");
    assert_eq!(ledger.prune(limit).unwrap(), 0);
    ledger.append(&outcome(open_one)).unwrap();
    ledger.close().unwrap();

    let verified = verify(folder.path(), &[before], None).unwrap();
    assert_eq!((verified.pruned, verified.is_complete()), (256, false));
    let proof = prove(folder.path(), 7, None).unwrap();
    assert!(proof.line.is_none() && !proof.path.is_empty());
    assert_eq!(entries(folder.path())[0].seq, 256);
    // It is gone on with, and what was not pruned must be there.
    open(folder.path()).close().unwrap();
    let copied = tempfile::tempdir().unwrap();
    copy(folder.path(), copied.path());
    std::fs::remove_file(copied.path().join("log/tile/entries/001")).unwrap();
    let error = verify(copied.path(), &[], None).unwrap_err().to_string();
    assert!(error.contains("tile/entries/001 is missing"), "{error}");
}

#[test]
fn a_ledger_keeps_its_name_and_its_key() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).close().unwrap();
    let other = dockward_ledger::Options { origin: Some("db-01".to_owned()), ..options() };
    let error = Ledger::open(folder.path(), other, vec![]).unwrap_err();
    assert!(matches!(error, LedgerError::Origin { .. }), "{error}");
    let any = dockward_ledger::Options { origin: None, ..options() };
    assert_eq!(Ledger::open(folder.path(), any, vec![]).unwrap().origin(), "web-07");
    std::fs::remove_file(folder.path().join("key")).unwrap();
    let error = Ledger::open(folder.path(), options(), vec![]).unwrap_err();
    assert!(error.to_string().contains("key is missing"), "{error}");
}

#[test]
fn only_its_owner_may_write_and_only_its_owner_reads_the_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    open(&path).close().unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&path), 0o750);
    for file in files(&path) {
        let wanted = if file.ends_with("key") { 0o600 } else { 0o640 };
        assert_eq!(mode(&file), wanted, "{}", file.display());
        assert_eq!(mode(file.parent().unwrap()), 0o750, "{}", file.display());
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o770)).unwrap();
    let error = Ledger::open(&path, options(), vec![]).unwrap_err();
    assert!(matches!(error, LedgerError::OpenToOthers { .. }), "{error}");
}

#[test]
fn a_link_in_the_place_of_a_file_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).close().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    for name in ["journal", "log", "tmp", "lock", "key"] {
        let (path, kept) = (folder.path().join(name), elsewhere.path().join(name));
        if path.is_dir() {
            copy(&path, &kept)
        } else {
            std::fs::copy(&path, &kept).unwrap();
        }
        let saved = folder.path().join("saved");
        std::fs::rename(&path, &saved).unwrap();
        std::os::unix::fs::symlink(&kept, &path).unwrap();
        assert!(Ledger::open(folder.path(), options(), vec![]).is_err(), "{name}");
        std::fs::remove_file(&path).unwrap();
        std::fs::rename(&saved, &path).unwrap();
    }
    open(folder.path()).close().unwrap();
}

#[test]
fn a_checkpoint_of_another_log_or_of_more_entries_does_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).close().unwrap();
    let old = verify(folder.path(), &[], None).unwrap().checkpoint.unwrap();
    let wrong = |old: Checkpoint| verify(folder.path(), &[old], None).unwrap_err().to_string();
    assert!(
        wrong(Checkpoint { origin: "db-01".into(), ..old.clone() })
            .contains("the checkpoint of db-01")
    );
    assert!(wrong(Checkpoint { size: 99, ..old.clone() }).contains("it was cut or begun anew"));
    assert!(wrong(Checkpoint { size: 2, ..old }).contains("the first 2 entries"));
}

#[test]
fn the_ledger_prunes_itself_but_not_by_a_clock_that_jumped() {
    for jump in [0, 400 * 86_400] {
        let folder = tempfile::tempdir().unwrap();
        let hands = Hands::new();
        let options = dockward_ledger::Options {
            clock: hands.clone(),
            sync_every: Duration::from_millis(1),
            keep: Some(Duration::from_secs(90 * 86_400)),
            ..options()
        };
        let ledger = Ledger::open(folder.path(), options, vec![]).unwrap();
        for n in 0..300 {
            ledger.append(&decision(&n.to_string(), Verdict::Deny)).unwrap();
        }
        ledger.publish().unwrap();
        let days = if jump == 0 { 91 } else { 1 };
        hands.turn(Duration::from_secs(days * 86_400), jump);
        let first = folder.path().join("log/tile/entries/000");
        for _ in 0..if jump == 0 { 6_000 } else { 30 } {
            if !first.exists() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        ledger.close().unwrap();
        let verified = verify(folder.path(), &[], None).unwrap();
        assert_eq!(verified.pruned, if jump == 0 { 256 } else { 0 });
    }
}

/// Hours pass, and the keeper has time to see that. Whether something was thrown away.
fn is_pruned_after(hours: u64, ledger: Ledger, hands: &Hands, folder: &Path) -> bool {
    hands.turn(Duration::from_secs(hours * 3600), 0);
    std::thread::sleep(Duration::from_millis(300));
    ledger.close().unwrap();
    verify(folder, &[], None).unwrap().pruned > 0
}

#[test]
fn a_clock_that_jumped_while_nobody_wrote_throws_nothing_away_for_a_day_either() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let hands = Hands::new();
    let open = || {
        let options = dockward_ledger::Options {
            clock: hands.clone(),
            sync_every: Duration::from_millis(1),
            keep: Some(Duration::from_secs(90 * 86_400)),
            ..options()
        };
        Ledger::open(folder, options, vec![]).unwrap()
    };
    let ledger = open();
    for n in 0..300 {
        ledger.append(&decision(&n.to_string(), Verdict::Deny)).unwrap();
    }
    assert!(!is_pruned_after(25, ledger, &hands, folder), "nothing is old");
    hands.turn(Duration::from_secs(600), 400 * 86_400);
    assert!(!is_pruned_after(2, open(), &hands, folder), "it jumped");
    // Nor does starting again and again make it believed.
    hands.turn(Duration::from_secs(60), 0);
    assert!(!is_pruned_after(2, open(), &hands, folder), "it jumped four hours ago");
    assert!(is_pruned_after(24, open(), &hands, folder), "a day has passed without a jump");
}
