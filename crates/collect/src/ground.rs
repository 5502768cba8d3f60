//! What the host itself shows of a container, behind a seam: live, or not at all.

mod live;

use dockward_model::facts::{Fact, KernelView, Mount};

use crate::tree::Tree;

pub(crate) use live::LiveGround;

/// The host beneath the containers.
pub(crate) trait Ground: Sync {
    /// Fills in where a mount's source leads, as the engine sees the host, and what stands there.
    fn lead(&self, mount: &mut Mount);

    /// What the kernel says of the container whose first process the engine calls `pid`.
    fn kernel(&self, id: &str, pid: i32) -> Fact<KernelView>;

    /// The container's own files: as its process sees them, or, of one that doesn't run, the
    /// overlay's layers `upper` and `lower`, the latter with colons between them.
    fn files(&self, pid: Option<i32>, upper: &str, lower: &str) -> Fact<Box<dyn Tree>>;
}

/// No host to look at: the answers came from elsewhere.
pub(crate) struct Unlooked;

impl Ground for Unlooked {
    fn lead(&self, mount: &mut Mount) {
        (mount.host_path, mount.node) = (unlooked(), unlooked());
    }

    fn kernel(&self, _: &str, _: i32) -> Fact<KernelView> {
        unlooked()
    }

    fn files(&self, _: Option<i32>, _: &str, _: &str) -> Fact<Box<dyn Tree>> {
        unlooked()
    }
}

fn unlooked<T>() -> Fact<T> {
    Fact::Unknown("the host's own files were not looked at".to_owned())
}
