//! The host that Dockward runs on, as its engine sees it.

use std::os::fd::OwnedFd;
use std::time::Instant;

use dockward_model::facts::{Fact, KernelView, Mount};

use super::Ground;
use crate::kernel::{self, Reference};
use crate::resolve;
use crate::tree::{Live, Proc, Tree};

const LATE: &str = "the time that this engine may take was over";

/// The host beneath an engine.
pub(crate) struct LiveGround<'a> {
    inside: Proc,
    files: Live,
    reference: Reference<'a>,
    until: Instant,
}

impl<'a> LiveGround<'a> {
    /// `proc` and `ours` are as we ourselves see them, `its` the files as the engine sees them, and
    /// `daemon` its process, where that is known. Nothing is looked at after `until`.
    pub(crate) fn new(
        proc: &Proc,
        ours: &'a Live,
        its: Live,
        daemon: Option<i32>,
        until: Instant,
    ) -> Self {
        // Where the engine's process can't be looked at, it most likely counts as we do. A pid that
        // means another process there gives nothing: the kernel's view is tied to a container's id.
        let inside = daemon.and_then(|pid| proc.of(pid).known().cloned());
        let inside = inside.unwrap_or_else(|| proc.clone());
        let reference = Reference::new(proc, ours, &inside, daemon);
        Self { inside, files: its, reference, until }
    }

    /// The same, of a host that is mounted below a folder.
    pub(crate) fn below_a_root(self, proc: &Proc) -> Self {
        Self { reference: self.reference.by_the_mounts_of_process_1(proc), ..self }
    }

    fn in_time<T>(&self, look: impl FnOnce() -> Fact<T>) -> Fact<T> {
        if Instant::now() < self.until { look() } else { Fact::Unknown(LATE.to_owned()) }
    }
}

impl Ground for LiveGround<'_> {
    fn lead(&self, mount: &mut Mount) {
        match self.in_time(|| Fact::Known(())) {
            Fact::Known(()) => resolve::mount(&self.files, mount),
            late => {
                (mount.host_path, mount.node) =
                    (late.map(|_| String::new()), late.map(|_| String::new()))
            }
        }
    }

    fn kernel(&self, id: &str, pid: i32) -> Fact<KernelView> {
        self.in_time(|| kernel::view(&self.inside, pid, &self.reference, id))
    }

    fn files(&self, pid: Option<i32>, upper: &str, lower: &str) -> Fact<Box<dyn Tree>> {
        self.in_time(|| match pid {
            None => resolve::layers(&self.files, upper, lower),
            Some(pid) => match Live::of_container(&self.inside, pid) {
                Fact::Known(files) => Fact::Known(Box::new(files)),
                Fact::Absent => Fact::Absent,
                Fact::Unknown(why) => Fact::Unknown(why),
            },
        })
    }

    fn folder(&self, path: &str) -> Fact<OwnedFd> {
        self.in_time(|| self.files.open_folder(path))
    }

    fn root(&self, pid: i32) -> Fact<OwnedFd> {
        self.in_time(|| match Live::of_container(&self.inside, pid) {
            Fact::Known(files) => files.open_folder("/"),
            Fact::Absent => Fact::Absent,
            Fact::Unknown(why) => Fact::Unknown(why),
        })
    }
}
