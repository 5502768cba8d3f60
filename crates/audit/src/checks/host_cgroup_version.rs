use dockward_model::facts::{CgroupLayout, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// Under cgroup version 1 containers see the host's cgroup tree unless told otherwise, root in
    /// one with a writable tree gets out through `release_agent`, buffered writes are not limited,
    /// and a rootless engine can set no limits at all.
    ///
    /// ## Fix
    /// Boot with `systemd.unified_cgroup_hierarchy=1` (the default from Debian 11, Ubuntu 21.10
    /// and RHEL 9 on) and an engine of version 20.10 or newer.
    ///
    /// ## References
    /// cgroups(7); docs.docker.com, "Runtime metrics", cgroup v2.
    id: "host-cgroup-version", title: "the host uses cgroup version 2",
    severity: Low, area: Host, cis16: [], cis18: [], Host: cgroup_version
}

fn cgroup_version(snapshot: &Snapshot) -> Outcome {
    let field = &snapshot.host.cgroups;
    field.judge(Outcome::unread(field), |layout| {
        let seen = match layout {
            CgroupLayout::V2 => return Outcome::Pass,
            CgroupLayout::V1 => "version 1",
            CgroupLayout::Hybrid => "version 1, an unused version 2 tree beside it",
        };
        let evidence = Evidence::of(field, seen, "version 2").effective();
        let fix = "boot with systemd.unified_cgroup_hierarchy=1";
        Failure::new("containers are held by cgroup version 1", evidence, fix).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, snapshot_with};
    use dockward_model::facts::{Field, sample};

    fn with(layout: Field<CgroupLayout>) -> Outcome {
        cgroup_version(&snapshot_with(|s| s.host.cgroups = layout))
    }

    #[test]
    fn version_2_passes() {
        assert_passes(with(sample::known(CgroupLayout::V2, "")));
    }

    #[test]
    fn version_1_fails_with_and_without_a_version_2_tree_beside_it() {
        assert_fails(with(sample::known(CgroupLayout::V1, "")));
        assert_fails(with(sample::known(CgroupLayout::Hybrid, "")));
    }

    #[test]
    fn unread_or_not_mounted_is_unknown() {
        assert_unknown(with(sample::unknown("")));
        assert_unknown(with(sample::absent("")));
    }
}
