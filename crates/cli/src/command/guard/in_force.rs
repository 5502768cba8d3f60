//! What the guard decides by, on record: all of it each time that it is read, and what of it changed.

use anyhow::{Context as _, Result};
use dockward_guard::{Role, Used};
use dockward_ledger::entry::{Digest, Event, Part, Policy};
use dockward_ledger::{Ledger, Text, Texts};
use dockward_policy::{InForce, Items};
use jiff::Timestamp;

use crate::settings::Guarded;

/// What the guard decides by: its settings, and the certificates of those who get in over the network.
pub(super) fn now(held_to: &Guarded, monitor: bool, used: &[Used]) -> InForce {
    let keys = used.iter().map(|one| {
        let role = match one.role {
            Role::Server => "certificate",
            Role::Authority => "authority",
        };
        (format!("{role} {}", String::from(Digest::of(&one.der))), one.subject.clone())
    });
    InForce { keys: Some(keys.collect()), ..held_to.config.in_force(monitor) }
}

/// Records what the guard begins with, held against what it last decided by.
///
/// # Errors
/// When something of it could not be recorded; with what that was.
pub(super) fn begins(ledger: &Ledger, held_to: &Guarded, now: &InForce) -> Result<()> {
    let remembered = ledger.remembered().ok().flatten();
    let before: Option<InForce> = remembered.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    record(ledger, held_to, before.as_ref(), now, "changed while the guard did not run")
}

/// Records what it decides by from now on.
///
/// # Errors
/// As [`begins`].
pub(super) fn changes(
    ledger: &Ledger,
    held_to: &Guarded,
    before: &InForce,
    now: &InForce,
) -> Result<()> {
    record(ledger, held_to, Some(before), now, "changed")
}

/// Records that settings were read and not taken.
pub(super) fn refused(ledger: &Ledger, why: &str) -> Result<()> {
    let reason = format!("refused, the old ones hold: {why}");
    append(ledger, Part::Settings, "", None, (&reason, &[]))
}

fn record(
    ledger: &Ledger,
    held_to: &Guarded,
    before: Option<&InForce>,
    now: &InForce,
    how: &str,
) -> Result<()> {
    append(ledger, Part::Settings, &held_to.text, held_to.changed, ("loaded", &[]))?;
    let (changed, nothing) = (held_to.changed, Items::default());
    let keys = now.keys.as_ref().unwrap_or(&nothing);
    // Certificates are in files of their own.
    let parts = [
        (Part::Policy, before.map(|before| &before.policy), &now.policy, changed),
        (Part::Roles, before.map(|before| &before.roles), &now.roles, changed),
        (Part::Waivers, before.map(|before| &before.waivers), &now.waivers, changed),
        (Part::Keys, before.and_then(|before| before.keys.as_ref()), keys, None),
    ];
    for (part, before, now, changed) in parts {
        let how = if before.is_some() { how } else { "first on record" };
        let changes = now.changes_since(before.unwrap_or(&nothing));
        if !changes.is_empty() {
            append(ledger, part, &now.text(), changed, (how, &changes))?;
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
