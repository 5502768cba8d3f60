//! An engine's own cgroup subtree, the only thing that it leaves outside its namespaces and its folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const CGROUPS: &str = "/sys/fs/cgroup";
const PARENT: &str = "dockward-testbed";

/// The subtree's name below each hierarchy, for instance `dockward-testbed/4711-0`.
pub(crate) fn name(run: &str) -> String {
    format!("{PARENT}/{run}")
}

/// Removes the run's subtree in every hierarchy, and the parent when it was the last. Killed processes may take a
/// moment to leave their group, so this tries for up to two seconds.
pub(crate) fn remove(run: &str) {
    let deadline = Instant::now() + Duration::from_secs(2);
    for parent in parents() {
        let group = parent.join(run);
        while group.exists() && !remove_tree(&group) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        // Fails while another engine has a group there, which is as it should be.
        let _ = fs::remove_dir(parent);
    }
}

/// The runs that have a subtree, of living and of dead test processes.
pub(crate) fn runs() -> Vec<String> {
    let mut found: Vec<String> = parents()
        .iter()
        .flat_map(|parent| subfolders(parent))
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The test bed's folder in each hierarchy that has one: v1 controllers, or the unified hierarchy itself.
fn parents() -> Vec<PathBuf> {
    let mut hierarchies = subfolders(Path::new(CGROUPS));
    hierarchies.push(PathBuf::from(CGROUPS));
    let parents = hierarchies.into_iter().map(|path| path.join(PARENT));
    parents.filter(|path| path.is_dir()).collect()
}

/// A cgroup folder goes by `rmdir`, deepest first; its files cannot be deleted.
fn remove_tree(group: &Path) -> bool {
    subfolders(group).iter().all(|below| remove_tree(below)) && fs::remove_dir(group).is_ok()
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let entries = entries.flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}
