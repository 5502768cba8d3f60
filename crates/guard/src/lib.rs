//! The gate before the engine: it owns the socket that clients use, knows who asks, and forwards
//! what a [`Gate`] lets through.
//!
//! Invariants: no byte of a caller's head reaches the engine, only what the gate wrote; nothing
//! passes undecided; one connection to the engine for each one of a caller, never shared; what two
//! readers could read differently is refused.

mod allowed;
mod answering;
mod buffer;
pub mod caller;
mod connection;
mod engine;
mod error;
mod exchange;
mod flow;
pub mod gate;
pub mod head;
mod http;
mod limits;
mod listen;
mod outgoing;
pub mod parsers;
mod quiet;
mod relay;
mod reply;
mod serve;
mod shares;
mod signals;
mod stop;
#[cfg(test)]
mod tests;
mod tls;
mod wait;
mod wire;

pub use caller::{Caller, Certificate, Process, Within};
pub use error::Error;
pub use gate::{Answering, Denial, End, Forward, Gate, Outcome, Passage, Reply, Ruling, Taking};
pub use head::{Body, Head, Header};
pub use limits::Limits;
pub use listen::{Listener, handed_over};
pub use serve::{Ended, Guard};
pub use signals::Signals;
pub use tls::{Role, Tls, Used};
