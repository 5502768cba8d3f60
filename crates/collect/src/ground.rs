//! What the host itself shows of a container, behind a seam: live, or not at all.

use dockward_model::facts::{Fact, KernelView};

/// The host beneath the containers.
pub(crate) trait Ground: Sync {
    /// A path of the host as the engine means it, with every symlink resolved, and what stands
    /// there (`dir`, `file`, `socket`, …).
    fn resolve(&self, path: &str) -> (Fact<String>, Fact<String>);

    /// What the kernel says of the container whose first process the engine calls `pid`.
    fn kernel(&self, id: &str, pid: i32) -> Fact<KernelView>;

    /// The uid of a user by name, as the container's own files have it. `merged` is where the
    /// engine keeps its file system, for one that doesn't run.
    fn uid(&self, user: &str, pid: Option<i32>, merged: Option<&str>) -> Fact<u32>;
}

/// No host to look at: the answers came from elsewhere.
pub(crate) struct Unlooked;

impl Ground for Unlooked {
    fn resolve(&self, _: &str) -> (Fact<String>, Fact<String>) {
        (unlooked(), unlooked())
    }

    fn kernel(&self, _: &str, _: i32) -> Fact<KernelView> {
        unlooked()
    }

    fn uid(&self, _: &str, _: Option<i32>, _: Option<&str>) -> Fact<u32> {
        unlooked()
    }
}

fn unlooked<T>() -> Fact<T> {
    Fact::Unknown("the host's own files were not looked at".to_owned())
}
