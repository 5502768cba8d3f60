use dockward_model::facts::{Engine, HeldBy, Partition, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// Containers write logs, images grow, volumes fill up. Where they share a file system with the
    /// system's own folders, one container fills the disk for all: no login, no log, no update, and
    /// the audit's records stop as well.
    ///
    /// ## Fix
    /// Mount a file system of its own at the data root, or set `data-root` in daemon.json to a
    /// folder on one: stop the engine, copy with `rsync -aHAX`, mount, start. A subvolume of btrfs
    /// and a dataset of ZFS share the space unless they have a quota.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.1. Judged by the file system (its device), not by the place where it
    /// is mounted: a data root that lies deeper on a file system of its own passes; one that is only
    /// bind-mounted onto itself, as dockerd does where mounts are private (moby
    /// `daemon/daemon_linux.go`, `setupDaemonRootPropagation`), does not.
    id: "host-data-root-partition", title: "the data root has a file system of its own",
    severity: Low, area: Host, cis16: ["1.1.1"], cis18: ["1.1.1"], Engine: partition
}

fn partition(_: &Snapshot, engine: &Engine) -> Outcome {
    let field = &engine.daemon.partition;
    field.judge(Outcome::unread(field), |partition| {
        let held = &partition.data_root;
        let (message, fix) = match shared(partition) {
            Shared::Nothing => return Outcome::Pass,
            Shared::Files(folders) => (
                format!("the data root {} shares its file system with {folders}", held.path),
                "mount a file system of its own there, or set \"data-root\" to a folder on one",
            ),
            Shared::Pool(folders) => (
                format!("the data root {} shares its ZFS pool with {folders}", held.path),
                "give the dataset a quota: `zfs set quota=… DATASET`",
            ),
        };
        let seen = format!("{} ({}) mounted at {}", held.source, held.fs_type, held.mounted_at);
        let evidence = Evidence::of(field, seen, "a file system that holds nothing else");
        let failure = Failure::new(message, evidence, fix);
        match shared(partition) {
            Shared::Pool(_) => Outcome::Review(failure),
            _ => failure.into(),
        }
    })
}

/// What the data root shares with the system, with names of the folders.
enum Shared {
    Nothing,
    Files(String),
    Pool(String),
}

fn shared(partition: &Partition) -> Shared {
    let root = &partition.data_root;
    let names = |same: &dyn Fn(&&HeldBy) -> bool| {
        let folders = partition.system.iter().filter(same).map(|held| held.path.as_str());
        folders.take(3).collect::<Vec<_>>().join(", ")
    };
    let pool = |held: &HeldBy| held.source.split('/').next().map(str::to_owned);
    let files = names(&|held| held.device == root.device);
    let pools =
        names(&|held| held.fs_type == "zfs" && root.fs_type == "zfs" && pool(held) == pool(root));
    match (files.is_empty(), pools.is_empty()) {
        (false, _) => Shared::Files(files),
        (true, false) => Shared::Pool(pools),
        (true, true) => Shared::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_needs_a_look, assert_passes, assert_unknown, engine_with, snapshot,
    };
    use dockward_model::facts::sample;

    fn held(path: &str, mounted_at: &str, device: &str, fs_type: &str) -> HeldBy {
        HeldBy {
            path: path.into(),
            mounted_at: mounted_at.into(),
            root: "/".into(),
            device: device.into(),
            fs_type: fs_type.into(),
            source: format!("rpool{path}"),
        }
    }

    /// The data root lies here; `/` is 8:1 and `/var` with all below it 8:2.
    fn with(data_root: HeldBy) -> Outcome {
        let fs_type = data_root.fs_type.clone();
        let system =
            vec![held("/", "/", "8:1", &fs_type), held("/var/lib", "/var", "8:2", &fs_type)];
        let partition = sample::known(Partition { data_root, system }, "mountinfo");
        let engine = engine_with(|e| e.daemon.partition = partition);
        partition_of(&engine)
    }

    fn partition_of(engine: &Engine) -> Outcome {
        partition(&snapshot(), engine)
    }

    #[test]
    fn a_file_system_of_its_own_passes_wherever_it_is_mounted() {
        assert_passes(with(held("/var/lib/docker", "/var/lib/docker", "8:3", "ext4")));
        assert_passes(with(held("/data/deep/docker", "/data", "8:3", "ext4")));
    }

    #[test]
    fn sharing_with_the_root_or_with_var_fails() {
        let failure = assert_fails(with(held("/srv/docker", "/", "8:1", "ext4")));
        assert!(failure.message.ends_with("shares its file system with /"), "{}", failure.message);
        assert_fails(with(held("/var/lib/docker", "/var", "8:2", "ext4")));
    }

    #[test]
    fn a_mount_that_shows_the_same_file_system_is_none_of_its_own() {
        assert_fails(with(held("/var/lib/docker", "/var/lib/docker", "8:2", "ext4")));
        assert_fails(with(held("/var/lib/docker", "/var/lib/docker", "8:1", "btrfs")));
    }

    #[test]
    fn a_dataset_in_the_systems_pool_is_for_a_person_to_decide() {
        assert_needs_a_look(with(held("/docker", "/docker", "0:50", "zfs")));
    }

    #[test]
    fn unread_is_unknown() {
        for field in [sample::unknown("mountinfo"), sample::absent("mountinfo")] {
            assert_unknown(partition_of(&engine_with(|e| e.daemon.partition = field)));
        }
    }
}
