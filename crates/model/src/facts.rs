//! What was seen, and where: host, engines, containers, images.

mod audit_rules;
mod build_entitlement;
mod capability;
mod container;
mod daemon;
mod distribution;
mod effective;
mod fact;
mod firewall;
mod host;
mod image;
mod inspection;
mod network;
mod origin;
mod partition;
mod program;
#[cfg(any(test, feature = "samples"))]
pub mod sample;
mod secret;
mod signature_policy;
mod snapshot;
mod swarm;
mod tls;
mod unit;

pub use audit_rules::*;
pub use build_entitlement::build_entitlements;
pub use capability::{CapSet, Capability, DEFAULT_CAPABILITIES};
pub use container::*;
pub use daemon::*;
pub use distribution::Distribution;
pub use effective::{
    Case, Confinement, Effective, NamespaceMode, Place, RunsAs, Seccomp, UserNamespace,
};
pub use fact::{Fact, Field};
pub use firewall::*;
pub use host::*;
pub use image::{ElevatingFile, Image, ImageConfig, Layer};
pub use inspection::{Inspection, WeakPackage};
pub use network::{Network, Plugin, Volume};
pub use origin::Origin;
pub use partition::{HeldBy, Partition};
pub use program::{Change, KernelPackage, Manager, Owner, Package, Programs};
pub use secret::{SecretKind, Sighting};
pub use signature_policy::SignaturePolicy;
pub use snapshot::{Engine, Snapshot, Unseen};
pub use swarm::{Cluster, NodeAddresses, Service, Swarm, SwarmNode, Validity};
pub use tls::{Certificate, TlsFile, TlsFiles};
pub use unit::{Unit, UnitSetting};
