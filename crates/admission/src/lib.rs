//! What becomes of a request to the engine: who asks, what it comes to, and why not.
//!
//! A request's way: `dockward_request` understands it, [`Principal`] says who asks, the request
//! becomes container facts and is judged by the rules of `dockward_rules` under a profile, the
//! decision is kept ([`Record`]), and only then it goes on, written anew.
//!
//! Invariants: what is unknown is denied; nothing goes on before its decision is on record; a name
//! goes on as the id that was judged.

mod binds;
mod bypass;
mod change;
mod decide;
mod document;
mod engine;
mod fields;
mod filter;
mod gate;
mod headers;
mod in_force;
mod join;
mod judge;
mod kept;
mod principal;
mod profile;
mod record;
mod rehearsal;
mod scope;
#[cfg(test)]
mod scripted;
mod versions;
mod violation;

pub use bypass::{Bypass, Glass, LONGEST_BYPASS, since_boot};
pub use decide::OWNER;
pub use engine::{Engine, Live, Unasked};
pub use gate::Admission;
pub use principal::Principal;
pub use record::{Decision, Record, Ticket, Unrecorded, Verdict};
pub use rehearsal::{Rehearsal, Rehearsed};
pub use violation::{InOneLine, Violation};
