use dockward_model::facts::Case;
use dockward_model::verdict::Outcome;

use crate::host_path::Weight;
use crate::mounts::{self, Hit, HostMount};

crate::rule! {
    /// ## Why
    /// Read-only is enough to steal: password hashes from `/etc/shadow`, keys from `/root/.ssh`,
    /// the environment of every container from the engine's data, arguments of every process from
    /// `/proc`. Orders to systemd go through sockets below `/run`, which `:ro` doesn't close. And
    /// writable places of less weight, such as `/var/log` and `/tmp`, let root in the container
    /// lay traps for the host's programs or wipe its traces.
    ///
    /// ## Fix
    /// Mount the one file or folder that is needed, not the tree above it (`-v`; Compose:
    /// `volumes:`), and run as a user who could not read the rest.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.6; shadow(5); proc(5). docker-bench-security looks at neither
    /// read-only mounts nor files.
    id: "container-sensitive-mount", title: "nothing of the host that leaks is mounted",
    severity: High, cis16: ["5.6"], cis18: ["5.6"], judge: sensitive_mount
}

fn sensitive_mount(case: &Case<'_>) -> Outcome {
    let mounts = match mounts::of_host(case) {
        Ok(mounts) => mounts,
        Err(unknown) => return unknown,
    };
    let hits: Vec<_> = mounts.iter().filter_map(|mount| lesser(case, mount)).collect();
    let instead = "mount only the file or folder that it needs";
    match mounts::failure(case, hits, "reaches into the host", "not mounted", instead) {
        Some((Weight::Little, failure)) => Outcome::Review(failure),
        Some((_, failure)) => failure.into(),
        None => mounts::nothing_found(&mounts),
    }
}

/// What a mount is worth that `container-host-root-mount` doesn't tell of. What a read-only one
/// leaks is told in any case: that something below it can be written comes and goes with mounts.
fn lesser(case: &Case<'_>, mount: &HostMount<'_>) -> Option<Hit> {
    if !mounts::is_written_itself(mount.mount) {
        return mounts::read(case, mount);
    }
    let written = mounts::written(case, mount);
    if written.as_ref().is_some_and(|hit| hit.meaning.weight >= Weight::Much) {
        return None;
    }
    let hits = mounts::read(case, mount).into_iter().chain(written);
    hits.max_by_key(|hit| hit.meaning.weight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_reviews, assert_unknown, case_with, mounting,
        mounting_unresolved,
    };
    use dockward_model::facts::sample;
    use dockward_model::verdict::{Gain, Severity};

    #[test]
    fn read_only_still_leaks_what_only_root_may_read() {
        for path in ["/", "/etc", "/etc/shadow", "/root", "/var", "/var/lib/docker"] {
            let failure = assert_fails(sensitive_mount, &mounting(path, false));
            assert_eq!(failure.severity, Some(Severity::High), "{path}");
            assert_eq!(failure.openings[0].gain, Gain::HostFiles, "{path}");
        }
    }

    #[test]
    fn lesser_leaks_open_nothing() {
        for path in ["/home", "/proc", "/dev"] {
            let failure = assert_fails(sensitive_mount, &mounting(path, false));
            assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::Medium), 0));
        }
    }

    #[test]
    fn a_socket_that_takes_roots_orders_is_root_even_read_only() {
        let failure = assert_fails(sensitive_mount, &mounting("/run/systemd/private", false));
        assert_eq!(failure.openings[0].gain, Gain::HostRoot);
    }

    #[test]
    fn writable_places_of_less_weight_are_told_and_small_ones_reviewed() {
        let failure = assert_fails(sensitive_mount, &mounting("/var/log", true));
        assert_eq!(failure.severity, Some(Severity::Medium));
        for path in ["/tmp", "/srv", "/etc/localtime"] {
            let failure = assert_reviews(sensitive_mount, &mounting(path, true));
            assert_eq!(failure.severity, Some(Severity::Low), "{path}");
        }
    }

    #[test]
    fn harmless_mounts_and_none_pass() {
        assert_passes(sensitive_mount, &mounting("/etc/localtime", false));
        assert_passes(sensitive_mount, &mounting("/srv/app", true));
        assert_passes(sensitive_mount, &case_with(|c| c.mounts = sample::absent("Mounts")));
    }

    #[test]
    fn what_is_root_when_writable_is_told_once() {
        assert_passes(sensitive_mount, &mounting("/etc", true));
    }

    #[test]
    fn what_could_not_be_read_is_never_a_pass() {
        assert_unknown(sensitive_mount, &case_with(|c| c.mounts = sample::unknown("Mounts")));
        assert_unknown(sensitive_mount, &mounting_unresolved("/srv/app"));
    }

    #[test]
    fn another_user_reads_less() {
        let mut case = mounting("/etc/shadow", false);
        case.container.user = sample::known("1000".into(), "Config.User");
        assert_eq!(assert_fails(sensitive_mount, &case).severity, Some(Severity::Medium));
    }
}
