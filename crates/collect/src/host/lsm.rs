//! Which security modules are in force.

use dockward_model::facts::{Fact, Field, Origin};

use crate::tree::{SMALL, Tree};

const LIST: &str = "/sys/kernel/security/lsm";
const APPARMOR: &str = "/sys/module/apparmor/parameters/enabled";
const SELINUX: &str = "/sys/fs/selinux/enforce";
const LOCKDOWN: &str = "/sys/kernel/security/lockdown";

/// The modules in the kernel's own order; where securityfs is not mounted, those of the two that
/// confine containers which can be seen otherwise.
pub(super) fn modules(tree: &dyn Tree) -> Field<Vec<String>> {
    match tree.read_text(LIST, SMALL) {
        Fact::Known(text) => {
            let names = text.trim().split(',').filter(|name| !name.is_empty());
            Field::known(names.map(str::to_owned).collect(), Origin::kernel(LIST, ""))
        }
        Fact::Absent => by_their_traces(tree),
        Fact::Unknown(why) => {
            let seen = by_their_traces(tree);
            let is_seen = seen.get().is_some_and(|list| !list.is_empty());
            if is_seen { seen } else { Field::unknown(why, Origin::kernel(LIST, "")) }
        }
    }
}

/// The level in force, which the kernel puts in brackets: `none [integrity] confidentiality`.
pub(super) fn lockdown(tree: &dyn Tree) -> Field<String> {
    let origin = Origin::kernel(LOCKDOWN, "");
    match tree.read_text(LOCKDOWN, SMALL) {
        Fact::Known(text) => {
            match text.split_once('[').and_then(|(_, rest)| rest.split_once(']')) {
                Some((level, _)) => Field::known(level.to_owned(), origin),
                None => Field::unknown("no level stands in brackets", origin),
            }
        }
        Fact::Absent => absent_beside(tree, LIST, "securityfs is not to be seen", origin),
        Fact::Unknown(why) => Field::unknown(why, origin),
    }
}

/// Whether SELinux forbids, or only writes what it would forbid to the log.
pub(super) fn selinux_enforcing(tree: &dyn Tree) -> Field<bool> {
    let origin = Origin::kernel(SELINUX, "");
    match tree.read_text(SELINUX, SMALL) {
        Fact::Known(text) => match text.trim() {
            "1" => Field::known(true, origin),
            "0" => Field::known(false, origin),
            other => Field::unknown(format!("it reads {other:?}, neither 0 nor 1"), origin),
        },
        Fact::Absent => absent_beside(tree, "/sys/fs", "sysfs is not to be seen", origin),
        Fact::Unknown(why) => Field::unknown(why, origin),
    }
}

/// Absent where the file system that would hold it is to be seen by something else in it.
fn absent_beside<T>(tree: &dyn Tree, beside: &str, why: &str, origin: Origin) -> Field<T> {
    match tree.stat(beside) {
        Fact::Known(_) => Field::absent(origin),
        Fact::Absent => Field::unknown(why, origin),
        Fact::Unknown(why) => Field::unknown(why, origin),
    }
}

fn by_their_traces(tree: &dyn Tree) -> Field<Vec<String>> {
    if tree.read_text(APPARMOR, SMALL).known().is_some_and(|text| text.trim() == "Y") {
        return Field::known(vec!["apparmor".into()], Origin::kernel(APPARMOR, ""));
    }
    if tree.stat(SELINUX).known().is_some() {
        return Field::known(vec!["selinux".into()], Origin::kernel(SELINUX, ""));
    }
    // The kernel makes both folders wherever it has the module at all, mounted or not.
    match (tree.stat("/sys/module"), tree.stat("/sys/fs")) {
        (Fact::Known(_), Fact::Known(_)) => Field::known(Vec::new(), Origin::kernel(APPARMOR, "")),
        (Fact::Unknown(why), _) | (_, Fact::Unknown(why)) => {
            Field::unknown(why, Origin::kernel(LIST, ""))
        }
        _ => Field::unknown("neither securityfs nor sysfs is to be seen", Origin::kernel(LIST, "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    fn names(tree: &Recorded) -> Option<Vec<String>> {
        modules(tree).get().cloned()
    }

    #[test]
    fn the_kernels_list_is_taken_in_its_order() {
        let tree = Recorded::new().file(LIST, "lockdown,capability,yama,apparmor,bpf");
        assert_eq!(names(&tree).unwrap(), ["lockdown", "capability", "yama", "apparmor", "bpf"]);
    }

    #[test]
    fn without_securityfs_the_two_that_matter_are_seen_by_their_traces() {
        let apparmor = Recorded::new().file(APPARMOR, "Y\n");
        assert_eq!(names(&apparmor).unwrap(), ["apparmor"]);
        assert_eq!(
            names(&apparmor.clone().refused(LIST, "permission denied")).unwrap(),
            ["apparmor"]
        );
        assert_eq!(names(&Recorded::new().file(SELINUX, "1")).unwrap(), ["selinux"]);
    }

    #[test]
    fn lockdowns_level_is_the_one_in_brackets() {
        let level = |text| lockdown(&Recorded::new().file(LOCKDOWN, text));
        assert_eq!(level("none [integrity] confidentiality\n").get().unwrap(), "integrity");
        assert_eq!(level("[none] integrity confidentiality\n").get().unwrap(), "none");
        assert!(level("none\n").fact.unknown().is_some());
        assert!(lockdown(&Recorded::new().file(LIST, "capability")).fact.is_absent());
        assert!(lockdown(&Recorded::new()).fact.unknown().is_some(), "no securityfs");
        let refused = Recorded::new().refused(LOCKDOWN, "permission denied");
        assert!(lockdown(&refused).fact.unknown().is_some());
    }

    #[test]
    fn selinux_enforces_is_permissive_is_not_there_or_was_not_read() {
        let mode = |text| selinux_enforcing(&Recorded::new().file(SELINUX, text)).fact;
        assert_eq!(mode("1"), Fact::Known(true));
        assert_eq!(mode("0\n"), Fact::Known(false));
        assert!(mode("yes").unknown().is_some());
        assert!(selinux_enforcing(&Recorded::new().file("/sys/fs/bpf/x", "")).fact.is_absent());
        assert!(selinux_enforcing(&Recorded::new()).fact.unknown().is_some());
    }

    #[test]
    fn none_is_only_claimed_where_the_kernel_has_none() {
        let without = Recorded::new().file("/sys/module/xt_LOG/x", "").file("/sys/fs/bpf/x", "");
        assert_eq!(names(&without), Some(Vec::new()));
        assert_eq!(names(&without.clone().file(APPARMOR, "N\n")), Some(Vec::new()));
        assert!(modules(&Recorded::new()).fact.unknown().is_some());
        let refused = without.refused(LIST, "permission denied");
        assert!(modules(&refused).fact.unknown().is_some());
    }
}
