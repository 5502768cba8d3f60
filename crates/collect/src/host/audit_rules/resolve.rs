//! What a rule's path means to the kernel.

use dockward_model::facts::{AuditWatch, Fact};

use crate::tree::Tree;

/// The file or folder that a rule names. The kernel follows symbolic links on the way to it, and
/// not one at its end (`kern_path_locked` and `kern_path` without `LOOKUP_FOLLOW`, in
/// kernel/audit_watch.c and kernel/audit_tree.c).
pub(super) fn watch(tree: &dyn Tree, path: &str, recursive: bool) -> AuditWatch {
    let path = trimmed(path);
    let (real, is_link) = real(tree, path);
    AuditWatch { recursive, path: path.to_owned(), real, is_link }
}

/// Without slashes at its end, as auditctl(8) hands it to the kernel.
pub(super) fn trimmed(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { "/" } else { trimmed }
}

fn real(tree: &dyn Tree, path: &str) -> (Fact<String>, bool) {
    let Some((parent, name)) = path.rsplit_once('/') else {
        return (Fact::Unknown(format!("{path} is no absolute path")), false);
    };
    if name.is_empty() {
        return (Fact::Known("/".to_owned()), false);
    }
    if matches!(name, "." | "..") {
        return (Fact::Absent, false);
    }
    let parent = if parent.is_empty() { Fact::Known("/".to_owned()) } else { tree.real(parent) };
    let here = parent.map(|parent| format!("{}/{name}", parent.trim_end_matches('/')));
    let is_link = here.known().is_some_and(|here| tree.link(here).known().is_some());
    (here, is_link)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    fn tree() -> Recorded {
        Recorded::new()
            .symlink("/var/run", "/run")
            .file("/run/docker.sock", "")
            .file("/opt/engine/dockerd", "")
            .symlink("/usr/bin/dockerd", "/opt/engine/dockerd")
            .refused("/root", "permission denied")
    }

    #[test]
    fn links_on_the_way_are_followed_and_one_at_the_end_is_not() {
        let socket = watch(&tree(), "/var/run/docker.sock", false);
        assert_eq!((socket.real, socket.is_link), (Fact::Known("/run/docker.sock".into()), false));
        let program = watch(&tree(), "/usr/bin/dockerd", false);
        assert_eq!((program.real, program.is_link), (Fact::Known("/usr/bin/dockerd".into()), true));
        assert!(watch(&tree(), "/var/run/", true).is_link);
    }

    #[test]
    fn a_file_may_be_missing_but_not_its_folder() {
        assert_eq!(watch(&tree(), "/run/new", false).real, Fact::Known("/run/new".into()));
        assert_eq!(watch(&tree(), "/etc/sysconfig/docker", false).real, Fact::Absent);
        assert!(watch(&tree(), "/root/x", false).real.unknown().is_some());
        assert_eq!(watch(&tree(), "/", true).real, Fact::Known("/".into()));
    }
}
