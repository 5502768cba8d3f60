use super::*;

fn written(path: &str) -> Option<Weight> {
    meaning(path, Access::Write, None).map(|m| m.weight)
}

fn read(path: &str) -> Option<Weight> {
    meaning(path, Access::Read, None).map(|m| m.weight)
}

#[test]
fn writing_where_root_reads_or_runs_is_root() {
    for path in [
        "/",
        "/etc",
        "/etc/shadow",
        "/etc/sudoers.d/web",
        "/etc/cron.daily",
        "/etc/crontab",
        "/etc/ld.so.preload",
        "/etc/systemd/system",
        "/root",
        "/root/.ssh/authorized_keys",
        "/boot",
        "/bin",
        "/usr",
        "/usr/lib64",
        "/lib/modules",
        "/var",
        "/var/lib",
        "/var/lib/docker",
        "/var/lib/containerd/x",
        "/var/spool/cron/crontabs",
        "/proc",
        "/proc/sys",
        "/proc/sys/kernel",
        "/proc/sys/kernel/core_pattern",
        "/sys",
        "/sys/kernel",
        "/sys/kernel/uevent_helper",
        "/sys/fs/cgroup/memory/release_agent",
        "/run",
        "/run/systemd",
        "/dev",
        "/etc/docker",
        "/run/dbus/system_bus_socket",
        "/proc/1/mem",
    ] {
        assert_eq!(written(path), Some(Weight::Root), "{path}");
    }
}

#[test]
fn names_that_only_begin_alike_mean_nothing() {
    for path in [
        "/etcd",
        "/etcetera/shadow",
        "/runner",
        "/runtime/x",
        "/root-data",
        "/rootfs",
        "/usr-share",
        "/usr/share/zoneinfo",
        "/bins",
        "/boots",
        "/homework/.ssh",
        "/variable",
        "/process",
        "/sysroot",
        "/device",
        "/data",
        "/srv/app",
        "/opt/app",
        "/var/www",
        "/var/lib/mysql",
        "/home/alice/project",
        "/root/app",
        "/var/log/nginx",
        "/tmp/build",
        "/mnt/disk/data",
    ] {
        assert_eq!((written(path), read(path)), (None, None), "{path}");
    }
}

#[test]
fn paths_are_compared_by_where_they_lead() {
    for path in ["/etc/", "//etc", "/etc/.", "/srv/../etc/", "/../etc", "/./etc//", "/etc/x/.."] {
        assert_eq!(written(path), Some(Weight::Root), "{path}");
    }
    assert_eq!(normal("/var/run/docker.sock").as_deref(), Some("/run/docker.sock"));
    assert_eq!(normal("/var/lib/../run/").as_deref(), Some("/run"));
    assert_eq!(normal("/proc/1/root/etc").as_deref(), Some("/etc"));
    assert_eq!(normal("/proc/self/root").as_deref(), Some("/"));
    assert_eq!(normal("/..").as_deref(), Some("/"));
    assert_eq!(normal("/proc/1/rootfs").as_deref(), Some("/proc/1/rootfs"));
}

#[test]
fn what_is_no_absolute_path_has_no_meaning() {
    for path in ["", "data", "./etc", "../etc", "~/.ssh"] {
        assert_eq!((normal(path), written(path)), (None, None), "{path:?}");
    }
}

#[test]
fn reading_leaks_where_only_root_may_read() {
    for path in ["/", "/etc", "/etc/shadow", "/root", "/var", "/var/lib/docker", "/etc/ssh"] {
        assert_eq!(read(path), Some(Weight::Files), "{path}");
    }
    for path in ["/home", "/home/alice", "/home/alice/.ssh", "/proc", "/dev"] {
        assert_eq!(read(path), Some(Weight::Some), "{path}");
    }
    assert_eq!(read("/var/log"), Some(Weight::Little));
    assert_eq!((read("/sys/fs/cgroup"), written("/sys/fs/cgroup")), (None, None));
    for path in ["/etc/localtime", "/etc/hosts", "/usr/bin", "/lib/modules", "/sys", "/tmp"] {
        assert_eq!(read(path), None, "{path}");
    }
}

#[test]
fn a_socket_that_takes_orders_is_root_even_read_only() {
    assert_eq!(read("/run/systemd/private"), Some(Weight::Root));
    assert_eq!(read("/run/dbus/system_bus_socket"), Some(Weight::Root));
}

#[test]
fn lesser_places_weigh_less_to_write() {
    for path in
        ["/home", "/home/alice", "/home/alice/.ssh", "/proc/sysrq-trigger", "/run/user/1000"]
    {
        assert_eq!(written(path), Some(Weight::Much), "{path}");
    }
    for path in ["/var/log", "/etc/ssl", "/dev/shm"] {
        assert_eq!(written(path), Some(Weight::Some), "{path}");
    }
    for path in ["/tmp", "/srv", "/opt/", "/etc/localtime", "/etc/nginx", "/sys/class/gpio"] {
        assert_eq!(written(path), Some(Weight::Little), "{path}");
    }
}

#[test]
fn a_volume_is_not_the_engines_data() {
    let volume = "/var/lib/docker/volumes/data/_data";
    assert_eq!((written(volume), read(volume)), (None, None));
    assert_eq!(written("/var/lib/docker/volumes"), Some(Weight::Root));
    assert_eq!(written("/var/lib/docker/overlay2/x"), Some(Weight::Root));
}

#[test]
fn the_engines_data_is_found_where_it_really_is() {
    let at = |path: &str| meaning(path, Access::Write, Some("/data/docker")).map(|m| m.weight);
    assert_eq!(at("/data/docker"), Some(Weight::Root));
    assert_eq!(at("/data"), Some(Weight::Root));
    assert_eq!(at("/data/docker/containers/x"), Some(Weight::Root));
    assert_eq!(at("/data/docker/volumes/v/_data"), None);
    assert_eq!(at("/data/dockers"), None);
    assert_eq!(at("/etc/"), Some(Weight::Root));
}

#[test]
fn a_meaning_names_the_place() {
    let told = |path| meaning(path, Access::Write, None).map(|m| m.describe());
    assert_eq!(told("/etc").as_deref(), Some("holds /etc/shadow, the password hashes"));
    assert_eq!(told("/etc/shadow").as_deref(), Some("the password hashes"));
    let inside = "inside /etc/systemd, services that root starts";
    assert_eq!(told("/etc/systemd/system").as_deref(), Some(inside));
}

#[test]
fn every_place_is_written_as_paths_are_compared() {
    for place in PLACES {
        assert_eq!(normal(place.path).as_deref(), Some(place.path));
        assert!(place.write.is_some() || place.read.is_some(), "{}", place.path);
    }
}
