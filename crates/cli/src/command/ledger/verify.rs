//! `dockward ledger verify`.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use dockward_ledger::{Checkpoint, Included, LedgerError, PublicKey, Verified, prove, verify};
use dockward_policy::Exit;
use serde::Serialize;

use crate::args::{LedgerForm, LedgerVerify};
use crate::command::ledger::{there, told};
use crate::output;

/// The longest file of checkpoints that is read, in bytes.
const LONGEST: u64 = 64 << 20;

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
    /// The proof that was asked for.
    proof: Option<ProofV1<'a>>,
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
    let looked = look(args);
    let (found, included, exit) = match looked {
        Ok((verified, included)) => {
            let exit = if verified.is_complete() { Exit::Clean } else { Exit::Incomplete };
            (Ok(verified), included, exit)
        }
        Err(Failed::Misfit(why)) => (Err(why), None, Exit::Findings),
        Err(Failed::Other(error)) => return Err(error),
    };
    let text = match args.format {
        LedgerForm::Text => text(&found, included.as_ref(), args.checkpoint.len()),
        LedgerForm::Json => json(&found, included.as_ref())?,
    };
    output::to_stdout(text.as_bytes())?;
    Ok(exit)
}

enum Failed {
    Misfit(String),
    Other(anyhow::Error),
}

impl From<LedgerError> for Failed {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Misfit { why, .. } => Self::Misfit(why),
            other => Self::Other(told(other)),
        }
    }
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

fn look(args: &LedgerVerify) -> Result<(Verified, Option<Included>), Failed> {
    let key = args.key.as_deref().map(key).transpose()?;
    if key.is_none() {
        there(&args.folder)?;
    }
    let own = verify(&args.folder, &[], key.as_ref());
    let verified = own?;
    let mut known = Vec::new();
    for path in &args.checkpoint {
        known.extend(checkpoints(path, &verified.key)?);
    }
    let verified = match known.is_empty() {
        true => verified,
        false => verify(&args.folder, &known, key.as_ref())?,
    };
    let prove = |seq| prove(&args.folder, seq, Some(&verified.key));
    let included = args.entry.map(prove).transpose()?;
    Ok((verified, included))
}

fn read(path: &Path) -> Result<String> {
    let (shown, mut text) = (path.display(), String::new());
    let file = File::open(path).with_context(|| format!("cannot open {shown}"))?;
    let count = file.take(LONGEST + 1).read_to_string(&mut text);
    let count = count.with_context(|| format!("cannot read {shown}"))?;
    if count as u64 > LONGEST { Err(anyhow!("{shown} is too long")) } else { Ok(text) }
}

fn key(path: &Path) -> Result<PublicKey> {
    PublicKey::parse(&read(path)?).with_context(|| path.display().to_string())
}

/// The checkpoints of a file: one note, or lines that hold some as JSON.
fn checkpoints(path: &Path, key: &PublicKey) -> Result<Vec<Checkpoint>> {
    let text = read(path)?;
    let mut notes: Vec<String> = text.lines().filter_map(logged).collect();
    if notes.is_empty() {
        notes.push(text);
    }
    let verified = notes.iter().map(|note| Checkpoint::verified(note, key));
    verified.collect::<Result<_, _>>().with_context(|| path.display().to_string())
}

fn logged(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(r#"{"checkpoint":"#)?;
    serde_json::Deserializer::from_str(rest).into_iter().next()?.ok()
}

fn text(found: &Result<Verified, String>, included: Option<&Included>, known: usize) -> String {
    let mut lines = match found {
        Ok(verified) => fits(verified, known),
        Err(why) => vec![format!("does not fit: {}", dockward_report::plain(why))],
    };
    if let Some(included) = included {
        lines.push(format!("  entry {} is in the tree: leaf {}", included.index, included.leaf));
        lines.extend(included.path.iter().map(|hash| format!("    {hash}")));
        lines
            .push(format!("    {}", included.line.as_deref().unwrap_or("thrown away for its age")));
    }
    if let Ok(verified) = found {
        let whole = if verified.is_complete() { "" } else { ", but it is not complete" };
        lines.push(format!("all fits{whole}"));
    }
    lines.join("\n") + "\n"
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
    let more = told_of(verified).into_iter().filter(|(count, _)| *count > 0);
    lines.extend(more.map(|(count, what)| format!("  {count} {what}")));
    if verified.cut && !verified.live {
        lines.push(
            "  the last write was cut short by the end of its process; nothing was acknowledged"
                .into(),
        );
    }
    lines
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

fn json(found: &Result<Verified, String>, included: Option<&Included>) -> Result<String> {
    let verified = found.as_ref().ok();
    let signed = verified.and_then(|verified| verified.checkpoint.as_ref());
    let proof = included.map(|included| ProofV1 {
        seq: included.index,
        leaf: included.leaf.to_string(),
        entry: included.line.as_deref(),
        path: included.path.iter().map(ToString::to_string).collect(),
    });
    let found = VerifiedV1 {
        schema: "dockward.ledger-verify/1",
        complete: verified.is_some_and(Verified::is_complete),
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
