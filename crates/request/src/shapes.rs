//! The bodies of requests, field by field, as the engines decode them (moby `api/types`).

pub(crate) mod container;
pub(crate) mod network;
pub(crate) mod swarm;
pub(crate) mod system;
pub(crate) mod volume;
