//! The places themselves.
//!
//! Sources: hier(7), file-hierarchy(7), core(5), proc_sys_kernel(5), and where each program reads
//! its own configuration. Engine sockets are not here: `container-engine-socket` knows them.

use super::Weight;

/// Which other paths share a place's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// What is below it, and every folder above it.
    Tree,
    /// Every folder above it.
    Entry,
    /// What is below it.
    Below,
    /// Nothing else.
    Only,
}

/// A place on the host.
#[derive(Debug)]
pub(super) struct Place {
    /// Its path; a name that ends with `*` stands for all that begin so.
    pub(super) path: &'static str,
    pub(super) reach: Reach,
    /// What writing there is worth.
    pub(super) write: Option<Weight>,
    /// What reading there is worth.
    pub(super) read: Option<Weight>,
    /// What it is, in a few words.
    pub(super) what: &'static str,
}

/// Below these nothing is told: data of one volume each.
pub(super) const CLEAR: &[&str] =
    &["/var/lib/docker/volumes/*", "/var/lib/containers/storage/volumes/*"];

macro_rules! places {
    ($($path:literal $reach:ident $write:tt $read:tt $what:literal;)*) => {
        &[$(Place {
            path: $path, reach: Reach::$reach,
            write: places!(@ $write), read: places!(@ $read), what: $what,
        }),*]
    };
    (@ -) => { None };
    (@ $weight:tt) => { Some(Weight::$weight) };
}

/// Path, reach, worth of writing, worth of reading (`-` is nothing). Among equals the first is told.
#[rustfmt::skip]
pub(super) const PLACES: &[Place] = places! {
    "/etc/shadow" Tree Root Files "the password hashes";
    "/etc/shadow-" Tree Root Files "the password hashes";
    "/etc/gshadow" Tree Root Files "the groups' passwords";
    "/etc/passwd" Tree Root - "the list of users";
    "/etc/group" Tree Root - "who is in which group";
    "/etc/sudoers" Tree Root - "who may become root";
    "/etc/sudoers.d" Tree Root - "who may become root";
    "/etc/doas.conf" Tree Root - "who may become root";
    "/etc/pam.d" Tree Root - "how logins are checked";
    "/etc/security" Tree Root - "how logins are checked";
    "/etc/ssh" Tree Root Files "the SSH server's keys and settings";
    "/etc/ssl/private" Tree Some Files "private keys";
    "/etc/pki/tls/private" Tree Some Files "private keys";
    "/etc/krb5.keytab" Tree Some Files "the host's Kerberos keys";
    "/etc/wireguard" Tree Root Files "private keys of the VPN";
    "/etc/cron*" Tree Root - "commands that root runs by the clock";
    "/etc/anacrontab" Tree Root - "commands that root runs by the clock";
    "/etc/logrotate*" Tree Root - "commands that root runs by the clock";
    "/etc/systemd" Tree Root - "services that root starts";
    "/etc/init*" Tree Root - "services that root starts";
    "/etc/rc*" Tree Root - "services that root starts";
    "/etc/runit" Tree Root - "services that root starts";
    "/etc/default" Tree Root - "arguments of services that root starts";
    "/etc/sysconfig" Tree Root - "arguments of services that root starts";
    "/etc/ld.so*" Tree Root - "libraries that every program loads";
    "/etc/profile*" Tree Root - "commands that root's shell runs at login";
    "/etc/bash*" Tree Root - "commands that root's shell runs";
    "/etc/zsh*" Tree Root - "commands that root's shell runs";
    "/etc/environment" Tree Root - "variables of every login, LD_PRELOAD among them";
    "/etc/alternatives" Tree Root - "links to programs that root runs";
    "/etc/udev" Tree Root - "commands that root runs for each device";
    "/etc/modprobe.d" Tree Root - "commands that root runs for each kernel module";
    "/etc/modules*" Tree Root - "kernel modules that are loaded at boot";
    "/etc/sysctl*" Tree Root - "kernel settings, core_pattern among them";
    "/etc/NetworkManager" Tree Root Some "commands that root runs for each network";
    "/etc/network" Tree Root - "commands that root runs for each network";
    "/etc/dhcp" Tree Root - "commands that root runs for each network";
    "/etc/apt" Tree Root - "commands that root runs with each update";
    "/etc/yum*" Tree Root - "where root installs programs from";
    "/etc/dnf" Tree Root - "where root installs programs from";
    "/etc/fstab" Tree Root - "what is mounted at boot";
    "/etc/grub.d" Tree Root - "scripts that root runs for the boot loader";
    "/etc/kernel" Tree Root - "scripts that root runs for each kernel";
    "/etc/polkit-1" Tree Root - "who may do what as root";
    "/etc/dbus-1" Tree Root - "who may do what as root";
    "/etc/cloud" Tree Root - "commands that root runs at boot";
    "/etc/docker" Tree Root Some "the engine's settings and keys";
    "/etc/containerd" Tree Root - "the engine's settings";
    "/etc/containers" Tree Root - "the engine's settings";
    "/etc/cni" Tree Root - "programs that the engine runs as root";
    "/etc/kubernetes" Tree Root Files "the cluster's keys";
    "/etc" Below Little - "the host's settings";

    "/root/.ssh" Tree Root Files "root's SSH keys";
    "/root/.gnupg" Tree Root Files "root's keys";
    "/root/.docker" Tree Some Some "root's registry credentials";
    "/root/.aws" Tree Some Some "root's cloud credentials";
    "/root/.kube" Tree Some Some "root's cluster credentials";
    "/root/.bash*" Tree Root - "commands that root's shell runs";
    "/root/.profile" Tree Root - "commands that root's shell runs";
    "/root/.config" Tree Root Some "root's own settings";
    "/root" Only Root Files "root's own folder, SSH keys included";
    "/home/*/.ssh" Tree Much Some "a user's SSH keys";
    "/home/*/.gnupg" Tree Much Some "a user's keys";
    "/home/*/.docker" Tree Some Some "a user's registry credentials";
    "/home/*/.aws" Tree Some Some "a user's cloud credentials";
    "/home/*/.kube" Tree Some Some "a user's cluster credentials";
    "/home/*/.bash*" Tree Much - "commands that a user's shell runs";
    "/home/*/.profile" Tree Much - "commands that a user's shell runs";

    "/boot" Tree Root - "the kernel that is started next";
    "/efi" Tree Root - "the boot loader";
    "/bin" Tree Root - "programs that root runs";
    "/sbin" Tree Root - "programs that root runs";
    "/lib" Tree Root - "libraries and kernel modules that root loads";
    "/lib32" Tree Root - "libraries that root's programs load";
    "/lib64" Tree Root - "libraries that root's programs load";
    "/libx32" Tree Root - "libraries that root's programs load";
    "/usr/bin" Tree Root - "programs that root runs";
    "/usr/sbin" Tree Root - "programs that root runs";
    "/usr/lib*" Tree Root - "libraries that root's programs load";
    "/usr/local/bin" Tree Root - "programs that root runs";
    "/usr/local/sbin" Tree Root - "programs that root runs";
    "/usr/local/lib" Tree Root - "libraries that root's programs load";
    "/nix/store" Tree Root - "programs that root runs";
    "/opt" Only Little - "programs of others";
    "/opt/cni" Below Root - "programs that the engine runs as root";
    "/opt/containerd" Below Root - "programs that the engine runs as root";

    "/var/spool/cron" Tree Root - "commands that root runs by the clock";
    "/var/spool/at" Tree Root - "commands that root runs by the clock";
    "/var/spool/anacron" Tree Some - "when root's commands run next";
    "/var/lib/docker" Entry Root Files "the engine's data: files and secrets of all containers";
    "/var/lib/docker/containers" Tree Root Some "settings, environment and logs of all containers";
    "/var/lib/docker/swarm" Tree Root Files "the swarm's keys";
    "/var/lib/docker" Below Root Some "the engine's data";
    "/var/lib/containerd" Tree Root Some "the engine's data: files of all containers";
    "/var/lib/containers" Entry Root Some "the engine's data: files of all containers";
    "/var/lib/containers/storage/overlay*" Tree Root Some "files of all containers";
    "/var/lib/kubelet" Tree Root Files "tokens of all pods";
    "/var/lib/rancher" Tree Root Files "the cluster's keys";
    "/var/lib/etcd" Tree Root Files "the cluster's secrets";
    "/var/lib/dpkg" Tree Root - "scripts that root runs with each update";
    "/var/lib/rpm" Tree Some - "what is installed";
    "/var/lib/cloud" Tree Root Some "commands that root runs at boot";
    "/var/lib/snapd" Tree Root - "programs that root runs";
    "/var/lib/systemd" Tree Some - "timers and random seed of the host";
    "/var/backups" Tree Some Files "copies of the password hashes";
    "/var/log" Only Some Little "the host's logs";
    "/var/log/audit" Tree Some Little "the trail of what was done";
    "/var/log/journal" Tree Some Little "the host's logs";
    "/var/tmp" Only Little - "other users' temporary files";
    "/tmp" Only Little - "other users' temporary files and sockets";
    "/srv" Only Little - "data that services of the host give out";
    "/mnt" Only Little - "other file systems";
    "/media" Only Little - "other file systems";

    "/proc/sys/kernel/core_pattern" Tree Root - "a program that the kernel starts as root";
    "/proc/sys/kernel/modprobe" Tree Root - "a program that the kernel starts as root";
    "/proc/sys/kernel/hotplug" Tree Root - "a program that the kernel starts as root";
    "/proc/sys/fs/binfmt_misc" Tree Root - "programs that the kernel starts for others";
    "/proc/sys" Below Little - "the kernel's settings";
    "/proc/sys/vm" Only Some - "the kernel's settings";
    "/proc/sysrq-trigger" Tree Much - "stops or restarts the host";
    "/proc/kcore" Only - Much "the kernel's memory";
    "/proc/1" Below Root Much "the host's first process";
    "/proc" Only Root Some "the host's processes and kernel settings";

    "/sys/kernel/uevent_helper" Tree Root - "a program that the kernel starts as root";
    "/sys/fs/cgroup/release_agent" Only Root - "a program that the kernel starts as root";
    "/sys/fs/cgroup/*/release_agent" Only Root - "a program that the kernel starts as root";
    "/sys/kernel/debug" Below Much Some "the kernel's inner state";
    "/sys/kernel/tracing" Below Much Some "what every process does";
    "/sys/kernel/security" Tree Some - "settings of the security modules";
    "/sys/firmware/efi/efivars" Tree Much - "what the firmware starts";
    "/sys/fs/bpf" Tree Some - "programs in the kernel";
    "/sys/class" Below Little - "settings of devices";
    "/sys/devices" Below Little - "settings of devices";
    "/sys/bus" Below Little - "settings of devices";
    "/sys/block" Below Little - "settings of disks";
    "/sys/module" Below Little - "settings of the kernel's modules";
    "/sys/power" Below Some - "puts the machine to sleep";

    "/dev" Only Root Some "the host's disks and terminals";
    "/dev/mem" Only Much Much "the machine's memory";
    "/dev/kmem" Only Much Much "the kernel's memory";
    "/dev/port" Only Much Much "the machine's ports";
    "/dev/shm" Only Some Some "shared memory of the host's programs";
    "/dev/pts" Only Some Some "the host's terminals";

    "/run/systemd" Below Root Root "where root's services take orders, writable or not";
    "/run/dbus" Below Root Root "where root's services take orders, writable or not";
    "/run/systemd" Entry Root - "services that root starts";
    "/run/docker" Entry Root - "the engine's state";
    "/run/docker/plugins" Tree Root - "programs that the engine trusts";
    "/run/docker/runtime*" Tree Root - "the state of all containers";
    "/run/containerd" Entry Root - "the engine's state";
    "/run/containerd/io.containerd*" Tree Root - "the state of all containers";
    "/run/udev/rules.d" Tree Root - "commands that root runs for each device";
    "/run/user/*" Entry Much Some "sockets of a user's session";

    "/home/*" Entry Much Some "a user's folder, SSH keys included";
};
