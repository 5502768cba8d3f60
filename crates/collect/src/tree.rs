//! The world of files as a small trait, with a live and a recorded form.
//!
//! Paths are named by others (containers' labels, bind sources, images), so nothing in here trusts
//! one: a path is resolved beneath a root, one component at a time, and never leads out of it.
//!
//! Invariant: reads only, regular files only, capped, and never left hanging on a file system that
//! another host or a user's process answers for.

mod beneath;
mod hidden;
mod live;
mod proc;
mod recorded;
mod refusal;
#[cfg(test)]
mod tests;

use dockward_model::facts::{Fact, FileFacts};

pub(crate) use hidden::Hidden;
pub use live::Live;
pub use proc::Proc;
pub use recorded::Recorded;

/// How much of a small text file (passwd, os-release, a unit) is read, in bytes.
pub const SMALL: usize = 1 << 20;

/// Files as seen from one root. Every path is absolute from that root; what isn't there is
/// `Absent`, and what could not be read is `Unknown` with the reason in a person's words.
pub trait Tree: Send + Sync {
    /// The content of a regular file; unknown where it is longer than `limit` bytes.
    fn read(&self, path: &str, limit: usize) -> Fact<Vec<u8>>;

    /// Owner, mode and kind of what stands there, symlinks followed.
    fn stat(&self, path: &str) -> Fact<FileFacts>;

    /// The text of a symbolic link; absent where it is no link.
    fn link(&self, path: &str) -> Fact<String>;

    /// The sorted names in a folder; unknown where there are more than `max`.
    fn list(&self, dir: &str, max: usize) -> Fact<Vec<String>>;

    /// The path with every symlink and `..` resolved beneath the root.
    fn real(&self, path: &str) -> Fact<String>;

    /// The tree beneath a folder of this one, from which nothing leads out either.
    fn below(&self, dir: &str) -> Fact<Box<dyn Tree>>;

    /// The content as text; bytes that are not UTF-8 are replaced.
    fn read_text(&self, path: &str, limit: usize) -> Fact<String> {
        match self.read(path, limit) {
            Fact::Known(bytes) => Fact::Known(String::from_utf8_lossy(&bytes).into_owned()),
            Fact::Absent => Fact::Absent,
            Fact::Unknown(why) => Fact::Unknown(why),
        }
    }
}
