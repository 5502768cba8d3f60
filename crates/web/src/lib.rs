//! Files from the web, for commands that are about the network.
//!
//! Invariant: every answer is capped and under a deadline, every retry is counted; nothing is sent but
//! GET; a redirect never leaves HTTPS; credentials go to the host that they are for and to no other.
//! Certificates are those that the system trusts ([`Roots`]), proxies those of the environment.

mod address;
mod client;
mod download;
mod error;
mod proxy;
mod registry;
mod roots;

pub use address::shown;
pub use client::{Body, Client, Fetched, Limits, Request, Step, Validators};
pub use download::Downloaded;
pub use error::WebError;
pub use registry::{Layer, Manifest, Reference, Registry};
pub use roots::Roots;

#[cfg(test)]
mod tests;
