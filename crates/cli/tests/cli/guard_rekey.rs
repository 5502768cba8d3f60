//! A guard before a real engine whose ledger gets another key between two runs.

use std::fs;
use std::path::PathBuf;

use dockward_testbed::{DaemonConfig, Engine, Suite};

use crate::guard::{Guarded, IMAGE};
use crate::run::{Run, command};

/// The folder beside the ledger.
fn aside(guarded: &Guarded) -> PathBuf {
    let all = fs::read_dir(guarded.folder.path()).unwrap().map(|one| one.unwrap().path());
    let mut all = all.filter(|path| path.to_string_lossy().contains("/ledger-"));
    let kept = all.next().unwrap();
    assert_eq!(all.next(), None);
    kept
}

#[test]
fn a_guard_goes_on_in_the_log_of_another_key_that_follows_the_old_one() {
    let test = "a_guard_goes_on_in_the_log_of_another_key_that_follows_the_old_one";
    let Some(engine) = Engine::start_or_skip(test, Suite::Trixie, &DaemonConfig::default()) else {
        return;
    };
    let mut guarded = Guarded::before(engine, "");
    let privileged = ["run", "--rm", "--privileged", IMAGE, "true"];
    guarded.passes(&["run", "-d", "--name", "before", IMAGE, "sleep", "600"]);
    guarded.is_denied(&privileged, "container-privileged");
    let refused = guarded.dockward(&["ledger", "rekey", "LEDGER"]);
    assert_eq!(refused.code, 2, "{}", refused.out);
    assert!(refused.err.contains("being written by another process"), "{}", refused.err);
    // It ends as it comes: what is open then is closed in the old log.
    guarded.signal(rustix::process::Signal::KILL);
    guarded.guard.wait().unwrap();
    let folder = guarded.folder.path().to_owned();
    let keep = |file: &str, name: &str| {
        let to = folder.join(name);
        fs::copy(folder.join("ledger").join(file), &to).unwrap();
        to.to_str().unwrap().to_owned()
    };
    let (key, note) = (keep("key.pub", "old.pub"), keep("log/checkpoint", "old.note"));
    let words = ["ledger", "rekey", "LEDGER", "--reason", "it was in a backup"];
    let done = guarded.dockward(&words);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    let kept = aside(&guarded);
    let text = kept.to_str().unwrap().to_owned();

    // Settings that change meanwhile are told in the new log.
    fs::write(folder.join("dockward.toml"), "[guard]\nprofile = \"observe\"\n").unwrap();
    guarded.again();
    guarded.passes(&["run", "-d", "--name", "after", IMAGE, "sleep", "600"]);
    let after = guarded.entries(&[]);
    let of = |kind: &str| after.iter().filter(|one| one["kind"] == kind).collect::<Vec<_>>();
    assert_eq!(after[0]["kind"], "key");
    assert_eq!(after[0]["follows"]["key"], fs::read_to_string(&key).unwrap().trim());
    let policy = of("policy");
    assert_eq!(policy.len(), 2, "{policy:#?}");
    assert_eq!(policy[1]["reason"], "changed while the guard did not run");
    assert_eq!(policy[1]["changes"][0], "profile: baseline → observe");
    let names = |all: &[&serde_json::Value]| format!("{all:?}");
    assert!(names(&of("decision")).contains("after") && !names(&of("decision")).contains("before"));
    let seqs: Vec<_> = after.iter().map(|one| one["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (0..seqs.len() as u64).collect::<Vec<_>>());

    is_proved(&mut guarded, &text, &key, &note);
    is_over(&guarded, &kept);
}

/// Both, and that one follows the other; what is changed at either end is told.
fn is_proved(guarded: &mut Guarded, kept: &str, key: &str, note: &str) {
    let chain = ["ledger", "verify", "LEDGER", "--follows", kept];
    // Also while the guard writes.
    let live = guarded.dockward(&chain);
    assert!(matches!(live.code, 0 | 3), "{}{}", live.out, live.err);
    guarded.end();
    for words in [&["ledger", "verify", "LEDGER"][..], &["ledger", "verify", kept], &chain] {
        let run = guarded.dockward(words);
        assert!(
            matches!(run.code, 0 | 3) && run.out.contains("all fits"),
            "{}{}",
            run.out,
            run.err
        );
    }
    let elsewhere = ["--key", key, "--checkpoint", note];
    let run = guarded.dockward(&[&chain[..], &elsewhere].concat());
    assert!(matches!(run.code, 0 | 3) && !run.out.contains("own word"), "{}{}", run.out, run.err);
    for (log, part) in
        [(guarded.folder.path().join("ledger"), "follows"), (kept.into(), "replaced_by")]
    {
        let files = fs::read_dir(log.join("log/tile/entries/000.p")).unwrap();
        for path in files.map(|one| one.unwrap().path()) {
            let mut bytes = fs::read(&path).unwrap();
            let at = bytes.windows(part.len()).position(|window| window == part.as_bytes());
            let Some(at) = at else { continue };
            bytes[at + part.len() + 12] ^= 1;
            fs::write(&path, &bytes).unwrap();
            let run = guarded.dockward(&chain);
            assert_eq!(run.code, 1, "{}{}", run.out, run.err);
            assert!(run.out.contains("does not fit: "), "{}", run.out);
            bytes[at + part.len() + 12] ^= 1;
            fs::write(&path, &bytes).unwrap();
        }
    }
    assert_ne!(guarded.dockward(&chain).code, 1);
}

/// No guard writes in the old ledger again.
fn is_over(guarded: &Guarded, kept: &std::path::Path) {
    let mut command = command(guarded.folder.path());
    command.args(["guard", "run", "--engine"]).arg(guarded.engine.socket());
    command.args(["--listen", "never.sock", "--ledger"]).arg(kept);
    let run = Run::new(&command.output().unwrap());
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(run.err.contains("has ended: its key was replaced by"), "{}", run.err);
    assert!(run.err.contains("a ledger that was put aside is not written any more"), "{}", run.err);
}
