//! Ledgers and events for tests.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dockward_ledger::entry::{Caller, Decision, Entry, Event, Outcome, Status, Verdict};
use dockward_ledger::{Clock, Ledger, Options, Texts};
use jiff::Timestamp;

/// Signs only when it is told to, and has a small reserve.
pub(crate) fn options() -> Options {
    let long = Duration::from_secs(3_600);
    Options {
        origin: Some("web-07".to_owned()),
        version: "0.1.0".to_owned(),
        sync_every: long,
        publish_every: long,
        reserve: 4_096,
        ..Options::default()
    }
}

pub(crate) fn open(path: &Path) -> Ledger {
    Ledger::open(path, options(), Vec::new()).unwrap()
}

pub(crate) fn caller(name: &str) -> Caller {
    Caller { name: name.into(), uid: Some(1000), container: None }
}

pub(crate) fn decision(name: &str, verdict: Verdict) -> Event {
    Event::Decision(Decision {
        caller: caller("anna"),
        pid: Some(4_711),
        operation: "container-create".into(),
        resources: Texts::new([name]),
        image: Some("shop:1".into()),
        verdict,
        rules: Texts::default(),
        reason: None,
        digest: None,
    })
}

pub(crate) fn outcome(decision: u64) -> Event {
    let created = Texts::new(["9f86d081"]);
    Event::Outcome(Outcome { decision, status: Status::Http(201), created, reason: None })
}

/// A new folder in memory, where there is such a file system: these tests open a ledger thousands of
/// times, and wait for a disk each time.
pub(crate) fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// A folder as it is at this moment, as after the end of who writes it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

/// The entries of a ledger, in order.
pub(crate) fn entries(path: &Path) -> Vec<Entry> {
    dockward_ledger::entries(path).unwrap().map(Result::unwrap).collect()
}

/// The names that decisions are about.
pub(crate) fn decided(path: &Path) -> Vec<String> {
    let all = entries(path).into_iter().filter_map(|entry| match entry.event {
        Event::Decision(decision) => Some(decision.resources.to_string()),
        _ => None,
    });
    all.collect()
}

/// A clock that is set by tests.
#[derive(Debug)]
pub(crate) struct Hands(Mutex<(Timestamp, Duration)>);

impl Hands {
    pub(crate) fn new() -> Arc<Self> {
        let noon = "2026-11-28T12:00:00Z".parse().unwrap();
        Arc::new(Self(Mutex::new((noon, Duration::ZERO))))
    }

    /// Time goes on, and the wall clock is set by so many seconds besides.
    pub(crate) fn turn(&self, on: Duration, jump: i64) {
        let mut hands = self.0.lock().unwrap();
        hands.0 = hands.0 + on + jiff::SignedDuration::from_secs(jump);
        hands.1 += on;
    }
}

impl Clock for Hands {
    fn wall(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }

    fn steady(&self) -> Duration {
        self.0.lock().unwrap().1
    }
}
