use dockward_model::facts::{Capability, Case, Mount};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::standing::as_root;

crate::rule! {
    /// ## Why
    /// With `shared` or `rshared` propagation, what is mounted below that folder in the container
    /// appears on the host as well. Root with `SYS_ADMIN` in the container so lays its own files
    /// over the host's, set-uid programs among them, without ever leaving the container.
    ///
    /// ## Fix
    /// Leave the propagation out (`rprivate` is the default), or use `rslave`, by which the
    /// container sees the host's new mounts and not the other way round (`bind: propagation:`).
    ///
    /// ## References
    /// CIS Docker Benchmark 5.20; mount_namespaces(7), "Shared subtrees".
    id: "container-shared-propagation", title: "no mount made in it appears on the host",
    severity: Low, cis16: ["5.20"], cis18: ["5.20"], judge: shared_propagation
}

fn shared_propagation(case: &Case<'_>) -> Outcome {
    let field = &case.container.mounts;
    let Some(mounts) = field.get() else {
        return field.judge(Outcome::Pass, |_| Outcome::Pass);
    };
    let mut shared = mounts.iter().filter(|m| matches!(&*m.propagation, "shared" | "rshared"));
    match shared.next() {
        Some(first) => fail(case, first).and(shared.map(evidence)).into(),
        None => Outcome::Pass,
    }
}

fn fail(case: &Case<'_>, mount: &Mount) -> Failure {
    let mounts = case.effective.capabilities.get().is_some_and(|c| c.has(Capability::SysAdmin));
    let (message, severity) = if mounts {
        ("root in it can lay mounts over the host's files", Severity::High)
    } else {
        ("what is mounted in it would appear on the host", Severity::Low)
    };
    let message = format!("{message}: {} is mounted {}", mount.source, mount.propagation);
    let fix = "leave `:shared`/`:rshared` out or use `:rslave` (`bind: { propagation: rslave }`)";
    Failure::new(message, evidence(mount), fix).severity(as_root(case, severity))
}

fn evidence(mount: &Mount) -> Evidence {
    let seen = format!("{} at {}: {}", mount.source, mount.target, mount.propagation);
    Evidence::at(&mount.origin, seen, "rprivate or rslave")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, assert_fails, assert_passes, assert_unknown, bind, case_with};
    use dockward_model::facts::sample;

    fn mounted(propagation: &str) -> Facts {
        let mut mount = bind("/srv/shared", true);
        mount.propagation = propagation.into();
        case_with(|c| c.mounts = sample::known(vec![bind("/srv/app", true), mount], "Mounts"))
    }

    #[test]
    fn shared_fails_in_both_forms() {
        for propagation in ["shared", "rshared"] {
            let failure = assert_fails(shared_propagation, &mounted(propagation));
            assert_eq!(failure.severity, Some(Severity::Low));
        }
    }

    #[test]
    fn who_can_mount_makes_it_worse() {
        let mut case = mounted("rshared");
        case.container.cap_add = sample::known(vec!["SYS_ADMIN".into()], "HostConfig.CapAdd");
        assert_eq!(assert_fails(shared_propagation, &case).severity, Some(Severity::High));
    }

    #[test]
    fn all_other_forms_pass() {
        for propagation in ["", "private", "rprivate", "slave", "rslave"] {
            assert_passes(shared_propagation, &mounted(propagation));
        }
    }

    #[test]
    fn no_mounts_pass_and_unread_ones_are_never_a_pass() {
        assert_passes(shared_propagation, &case_with(|c| c.mounts = sample::absent("Mounts")));
        assert_unknown(shared_propagation, &case_with(|c| c.mounts = sample::unknown("Mounts")));
    }
}
