//! `dockward ledger rekey`, and ledgers that follow each other.

use std::fs;
use std::path::PathBuf;

use crate::ledger::{ledger, sample};

/// A ledger whose key was replaced twice: the newest, then those before it.
struct Three {
    above: tempfile::TempDir,
    logs: [String; 3],
}

impl Three {
    fn new() -> Self {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("ledger");
        let text = path.to_str().unwrap().to_owned();
        let mut kept = Vec::new();
        for reason in [None, Some("a year\u{1b}[31m has passed")] {
            sample(&path);
            let list = || fs::read_dir(above.path()).unwrap().map(|one| one.unwrap().path());
            let before: Vec<_> = list().collect();
            let words = ["rekey", &text, "--reason", reason.unwrap_or_default()];
            let run = ledger(if reason.is_some() { &words } else { &words[..2] });
            assert_eq!(run.code, 0, "{}{}", run.out, run.err);
            let aside = list().find(|path| !before.contains(path)).unwrap();
            let aside = aside.to_str().unwrap().to_owned();
            assert!(run.out.contains(&format!("it lies in {aside}, without its secret key")));
            let key = fs::read_to_string(path.join("key.pub")).unwrap();
            assert!(run.out.ends_with(&format!("keep its key elsewhere:\n{key}")), "{}", run.out);
            assert!(!PathBuf::from(&aside).join("key").exists());
            kept.push(aside);
        }
        sample(&path);
        let [oldest, old] = <[String; 2]>::try_from(kept).unwrap();
        Self { above, logs: [text, old, oldest] }
    }

    /// A file of one of them, copied to where only the test writes.
    fn copy(&self, of: usize, file: &str) -> String {
        let to = self.above.path().join(format!("kept-{of}"));
        fs::copy(PathBuf::from(&self.logs[of]).join(file), &to).unwrap();
        to.to_str().unwrap().to_owned()
    }
}

#[test]
fn each_ledger_is_proved_to_follow_the_one_before_it_in_whatever_order_they_are_named() {
    let three = Three::new();
    let [new, old, oldest] = three.logs.each_ref().map(String::as_str);
    for log in [new, old, oldest] {
        let run = ledger(&["verify", log]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        assert_eq!(
            run.out.contains("says that it follows the 9 entries of web-07+"),
            log != oldest
        );
        assert_eq!(run.out.contains("it has ended: its key was replaced by web-07+"), log != new);
    }
    for before in [[old, oldest], [oldest, old]] {
        let run = ledger(&["verify", new, "--follows", before[0], before[1]]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        let lines: Vec<_> = run.out.lines().filter(|line| line.contains("it follows")).collect();
        assert_eq!(lines.len(), 2, "{}", run.out);
        assert!(lines[0].ends_with(&format!(": {old} ends with its key")), "{}", run.out);
        assert!(lines[1].ends_with(&format!(": {oldest} ends with its key")), "{}", run.out);
        assert!(run.out.contains("is the ledger's own word"));
    }
    // A key and checkpoints of any of them, in one file as the system's log has them.
    for of in 0..3 {
        let key = three.copy(of, "key.pub");
        let run = ledger(&["verify", new, "--key", &key, "--follows", old, oldest]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        assert!(!run.out.contains("own word"), "{}", run.out);
    }
    let notes = three.logs.each_ref().map(|log| {
        let note = fs::read_to_string(PathBuf::from(log).join("log/checkpoint")).unwrap();
        format!("dockward: {}\n", serde_json::json!({ "checkpoint": note }))
    });
    let logged = three.above.path().join("messages");
    fs::write(&logged, notes.concat()).unwrap();
    let logged = logged.to_str().unwrap();
    let words = ["verify", new, "--format", "json", "--checkpoint", logged, "--follows"];
    let run = ledger(&[&words[..], &[old, oldest]].concat());
    let json = run.json();
    assert_eq!((run.code, &json["complete"]), (0, &true.into()), "{}", run.out);
    let before = json["before"].as_array().unwrap();
    assert_eq!((before.len(), &json["follows"]), (2, &before[0]));
    assert_eq!((&before[0]["size"], &json["replaced_by"]), (&9.into(), &serde_json::Value::Null));
    let run = ledger(&["verify", new, "--checkpoint", logged]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("Name that with --follows"), "{}", run.err);
}

#[test]
fn a_break_in_the_chain_ends_with_one_and_is_named() {
    let (three, others) = (Three::new(), Three::new());
    let [new, old, oldest] = three.logs.each_ref().map(String::as_str);
    let fails = |words: &[&str], why: &str| {
        let run = ledger(&[&["verify"], words].concat());
        assert_eq!(run.code, 1, "{}{}", run.out, run.err);
        assert!(run.out.starts_with("does not fit: ") && run.out.contains(why), "{}", run.out);
        let json = ledger(&[&["verify", "--format", "json"], words].concat()).json();
        assert_eq!((&json["fits"], &json["before"]), (&false.into(), &serde_json::Value::Null));
    };
    fails(&[new, "--follows", oldest], &format!("{oldest}: the log before it ends with the key"));
    fails(&[old, "--follows", new], "has not ended: its key was not replaced");
    fails(&[new, "--follows", &others.logs[1]], "the log before it ends with the key web-07+");
    let key = others.copy(0, "key.pub");
    fails(&[new, "--follows", old, "--key", &key], "key.pub is another key");
    fails(&[new, "--key", &three.copy(1, "key.pub")], "key.pub is another key");
    // What was changed of one that ended long ago.
    let bundle = PathBuf::from(oldest).join("log/tile/entries/000.p/9");
    let whole = fs::read(&bundle).unwrap();
    for part in ["shop-web", "replaced_by"] {
        let at = whole.windows(part.len()).position(|window| window == part.as_bytes()).unwrap();
        let mut bent = whole.clone();
        bent[at + 3] ^= 1;
        fs::write(&bundle, bent).unwrap();
        fails(&[new, "--follows", old, oldest], &format!("{oldest}: "));
        assert_eq!(ledger(&["verify", new, "--follows", old]).code, 0);
    }
    fs::write(&bundle, whole).unwrap();
    let run = ledger(&["verify", new, "--follows", old, oldest]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn what_has_ended_is_shown_and_is_not_written_any_more() {
    let three = Three::new();
    let [new, old, oldest] = three.logs.each_ref().map(String::as_str);
    let key = |log: &str| fs::read_to_string(PathBuf::from(log).join("key.pub")).unwrap();
    let (new_key, old_key) = (key(new), key(old));
    let shown = ledger(&["show", old]);
    let (first, last) = (shown.out.lines().next().unwrap(), shown.out.lines().last().unwrap());
    let follows = format!("key       {} · follows the 9 entries of web-07+", old_key.trim());
    assert!(first.contains(&follows) && first.contains(", tree "), "{first}");
    let by = format!("{} · replaced by {}; the log ends: a year", old_key.trim(), new_key.trim());
    assert!(last.contains(&by) && last.ends_with("[31m has passed"), "{last}");
    assert!(!shown.out.contains('\u{1b}'));
    for words in [&["prune", oldest, "--older-than", "1d"][..], &["rekey", oldest]] {
        let run = ledger(words);
        assert_eq!(run.code, 2, "{}", run.out);
    }
    let run = ledger(&["prune", oldest, "--older-than", "1d"]);
    assert!(run.err.contains("has ended: its key was replaced by web-07+"), "{}", run.err);
    assert!(run.err.contains("`dockward ledger rekey` finishes it"), "{}", run.err);
    let empty = tempfile::tempdir().unwrap();
    let run = ledger(&["rekey", empty.path().to_str().unwrap()]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("holds no ledger"), "{}", run.err);
    let run = ledger(&["verify", new, "--follows", empty.path().to_str().unwrap()]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(fs::read_dir(empty.path()).unwrap().next().is_none(), "none was begun");
}

/// What it says of the log before it is in its first entry.
#[test]
fn a_log_whose_first_entries_are_gone_is_proved_by_the_log_before_it_alone() {
    let three = Three::new();
    let [new, old, oldest] = three.logs.each_ref().map(String::as_str);
    for _ in 0..60 {
        sample(new.as_ref());
    }
    let key = three.copy(2, "key.pub");
    let words = ["verify", new, "--key", &key, "--follows", old, oldest];
    let whole = ledger(&words);
    assert_eq!(whole.code, 0, "{}{}", whole.out, whole.err);
    let pruned = ledger(&["prune", new, "--older-than", "0s"]);
    assert!(pruned.out.starts_with("256 entries thrown away"), "{}{}", pruned.out, pruned.err);
    let run = ledger(&words);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    let gone = "its first entry was thrown away: what it said of the log before it isn't known";
    assert!(run.out.contains(gone) && run.out.contains("but it is not complete"), "{}", run.out);
    assert!(run.out.contains(&format!("{old} ends with its key")), "{}", run.out);
    let other = Three::new();
    let run = ledger(&["verify", new, "--follows", &other.logs[1]]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
}
