//! Which security modules are in force.

use dockward_model::facts::{Fact, Field, Origin};

use crate::tree::{SMALL, Tree};

const LIST: &str = "/sys/kernel/security/lsm";
const APPARMOR: &str = "/sys/module/apparmor/parameters/enabled";
const SELINUX: &str = "/sys/fs/selinux/enforce";

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
    fn none_is_only_claimed_where_the_kernel_has_none() {
        let without = Recorded::new().file("/sys/module/xt_LOG/x", "").file("/sys/fs/bpf/x", "");
        assert_eq!(names(&without), Some(Vec::new()));
        assert_eq!(names(&without.clone().file(APPARMOR, "N\n")), Some(Vec::new()));
        assert!(modules(&Recorded::new()).fact.unknown().is_some());
        let refused = without.refused(LIST, "permission denied");
        assert!(modules(&refused).fact.unknown().is_some());
    }
}
