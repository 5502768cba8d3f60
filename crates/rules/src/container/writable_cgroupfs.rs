use dockward_model::facts::{Capability, Case, NamespaceMode, Origin};
use dockward_model::verdict::{Evidence, Failure, Gain, Outcome, Severity};

use crate::host_path::relation;
use crate::mounts::{self, told_path};
use crate::standing::{opens_as_root, said_of_privileged, seen};

crate::rule! {
    /// ## Why
    /// Who writes to the cgroup tree lifts limits, freezes and kills. In the host's tree that means
    /// everyone else's. On cgroup version 1 each hierarchy has a `release_agent`: a program that
    /// the kernel starts as root on the host. Root with `SYS_ADMIN` sets it and is out; on kernels
    /// before 5.17 it takes not even that capability.
    ///
    /// ## Fix
    /// Remove the mount of `/sys/fs/cgroup`, or add `:ro`. A container that runs systemd needs its
    /// own tree only: `--cgroupns private` (`cgroup: private`) on cgroup version 2.
    ///
    /// ## References
    /// cgroups(7), `release_agent`; CVE-2022-0492; moby `oci/defaults.go`. Not in CIS.
    id: "container-writable-cgroupfs", title: "the cgroup tree is read-only",
    severity: Medium, cis16: [], cis18: [], judge: writable_cgroupfs
}

fn writable_cgroupfs(case: &Case<'_>) -> Outcome {
    if let Some(outcome) = said_of_privileged(case) {
        return outcome;
    }
    let mounts = match mounts::of_host(case) {
        Ok(mounts) => mounts,
        Err(unknown) => return unknown,
    };
    let bound = mounts.iter().find(|mount| {
        mount.mount.writable
            && mount.path.starts_with('/')
            && relation("/sys/fs/cgroup", &mount.path).is_some()
    });
    if let Some(mount) = bound {
        let seen = format!("{} at {}, writable", told_path(mount), mount.mount.target);
        return fail(case, Evidence::at(&mount.mount.origin, seen, "read-only"), true).into();
    }
    let field = &case.effective.cgroups_writable;
    match field.get() {
        Some(true) => {
            let shared = case.effective.cgroup.get() != Some(&NamespaceMode::Own);
            fail(case, seen(field, "writable", "read-only"), shared).into()
        }
        Some(false) if matches!(field.origin, Origin::Kernel { .. }) => Outcome::Pass,
        Some(false) => mounts::nothing_found(&mounts),
        None => Outcome::unread(field),
    }
}

/// `shared` is whether it is the host's tree.
fn fail(case: &Case<'_>, evidence: Evidence, shared: bool) -> Failure {
    let admin = case.effective.capabilities.get().is_some_and(|set| set.has(Capability::SysAdmin));
    let version = case.daemon.cgroup_version.get().map(String::as_str);
    let (message, severity, gain) = match (version, shared) {
        (Some("1"), _) if admin => (
            "writes to the cgroup tree: root in it sets `release_agent` and is root on the host",
            Severity::Critical,
            Some(Gain::HostRoot),
        ),
        (Some("2"), false) => (
            "writes to its own part of the cgroup tree: root in it changes limits below",
            Severity::Low,
            None,
        ),
        (_, _) => (
            "writes to the host's cgroup tree: root in it lifts limits and stops other containers",
            Severity::Medium,
            None,
        ),
    };
    let fix = "remove the mount of `/sys/fs/cgroup` or add `:ro` (`-v`, `volumes:`)";
    opens_as_root(case, Failure::new(message, evidence, fix), severity, gain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        Facts, assert_fails, assert_not_applicable, assert_passes, assert_unknown, case_with,
        mounting, mounting_unresolved,
    };
    use dockward_model::facts::{Fact, Field, sample};

    fn version_1(mut facts: Facts) -> Facts {
        facts.daemon.cgroup_version = sample::known("1".into(), "CgroupVersion");
        facts
    }

    #[test]
    fn a_writable_mount_of_the_tree_fails_by_every_way_to_it() {
        for path in ["/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys", "/", "/sys/fs/cgroup/"] {
            let failure = assert_fails(writable_cgroupfs, &mounting(path, true));
            assert_eq!(failure.severity, Some(Severity::Medium), "{path}");
        }
    }

    #[test]
    fn on_version_1_with_sys_admin_it_is_root_on_the_host() {
        let mut case = version_1(mounting("/sys/fs/cgroup", true));
        assert!(assert_fails(writable_cgroupfs, &case).openings.is_empty());
        case.container.cap_add = sample::known(vec!["SYS_ADMIN".into()], "HostConfig.CapAdd");
        let failure = assert_fails(writable_cgroupfs, &case);
        assert_eq!(failure.severity, Some(Severity::Critical));
        assert_eq!(failure.openings[0].gain, Gain::HostRoot);
    }

    #[test]
    fn its_own_tree_of_version_2_is_a_layer_less() {
        let options = vec!["writable-cgroups=true".into()];
        let mut case = case_with(|c| c.security_opt = sample::known(options, "SecurityOpt"));
        assert_eq!(assert_fails(writable_cgroupfs, &case).severity, Some(Severity::Low));
        case.container.cgroupns_mode = sample::known("host".into(), "CgroupnsMode");
        assert_eq!(assert_fails(writable_cgroupfs, &case).severity, Some(Severity::Medium));
    }

    #[test]
    fn read_only_and_nothing_said_pass() {
        assert_passes(writable_cgroupfs, &mounting("/sys/fs/cgroup", false));
        assert_passes(writable_cgroupfs, &mounting("/sys/fs/cgroups", true));
        assert_passes(writable_cgroupfs, &case_with(|c| c.mounts = sample::absent("Mounts")));
    }

    #[test]
    fn what_could_not_be_read_is_never_a_pass() {
        assert_unknown(writable_cgroupfs, &case_with(|c| c.mounts = sample::unknown("Mounts")));
        let unread = case_with(|c| c.security_opt = sample::unknown("HostConfig.SecurityOpt"));
        assert_unknown(writable_cgroupfs, &unread);
    }

    #[test]
    fn the_kernels_word_is_enough_where_a_path_could_not_be_resolved() {
        let mut case = mounting_unresolved("/srv/app");
        assert_unknown(writable_cgroupfs, &case);
        let mut kernel = sample::kernel();
        kernel.mounts = Field::known(Vec::new(), Origin::kernel("/proc/4711/mountinfo", ""));
        case.container.kernel = Fact::Known(kernel);
        assert_passes(writable_cgroupfs, &case);
    }

    #[test]
    fn a_privileged_container_is_told_once() {
        let case = case_with(|c| c.privileged = sample::known(true, "HostConfig.Privileged"));
        assert_not_applicable(writable_cgroupfs, &case);
    }
}
