//! The log against programs of others for such logs: aics-tlog, and Go's own of its sum database.
//! `scripts/oracles` gets them where CI runs.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use dockward_ledger::entry::{Caller, Event, Reads};
use dockward_ledger::{Ledger, Options, prove, rekey};
use dockward_testbed::Skip;

/// What each entry tells, of a length of its own.
fn event(n: u64) -> Event {
    let name = "x".repeat(usize::try_from(n % 200).unwrap());
    let caller = Caller { name: (&*name).into(), uid: Some(1000), container: None };
    let now = jiff::Timestamp::now();
    let operation = "container-list".into();
    Event::Reads(Reads { caller, operation, count: n, from: now, to: now, seconds: n, cut: false })
}

/// Entries in the checkpoint that is kept, and in the whole log.
const SIZES: [(u64, u64); 6] =
    [(3, 4), (255, 256), (256, 257), (300, 700), (2_000, 3_000), (5_000, 66_000)];

/// A log that grew from one size to another, over many checkpoints, with proofs.
fn log(folder: &Path, old: u64, size: u64) {
    let options = Options { origin: Some("web-07".to_owned()), ..Options::default() };
    let ledger = Ledger::open(folder, options, vec![]).unwrap();
    // Its key and its start are there already, and its stop comes.
    for n in 2..old {
        ledger.append(&event(n)).unwrap();
        if n % 301 == 0 {
            ledger.publish().unwrap();
        }
    }
    ledger.publish().unwrap();
    std::fs::copy(folder.join("log/checkpoint"), folder.join("old")).unwrap();
    for n in old..size - 1 {
        ledger.append(&event(n)).unwrap();
    }
    ledger.close().unwrap();
    proofs(folder, size);
}

fn proofs(folder: &Path, size: u64) {
    let indices = (0..size).step_by(usize::try_from(size / 40 + 1).unwrap()).chain([size - 1]);
    let lines = indices.map(|index| {
        let hashes = prove(folder, index, None).unwrap().path;
        let hashes: String = hashes.iter().map(|hash| format!(" {hash}")).collect();
        format!("{index}{hashes}\n")
    });
    std::fs::write(folder.join("proofs"), lines.collect::<String>()).unwrap();
}

/// Lets a program look at logs of all sizes, and at some that were changed.
fn agrees(command: &dyn Fn() -> Command, sizes: &[(u64, u64)]) {
    for (old, size) in sizes {
        let folder = tempfile::tempdir().unwrap();
        log(folder.path(), *old, *size);
        let run = || command().arg(folder.path()).output().unwrap();
        let output = run();
        assert!(output.status.success(), "{old} {size}: {}", said(&output));
        let out = String::from_utf8(output.stdout).unwrap();
        assert!(out.starts_with(&format!("web-07 {size} ")), "{out}");
        // It would have found something.
        for changed in ["log/checkpoint", "old", "proofs", &*first_bundle(folder.path())] {
            let path = folder.path().join(changed);
            let whole = std::fs::read(&path).unwrap();
            let mut bent = whole.clone();
            let at = whole.len() - 5;
            bent[at] ^= 1;
            std::fs::write(&path, bent).unwrap();
            assert!(!run().status.success(), "{old} {size}: {changed}");
            std::fs::write(&path, whole).unwrap();
        }
    }
}

fn first_bundle(folder: &Path) -> String {
    let whole = "log/tile/entries/000";
    if folder.join(whole).is_file() {
        return whole.to_owned();
    }
    let parts = std::fs::read_dir(folder.join("log/tile/entries/000.p")).unwrap();
    let widest = parts.map(|part| part.unwrap().file_name().into_string().unwrap());
    let widest = widest.max_by_key(|name| name.parse::<u64>().unwrap()).unwrap();
    format!("{whole}.p/{widest}")
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Where `scripts/oracles` keeps what is no package of the system.
fn kept() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    let usual = cache.unwrap_or_default().join("dockward/oracles");
    std::env::var_os("DOCKWARD_ORACLES").map_or(usual, PathBuf::from)
}

/// Its Python; none where it is not here.
fn aics(test: &str) -> Option<PathBuf> {
    let python = kept().join("aics-tlog/bin/python");
    let probe = Command::new(&python).args(["-c", "import aics_tlog"]).output();
    let here = probe.is_ok_and(|output| output.status.success());
    if !here {
        Skip::because("aics-tlog is not here").announce(test);
    }
    here.then_some(python)
}

const AICS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/aics.py");

#[test]
fn aics_tlog_believes_the_log_that_ended_and_the_one_that_follows_it() {
    let test = "aics_tlog_believes_the_log_that_ended_and_the_one_that_follows_it";
    let Some(python) = aics(test) else { return };
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("ledger");
    log(&folder, 300, 700);
    let done = rekey(&folder, &Options::default(), None).unwrap();
    proofs(&done.kept, done.last.size);
    log(&folder, 300, 700);
    for (folder, size) in [(&done.kept, done.last.size), (&folder, 700)] {
        let output = Command::new(&python).arg(AICS).arg(folder).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        assert!(said(&output).starts_with(&format!("web-07 {size} ")), "{}", said(&output));
    }
    assert_eq!(done.last.size, 702);
}

#[test]
fn aics_tlog_believes_the_log_and_would_have_made_the_same_tiles() {
    let test = "aics_tlog_believes_the_log_and_would_have_made_the_same_tiles";
    let Some(python) = aics(test) else { return };
    let command = || {
        let mut command = Command::new(&python);
        command.arg(AICS);
        command
    };
    agrees(&command, &SIZES);
}

#[test]
fn go_believes_the_log_as_it_believes_its_sum_database() {
    let built = tempfile::tempdir().unwrap();
    let program = built.path().join("sumdb");
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/sumdb");
    let build = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg("main.go")
        .current_dir(sources)
        .env("GO111MODULE", "off")
        .env("GOPATH", "/usr/share/gocode")
        .env("GOCACHE", built.path().join("cache"))
        .env("GOFLAGS", "")
        .output();
    let there = Path::new("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog").is_dir();
    let Ok(build) = build.map_err(drop).and_then(|build| there.then_some(build).ok_or(())) else {
        Skip::because("golang-go or golang-golang-x-mod-dev is not here")
            .announce("go_believes_the_log_as_it_believes_its_sum_database");
        return;
    };
    assert!(build.status.success(), "{}", said(&build));
    agrees(&|| Command::new(&program), &SIZES);
}
