//! The decoder of requests (`dockward_request`) beside Go's `encoding/json` and the engine's own types: what it writes
//! anew means to the engine exactly what it was asked. `scripts/oracles` gets Go and the types where CI runs.
#![allow(
    clippy::unwrap_used,
    reason = "the lint's leave for tests does not reach the functions that tests call"
)]

#[path = "decoding/bend.rs"]
mod bend;
#[path = "decoding/targets.rs"]
mod targets;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use bend::{Dice, bent};
use dockward_request::{Version, decode, route};
use dockward_testbed::Skip;
use serde_json::Value;

/// How many documents are bent.
const DOCUMENTS: usize = 20_000;

/// The kinds of `go/decode`, with a route that takes a document of each.
const ROUTES: &[(char, &str, &str)] = &[
    ('c', "POST", "/containers/create"),
    ('e', "POST", "/containers/x/exec"),
    ('E', "POST", "/exec/x/start"),
    ('u', "POST", "/containers/x/update"),
    ('m', "POST", "/commit?container=x"),
    ('v', "POST", "/volumes/create"),
    ('n', "POST", "/networks/create"),
    ('N', "POST", "/networks/x/connect"),
    ('d', "POST", "/networks/x/disconnect"),
    ('s', "POST", "/services/create"),
    ('S', "POST", "/secrets/create"),
    ('C', "POST", "/configs/create"),
    ('i', "POST", "/swarm/init"),
    ('j', "POST", "/swarm/join"),
    ('o', "POST", "/nodes/x/update?version=1"),
    ('p', "POST", "/plugins/pull?remote=x"),
    ('a', "POST", "/auth"),
];

/// Where `scripts/oracles` keeps what is no package of the system.
fn kept() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    let usual = cache.unwrap_or_default().join("dockward/oracles");
    std::env::var_os("DOCKWARD_ORACLES").map_or(usual, PathBuf::from)
}

/// An engine's types, and the Go that it is built with or one that decodes alike.
struct Engine {
    api: &'static str,
    /// The folder below [`kept`] with its types.
    types: &'static str,
    go: PathBuf,
}

/// 20.10 and 28.5. The latter's Go has another implementation of `encoding/json`.
fn engines() -> [Engine; 2] {
    let newer = kept().join("moby-28.5/usr/lib");
    let folders = std::fs::read_dir(newer).into_iter().flatten().flatten();
    let go = folders.map(|folder| folder.path().join("bin/go")).find(|go| go.is_file());
    [
        Engine { api: "1.41", types: "moby-20.10", go: "go".into() },
        Engine { api: "1.51", types: "moby-28.5", go: go.unwrap_or_else(|| "/nonexistent".into()) },
    ]
}

impl Engine {
    /// Builds the program; or why not, where Go or the types are not here.
    fn program(&self) -> Result<PathBuf, Skip> {
        let types = kept().join(self.types).join("usr/share/gocode");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let program = folder.join(format!("decode-{}", self.api));
        let build = Command::new(&self.go)
            .args(["build", "-tags", &format!("api_{}", self.api.replace('.', "_")), "-o"])
            .arg(&program)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/go/decode"))
            .env("GO111MODULE", "off")
            .env("GOPATH", &types)
            .env("GOCACHE", folder.join("go"))
            .env("GOFLAGS", "")
            .output();
        // Later versions keep their types in other places.
        let version = types.join("src/github.com/docker/docker/api/common.go");
        let wanted = format!("DefaultVersion = \"{}\"", self.api);
        let there = std::fs::read_to_string(version).is_ok_and(|text| text.contains(&wanted));
        let what = format!("no Go, or no {} from scripts/oracles", self.types);
        let build = build.ok().filter(|_| there).ok_or_else(|| Skip::because(what))?;
        assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
        Ok(program)
    }
}

/// The programs of all engines that are here, built once; what is not here is said with the test's name.
fn programs(test: &str) -> Vec<&'static Path> {
    static PROGRAMS: LazyLock<Vec<Result<PathBuf, Skip>>> =
        LazyLock::new(|| engines().iter().map(Engine::program).collect());
    let missing = PROGRAMS.iter().filter_map(|program| program.as_ref().err());
    let missing: Vec<_> = missing.map(ToString::to_string).collect();
    if !missing.is_empty() {
        Skip::because(missing.join("; ")).announce(test);
    }
    PROGRAMS.iter().filter_map(|program| program.as_deref().ok()).collect()
}

/// One document of each kind with something in every field that the engine's type has.
fn examples(program: &Path) -> BTreeMap<char, Value> {
    let output = Command::new(program).arg("examples").output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| line.split_once('\t').unwrap());
    lines.map(|(kind, text)| (kind.parse().unwrap(), serde_json::from_str(text).unwrap())).collect()
}

/// What is written anew of a document, or why it is refused.
fn anew(kind: char, document: &[u8]) -> Result<Vec<u8>, String> {
    let (_, method, target) = ROUTES.iter().find(|one| one.0 == kind).unwrap();
    let routed = route(method, target.as_bytes()).unwrap();
    match decode(&routed, Version::NEWEST, document) {
        Ok(Some(value)) => Ok(value.encode()),
        Ok(None) => Err("nothing".to_owned()),
        Err(refusal) => Err(refusal.to_string()),
    }
}

/// The program's lines, one for each.
fn compare(program: &Path, pairs: &[(char, Vec<u8>, Vec<u8>)]) -> Vec<String> {
    let mut frames = Vec::new();
    for (kind, original, anew) in pairs {
        frames.push(u8::try_from(*kind).unwrap());
        for document in [original, anew] {
            frames.extend(u32::try_from(document.len()).unwrap().to_be_bytes());
            frames.extend(document);
        }
    }
    let mut child =
        Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let writing = std::thread::spawn(move || input.write_all(&frames));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn all_same(program: &Path, pairs: &[(char, Vec<u8>, Vec<u8>)]) {
    let lines = compare(program, pairs);
    assert_eq!(lines.len(), pairs.len());
    let differ = pairs.iter().zip(&lines).filter(|(_, line)| *line != "same").map(
        |((kind, original, anew), line)| {
            let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
            format!("{kind}: {}\n   {}\n   {line}", text(original), text(anew))
        },
    );
    let differ: Vec<String> = differ.collect();
    assert!(
        differ.is_empty(),
        "{} of {}:\n{}",
        differ.len(),
        pairs.len(),
        differ[..differ.len().min(10)].join("\n")
    );
}

#[test]
fn what_is_written_anew_means_to_go_what_was_asked() {
    for program in programs("what_is_written_anew_means_to_go_what_was_asked") {
        means_what_was_asked(program);
    }
}

fn means_what_was_asked(program: &Path) {
    let examples = examples(program);
    let keys: BTreeSet<String> = examples.values().flat_map(keys).collect();
    let keys: Vec<String> = keys.into_iter().collect();
    let mut dice = Dice(1);
    let mut accepted: BTreeMap<char, usize> = BTreeMap::new();
    let mut pairs = Vec::new();
    for _ in 0..DOCUMENTS {
        // Half of them are containers.
        let at = dice.below(2 * ROUTES.len());
        let kind = ROUTES.get(at).map_or('c', |one| one.0);
        let document = bent(&mut dice, &examples[&kind], &keys);
        if let Ok(anew) = anew(kind, &document) {
            *accepted.entry(kind).or_default() += 1;
            pairs.push((kind, document, anew));
        }
    }
    all_same(program, &pairs);
    // Of each kind enough got so far that this says something.
    let few: Vec<_> =
        ROUTES.iter().filter(|one| accepted.get(&one.0).copied() < Some(20)).collect();
    assert!(few.is_empty() && pairs.len() > DOCUMENTS / 10, "{accepted:?}");
}

#[test]
fn a_target_that_is_written_anew_means_to_go_what_was_asked() {
    for program in programs("a_target_that_is_written_anew_means_to_go_what_was_asked") {
        target_means_what_was_asked(program);
    }
}

fn target_means_what_was_asked(program: &Path) {
    let seeds = targets::seeds();
    let mut dice = Dice(2);
    let mut pairs = Vec::new();
    for _ in 0..DOCUMENTS {
        let (method, good) = &seeds[dice.below(seeds.len())];
        let bent = targets::bent(&mut dice, good);
        if let Ok(routed) = route(method, &bent) {
            let original = [method.as_bytes(), b" ", &bent].concat();
            let anew = format!("{method} {}", routed.target(Version::NEWEST)).into_bytes();
            pairs.push(('T', original, anew));
        }
    }
    all_same(program, &pairs);
    assert!(pairs.len() > DOCUMENTS / 10, "{}", pairs.len());
}

fn keys(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => {
            map.iter().flat_map(|(key, value)| [vec![key.clone()], keys(value)].concat()).collect()
        }
        Value::Array(items) => items.iter().flat_map(keys).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn go_tells_documents_apart_that_mean_something_else() {
    for program in programs("go_tells_documents_apart_that_mean_something_else") {
        tells_apart(program);
    }
}

fn tells_apart(program: &Path) {
    let pair = |one: &str, other: &str| ('c', one.as_bytes().to_vec(), other.as_bytes().to_vec());
    let pairs = [
        pair(r#"{"Image":"a","hoſtconfig":{"PRIVILEGED":true}}"#, r#"{"Image":"a"}"#),
        pair(r#"{"Env":[]}"#, r#"{"Env":null}"#),
        pair(r#"{"HostConfig":{}}"#, r#"{}"#),
        pair(r#"{"Image":"\ud800"}"#, r#"{"Image":"\ufffd"}"#),
        pair(r#"{"Tty":1}"#, r#"{"Tty":true}"#),
    ];
    let lines = compare(program, &pairs);
    assert!(lines[..3].iter().all(|line| line.contains(" became ")), "{lines:?}");
    assert_eq!(lines[3], "same");
    assert!(lines[4].starts_with("the original is refused"), "{lines:?}");
}

#[test]
fn every_field_of_the_engine_s_types_is_known() {
    for program in programs("every_field_of_the_engine_s_types_is_known") {
        knows_every_field(program);
    }
}

fn knows_every_field(program: &Path) {
    let mut unknown = Vec::new();
    let mut tried = 0;
    for (kind, example) in examples(program) {
        for document in single(&example) {
            tried += 1;
            if let Err(why) = anew(kind, document.to_string().as_bytes()) {
                unknown.push(format!("{kind}: {document}: {why}"));
            }
        }
    }
    assert!(tried > 300, "{tried}");
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

/// For each value at the end of a path a document with that path alone.
fn single(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(map) if !map.is_empty() => map
            .iter()
            .flat_map(|(key, inner)| {
                single(inner)
                    .into_iter()
                    .map(|one| Value::Object([(key.clone(), one)].into_iter().collect()))
            })
            .collect(),
        Value::Array(items) if items.len() == 1 => {
            single(&items[0]).into_iter().map(|one| Value::Array(vec![one])).collect()
        }
        other => vec![other.clone()],
    }
}
