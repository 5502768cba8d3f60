//! Changes to a host: planned, shown, applied, undone.
//!
//! Invariant: nothing is written or run that was not in the plan. How a step is taken back is on the
//! disk before the step is taken; where one fails, all are taken back, the last one first.
//!
//! The first change is the guard's installation ([`guard`]).

mod apply;
mod command;
mod error;
mod files;
pub mod guard;
mod host;
mod journal;
mod plan;
mod show;

pub use apply::{apply, undo};
pub use command::{Command, Unit};
pub use error::{Error, Reason};
pub use files::{Content, Files};
pub use host::{Host, Live};
pub use journal::{Journal, State};
pub use plan::{Plan, Step};
pub use show::About;
