//! `dockward ledger`, over ledgers that were written as the guard writes them.

use std::path::Path;

use dockward_ledger::entry::{Caller, Decision, Event, Outcome, Reads, Status, Verdict};
use dockward_ledger::{Ledger, Options, Text, Texts};

use crate::run::{Run, dockward};

fn options() -> Options {
    let origin = Some("web-07".to_owned());
    Options { origin, reserve: 4_096, ..Options::default() }
}

fn caller(name: &str, uid: u32, container: Option<&str>) -> Caller {
    Caller { name: name.into(), uid: Some(uid), container: container.map(Text::new) }
}

fn decision(caller: Caller, name: &str, verdict: Verdict) -> Event {
    let rules = match verdict {
        Verdict::Allow => Texts::default(),
        Verdict::Deny | Verdict::Observed => Texts::new(["container-privileged"]),
    };
    Event::Decision(Decision {
        caller,
        pid: None,
        operation: "container-create".into(),
        resources: Texts::new([name]),
        image: Some("shop:1".into()),
        verdict,
        rules,
        reason: (verdict != Verdict::Allow).then(|| "it is privileged".into()),
        digest: None,
    })
}

/// A ledger with some of each.
pub(crate) fn sample(path: &Path) {
    let ledger = Ledger::open(path, options(), vec![]).unwrap();
    let allowed = ledger.append(&decision(caller("anna", 1000, None), "shop-web", Verdict::Allow));
    let made = Outcome {
        decision: allowed.unwrap(),
        status: Status::Http(201),
        created: Texts::new(["9f86d081"]),
        reason: None,
    };
    ledger.append(&Event::Outcome(made)).unwrap();
    let within = caller("ci \u{1b}[31mrunner", 0, Some("4d2f00112233aabb"));
    ledger.append(&decision(within, "##[error]x", Verdict::Deny)).unwrap();
    let now = jiff::Timestamp::now();
    let reads = Reads {
        caller: caller("traefik", 0, Some("aabbccddeeff0011")),
        operation: "container-list".into(),
        count: 3_600,
        from: now,
        to: now,
        seconds: 3_600,
        cut: false,
    };
    ledger.append(&Event::Reads(reads)).unwrap();
    ledger.close().unwrap();
}

pub(crate) fn ledger(words: &[&str]) -> Run {
    dockward(&[&["ledger"], words].concat())
}

#[test]
fn a_ledger_that_fits_ends_with_zero_and_one_that_was_changed_with_one_and_its_place() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    let path = folder.path().to_str().unwrap();
    let kept = tempfile::tempdir().unwrap();
    let (key, note) = (kept.path().join("key.pub"), kept.path().join("checkpoint"));
    std::fs::copy(folder.path().join("key.pub"), &key).unwrap();
    std::fs::copy(folder.path().join("log/checkpoint"), &note).unwrap();
    let (key, note) = (key.to_str().unwrap(), note.to_str().unwrap());

    let run = ledger(&["verify", path]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.starts_with("web-07: 7 entries, signed; tree "), "{}", run.out);
    assert!(run.out.contains("is the ledger's own word") && run.out.ends_with("\nall fits\n"));
    let run = ledger(&["verify", path, "--key", key, "--checkpoint", note, "--entry", "2"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("it grew out of the checkpoints"), "{}", run.out);
    assert!(run.out.contains("entry 2 is in the tree") && run.out.contains("\"shop-web\""));

    let bundle = folder.path().join("log/tile/entries/000.p/7");
    let mut bytes = std::fs::read(&bundle).unwrap();
    let at = bytes.windows(8).position(|part| part == b"shop-web").unwrap();
    bytes[at + 6] = b'E';
    std::fs::write(&bundle, bytes).unwrap();
    let run = ledger(&["verify", path, "--format", "json"]);
    let json = run.json();
    assert_eq!((run.code, &json["fits"], &json["complete"]), (1, &false.into(), &false.into()));
    assert_eq!(json["misfit"], "log/tile/0/000.p/7 has another hash of entry 2");
    let run = ledger(&["verify", path]);
    assert_eq!(
        (run.code, &*run.out),
        (1, "does not fit: log/tile/0/000.p/7 has another hash of entry 2\n")
    );
}

#[test]
fn a_checkpoint_is_found_in_the_lines_of_a_log() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    let note = std::fs::read_to_string(folder.path().join("log/checkpoint")).unwrap();
    let logged = serde_json::json!({ "checkpoint": note });
    let log = folder.path().with_extension("log");
    std::fs::write(&log, format!("Nov 28 web-07 other: x\nNov 28 web-07 dockward: {logged}\n"))
        .unwrap();
    let (path, log) = (folder.path().to_str().unwrap(), log.to_str().unwrap());
    let run = ledger(&["verify", path, "--checkpoint", log]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    // The same log, begun anew with the same key.
    let anew = tempfile::tempdir().unwrap();
    for name in ["key", "key.pub"] {
        std::fs::copy(folder.path().join(name), anew.path().join(name)).unwrap();
    }
    sample(anew.path());
    let run = ledger(&["verify", anew.path().to_str().unwrap(), "--checkpoint", log]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("are not those of the checkpoint that was kept"), "{}", run.out);
    std::fs::write(log, "nothing of it\n").unwrap();
    let run = ledger(&["verify", path, "--checkpoint", log]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    std::fs::remove_file(log).unwrap();
}

#[test]
fn what_is_open_lost_or_pruned_ends_with_three_and_what_is_no_ledger_with_two() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let run = ledger(&["verify", path]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("holds no ledger"), "{}", run.err);
    assert_eq!(ledger(&["prune", path, "--older-than", "1d"]).code, 2);
    assert!(std::fs::read_dir(path).unwrap().next().is_none(), "none was begun");

    let open = Ledger::open(folder.path(), options(), vec![]).unwrap();
    for n in 0..300 {
        open.append(&decision(caller("anna", 1000, None), &n.to_string(), Verdict::Deny)).unwrap();
    }
    let run = ledger(&["prune", path, "--older-than", "0s"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("being written by another process"), "{}", run.err);
    open.append(&decision(caller("anna", 1000, None), "open", Verdict::Allow)).unwrap();
    open.close().unwrap();
    let run = ledger(&["verify", path]);
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("1 outcomes are unknown") && run.out.contains("not complete"));
    let run = ledger(&["prune", path, "--older-than", "0s"]);
    assert_eq!(
        (run.code, &*run.out),
        (0, "256 entries thrown away; their hashes stay\n"),
        "{}",
        run.err
    );
    let run = ledger(&["verify", path, "--entry", "7", "--format", "json"]);
    let json = run.json();
    assert_eq!((run.code, &json["fits"], &json["pruned"]), (3, &true.into(), &256.into()));
    assert!(json["proof"]["path"].as_array().is_some_and(|path| path.len() >= 8));
    let run = ledger(&["show", path]);
    assert_eq!(run.code, 3);
    assert!(run.err.contains("no entries 0 to 255 are here"), "{}", run.err);
    assert!(run.out.contains("prune     entries below 256"), "{}", run.out);
}

#[test]
fn what_was_recorded_is_shown_in_one_line_each_and_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    let path = folder.path().to_str().unwrap();
    let run = ledger(&["show", path]);
    assert_eq!((run.code, run.out.lines().count()), (0, 7), "{}{}", run.out, run.err);
    for part in [
        "2  allowed   anna (uid 1000): container-create shop-web of shop:1\n",
        "3  └ of 2: 201, made 9f86d081\n",
        "(container 4d2f00112233, uid 0): container-create #\\#[error]x of shop:1 · container-privileged · it is privileged\n",
        "read      traefik (container aabbccddeeff, uid 0): container-list 3600 times in 3600 s\n",
        "stop      dockward",
    ] {
        assert!(run.out.contains(part), "{part}: {}", run.out);
    }
    assert!(!run.out.contains('\u{1b}'));
    let chosen = |words: &[&str]| {
        let run = ledger(&[&["show", path, "--format", "json"], words].concat());
        let json = run.json();
        assert_eq!(
            (run.code, &json["schema"], &json["complete"]),
            (0, &"dockward.ledger/1".into(), &true.into())
        );
        let all = json["entries"].as_array().unwrap().iter();
        all.map(|entry| entry["seq"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(chosen(&[]), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(chosen(&["--caller", "anna"]), [2, 3]);
    assert_eq!(chosen(&["--caller", "1000"]), [2, 3]);
    assert_eq!(chosen(&["--caller", "aabbcc"]), [5]);
    assert_eq!(chosen(&["--denied"]), [4]);
    assert_eq!(chosen(&["--since", "1h"]).len(), 7);
    assert!(chosen(&["--since", "2100-01-01"]).is_empty());
    assert_eq!(ledger(&["show", path, "--since", "soon"]).code, 2);
}
