//! Which paths of the host a local volume is. Its options are those of mount(8): with them, a
//! volume can be any folder, any block device, or one of the kernel's own file systems.

use dockward_engine::api::Texts;

/// Where a mount has its files on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Below these paths.
    At {
        /// One, but for an overlay.
        paths: Vec<String>,
        /// Whether the file system itself can be written.
        writable: bool,
    },
    /// Not on this host's files.
    Nowhere,
    /// Not to be told; says why.
    Unknown(String),
}

impl Place {
    /// A path, or nowhere where it is none.
    pub(crate) fn at(path: &str) -> Self {
        if path.starts_with('/') {
            Self::At { paths: vec![path.to_owned()], writable: true }
        } else {
            Self::Nowhere
        }
    }
}

/// File systems that show the same in whichever place they are mounted.
const KERNELS_OWN: &[(&str, &str)] = &[
    ("binfmt_misc", "/proc/sys/fs/binfmt_misc"),
    ("bpf", "/sys/fs/bpf"),
    ("cgroup", "/sys/fs/cgroup"),
    ("cgroup2", "/sys/fs/cgroup"),
    ("configfs", "/sys/kernel/config"),
    ("debugfs", "/sys/kernel/debug"),
    ("devtmpfs", "/dev"),
    ("efivarfs", "/sys/firmware/efi/efivars"),
    ("proc", "/proc"),
    ("securityfs", "/sys/kernel/security"),
    ("sysfs", "/sys"),
    ("tracefs", "/sys/kernel/tracing"),
];

/// The place of a volume of the `local` driver with these options, which lies at `own` without any.
pub(super) fn of_options(options: &Texts, own: &str) -> Place {
    let of = |name: &str| options.get(name).map_or("", String::as_str);
    let (kind, device, o) = (of("type"), of("device"), of("o"));
    let words: Vec<&str> = o.split(',').collect();
    let writable = !words.contains(&"ro");
    let paths = if kind.is_empty() && device.is_empty() {
        return Place::at(own);
    } else if kind == "overlay" {
        overlaid(&words)
    } else if let Some((_, path)) = KERNELS_OWN.iter().find(|(name, _)| *name == kind) {
        vec![(*path).to_owned()]
    } else if device.starts_with('/') && !device.starts_with("//") && kind != "tmpfs" {
        vec![device.to_owned()]
    } else {
        Vec::new()
    };
    if paths.is_empty() { Place::Nowhere } else { Place::At { paths, writable } }
}

/// `lowerdir=/a:/b,upperdir=/c`: what is in them can be read, and `/c` is written to.
fn overlaid(words: &[&str]) -> Vec<String> {
    let of = |name: &str| words.iter().find_map(|word| word.strip_prefix(name));
    let lower = of("lowerdir=").into_iter().flat_map(|all| all.split(':'));
    let paths = lower.chain(of("upperdir=")).filter(|path| path.starts_with('/'));
    paths.map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(options: &[(&str, &str)]) -> Place {
        let options = options.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        of_options(&options, "/var/lib/docker/volumes/v/_data")
    }

    fn at(paths: &[&str], writable: bool) -> Place {
        Place::At { paths: paths.iter().map(ToString::to_string).collect(), writable }
    }

    #[test]
    fn without_options_a_volume_is_its_own_folder() {
        assert_eq!(place(&[]), at(&["/var/lib/docker/volumes/v/_data"], true));
        assert_eq!(place(&[("size", "10G")]), at(&["/var/lib/docker/volumes/v/_data"], true));
    }

    #[test]
    fn a_bind_device_is_where_the_volume_leads() {
        let bind = [("type", "none"), ("o", "bind"), ("device", "/etc")];
        assert_eq!(place(&bind), at(&["/etc"], true));
        let read_only = [("type", "none"), ("o", "bind,ro"), ("device", "/")];
        assert_eq!(place(&read_only), at(&["/"], false));
        let disk = [("type", "ext4"), ("device", "/dev/sda1")];
        assert_eq!(place(&disk), at(&["/dev/sda1"], true));
    }

    #[test]
    fn an_overlay_is_made_of_the_folders_that_it_names() {
        let o = "lowerdir=/etc:/root,upperdir=/srv/up,workdir=/srv/work";
        let overlay = [("type", "overlay"), ("device", "overlay"), ("o", o)];
        assert_eq!(place(&overlay), at(&["/etc", "/root", "/srv/up"], true));
    }

    #[test]
    fn the_kernels_own_file_systems_are_the_hosts() {
        assert_eq!(place(&[("type", "proc"), ("device", "proc")]), at(&["/proc"], true));
        assert_eq!(place(&[("type", "devtmpfs"), ("device", "x")]), at(&["/dev"], true));
    }

    #[test]
    fn memory_and_other_hosts_are_nowhere_on_this_one() {
        assert_eq!(place(&[("type", "tmpfs"), ("device", "tmpfs")]), Place::Nowhere);
        assert_eq!(place(&[("type", "nfs"), ("device", ":/export")]), Place::Nowhere);
        assert_eq!(place(&[("type", "cifs"), ("device", "//nas/share")]), Place::Nowhere);
    }
}
