//! A process that writes and is killed (SIGKILL), at many moments.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use dockward_ledger::entry::{Event, Verdict};
use dockward_ledger::{Ledger, Options, verify};

use super::sample::{caller, decided, decision, entries, options, outcome};

/// In the environment of the process that writes: the ledger's folder and the round.
const WRITER: &str = "DOCKWARD_LEDGER_WRITER";
/// How often it is killed.
const ROUNDS: u64 = 40;

/// Not a test of its own: what the process does that is killed.
#[test]
fn the_process_that_is_killed() {
    let Ok(told) = std::env::var(WRITER) else { return };
    let (path, round) = told.rsplit_once(' ').unwrap();
    let often = Duration::from_millis(3);
    let sync = round.ends_with('7');
    let options = Options { sync, sync_every: often, publish_every: often, ..options() };
    let ledger = Ledger::open(Path::new(path), options, vec![]).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let ledger = &ledger;
            scope.spawn(move || {
                for n in 0..100_000 {
                    let name = format!("{round}-{thread}-{n}");
                    // One write each: what was written is in the pipe, whatever happens then.
                    say(&format!("begun {name}\n"));
                    let seq = ledger.append(&decision(&name, Verdict::Allow)).unwrap();
                    say(&format!("acknowledged {name} {seq}\n"));
                    if n % 3 > 0 {
                        ledger.append(&outcome(seq)).unwrap();
                        say(&format!("done {name} {seq}\n"));
                    }
                    ledger.read(&caller("poller"), &"container-list".into()).unwrap();
                }
            });
        }
    });
}

fn say(line: &str) {
    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
}

/// What the process said until it was killed.
#[derive(Default)]
struct Said {
    begun: BTreeSet<String>,
    acknowledged: BTreeMap<String, u64>,
    done: BTreeSet<u64>,
}

impl Said {
    fn hear(&mut self, line: &str) {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["begun", name] => self.begun.extend([name.to_owned()]),
            ["acknowledged", name, seq] => {
                self.acknowledged.extend([(name.to_owned(), seq.parse::<u64>().unwrap())]);
            }
            ["done", _, seq] => self.done.extend([seq.parse::<u64>().unwrap()]),
            _ => {}
        }
    }
}

/// Lets the process write for a while and kills it.
fn round(path: &Path, round: u64, said: &mut Said) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::the_process_that_is_killed", "--nocapture"])
        .env(WRITER, format!("{} {round}", path.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    // Some are killed while they open what the last one left, most while they write.
    let (early, wait) = (round % 4 == 3, Duration::from_millis((round * 7_919) % 25));
    let (begun, begins) = std::sync::mpsc::channel();
    let killer = std::thread::spawn(move || {
        if !early {
            // One that ends without having begun is heard of below.
            let _ = begins.recv();
        }
        std::thread::sleep(wait);
        child.kill().unwrap();
        child.wait().unwrap();
    });
    for line in output.lines().map_while(Result::ok) {
        said.hear(&line);
        if line.starts_with("begun ") {
            // It listens for the first one only.
            let _ = begun.send(());
        }
    }
    drop(begun);
    killer.join().unwrap();
}

#[test]
fn what_was_acknowledged_survives_the_kill_and_nothing_is_there_that_was_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let (mut said, mut known) = (Said::default(), Vec::new());
    for n in 0..ROUNDS {
        round(&path, n, &mut said);
        if !path.join("log/checkpoint").exists() {
            continue;
        }
        let verified = verify(&path, &known, None).unwrap();
        known.extend(verified.checkpoint);
        if known.len() > 3 {
            known.remove(0);
        }
        if n % 4 > 0 {
            continue;
        }
        // Before anybody has opened it again, too.
        let there: BTreeSet<_> = decided(&path).into_iter().collect();
        let missing: Vec<_> =
            said.acknowledged.keys().filter(|name| !there.contains(*name)).collect();
        assert!(missing.is_empty(), "round {n}: {missing:?}");
    }
    drop(Ledger::open(&path, options(), vec![]).unwrap());
    let verified = verify(&path, &known, None).unwrap();
    assert_eq!((verified.pending, verified.lost, verified.cut), (0, 0, false));
    let mut outcomes = BTreeMap::new();
    let mut names = BTreeMap::new();
    for entry in entries(&path) {
        match entry.event {
            Event::Decision(decision) => {
                assert!(names.insert(decision.resources.to_string(), entry.seq).is_none(), "twice");
            }
            Event::Outcome(outcome) => {
                assert!(
                    outcomes.insert(outcome.decision, outcome.status).is_none(),
                    "two outcomes"
                );
            }
            _ => {}
        }
    }
    println!("{} begun, {} acknowledged", said.begun.len(), said.acknowledged.len());
    assert!(said.acknowledged.len() > 100, "{}", said.acknowledged.len());
    for (name, seq) in &said.acknowledged {
        assert_eq!(names.get(name), Some(seq), "{name}");
    }
    assert!(names.keys().all(|name| said.begun.contains(name)));
    assert_eq!(outcomes.len(), names.len(), "each has an outcome");
    let ok = dockward_ledger::entry::Status::Http(201);
    assert!(said.done.iter().all(|seq| outcomes.get(seq) == Some(&ok)));
}
