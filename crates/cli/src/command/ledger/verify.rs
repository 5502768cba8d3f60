//! `dockward ledger verify`.

mod look;

use anyhow::Result;
use dockward_ledger::entry::Followed;
use dockward_ledger::{Checkpoint, Included, Verified};
use dockward_policy::Exit;
use serde::Serialize;

use crate::args::{LedgerForm, LedgerVerify};
use crate::output;
use look::{Failed, Looked, look};

/// What was found, as programs read it. All but the first three are null where something does not fit.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct VerifiedV1<'a> {
    /// Always `dockward.ledger-verify/1`.
    schema: &'static str,
    /// Whether all fits, and nothing is missing, unsigned or without a known outcome.
    complete: bool,
    /// Whether all fits.
    fits: bool,
    /// The first thing that does not; null where all does.
    misfit: Option<String>,
    /// The name of the log.
    origin: Option<&'a str>,
    /// How many entries are signed.
    size: Option<u64>,
    /// The hash of the signed tree, in base64.
    root: Option<String>,
    /// The key that signed it, in the form of signed notes.
    key: Option<String>,
    /// Whether that key is the ledger's own word, which proves nothing against who can write there.
    own_key: Option<bool>,
    /// How many entries are not signed yet.
    unsigned: Option<u64>,
    /// How many entries from the first on were thrown away for their age.
    pruned: Option<u64>,
    /// How many outcomes are unknown.
    unknown: Option<u64>,
    /// How many forwarded requests have no outcome yet.
    pending: Option<u64>,
    /// How many entries could not be recorded, by the ledger's own word.
    lost: Option<u64>,
    /// The log that it follows, by its first entry; null where it follows none, or that entry was
    /// thrown away.
    follows: Option<FollowedV1>,
    /// The public key that took the place of its own, by its last entry; null where it goes on.
    replaced_by: Option<&'a str>,
    /// The logs before it that were asked about, the newest first: each follows the next one.
    before: Option<Vec<FollowedV1>>,
    /// The proof that was asked for.
    proof: Option<ProofV1<'a>>,
}

/// A log that another one follows.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FollowedV1 {
    /// Its public key, in the form of signed notes.
    key: String,
    /// How many entries it has in the end.
    size: u64,
    /// The hash of its tree in the end, in base64.
    root: String,
}

impl From<&Followed> for FollowedV1 {
    fn from(Followed { key, size, root }: &Followed) -> Self {
        Self { key: key.clone(), size: *size, root: root.clone() }
    }
}

impl From<&Verified> for FollowedV1 {
    fn from(old: &Verified) -> Self {
        let last = old.checkpoint.as_ref();
        let root = last.map_or_else(String::new, |last| last.root.to_string());
        Self { key: old.key.to_string(), size: last.map_or(0, |last| last.size), root }
    }
}

/// The proof that an entry is in the signed tree (RFC 6962, section 2.1.1).
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ProofV1<'a> {
    /// The entry's index.
    seq: u64,
    /// The hash of the entry, in base64.
    leaf: String,
    /// The entry's line; null where it was thrown away for its age.
    entry: Option<&'a str>,
    /// The hashes that lead to the tree's, the nearest first, in base64.
    path: Vec<String>,
}

/// Verifies a ledger and says what was found.
pub(super) fn run(args: &LedgerVerify) -> Result<Exit> {
    let (found, exit) = match look(args) {
        Ok(looked) if looked.is_complete() => (Ok(looked), Exit::Clean),
        Ok(looked) => (Ok(looked), Exit::Incomplete),
        Err(Failed::Misfit(why)) => (Err(why), Exit::Findings),
        Err(Failed::Other(error)) => return Err(error),
    };
    let text = match args.format {
        LedgerForm::Text => text(&found),
        LedgerForm::Json => json(&found)?,
    };
    output::to_stdout(text.as_bytes())?;
    Ok(exit)
}

fn text(found: &Result<Looked, String>) -> String {
    let looked = match found {
        Ok(looked) => looked,
        Err(why) => return format!("does not fit: {}\n", dockward_report::plain(why)),
    };
    let mut lines = fits(&looked.verified, looked.known);
    lines.extend(chained(looked));
    if let Some(included) = &looked.included {
        lines.push(format!("  entry {} is in the tree: leaf {}", included.index, included.leaf));
        lines.extend(included.path.iter().map(|hash| format!("    {hash}")));
        lines
            .push(format!("    {}", included.line.as_deref().unwrap_or("thrown away for its age")));
    }
    let whole = if looked.is_complete() { "" } else { ", but it is not complete" };
    lines.push(format!("all fits{whole}"));
    lines.join("\n") + "\n"
}

/// What it follows, and what follows it.
fn chained(looked: &Looked) -> Vec<String> {
    let mut lines = Vec::new();
    match &looked.verified.follows {
        Some(Followed { key, size, root }) if looked.before.is_empty() => lines.push(format!(
            "  it says that it follows the {size} entries of {}, tree {}: prove it with --follows",
            dockward_report::plain(key),
            dockward_report::plain(root)
        )),
        None if !looked.before.is_empty() => lines.push(
            "  its first entry was thrown away: what it said of the log before it isn't known"
                .into(),
        ),
        _ => {}
    }
    for (folder, old) in &looked.before {
        let folder = folder.display().to_string();
        let Some(Checkpoint { size, root, .. }) = &old.checkpoint else { continue };
        lines.push(format!(
            "  it follows the {size} entries of {}, tree {root}: {} ends with its key",
            old.key,
            dockward_report::plain(&folder)
        ));
        lines.extend(missing(old).map(|line| format!("  {line}")));
    }
    if let Some(by) = &looked.verified.replaced_by {
        lines.push(format!(
            "  it has ended: its key was replaced by {}",
            dockward_report::plain(by)
        ));
    }
    lines
}

fn fits(verified: &Verified, known: usize) -> Vec<String> {
    let first = match &verified.checkpoint {
        Some(Checkpoint { origin, size, root }) => {
            format!("{origin}: {size} entries, signed; tree {root}")
        }
        None => format!("{}: nothing is signed yet", verified.key.name()),
    };
    let key = match verified.own_key {
        true => "  the key is the ledger's own word: keep key.pub elsewhere and name it with --key"
            .into(),
        false => format!("  signed with {}", verified.key),
    };
    let grown = match known {
        0 => "  compared with no checkpoint that was kept elsewhere (--checkpoint)",
        _ => "  it grew out of the checkpoints that were kept elsewhere",
    };
    let mut lines = vec![first, key, grown.to_owned()];
    lines.extend(missing(verified));
    if verified.cut && !verified.live {
        lines.push(
            "  the last write was cut short by the end of its process; nothing was acknowledged"
                .into(),
        );
    }
    lines
}

fn missing(verified: &Verified) -> impl Iterator<Item = String> {
    let more = told_of(verified).into_iter().filter(|(count, _)| *count > 0);
    more.map(|(count, what)| format!("  {count} {what}"))
}

/// What keeps it from being complete.
fn told_of(verified: &Verified) -> [(u64, &'static str); 5] {
    [
        (
            verified.pruned,
            "entries from the first on were thrown away for their age; their hashes fit",
        ),
        (verified.unsigned, "entries are not signed yet"),
        (verified.pending, "requests have no outcome yet"),
        (verified.unknown, "outcomes are unknown"),
        (verified.lost, "entries could not be recorded, by the ledger's own word"),
    ]
}

fn json(found: &Result<Looked, String>) -> Result<String> {
    let looked = found.as_ref().ok();
    let verified = looked.map(|looked| &looked.verified);
    let signed = verified.and_then(|verified| verified.checkpoint.as_ref());
    let included = looked.and_then(|looked| looked.included.as_ref());
    let before = looked.map(|looked| looked.before.iter().map(|(_, old)| old.into()).collect());
    let proof = included.map(|included: &Included| ProofV1 {
        seq: included.index,
        leaf: included.leaf.to_string(),
        entry: included.line.as_deref(),
        path: included.path.iter().map(ToString::to_string).collect(),
    });
    let found = VerifiedV1 {
        schema: "dockward.ledger-verify/1",
        complete: looked.is_some_and(Looked::is_complete),
        fits: verified.is_some(),
        misfit: found.as_ref().err().cloned(),
        origin: signed.map(|signed| &*signed.origin),
        size: signed.map(|signed| signed.size),
        root: signed.map(|signed| signed.root.to_string()),
        key: verified.map(|verified| verified.key.to_string()),
        own_key: verified.map(|verified| verified.own_key),
        unsigned: verified.map(|verified| verified.unsigned),
        pruned: verified.map(|verified| verified.pruned),
        unknown: verified.map(|verified| verified.unknown),
        pending: verified.map(|verified| verified.pending),
        lost: verified.map(|verified| verified.lost),
        follows: verified.and_then(|verified| verified.follows.as_ref()).map(Into::into),
        replaced_by: verified.and_then(|verified| verified.replaced_by.as_deref()),
        before,
        proof,
    };
    Ok(serde_json::to_string_pretty(&found)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published file is made here: run with `UPDATE_SCHEMAS=1` after a change that is meant.
    #[test]
    fn the_published_schema_is_that_of_the_structs() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/ledger-verify-v1.schema.json");
        let schema = schemars::schema_for!(VerifiedV1<'_>);
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let published = std::fs::read_to_string(path).unwrap_or_default();
        assert!(published == text, "{path} is stale: run this test with UPDATE_SCHEMAS=1");
    }
}
