use dockward_model::facts::Case;
use dockward_model::verdict::Outcome;

use crate::host_path::Weight;
use crate::mounts;

crate::rule! {
    /// ## Why
    /// A writable mount of a place that root on the host reads or runs from is root on the host:
    /// add a user to `/etc/passwd`, a job to `/etc/cron.d`, a key to `/root/.ssh`, a program to
    /// `/proc/sys/kernel/core_pattern`. It counts by whatever path it is reached: a folder above
    /// it, a symbolic link, or a volume whose `device` is that path.
    ///
    /// ## Fix
    /// Remove the mount, add `:ro`, or mount the one folder that is needed (`-v`; Compose:
    /// `volumes:`). With an engine before 25, `:ro` leaves what is mounted below still writable.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.6; hier(7); core(5); cgroups(7), `release_agent`; mount_setattr(2).
    id: "container-host-root-mount", title: "nothing that root on the host trusts is writable",
    severity: Critical, cis16: ["5.6"], cis18: ["5.6"], judge: host_root_mount
}

fn host_root_mount(case: &Case<'_>) -> Outcome {
    let mounts = match mounts::of_host(case) {
        Ok(mounts) => mounts,
        Err(unknown) => return unknown,
    };
    let hits = mounts.iter().filter_map(|mount| mounts::written(case, mount));
    let hits: Vec<_> = hits.filter(|hit| hit.meaning.weight >= Weight::Much).collect();
    let instead = "mount only the folder that it needs, with `:ro` where it only reads";
    match mounts::failure(case, hits, "can change the host", "not writable", instead) {
        Some((_, failure)) => failure.into(),
        None => mounts::nothing_found(&mounts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_unknown, bind, case_with, mounting, mounting_unresolved,
    };
    use dockward_model::facts::sample;
    use dockward_model::verdict::{Foothold, Gain, Opening, Severity};

    #[test]
    fn what_root_trusts_is_root_when_writable() {
        for path in
            ["/", "/etc", "/srv/../etc/", "/root", "/var/lib/docker", "/proc", "/sys", "/dev"]
        {
            let failure = assert_fails(host_root_mount, &mounting(path, true));
            let opening = Opening { gain: Gain::HostRoot, needs: Foothold::RootInContainer };
            assert_eq!(failure.openings, [opening], "{path}");
            assert_eq!(failure.severity, Some(Severity::Critical), "{path}");
        }
    }

    #[test]
    fn a_users_home_is_that_users_account() {
        let failure = assert_fails(host_root_mount, &mounting("/home/alice", true));
        assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::High), 0));
    }

    #[test]
    fn read_only_and_harmless_mounts_pass() {
        assert_passes(host_root_mount, &mounting("/etc", false));
        assert_passes(host_root_mount, &mounting("/srv/app", true));
        assert_passes(host_root_mount, &mounting("/etcd", true));
    }

    #[test]
    fn no_mounts_pass_and_unread_ones_are_never_a_pass() {
        assert_passes(host_root_mount, &case_with(|c| c.mounts = sample::absent("Mounts")));
        assert_unknown(host_root_mount, &case_with(|c| c.mounts = sample::unknown("Mounts")));
        assert_unknown(host_root_mount, &mounting_unresolved("/srv/app"));
    }

    #[test]
    fn an_unresolved_path_that_is_bad_as_written_fails() {
        assert_fails(host_root_mount, &mounting_unresolved("/etc/cron.d"));
    }

    #[test]
    fn each_bad_mount_is_a_piece_of_evidence_and_the_worst_is_told() {
        let mounts = vec![bind("/home", true), bind("/etc", true), bind("/srv/app", true)];
        let case = case_with(|c| c.mounts = sample::known(mounts, "Mounts"));
        let failure = assert_fails(host_root_mount, &case);
        assert_eq!(failure.evidence.len(), 2);
        assert!(
            failure.message.contains("/etc/shadow") && failure.message.contains("1 more mount")
        );
    }

    #[test]
    fn root_of_another_user_namespace_owns_nothing_there() {
        let mut case = mounting("/etc", true);
        case.daemon.security_options = sample::known(vec!["name=userns".into()], "");
        let failure = assert_fails(host_root_mount, &case);
        assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::Medium), 0));
    }
}
