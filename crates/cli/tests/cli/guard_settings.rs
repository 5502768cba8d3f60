//! What the guard decides by, on record: each part of it, when it changes. No engine is needed for that.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Stdio};

use dockward_ledger::entry::Digest;
use dockward_testbed::{Authority, Pair};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::run::{Run, command};

const FIRST: &str = r#"
[guard]
bind-roots = ["/srv/data"]

[[guard.caller]]
container = "traefik"
preset = "traefik"

[[waiver]]
rule = "container-privileged"
container = "old"
owner = "anna"
reason = "it goes in May"
until = 2999-05-01
"#;

struct Guard {
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Guard {
    fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    fn start_with(folder: &Path, more: &[&str]) -> Self {
        let mut command = command(folder);
        command.args([
            "guard",
            "run",
            "--engine",
            "/nonexistent/engine.sock",
            "--listen",
            "guard.sock",
        ]);
        command.args(["--ledger", "ledger", "--glass", "glass"]).args(more);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let mut guard = Self { child, said };
        guard.says("standing before");
        guard
    }

    fn says(&mut self, what: &str) {
        let mut said = String::new();
        while !said.contains(what) {
            let read = self.said.read_line(&mut said).unwrap();
            assert!(read > 0, "it doesn't say `{what}`, but {said}");
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn end(mut self) {
        self.signal(Signal::TERM);
        assert!(self.child.wait().unwrap().success());
    }
}

fn dockward(folder: &Path, words: &[&str]) -> Run {
    Run::new(&command(folder).arg("ledger").args(words).arg("ledger").output().unwrap())
}

/// Part, reason, and what changed, of each entry about settings that comes after so many.
fn told(folder: &Path, after: usize) -> Vec<(String, String, Vec<String>)> {
    let shown = dockward(folder, &["show", "--format", "json"]);
    let shown = shown.json();
    let policies =
        shown["entries"].as_array().unwrap().iter().filter(|one| one["kind"] == "policy");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    policies
        .skip(after)
        .map(|one| {
            let changes = one["changes"].as_array().map_or(&[][..], Vec::as_slice);
            (text(&one["part"]), text(&one["reason"]), changes.iter().map(text).collect())
        })
        .collect()
}

fn entry(part: &str, reason: &str, changes: &[&str]) -> (String, String, Vec<String>) {
    (part.into(), reason.into(), changes.iter().map(|&text| text.into()).collect())
}

#[test]
fn each_part_of_the_settings_is_an_entry_when_it_changes_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let write = |text: &str| fs::write(folder.join("dockward.toml"), text).unwrap();
    write(FIRST);
    Guard::start(folder).end();
    let first = told(folder, 0);
    let parts: Vec<_> = first.iter().map(|(part, how, _)| (part.as_str(), how.as_str())).collect();
    let new = "first on record";
    assert_eq!(parts, [("settings", "loaded"), ("policy", new), ("roles", new), ("waivers", new)]);
    assert_eq!(first[1].2, ["profile added: baseline", "bind-root /srv/data added: yes"]);

    // It is the same in other words.
    write(&format!("# Nothing else.\n{FIRST}"));
    Guard::start(folder).end();
    assert_eq!(told(folder, 4), [entry("settings", "loaded", &[])]);

    // It changed while nobody looked, and again while the guard ran.
    write(&FIRST.replace(
        "container = \"traefik\"\npreset",
        "user = \"mallory\"\nreserved-names = true\npreset",
    ));
    let mut guard = Guard::start(folder);
    write(&FIRST.replace("[guard]", "[guard]\nprofile = \"observe\"").replace("2999", "3000"));
    guard.signal(Signal::HUP);
    guard.says("the settings were read again");
    write("[guard]\nprofile = \"none\"\n");
    guard.signal(Signal::HUP);
    guard.says("the settings are wrong, and the old ones hold");
    guard.end();
    let told = told(folder, 5);
    assert_eq!(told[0], entry("settings", "loaded", &[]));
    let (part, how, changes) = &told[1];
    assert_eq!((part.as_str(), how.as_str()), ("roles", "changed while the guard did not run"));
    assert_eq!(changes[0], "caller container:traefik removed");
    assert!(changes[1].starts_with("caller user:mallory added: allow "), "{changes:?}");
    assert_eq!(told[2], entry("settings", "loaded", &[]));
    assert_eq!(told[3], entry("policy", "changed", &["profile: baseline → observe"]));
    assert_eq!((told[4].0.as_str(), told[4].2.len()), ("roles", 2));
    let day = "waiver container-privileged for container old: until 2999-05-01 → 3000-05-01";
    assert_eq!(told[5], entry("waivers", "changed", &[day]));
    assert!(told[6].1.starts_with("refused, the old ones hold: "), "{:?}", told[6]);
    assert_eq!(told.len(), 7);
    is_shown_and_verified(folder);
}

fn is_shown_and_verified(folder: &Path) {
    let shown = dockward(folder, &["show"]);
    let line = shown.out.lines().find(|line| line.contains("baseline → observe")).unwrap();
    assert!(line.contains("policy    sha256:") && line.contains(": changed · profile: "), "{line}");
    let verified = dockward(folder, &["verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    // What is remembered may be lost: it is then told as if it were new.
    fs::write(folder.join("ledger/in-force"), "{").unwrap();
    let before = told(folder, 0).len();
    fs::write(folder.join("dockward.toml"), FIRST).unwrap();
    Guard::start(folder).end();
    assert_eq!(told(folder, before)[1].1, "first on record");
}

const TLS: [&str; 8] = [
    "--listen-tls",
    "127.0.0.1:0",
    "--tls-cert",
    "cert.pem",
    "--tls-key",
    "key.pem",
    "--tls-clients",
    "ca.pem",
];

#[test]
fn a_certificate_or_an_authority_that_changes_is_an_entry() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("dockward.toml"), FIRST).unwrap();
    let (ours, other) = (Authority::new(), Authority::new());
    let (first, second) = (ours.server(), ours.server());
    let put = |server: &Pair, authorities: &[&Authority]| {
        fs::write(folder.join("cert.pem"), server.pem()).unwrap();
        fs::write(folder.join("key.pem"), server.key_pem()).unwrap();
        let all: String = authorities.iter().map(|one| one.pem()).collect();
        fs::write(folder.join("ca.pem"), all).unwrap();
    };
    let named = |role: &str, der: &[u8]| format!("{role} {}", String::from(Digest::of(der)));
    let keys = |after: usize| {
        let all = told(folder, after).into_iter().filter(|(part, ..)| part == "keys");
        all.map(|(_, how, changes)| (how, changes)).collect::<Vec<_>>()
    };
    // A ledger from before such were told.
    Guard::start(folder).end();
    let path = folder.join("ledger/in-force");
    let mut was: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    was.as_object_mut().unwrap().remove("keys").unwrap();
    fs::write(&path, was.to_string()).unwrap();
    assert_eq!(keys(0), []);

    put(&first, &[&ours]);
    Guard::start_with(folder, &TLS).end();
    let first_keys = keys(0);
    assert_eq!(first_keys.len(), 1, "{first_keys:?}");
    let (how, changes) = &first_keys[0];
    assert_eq!(how, "first on record");
    let authority = named("authority", &ours.der());
    assert_eq!(changes[0], format!("{authority} added: CN=authority for tests"));
    let shown = named("certificate", &first.der());
    assert!(changes[1].starts_with(&format!("{shown} added: ")), "{changes:?}");

    // Nothing is told where nothing changed, of settings that are read again either.
    let before = told(folder, 0).len();
    let mut guard = Guard::start_with(folder, &TLS);
    guard.signal(Signal::HUP);
    guard.says("the settings were read again");
    guard.end();
    assert_eq!(keys(before), []);

    put(&second, &[&other, &ours]);
    Guard::start_with(folder, &TLS).end();
    let all = keys(before);
    assert_eq!((all.len(), &*all[0].0), (1, "changed while the guard did not run"));
    let changes = &all[0].1;
    assert_eq!(changes[0], format!("{shown} removed"));
    assert!(changes[1].starts_with(&format!("{} added", named("authority", &other.der()))));
    let shown = named("certificate", &second.der());
    assert!(changes[2].starts_with(&format!("{shown} added: ")), "{changes:?}");
    assert_eq!(changes.len(), 3);

    let before = told(folder, 0).len();
    Guard::start(folder).end();
    let gone = &keys(before)[0].1;
    assert_eq!((gone.len(), gone.contains(&format!("{shown} removed"))), (3, true), "{gone:?}");
    let text = dockward(folder, &["show"]).out;
    assert!(text.contains("keys      sha256:"), "{text}");
    let secret = first.key_pem().lines().nth(1).unwrap().to_owned();
    let whole = fs::read_dir(folder.join("ledger/log/tile/entries/000.p")).unwrap();
    let whole = whole.map(|one| fs::read(one.unwrap().path()).unwrap());
    assert!(
        whole.flatten().collect::<Vec<_>>().windows(secret.len()).all(|w| w != secret.as_bytes())
    );
}
