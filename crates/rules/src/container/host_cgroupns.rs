use dockward_model::facts::{Case, NamespaceMode};
use dockward_model::verdict::{Failure, Outcome};

use crate::standing::seen;

crate::rule! {
    /// ## Why
    /// In the host's cgroup namespace a container sees where it stands in the host's tree: ids of
    /// other containers, names of services. It is also what an escape through a writable cgroup
    /// tree looks for first. On cgroup version 1 this is the engine's default.
    ///
    /// ## Fix
    /// `--cgroupns private` (`cgroup: private`), or once for all containers
    /// `"default-cgroupns-mode": "private"` in daemon.json.
    ///
    /// ## References
    /// cgroup_namespaces(7); moby `daemon/config` (`default-cgroupns-mode`). Not in CIS.
    id: "container-host-cgroupns", title: "the host's cgroup tree is not shown",
    severity: Low, cis16: [], cis18: [], judge: host_cgroupns
}

fn host_cgroupns(case: &Case<'_>) -> Outcome {
    let field = &case.effective.cgroup;
    field.judge(Outcome::unread(field), |mode| match mode {
        NamespaceMode::Host => fail(case).into(),
        NamespaceMode::Own | NamespaceMode::Container(_) => Outcome::Pass,
    })
}

fn fail(case: &Case<'_>) -> Failure {
    Failure::new(
        "sees the host's cgroup tree: ids of other containers, names of services",
        seen(&case.effective.cgroup, "host", "private"),
        "`--cgroupns private` (`cgroup: private`)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, case_with, running_with};
    use dockward_model::facts::{Container, sample};

    fn unsaid(c: &mut Container) {
        c.cgroupns_mode = sample::absent("HostConfig.CgroupnsMode");
    }

    #[test]
    fn the_hosts_tree_fails() {
        let host = |c: &mut Container| c.cgroupns_mode = sample::known("host".into(), "");
        assert_fails(host_cgroupns, &case_with(host));
    }

    #[test]
    fn a_private_view_passes() {
        assert_passes(host_cgroupns, &case_with(|_| ()));
    }

    #[test]
    fn nothing_said_is_the_hosts_on_version_1_and_private_on_version_2() {
        let mut case = case_with(unsaid);
        assert_passes(host_cgroupns, &case);
        case.daemon.cgroup_version = sample::known("1".into(), "CgroupVersion");
        assert_fails(host_cgroupns, &case);
        case.daemon.cgroup_version = sample::unknown("CgroupVersion");
        assert_unknown(host_cgroupns, &case);
        case.daemon.cgroup_version = sample::absent("CgroupVersion");
        assert_unknown(host_cgroupns, &case);
    }

    #[test]
    fn an_unreadable_mode_is_never_a_pass() {
        let unread = |c: &mut Container| c.cgroupns_mode = sample::unknown("CgroupnsMode");
        assert_unknown(host_cgroupns, &case_with(unread));
    }

    #[test]
    fn the_kernels_word_decides_where_nothing_was_said() {
        let mut case =
            running_with(|k| k.namespaces.cgroup_is_host = sample::known(true, "ns/cgroup"));
        unsaid(&mut case.container);
        assert_fails(host_cgroupns, &case);
    }
}
