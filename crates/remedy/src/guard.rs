//! The guard before an engine: what has to change on a host so that it owns the socket that clients
//! use, and the engine listens where nobody else gets to.
//!
//! systemd holds both sockets: clients' by a unit of the guard's, the engine's own by docker.socket,
//! which a drop-in points elsewhere. So docker.service goes on with `-H fd://` and its command line
//! stays the package's; daemon.json changes only where it says itself where to listen.

mod containers;
mod daemon_json;
mod facts;
mod listens;
mod plan;
mod refuse;
#[cfg(test)]
mod tests;
mod units;

pub use containers::{Running, Seen};
pub use facts::{Facts, Options};
pub use plan::{consequences, plan};

/// The guard's user and its group, which alone reaches the engine's own socket.
pub const USER: &str = "dockward-guard";
/// The engine's own socket.
pub const ENGINE: &str = "/run/dockward/engine/docker.sock";
/// Where dockerd looks for its settings (moby `daemon/config`).
const DAEMON_JSON: &str = "/etc/docker/daemon.json";
