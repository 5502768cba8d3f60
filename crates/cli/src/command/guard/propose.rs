//! `dockward guard propose`: the smallest settings that would have allowed what was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::Result;
use dockward_ledger::entries;
use dockward_ledger::entry::{Event, Verdict};
use dockward_policy::Exit;

use crate::args::GuardPropose;

/// What one caller did.
#[derive(Default)]
struct Seen {
    operations: BTreeMap<String, u64>,
    /// Rules that it broke while nothing was denied, with an example each.
    broken: BTreeMap<String, String>,
}

pub(super) fn run(args: &GuardPropose) -> Result<Exit> {
    let read = entries(&args.ledger)?;
    let mut callers: BTreeMap<String, Seen> = BTreeMap::new();
    let mut denied = 0_u64;
    for entry in read {
        let entry = entry.map_err(anyhow::Error::msg)?;
        match &entry.event {
            Event::Decision(one) => {
                if one.verdict == Verdict::Deny {
                    denied += 1;
                    continue;
                }
                let seen = callers.entry(one.caller.name.to_string()).or_default();
                *seen.operations.entry(one.operation.to_string()).or_default() += 1;
                if one.verdict == Verdict::Observed {
                    for rule in one.rules.as_slice() {
                        let example = one.resources.as_slice().first().map(ToString::to_string);
                        seen.broken.entry(rule.to_string()).or_insert(example.unwrap_or_default());
                    }
                }
            }
            Event::Reads(one) => {
                let operation = one.operation.to_string();
                if operation.ends_with("(denied)") {
                    denied += one.count;
                    continue;
                }
                let operation = operation.trim_end_matches(" (observed)").to_owned();
                let seen = callers.entry(one.caller.name.to_string()).or_default();
                *seen.operations.entry(operation).or_default() += one.count;
            }
            _ => {}
        }
    }
    let mut out = std::io::stdout().lock();
    out.write_all(proposed(&callers).as_bytes())?;
    if denied > 0 {
        let mut err = std::io::stderr();
        writeln!(err, "dockward: {denied} requests were denied, and are not in the proposal")?;
    }
    Ok(Exit::Clean)
}

fn proposed(callers: &BTreeMap<String, Seen>) -> String {
    let mut text = "# What was seen, and no more. Whoever is not named here may do what the profile lets.\n[guard]\nprofile = \"baseline\"\n".to_owned();
    let broken: BTreeSet<&String> = callers.values().flat_map(|seen| seen.broken.keys()).collect();
    if !broken.is_empty() {
        text.push_str("\n# Broken while nothing was denied. Mend what breaks them, or let them be broken by all:\n[guard.rules]\n");
        for rule in broken {
            let who: Vec<String> = callers
                .iter()
                .filter_map(|(name, seen)| Some(format!("{name} ({})", seen.broken.get(rule)?)))
                .collect();
            let _ = writeln!(text, "# {}\n# {rule} = \"allow\"", shown(&who.join(", ")));
        }
    }
    for (name, seen) in callers {
        let Some((kind, name)) = name.split_once(':') else { continue };
        let key = match kind {
            "user" | "container" | "certificate" => kind,
            _ => continue,
        };
        let _ = write!(text, "\n[[guard.caller]]\n{key} = {}\nallow = [\n", quoted(name));
        for (operation, count) in &seen.operations {
            let _ = writeln!(text, "    {},  # {count}", quoted(operation));
        }
        text.push_str("]\n");
    }
    text
}

/// Names are callers' own: nothing of them ends a line or a text of TOML.
fn quoted(text: &str) -> String {
    let kept: String =
        text.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).collect();
    format!("\"{kept}\"")
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_is_settings_and_names_what_was_seen_only() {
        let mut seen = Seen::default();
        seen.operations.insert("container-list".into(), 3);
        seen.broken.insert("container-host-network".into(), "web".into());
        let callers = BTreeMap::from([("container:traefik\"\n".to_owned(), seen)]);
        let text = proposed(&callers);
        let config =
            dockward_policy::parse(&text, "dockward.toml", &["container-host-network"]).unwrap();
        let caller = &config.guard.callers[0];
        let allow = caller.allow.as_ref().unwrap();
        assert!(allow.iter().any(|glob| glob.matches("container-list")));
        assert!(!allow.iter().any(|glob| glob.matches("container-create")));
        assert!(text.contains("container-host-network"), "{text}");
    }
}
