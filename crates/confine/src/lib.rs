//! A process that can do nothing but read and write what it was handed.
//!
//! Invariant: after [`Served::enter`] a process can open nothing, reach nobody, start nothing and hold no
//! more memory than it was given; what of that could not be had is said by a value.
//!
//! What others wrote is parsed in such a process. The one that started it ([`Launch`], [`Child`])
//! hands it requests and descriptors over a socket, and takes each answer for what somebody hostile
//! may have written: capped, under a deadline, and checked by whoever asked.

mod child;
mod enter;
mod files;
mod frame;
mod limits;
mod privileges;
mod served;
mod syscalls;

pub use child::{Child, Launch, Lost};
pub use enter::{Confinement, Missing};
pub use limits::Limits;
pub use served::Served;
