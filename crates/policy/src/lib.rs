//! What an operator decided: which rules are judged, which findings are accepted, and what fails a
//! run.
//!
//! The data's way: [`parse`] turns the text of `dockward.toml` into a [`Config`], or into
//! [`Problems`] that name every mistake in it at once. [`Selection`] says which rules are judged,
//! [`apply`] sets severities and waivers on the findings, [`exit`] says how the run ends.
//!
//! Invariant: pure. Nothing here reads a file, the environment or a clock; the text and today's
//! date are handed over. An expired waiver fails the run, and unknown never passes.

mod apply;
mod config;
mod exit;
mod gate;
mod glob;
mod guard;
mod ignore;
mod in_force;
mod near;
mod news;
mod ourselves;
mod problems;
mod raw;
#[cfg(test)]
mod sample;
mod scan;
mod selection;
mod selector;
mod shown;
mod source;
mod vulnerabilities;
mod waiver;
mod webhook;

pub use apply::{Applied, apply};
pub use config::{Config, MAX_BYTES, parse};
pub use exit::{Exit, FailOn, exit, judged_all, scan_exit};
pub use gate::Gate;
pub use glob::Glob;
pub use guard::{CallerSettings, GUARD_RULES, GuardSettings, Hidden, Only, Preset, Profile, Who};
pub use ignore::{Ignores, MAX_IGNORE_BYTES, ignores};
pub use in_force::{InForce, Items};
pub use near::question as did_you_mean;
pub use news::{Look, news, went_blind};
pub use ourselves::waive_ourselves;
pub use problems::{Kind, Place, Problem, Problems};
pub use scan::ScanSettings;
pub use selection::{Selection, SelectionError};
pub use selector::Selector;
pub use vulnerabilities::{PACKAGE_VULNERABILITY, ScanPolicy};
pub use waiver::{MAX_WAIVERS, Waiver};
pub use webhook::Webhook;

/// A complete `dockward.toml` with a comment on every setting.
pub const EXAMPLE: &str = include_str!("example.toml");
