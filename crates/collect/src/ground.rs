//! What the host itself shows of a container, behind a seam: live, or not at all.

mod live;

use std::os::fd::OwnedFd;

use dockward_model::facts::{Fact, KernelView, Mount, Sight};

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

    /// A folder as the engine sees it, opened to be walked. One that another host answers for is
    /// not opened: a walk of it may never end.
    fn folder(&self, path: &str) -> Fact<OwnedFd>;

    /// The root folder of the container whose first process is `pid` in our own namespace, opened
    /// to be walked.
    fn root(&self, pid: i32) -> Fact<OwnedFd>;
}

/// No host to look at: the answers came from elsewhere.
pub(crate) struct Unlooked {
    why: &'static str,
}

impl Unlooked {
    /// The answers were recorded.
    pub(crate) const RECORDED: Self = Self { why: "the host's own files were not looked at" };

    /// It lies out of sight.
    pub(crate) fn because(sight: Sight) -> Self {
        sight.beyond().map_or(Self::RECORDED, |why| Self { why })
    }

    fn unlooked<T>(&self) -> Fact<T> {
        Fact::Unknown(self.why.to_owned())
    }
}

impl Ground for Unlooked {
    fn lead(&self, mount: &mut Mount) {
        (mount.host_path, mount.node) = (self.unlooked(), self.unlooked());
    }

    fn kernel(&self, _: &str, _: i32) -> Fact<KernelView> {
        self.unlooked()
    }

    fn files(&self, _: Option<i32>, _: &str, _: &str) -> Fact<Box<dyn Tree>> {
        self.unlooked()
    }

    fn folder(&self, _: &str) -> Fact<OwnedFd> {
        self.unlooked()
    }

    fn root(&self, _: i32) -> Fact<OwnedFd> {
        self.unlooked()
    }
}
