//! A snapshot into findings and attack paths.
//!
//! Invariant: pure. No files, processes, environment or clock: `clippy.toml` beside this crate's
//! manifest holds that. Whatever a check needs is a fact of the [`Snapshot`].

mod age;
mod audited;
pub mod benchmark;
mod checks;
mod config_files;
mod containerd_sockets;
mod doors;
mod drift;
mod engine_sockets;
mod evaluate;
mod expectations;
mod guarded;
mod images;
#[cfg(test)]
mod judged;
mod kernel_switches;
mod kernels;
mod listeners;
mod lookup;
mod patched;
pub mod paths;
mod podman;
mod reached;
mod registry_files;
mod services;
mod settings;
mod swarm;
mod tls_files;
mod together;
mod unit_files;
mod weak;

use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Meta, Outcome, Subject};

pub use checks::CHECKS;
pub use evaluate::{Audit, evaluate};
pub use expectations::Expectations;
pub use reached::{WayIn, WaysIn, ways_in, ways_to_host};

/// A check over what was seen of a host, beyond single containers.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// What is said of it.
    pub meta: Meta,
    /// What it judges.
    pub judge: Judge,
}

/// What a check judges, and so how often it is run.
#[derive(Debug, Clone, Copy)]
pub enum Judge {
    /// Once a host.
    Host(fn(&Snapshot) -> Outcome),
    /// Once an engine.
    Engine(fn(&Snapshot, &Engine) -> Outcome),
    /// Once an engine, with a verdict for each of several subjects (its networks, its images).
    Each(fn(&Snapshot, &Engine) -> Vec<(Subject, Outcome)>),
    /// Once an engine, held to what the operators said of their own hosts.
    HeldTo(fn(&Engine, &Expectations<'_>) -> Outcome),
    /// Once a run, with a verdict for each of several subjects, held to the same.
    HeldEverywhere(fn(&Snapshot, &Expectations<'_>) -> Vec<(Subject, Outcome)>),
}

/// Declares the check of a file: its doc comment is the user's page.
macro_rules! check {
    ($(#[doc = $doc:literal])* id: $id:literal, title: $title:literal, severity: $severity:ident,
     area: $area:ident, cis16: [$($old:literal),*], cis18: [$($new:literal),*],
     $kind:ident: $judge:ident) => {
        pub(super) const CHECK: $crate::Check = $crate::Check {
            meta: dockward_model::meta! {
                $(#[doc = $doc])* id: $id, title: $title, severity: $severity, area: $area,
                cis16: [$($old),*], cis18: [$($new),*]
            },
            judge: $crate::Judge::$kind($judge),
        };
    };
}
pub(crate) use check;
