//! Where a mount leads on the host, and who a container's user is.
//!
//! Invariant: names that a container or an image gives are resolved beneath its own root.

mod layers;
mod user;

use dockward_model::facts::{Fact, Mount, MountKind};

pub use layers::layers;
pub use user::uid_of;

use crate::tree::Tree;

/// Fills in where a mount leads and what stands there. `tree` is the daemon's mount namespace; of a
/// volume with a device of its own, the source is that device already.
pub fn mount(tree: &dyn Tree, mount: &mut Mount) {
    let source = match mount.kind {
        MountKind::Bind | MountKind::Volume => Some(mount.source.as_str()),
        MountKind::Tmpfs | MountKind::Image | MountKind::Other => None,
    };
    // An empty source is a volume that another host holds, or one of a kind without a folder here.
    let Some(source) = source.filter(|source| !source.is_empty()) else {
        (mount.host_path, mount.node) = (Fact::Absent, Fact::Absent);
        return;
    };
    (mount.host_path, mount.node) = path(tree, source);
}

/// Where an absolute path leads, with every symlink and `..` resolved beneath the root of `tree`,
/// and what stands there. Of one that is no longer there, the node is absent.
#[must_use]
pub fn path(tree: &dyn Tree, path: &str) -> (Fact<String>, Fact<String>) {
    if !path.starts_with('/') {
        let why = format!("{path} is no path on the host");
        return (Fact::Unknown(why.clone()), Fact::Unknown(why));
    }
    let real = real(tree, path);
    let node = match &real {
        Fact::Known(path) => tree.stat(path).map(|facts| facts.node.clone()),
        Fact::Absent => Fact::Absent,
        Fact::Unknown(why) => Fact::Unknown(why.clone()),
    };
    (real, node)
}

/// The real path; of one that is no longer there, the real path of the folder that is, and the
/// rest as written: the engine makes what is missing when the container starts.
fn real(tree: &dyn Tree, path: &str) -> Fact<String> {
    let names: Vec<&str> =
        path.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
    for there in (0..=names.len()).rev() {
        let (head, tail) = names.split_at(there);
        // What is not there can't be gone back from.
        if tail.contains(&"..") {
            break;
        }
        match tree.real(&format!("/{}", head.join("/"))) {
            Fact::Known(folder) => {
                let folder = folder.trim_end_matches('/');
                let rest: String = tail.iter().map(|name| format!("/{name}")).collect();
                let path = format!("{folder}{rest}");
                return Fact::Known(if path.is_empty() { "/".into() } else { path });
            }
            Fact::Absent => {}
            Fact::Unknown(why) => return Fact::Unknown(why),
        }
    }
    Fact::Unknown(format!("{path} leads through folders that are not there"))
}

#[cfg(test)]
mod tests;
