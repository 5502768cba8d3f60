//! The gate before the engine: it owns the socket that clients use, knows who asks, and forwards
//! what a [`Gate`] lets through.
//!
//! Invariants: no byte of a caller's head reaches the engine, only what the gate wrote; nothing
//! passes undecided; one connection to the engine for each one of a caller, never shared; what two
//! readers could read differently is refused.

pub mod caller;
pub mod gate;
pub mod head;

pub use caller::{Caller, Certificate, Process, Within};
pub use gate::{Answering, Denial, End, Forward, Gate, Outcome, Passage, Taking};
pub use head::{Body, Head, Header};
