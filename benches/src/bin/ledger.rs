//! Recording an entry, beside a plain write of as many bytes to a file, in turn on the same file system; and in
//! synchronous mode many at once, beside a write and a wait for the disk each.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use dockward_benches::{Figure, median};
use dockward_ledger::entry::{Caller, Decision, Digest, Event, Outcome, Status, Verdict};
use dockward_ledger::{Ledger, Options, Texts, verify};

/// How many entries are recorded one after another in a round.
const APPENDS: usize = 2_000;
const ROUNDS: usize = 40;
/// How many record at once.
const THREADS: usize = 32;
/// How long they do.
const LONG: Duration = Duration::from_secs(2);

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut out = std::io::stdout().lock();
    let mut say = |name, measured, limit| {
        let unit = "x";
        writeln!(out, "{}", Figure { name, measured, limit, unit })
    };
    let one = one_by_one(folder.path())?;
    say("ledger: recording one entry, times a plain write of its size, medians", one, 20.0)?;
    let many = at_once(folder.path(), false)?;
    say("ledger: recording an entry while 32 threads do, times a plain write", many, 60.0)?;
    let synced = at_once(folder.path(), true)?;
    say("ledger: the same on the disk at once, times a write and fdatasync", synced, 0.5)?;
    Ok(())
}

fn decision() -> Event {
    Event::Decision(Decision {
        caller: Caller { name: "anna".into(), uid: Some(1000), container: None },
        pid: Some(4_711),
        operation: "container-create".into(),
        resources: Texts::new(["shop-web-1"]),
        image: Some("registry.example.com/shop/web:2026.11.28".into()),
        verdict: Verdict::Allow,
        rules: Texts::default(),
        reason: None,
        digest: Some(Digest::of(b"a request")),
    })
}

fn outcome(decision: u64) -> Event {
    let created = Texts::new(["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]);
    Event::Outcome(Outcome { decision, status: Status::Http(201), created, reason: None })
}

/// As many bytes as an entry has in the journal.
fn bytes() -> Result<Vec<u8>> {
    let line = serde_json::to_vec(&decision())?;
    Ok(vec![b'x'; line.len() + 90])
}

fn plain(folder: &Path) -> Result<File> {
    Ok(OpenOptions::new().create(true).append(true).open(folder.join("plain"))?)
}

/// The median of recording an entry, in medians of a plain write.
fn one_by_one(folder: &Path) -> Result<f64> {
    let path = folder.join("one");
    let ledger = Ledger::open(&path, Options::default(), Vec::new())?;
    let (event, bytes, mut file) = (decision(), bytes()?, plain(folder)?);
    let (mut recorded, mut written) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for _ in 0..APPENDS {
            let started = Instant::now();
            let seq = ledger.append(&event)?;
            recorded.push(started.elapsed().as_secs_f64() * 1e6);
            ledger.append(&outcome(seq))?;
        }
        for _ in 0..APPENDS {
            let started = Instant::now();
            file.write_all(&bytes)?;
            written.push(started.elapsed().as_secs_f64() * 1e6);
        }
    }
    let (one, other) = (median(&recorded), median(&written));
    let total: f64 = recorded.iter().sum();
    recorded.sort_by(f64::total_cmp);
    let late = recorded.get(recorded.len() * 99 / 100).copied().unwrap_or_default();
    let second = recorded.len() as f64 / total * 1e6;
    ledger.close()?;
    verify(&path, &[], None)?;
    let mut err = std::io::stderr().lock();
    writeln!(
        err,
        "one entry {one:.1} µs (1 in 100 over {late:.1} µs), a plain write {other:.1} µs; {second:.0} entries a second"
    )?;
    Ok(one / other)
}

/// What recording takes when many do so at once, an entry on average, in times that a plain write takes.
fn at_once(folder: &Path, sync: bool) -> Result<f64> {
    let path = folder.join(if sync { "synced" } else { "many" });
    let options = Options { sync, ..Options::default() };
    let ledger = Ledger::open(&path, options, Vec::new())?;
    let ended = AtomicBool::new(false);
    let started = Instant::now();
    let counts: Result<Vec<usize>> = std::thread::scope(|scope| {
        let work = || {
            let (mut count, event) = (0, decision());
            while !ended.load(Ordering::Relaxed) {
                let seq = ledger.append(&event)?;
                ledger.append(&outcome(seq))?;
                count += 2;
            }
            anyhow::Ok(count)
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        std::thread::sleep(LONG);
        ended.store(true, Ordering::Relaxed);
        threads.into_iter().map(|thread| thread.join().ok().context("a thread panicked")?).collect()
    });
    let count: usize = counts?.iter().sum();
    let each = started.elapsed().as_secs_f64() * 1e6 / count as f64;
    ledger.close()?;
    let other = written(folder, sync)?;
    let mut err = std::io::stderr().lock();
    let second = 1e6 / each;
    writeln!(
        err,
        "{THREADS} threads, synchronous {sync}: {each:.1} µs an entry, {second:.0} a second; a plain write {other:.1} µs"
    )?;
    Ok(each / other)
}

/// The median of a plain write, in microseconds; on the disk, where that is asked for.
fn written(folder: &Path, sync: bool) -> Result<f64> {
    let (bytes, mut file, mut all) = (bytes()?, plain(folder)?, Vec::new());
    let begun = Instant::now();
    while begun.elapsed() < LONG {
        let started = Instant::now();
        file.write_all(&bytes)?;
        if sync {
            file.sync_data()?;
        }
        all.push(started.elapsed().as_secs_f64() * 1e6);
    }
    Ok(median(&all))
}
