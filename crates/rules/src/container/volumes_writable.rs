use dockward_model::facts::{Case, Mount, MountKind};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::listed;

crate::rule! {
    /// ## Why
    /// What a container may write it may also destroy or encrypt, and what it leaves in a volume is
    /// there for the next container that mounts it. Many volumes are only read: settings,
    /// certificates, static pages. This names the ones that can be written to, for a look.
    ///
    /// ## Fix
    /// Add `:ro` where it only reads: `-v settings:/etc/app:ro` (Compose `volumes:
    /// ["settings:/etc/app:ro"]`, or `read_only: true` in the long form).
    ///
    /// ## References
    /// NIST SP 800-190 4.4.4. Mounts that are dangerous in themselves have rules of their own.
    id: "container-volumes-writable", title: "volumes are mounted read-only",
    severity: Info, cis16: [], cis18: [], judge: volumes_writable
}

fn volumes_writable(case: &Case<'_>) -> Outcome {
    case.container.mounts.judge(Outcome::Pass, |mounts| {
        let writable: Vec<&Mount> = mounts.iter().filter(|mount| is_writable(mount)).collect();
        if writable.is_empty() { Outcome::Pass } else { fail(&writable) }
    })
}

fn is_writable(mount: &Mount) -> bool {
    mount.writable && matches!(mount.kind, MountKind::Bind | MountKind::Volume)
}

fn fail(writable: &[&Mount]) -> Outcome {
    const SHOWN: usize = 10;
    let targets: Vec<&str> = writable.iter().map(|mount| mount.target.as_str()).collect();
    let evidence = |mount: &&Mount| {
        let what = mount.volume.as_deref().unwrap_or(&mount.source);
        Evidence::at(&mount.origin, format!("{what} on {}: writable", mount.target), "read-only")
    };
    Outcome::Fail(Failure {
        severity: None,
        message: format!(
            "can write to {}: {}",
            listed::count(
                writable.len(),
                "volume or folder of the host",
                "volumes or folders of the host"
            ),
            listed::few(&targets)
        ),
        evidence: writable.iter().take(SHOWN).map(evidence).collect(),
        fix: "add `:ro` (`read_only: true`) to each that it only reads".into(),
        openings: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::{Fact, sample};

    fn mount(kind: MountKind, target: &str, writable: bool) -> Mount {
        Mount {
            kind,
            volume: (kind == MountKind::Volume).then(|| "data".into()),
            driver: None,
            source: "/srv/data".into(),
            host_path: Fact::Absent,
            node: Fact::Absent,
            target: target.into(),
            writable,
            propagation: String::new(),
            origin: sample::known((), "Mounts[0]").origin,
        }
    }

    fn with(mounts: Vec<Mount>) -> Facts {
        case_with(|c| c.mounts = sample::known(mounts, "Mounts"))
    }

    #[test]
    fn writable_volumes_and_binds_are_named() {
        let mounts = vec![
            mount(MountKind::Volume, "/data", true),
            mount(MountKind::Bind, "/srv", true),
            mount(MountKind::Volume, "/etc/app", false),
        ];
        let failure = assert_fails(volumes_writable, &with(mounts));
        assert!(failure.message.ends_with("2 volumes or folders of the host: /data, /srv"));
        assert_eq!(failure.evidence[0].seen, "data on /data: writable");
    }

    #[test]
    fn read_only_mounts_and_memory_pass() {
        let mounts =
            vec![mount(MountKind::Bind, "/a", false), mount(MountKind::Tmpfs, "/tmp", true)];
        assert_passes(volumes_writable, &with(mounts));
    }

    #[test]
    fn no_mounts_pass_and_unreadable_ones_never_do() {
        assert_passes(volumes_writable, &case_with(|c| c.mounts = sample::absent("Mounts")));
        assert_unknown(volumes_writable, &case_with(|c| c.mounts = sample::unknown("Mounts")));
    }
}
