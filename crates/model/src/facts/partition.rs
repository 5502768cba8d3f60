//! Which file system holds what (proc_pid_mountinfo(5)).

use serde::{Deserialize, Serialize};

/// The file system of the data root, beside those of the system's own folders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// That which holds the data root.
    pub data_root: HeldBy,
    /// Those which hold `/`, `/var`, `/home` and others.
    pub system: Vec<HeldBy>,
}

/// The file system that holds a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBy {
    /// The path, every symbolic link resolved.
    pub path: String,
    /// Where the file system is mounted.
    pub mounted_at: String,
    /// Which folder of it is mounted there: not `/` for bind mounts and subvolumes.
    pub root: String,
    /// Major and minor number of the super block's device, such as `253:1`. Subvolumes of one
    /// btrfs have the same, and bind mounts that of what they show.
    pub device: String,
    /// Type, such as `ext4`.
    pub fs_type: String,
    /// What is mounted, such as `/dev/mapper/vg-docker`.
    pub source: String,
}
