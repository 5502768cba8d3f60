//! The rules over container facts: what a container may do, judged the same in a Compose file, in
//! a create request, in the engine's record and in an image's config.
//!
//! Invariant: pure. A rule sees a [`Case`] and nothing else; the place where the container is
//! written down decides what becomes of the outcome, never the rule.

mod capability_worth;
mod container;
mod device_worth;
mod engine_sockets;
pub mod history;
mod host_path;
#[cfg(test)]
mod judged;
mod limit;
mod listed;
mod mounts;
mod published;
pub mod reach;
mod sighted;
mod standing;

use dockward_model::facts::Case;
use dockward_model::verdict::{Meta, Outcome};

pub use container::RULES;

/// A rule over one container.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// What is said of it.
    pub meta: Meta,
    /// Judges a container.
    pub judge: fn(&Case<'_>) -> Outcome,
}

/// Declares the rule of a file: its doc comment is the user's page.
///
/// ```text
/// rule! {
///     /// ## Why
///     /// …
///     id: "container-privileged", title: "containers do not run privileged",
///     severity: Critical, cis16: ["5.5"], cis18: ["5.5"], judge: privileged
/// }
/// ```
macro_rules! rule {
    ($(#[doc = $doc:literal])* id: $id:literal, title: $title:literal, severity: $severity:ident,
     cis16: [$($old:literal),*], cis18: [$($new:literal),*], judge: $judge:ident) => {
        pub(super) const RULE: $crate::Rule = $crate::Rule {
            meta: dockward_model::meta! {
                $(#[doc = $doc])* id: $id, title: $title, severity: $severity, area: Containers,
                cis16: [$($old),*], cis18: [$($new),*]
            },
            judge: $judge,
        };
    };
}
pub(crate) use rule;

#[cfg(test)]
mod tests;
