//! What the dependency graph must hold: the arrows between our crates, the licences of all others,
//! and one version of each.
//!
//! These are tests, so that `make test` holds them without any tool to install.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde::Deserialize;

/// Which of our crates each of them may use. `ARCHITECTURE.md` draws these arrows.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("confine", &[]),
    ("engine", &[]),
    ("secret", &["model"]),
    ("rules", &["model"]),
    ("package", &["model"]),
    ("request", &[]),
    ("collect", &["model", "engine", "secret", "package"]),
    ("advisory", &["model"]),
    ("image", &["model", "confine", "engine", "secret", "package"]),
    ("feed", &["model", "advisory", "web"]),
    ("guard", &["model"]),
    ("audit", &["model", "rules", "advisory"]),
    ("policy", &["model", "request"]),
    ("report", &["model"]),
    ("admission", &["model", "engine", "collect", "rules", "policy", "request", "guard", "ledger"]),
    ("remedy", &["model", "engine", "collect"]),
    ("sbom", &["model"]),
    ("notify", &["web"]),
    ("ledger", &["web"]),
    ("web", &[]),
    ("testbed", &[]),
    ("benches", &["model", "engine", "collect", "audit", "advisory", "feed", "testbed", "ledger"]),
    ("conformance", &[]),
    ("differential", &["model", "advisory", "feed", "image"]),
    (
        "fuzz",
        &[
            "model", "package", "collect", "image", "rules", "audit", "advisory", "feed", "policy",
            "report", "sbom", "ledger", "guard", "request",
        ],
    ),
    (
        "cli",
        &[
            "model",
            "engine",
            "collect",
            "image",
            "advisory",
            "feed",
            "audit",
            "rules",
            "policy",
            "report",
            "sbom",
            "notify",
            "web",
            "ledger",
            "admission",
            "guard",
            "request",
            "remedy",
        ],
    ),
];

/// Crates that only tests and benchmarks may use.
const FOR_TESTS_ONLY: &[&str] = &[
    "dockward-benches",
    "dockward-conformance",
    "dockward-differential",
    "dockward-fuzz",
    "dockward-testbed",
];

/// Licences that go with Apache-2.0 in one binary.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

impl Package {
    fn is_macro(&self) -> bool {
        self.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "proc-macro"))
    }
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<NodeDep>,
}

#[derive(Deserialize)]
struct NodeDep {
    pkg: String,
    dep_kinds: Vec<DepKind>,
}

#[derive(Deserialize)]
struct DepKind {
    kind: Option<String>,
}

fn metadata() -> Metadata {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let platform = "x86_64-unknown-linux-gnu";
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform", platform])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// Everything that ends up in the binary: what `dockward-cli` uses, directly or not, outside tests.
/// A procedural macro runs in the compiler, and so does what it uses.
fn shipped(metadata: &Metadata) -> BTreeSet<&str> {
    let nodes: BTreeMap<_, _> = metadata.resolve.nodes.iter().map(|n| (&*n.id, n)).collect();
    let macros: BTreeSet<_> =
        metadata.packages.iter().filter(|p| p.is_macro()).map(|p| &*p.id).collect();
    let cli = metadata.packages.iter().find(|p| p.name == "dockward-cli").expect("the cli crate");
    let (mut seen, mut queue) = (BTreeSet::new(), vec![&*cli.id]);
    while let Some(id) = queue.pop() {
        if macros.contains(id) || !seen.insert(id) {
            continue;
        }
        let normal = |dep: &&NodeDep| dep.dep_kinds.iter().any(|k| k.kind.is_none());
        let deps = nodes.get(id).map(|n| n.deps.iter()).into_iter().flatten();
        queue.extend(deps.filter(normal).map(|dep| &*dep.pkg));
    }
    seen
}

#[test]
fn crates_use_only_what_the_arrows_allow() {
    let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    for package in &metadata().packages {
        let Some(name) = package.name.strip_prefix("dockward-") else { continue };
        let may = allowed.get(name).unwrap_or_else(|| panic!("{name} has no row in ARROWS"));
        for dependency in package.dependencies.iter().filter(|d| d.kind.as_deref() != Some("dev")) {
            let Some(used) = dependency.name.strip_prefix("dockward-") else { continue };
            assert!(may.contains(&used), "{name} must not use {used}");
        }
    }
}

#[test]
fn what_is_for_tests_is_not_shipped() {
    let metadata = metadata();
    let shipped = shipped(&metadata);
    for package in metadata.packages.iter().filter(|p| FOR_TESTS_ONLY.contains(&&*p.name)) {
        assert!(!shipped.contains(&*package.id), "{} is in the binary", package.name);
    }
}

/// Whether an SPDX expression allows a use under one of [`LICENCES`]. Any of the parts of an `OR`
/// is enough, all parts of an `AND` are needed; parentheses group.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let parts = split(&expression, " AND ");
    parts.iter().all(|part| {
        split(part, " OR ").iter().any(|one| {
            let one = one.trim();
            match one.strip_prefix('(').and_then(|o| o.strip_suffix(')')) {
                Some(inner) => is_allowed(inner),
                None => LICENCES.contains(&one),
            }
        })
    })
}

/// Splits at a word outside parentheses.
fn split<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (i, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 && i >= start && text.get(i..).is_some_and(|t| t.starts_with(word)) => {
                parts.extend(text.get(start..i));
                start = i + word.len();
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

#[test]
fn licences_go_with_ours() {
    for package in &metadata().packages {
        let licence = package.license.as_deref().unwrap_or("none");
        assert!(is_allowed(licence), "{} {}: {licence}", package.name, package.version);
    }
}

#[test]
fn expressions_of_licences_are_understood() {
    for good in ["MIT", "MIT OR GPL-3.0", "MIT/Apache-2.0", "(MIT OR GPL-3.0) AND Unicode-3.0"] {
        assert!(is_allowed(good), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "none", "(MIT AND MPL-2.0) OR GPL-2.0"] {
        assert!(!is_allowed(bad), "{bad}");
    }
}

#[test]
fn the_binary_holds_each_crate_once() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // Not `cargo metadata`: there, what tests ask of a crate counts for the binary too.
    let output = Command::new(cargo)
        .args(["tree", "--package=dockward-cli", "--edges=normal,no-proc-macro", "--prefix=none"])
        .args(["--target=x86_64-unknown-linux-gnu", "--locked", "--format={p}"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("cargo tree prints UTF-8");
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        versions.entry(name).or_default().insert(version);
    }
    assert!(versions.len() > 50, "{text}");
    versions.retain(|_, list| list.len() > 1);
    assert!(versions.is_empty(), "more than one version of {versions:?}");
}
