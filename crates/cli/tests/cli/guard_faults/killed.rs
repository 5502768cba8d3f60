//! The guard is killed while one call of each kind is in the middle.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dockward_testbed::Suite;
use rustix::process::Signal;
use serde_json::Value;

use super::raw::{Raw, create};
use super::{start, until};
use crate::guard::{Guarded, IMAGE};

/// What people do.
const CALLS: &[&[&str]] = &[
    &["exec", "web", "sh", "-c", "echo begun; sleep 600"],
    &["attach", "ticker"],
    &["logs", "-f", "ticker"],
    &["events"],
    &["run", "--name", "ran", IMAGE, "sh", "-c", "echo begun; sleep 600"],
    &["build", "-t", "built", "-"],
    &["cp", "from:/large", "-"],
    &["save", "large:1"],
    &["cp", "-", "into:/tmp"],
    &["load"],
    &["pull", "127.0.0.1:4711/x:1"],
    &["restart", "-t", "600", "deaf"],
];

/// Those of whose answers nothing comes before their end: what they are on record as. The engine works
/// at them, or waits for the rest.
const SILENT: &[&str] =
    &["container-archive-put", "image-load", "image-create", "container-restart"];

/// What of all this changes something, and so has an outcome.
const CHANGES: &[&str] = &[
    "exec-start",
    "container-attach",
    "container-restart",
    "image-build",
    "container-archive-put",
    "image-load",
    "image-create",
];

#[test]
fn one_call_of_each_kind_on_20_10_ends_with_the_guard_and_is_on_record() {
    killed("one_call_of_each_kind_on_20_10_ends_with_the_guard_and_is_on_record", Suite::Bookworm);
}

#[test]
fn one_call_of_each_kind_on_28_5_ends_with_the_guard_and_is_on_record() {
    killed("one_call_of_each_kind_on_28_5_ends_with_the_guard_and_is_on_record", Suite::Sid);
}

fn killed(test: &str, suite: Suite) {
    let Some(mut guarded) = start(test, suite, "", "") else { return };
    let mut registry = prepare(&guarded);
    let mut clients: Vec<_> = CALLS.iter().map(|words| Client::start(&guarded, words)).collect();
    for client in &mut clients {
        client.is_in_the_middle(&guarded);
    }
    until("silent calls are not decided", || {
        SILENT.iter().all(|one| journal(&guarded).contains(one))
    });
    let mut half = half_a_create(&guarded);
    let made = std::thread::spawn({
        let socket = guarded.socket();
        move || Raw::answer(&socket, &create("made", r#""Binds":["data:/data"]"#))
    });
    until("the create is not decided", || journal(&guarded).contains(r#""made""#));
    guarded.signal(Signal::KILL);
    guarded.guard.wait().unwrap();
    for client in &mut clients {
        client.ends();
    }
    assert_eq!(half.rest(), "");
    let answered = !made.join().unwrap().is_empty();
    guarded.again();
    guarded.passes(&["run", "--rm", IMAGE, "true"]);
    guarded.end();
    is_on_record(&guarded, answered);
    holds_nothing_else(&guarded);
    registry.kill().unwrap();
    registry.wait().unwrap();
}

/// Containers and images that calls can be in the middle of, and a registry that never answers.
fn prepare(guarded: &Guarded) -> Child {
    let engine = &guarded.engine;
    let run = |name, script: &str| {
        engine.docker_ok(&["run", "-d", "--name", name, IMAGE, "sh", "-c", script]);
    };
    // Each of its own: a container is locked while something is copied.
    for name in ["web", "into", "from"] {
        run(name, "exec sleep 600");
    }
    run("ticker", "while :; do echo tick; sleep 0.1; done");
    run("deaf", "trap : TERM; while :; do sleep 1; done");
    engine.docker_ok(&["exec", "from", "dd", "if=/dev/zero", "of=/large", "bs=1M", "count=32"]);
    engine.docker_ok(&["commit", "from", "large:1"]);
    engine.spawn_in_root(&["sh", "-c", "sleep 600 | busybox nc -l -p 4711"]).unwrap()
}

/// What the ledger's journal holds at this moment.
fn journal(guarded: &Guarded) -> String {
    let mut all = String::new();
    for folder in ["journal", "log/tile/entries"] {
        for file in files_below(&guarded.folder.path().join("ledger").join(folder)) {
            // One that was there a moment ago may have been signed and removed.
            all += &String::from_utf8_lossy(&fs::read(file).unwrap_or_default());
        }
    }
    all
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let below = entries.map(|entry| entry.path());
    below.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// Head and some of the body: nothing is decided of it.
fn half_a_create(guarded: &Guarded) -> Raw {
    let mut raw = Raw::to(&guarded.socket());
    let request = create("half", "");
    raw.send(request.get(..request.len() - 10).unwrap());
    raw
}

/// A client in the middle of a call.
struct Client {
    words: &'static [&'static str],
    child: Child,
    /// Kept open: more may come.
    input: Option<ChildStdin>,
    begun: Arc<AtomicBool>,
    /// Told when what comes is to be read to its end.
    ended: Arc<AtomicBool>,
}

impl Client {
    fn start(guarded: &Guarded, words: &'static [&'static str]) -> Self {
        let mut command = guarded.command(words);
        command.env("DOCKER_BUILDKIT", "0").stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take();
        if words[0] == "build" {
            let file = format!("FROM {IMAGE}\nRUN echo begun; sleep 600\n");
            input.take().unwrap().write_all(file.as_bytes()).unwrap();
        }
        let (begun, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let mut output = child.stdout.take().unwrap();
        std::thread::spawn({
            let (begun, ended) = (Arc::clone(&begun), Arc::clone(&ended));
            let shown = if words[0] == "build" { "sleep 600" } else { "" };
            move || {
                let (mut all, mut some) = (Vec::new(), [0; 512]);
                while let Ok(count @ 1..) = output.read(&mut some) {
                    all.extend(some.iter().take(count));
                    begun.store(String::from_utf8_lossy(&all).contains(shown), Ordering::Relaxed);
                    // A tar is not taken whole before the guard is gone.
                    while all.len() > 1 << 16 && !ended.load(Ordering::Relaxed) {
                        std::thread::sleep(super::SHORT);
                    }
                }
            }
        });
        Self { words, child, input, begun, ended }
    }

    fn is_in_the_middle(&mut self, guarded: &Guarded) {
        let Self { words, child, begun, .. } = self;
        let silent = matches!(words, ["cp", "-", ..] | ["load" | "pull" | "restart", ..]);
        let what = format!("docker {words:?} does not begin");
        until(&what, || {
            assert_eq!(child.try_wait().unwrap(), None, "docker {words:?} ended");
            if words[0] == "events" {
                guarded.engine.docker(&["tag", IMAGE, "seen:1"]);
            }
            silent || begun.load(Ordering::Relaxed)
        });
    }

    /// With an error, and soon. (One that waits for its own input looks at the connection after that.)
    fn ends(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let Self { words, child, input, .. } = self;
        drop(input.take());
        until(&format!("docker {words:?} hangs"), || child.try_wait().unwrap().is_some());
        let code = child.wait().unwrap().code();
        assert!(!matches!(code, Some(0 | 124)), "docker {words:?}: {code:?}");
    }
}

fn is_on_record(guarded: &Guarded, answered: bool) {
    let verified = guarded.dockward(&["ledger", "verify", "LEDGER"]);
    assert_eq!(verified.code, 3, "outcomes are unknown: {}{}", verified.out, verified.err);
    let all = guarded.entries(&[]);
    let outcome = |decision: &Value| {
        let of = |one: &&Value| one["kind"] == "outcome" && one["decision"] == decision["seq"];
        let outcomes: Vec<_> = all.iter().filter(of).collect();
        assert_eq!(outcomes.len(), 1, "{decision}: {outcomes:?}");
        outcomes[0]["status"].clone()
    };
    let forwarded = all.iter().filter(|one| one["kind"] == "decision" && one["verdict"] != "deny");
    let forwarded: Vec<_> = forwarded.map(|one| (one, outcome(one))).collect();
    for operation in CHANGES {
        let is = |(one, status): &&(&Value, Value)| {
            one["operation"] == *operation && status == "unknown"
        };
        assert!(forwarded.iter().any(|one| is(&one)), "{operation} has an outcome: {forwarded:#?}");
    }
    let of = |name: &str| forwarded.iter().find(|(one, _)| one["resources"][0] == name);
    let (_, made) = of("made").unwrap();
    assert!(if answered { made == 201 } else { made == "unknown" || made == 201 }, "{made}");
    assert!(of("half").is_none(), "nothing was decided of half a request");
    assert!(!all.iter().any(|one| one["kind"] == "gap"), "{all:#?}");
}

/// What was decided may be there, whatever nobody knows of its outcome; nothing else is.
fn holds_nothing_else(guarded: &Guarded) {
    let decided = ["deaf", "from", "into", "made", "ran", "ticker", "web"];
    // The engine takes away the container of a build that nobody waits for.
    until("there are containers that nobody decided on", || {
        let names = guarded.engine.docker_ok(&["ps", "-a", "--format", "{{.Names}}"]);
        names.lines().all(|name| decided.contains(&name))
    });
    let images = guarded.engine.docker_ok(&["images", "--format", "{{.Repository}}"]);
    let mut images: Vec<_> = images.lines().collect();
    images.sort_unstable();
    assert_eq!(images, ["box", "large", "seen"]);
}
