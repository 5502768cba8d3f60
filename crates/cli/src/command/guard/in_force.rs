//! What the guard decides by, on record: all of it each time that it is read, and what of it changed.

use anyhow::{Context as _, Result};
use dockward_ledger::entry::{Digest, Event, Part, Policy};
use dockward_ledger::{Ledger, Text, Texts};
use dockward_policy::{InForce, Items};
use jiff::Timestamp;

use crate::settings::Guarded;

/// Records what the guard begins with, held against what it last decided by.
///
/// # Errors
/// When something of it could not be recorded; with what that was.
pub(super) fn begins(ledger: &Ledger, held_to: &Guarded, monitor: bool) -> Result<()> {
    let remembered = ledger.remembered().ok().flatten();
    let before = remembered.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let how =
        if before.is_some() { "changed while the guard did not run" } else { "first on record" };
    let before: InForce = before.unwrap_or_default();
    record(ledger, held_to, &before, &held_to.config.in_force(monitor), how)
}

/// Records what it decides by from now on.
///
/// # Errors
/// As [`begins`].
pub(super) fn changes(
    ledger: &Ledger,
    held_to: &Guarded,
    monitor: bool,
    before: &InForce,
) -> Result<()> {
    record(ledger, held_to, before, &held_to.config.in_force(monitor), "changed")
}

/// Records that settings were read and not taken.
pub(super) fn refused(ledger: &Ledger, why: &str) -> Result<()> {
    let reason = format!("refused, the old ones hold: {why}");
    append(ledger, Part::Settings, "", None, (&reason, &[]))
}

fn record(
    ledger: &Ledger,
    held_to: &Guarded,
    before: &InForce,
    now: &InForce,
    how: &str,
) -> Result<()> {
    append(ledger, Part::Settings, &held_to.text, held_to.changed, ("loaded", &[]))?;
    let parts: [(Part, &Items, &Items); 3] = [
        (Part::Policy, &before.policy, &now.policy),
        (Part::Roles, &before.roles, &now.roles),
        (Part::Waivers, &before.waivers, &now.waivers),
    ];
    for (part, before, now) in parts {
        let changes = now.changes_since(before);
        if !changes.is_empty() {
            append(ledger, part, &now.text(), held_to.changed, (how, &changes))?;
        }
    }
    // What is remembered is on record: else it is told again when the guard starts again.
    ledger.remember(&serde_json::to_vec(now)?).context("what is in force can't be remembered")
}

fn append(
    ledger: &Ledger,
    part: Part,
    text: &str,
    changed: Option<Timestamp>,
    (reason, changes): (&str, &[String]),
) -> Result<()> {
    let policy = Policy {
        part,
        digest: Digest::of(text.as_bytes()),
        by: None,
        changed,
        reason: Some(Text::new(reason)),
        changes: Texts::new(changes.iter().map(String::as_str)),
    };
    ledger.append(&Event::Policy(policy))?;
    Ok(())
}
