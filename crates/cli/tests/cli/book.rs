//! The book below `docs/`: pages of checks, benchmarks and settings are made from the code, and the
//! others must be whole. Run with `UPDATE_DOCS=1` after a change that is meant.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use dockward_audit::benchmark::{PROFILES, Profile};
use dockward_model::verdict::{Area, Meta};
use serde_json::Value;

use crate::run::dockward;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src")
}

fn rules() -> Vec<Meta> {
    let rules = dockward_rules::RULES.iter().map(|rule| rule.meta);
    let mut all: Vec<_> = rules.chain(dockward_audit::CHECKS.iter().map(|c| c.meta)).collect();
    all.sort_by_key(|meta| meta.id);
    all
}

const MADE: &str =
    "<!-- made from the code: UPDATE_DOCS=1 cargo test -p dockward-cli --test cli book -->\n\n";

/// The pages that are made, by their path below `docs/src`.
fn pages() -> BTreeMap<String, String> {
    let rules = rules();
    let examples = examples();
    let mut pages = BTreeMap::new();
    for meta in &rules {
        let page = check(meta, examples.get(meta.id));
        pages.insert(format!("checks/{}.md", meta.id), page);
    }
    pages.insert("checks.md".to_owned(), index(&rules));
    pages.insert("benchmarks.md".to_owned(), benchmarks());
    for profile in PROFILES.iter().filter(|profile| !profile.name().ends_with("-l1")) {
        pages.insert(format!("benchmarks/{}.md", profile.name()), benchmark(profile));
    }
    pages.insert("settings.md".to_owned(), settings());
    pages.insert("SUMMARY.md".to_owned(), summary(&rules));
    pages
}

/// The doc comment as Markdown: rustdoc keeps the blank after `///`.
fn unindented(doc: &str) -> String {
    let lines = doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn check(meta: &Meta, example: Option<&Value>) -> String {
    let mut page = format!("# {}\n\n{MADE}", meta.id);
    let (severity, area) = (meta.severity, meta.area.name());
    let _ = writeln!(page, "*{}*. Severity {severity}, area {area}.\n", meta.title);
    let maps: Vec<_> =
        meta.maps.iter().map(|map| format!("{} {}", map.framework.name(), map.number)).collect();
    if !maps.is_empty() {
        let _ = writeln!(page, "Answers {} (map made from secondary sources).\n", maps.join(", "));
    }
    let _ = writeln!(page, "{}", unindented(meta.doc));
    if let Some(finding) = example {
        let text = |key: &str| finding[key].as_str().unwrap_or_default();
        let subject = finding["subject"]["name"].as_str().unwrap_or_default();
        let _ = write!(page, "\n## Example\n\n```text\n{subject}: {}\n", text("message"));
        for evidence in finding["evidence"].as_array().into_iter().flatten() {
            let part = |key: &str| evidence[key].as_str().unwrap_or_default();
            let _ = match (place(evidence), part("seen"), part("expected")) {
                (place, seen, "") => writeln!(page, "  {place}: {seen}"),
                (place, seen, expected) => {
                    writeln!(page, "  {place}: {seen} (expected: {expected})")
                }
            };
        }
        let _ = writeln!(page, "  fix: {}\n```", text("fix"));
    }
    page
}

/// Where evidence was seen. Ids of containers and images mean nothing to a reader.
fn place(evidence: &Value) -> String {
    let part = |key: &str| evidence[key].as_str().unwrap_or_default();
    let is_id = |name: &&str| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
    let id = part("location").split(['/', ':']).find(is_id);
    let location = part("location");
    let location = id.map_or(location.to_owned(), |id| location.replace(id, "ID"));
    let place = match (part("source"), part("field"), evidence["line"].as_u64()) {
        ("api", field, _) => format!("engine API {location} {field}"),
        ("default", field, _) => format!("the engine's default for {field}"),
        (_, _, Some(line)) => format!("{location}:{line}"),
        (_, field, None) => format!("{location} {field}"),
    };
    place.trim_end().to_owned()
}

/// A finding of each rule that the recorded example host has.
fn examples() -> BTreeMap<String, Value> {
    let host = source().join("../../examples/web-07.json");
    let host = host.to_string_lossy();
    let report = dockward(&["check", "--format", "json", "--snapshot", &host]).json();
    let mut examples = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let rule = finding["rule"].as_str().unwrap().to_owned();
        examples.entry(rule).or_insert_with(|| finding.clone());
    }
    examples
}

fn by_area(rules: &[Meta]) -> BTreeMap<Area, Vec<&Meta>> {
    let mut areas: BTreeMap<Area, Vec<&Meta>> = BTreeMap::new();
    for meta in rules {
        areas.entry(meta.area).or_default().push(meta);
    }
    areas
}

fn index(rules: &[Meta]) -> String {
    let mut page = format!("# All checks\n\n{MADE}{} rules and checks.\n", rules.len());
    for (area, metas) in by_area(rules) {
        let _ = write!(page, "\n## {}\n\n| | severity | what holds |\n|-|-|-|\n", area.name());
        for meta in metas {
            let (id, severity, title) = (meta.id, meta.severity, meta.title);
            let _ = writeln!(page, "| [{id}](checks/{id}.md) | {severity} | {title} |");
        }
    }
    page
}

fn benchmarks() -> String {
    let mut page = format!("# Benchmarks\n\n{MADE}");
    page.push_str("Ids are our own; the numbers of benchmarks are maps onto them. The maps were made from secondary sources, and titles are our own words: the benchmarks' texts are not free. What a machine can't settle ends in *review*, with what a person needs to decide.\n\n| `--profile` | benchmark | recommendations |\n|-|-|-|\n");
    for profile in PROFILES {
        let (name, n) = (profile.name(), profile.asked().len());
        let whole = name.replace("-l1", "-l2");
        let _ =
            writeln!(page, "| [`{name}`](benchmarks/{whole}.md) | {} | {n} |", profile.benchmark());
    }
    page
}

fn benchmark(profile: &Profile) -> String {
    let mut page = format!("# {}\n\n{MADE}", profile.benchmark());
    page.push_str("| | level | asked for | answered by |\n|-|-|-|-|\n");
    for (asked, rules) in profile.asked() {
        let level = asked.level.map(|level| level.to_string()).unwrap_or_default();
        let links: Vec<_> = rules.iter().map(|id| format!("[{id}](../checks/{id}.md)")).collect();
        let (number, title) = (asked.number, asked.title);
        let _ = writeln!(page, "| {number} | {level} | {title} | {} |", links.join(", "));
    }
    page
}

fn settings() -> String {
    format!(
        "# Settings and waivers\n\n{MADE}`dockward.toml` in the working folder, or `/etc/dockward/dockward.toml`, or what `--config` names. It must belong to you or to root, and not be writable for everyone: settings can hide findings. Every mistake in it is told at once, with its line.\n\n```toml\n{}```\n",
        dockward_policy::EXAMPLE
    )
}

fn summary(rules: &[Meta]) -> String {
    let mut page = String::from(
        "# Summary\n\n[Introduction](introduction.md)\n\n- [The first screen](first-screens.md)\n- [Using check](check.md)\n- [Using scan](scan.md)\n- [Every day](every-day.md)\n- [Reports](reports.md)\n- [Using guard](guard.md)\n- [Installing guard](guard-install.md)\n- [The ledger](ledger.md)\n- [Settings and waivers](settings.md)\n- [As a container](container.md)\n- [What docker-bench gets wrong](what-docker-bench-gets-wrong.md)\n- [What was not tried](limits.md)\n- [Benchmarks](benchmarks.md)\n",
    );
    for profile in PROFILES.iter().filter(|profile| !profile.name().ends_with("-l1")) {
        let (name, title) = (profile.name(), profile.benchmark());
        let _ = writeln!(page, "  - [{title}](benchmarks/{name}.md)");
    }
    page.push_str("- [All checks](checks.md)\n");
    for meta in rules {
        let _ = writeln!(page, "  - [{0}](checks/{0}.md)", meta.id);
    }
    page
}

#[test]
fn the_books_pages_are_those_of_the_code() {
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let pages = pages();
    let made: BTreeSet<PathBuf> = pages.keys().map(|name| source().join(name)).collect();
    for folder in ["checks", "benchmarks"] {
        let folder = source().join(folder);
        if update {
            std::fs::create_dir_all(&folder).unwrap();
        }
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if update && !made.contains(&path) {
                std::fs::remove_file(&path).unwrap();
            } else {
                assert!(made.contains(&path), "{} is about nothing", path.display());
            }
        }
    }
    for (name, text) in pages {
        let path = source().join(&name);
        if update {
            std::fs::write(&path, &text).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(published == text, "docs/src/{name} is stale: run this test with UPDATE_DOCS=1");
    }
}

#[test]
fn every_example_of_the_book_says_where_it_was_seen() {
    let examples = examples();
    assert!(examples.len() > 30, "{}", examples.len());
    for (rule, finding) in examples {
        for evidence in finding["evidence"].as_array().into_iter().flatten() {
            assert!(!place(evidence).is_empty(), "{rule}: {evidence:#}");
        }
    }
    for (name, page) in pages() {
        assert!(!page.lines().any(|line| line.starts_with("  : ")), "{name}: {page}");
    }
}

/// Every page below `docs/src`, by its path.
fn written() -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut folders = vec![source()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "md") {
                all.push(path);
            }
        }
    }
    all
}

/// The targets of a page's links that lead to other pages; code is left out.
fn links(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    let ends = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let inside = |link: &&str| !link.contains("://") && !link.starts_with('#');
    ends.filter(inside).map(|link| link.split('#').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn every_link_of_the_book_leads_somewhere_and_every_page_is_in_its_summary() {
    let mut listed = BTreeSet::new();
    for page in written() {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            let target = page.parent().unwrap().join(&link);
            assert!(target.is_file(), "{}: {link} leads nowhere", page.display());
            if page.ends_with("SUMMARY.md") {
                listed.insert(target.canonicalize().unwrap());
            }
        }
    }
    for page in written().into_iter().filter(|page| !page.ends_with("SUMMARY.md")) {
        let path = page.canonicalize().unwrap();
        assert!(listed.contains(&path), "{} is not in SUMMARY.md", page.display());
    }
}

#[test]
fn what_the_book_names_of_the_command_line_exists() {
    let help = dockward(&["check", "--help"]).out;
    for page in ["check.md", "every-day.md", "reports.md", "container.md"] {
        let text = std::fs::read_to_string(source().join(page)).unwrap();
        let commands = text.lines().filter(|line| line.contains("dockward check"));
        for word in commands.flat_map(str::split_whitespace) {
            let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            let option = word.split('=').next().unwrap_or_default();
            assert!(!option.starts_with("--") || help.contains(option), "{page}: {option}");
        }
    }
}
