//! Real Docker Engines in private roots, and a fake one that misbehaves on request: for tests and benchmarks only.
//!
//! Each [`Engine`] runs in mount, network, PID and cgroup namespaces of its own, over a throw-away overlay of a root
//! that `scripts/engines prepare` made, so it never meets the host's engine, firewall, sockets or other engines. Its
//! containers' process ids are those of its own PID namespace: read them below [`Engine::root`]`/proc`, or run the
//! program under test inside with [`Engine::install`] and [`Engine::exec_in_root`].

mod authority;
mod badly_built;
mod cgroup;
mod config;
mod engine;
mod fake;
mod files;
mod image;
mod inside;
mod layer;
mod leftovers;
mod machine;
mod ping;
mod skip;
mod sshd;
mod suite;
mod wall_clock;

pub use authority::{Authority, Pair};
pub use badly_built::{BadlyBuilt, Container, Exec, badly_built};
pub use config::DaemonConfig;
pub use engine::Engine;
pub use fake::{Behaviour, FakeEngine, Framing, Reply};
pub use files::{Answer, Asked, FileServer, Stream, Wrap};
pub use machine::Machine;
pub use skip::Skip;
pub use suite::Suite;
pub use wall_clock::WallClock;
