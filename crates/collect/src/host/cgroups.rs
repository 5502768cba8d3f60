//! How cgroups are mounted (cgroups(7)).

use dockward_model::facts::{CgroupLayout, Fact, Field, Origin};

use crate::kernel::mountinfo;
use crate::tree::Tree;

const PATH: &str = "/proc/self/mountinfo";

pub(super) fn layout(tree: &dyn Tree) -> Field<CgroupLayout> {
    let fact = match tree.read_text(PATH, mountinfo::LIMIT) {
        Fact::Known(text) => of_mounts(&text),
        Fact::Absent => Fact::Unknown(format!("{PATH} is not there")),
        Fact::Unknown(why) => Fact::Unknown(why),
    };
    Field { fact, origin: Origin::kernel(PATH, "") }
}

fn of_mounts(text: &str) -> Fact<CgroupLayout> {
    let (mut v1, mut v2) = (false, false);
    for line in mountinfo::lines(text) {
        match line.fs_type {
            // systemd keeps a named hierarchy without controllers for its own books.
            "cgroup" if !line.super_options.contains("name=") => v1 = true,
            "cgroup2" => v2 = true,
            _ => {}
        }
    }
    match (v1, v2) {
        (true, true) => Fact::Known(CgroupLayout::Hybrid),
        (true, false) => Fact::Known(CgroupLayout::V1),
        (false, true) => Fact::Known(CgroupLayout::V2),
        (false, false) => Fact::Unknown("no cgroup file system is mounted where we can see".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: &str = "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
    const NAMED: &str = "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n";
    const UNIFIED: &str = "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

    #[test]
    fn the_three_layouts_are_told_apart() {
        assert_eq!(of_mounts(MEMORY), Fact::Known(CgroupLayout::V1));
        assert_eq!(
            of_mounts(&[MEMORY, NAMED, UNIFIED].concat()),
            Fact::Known(CgroupLayout::Hybrid)
        );
        assert_eq!(of_mounts(&[NAMED, UNIFIED].concat()), Fact::Known(CgroupLayout::V2));
        assert!(of_mounts(NAMED).unknown().is_some());
    }
}
