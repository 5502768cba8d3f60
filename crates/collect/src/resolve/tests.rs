use dockward_model::facts::{Fact, FileFacts, Mount, MountKind, Origin};

use super::{layers, mount, uid_of};
use crate::tree::Recorded;

fn node(kind: &str) -> FileFacts {
    FileFacts { mode: 0o644, uid: 0, gid: 0, node: kind.into(), modified: None }
}

fn host() -> Recorded {
    Recorded::new()
        .symlink("/var/run", "/run")
        .symlink("/srv/innocent", "../etc")
        .node("/run/docker.sock", node("socket"), b"")
        .file("/etc/passwd", "")
        .file("/var/lib/docker/volumes/v/_data/x", "")
        .refused("/root", "permission denied: /root")
}

fn resolved(kind: MountKind, source: &str) -> (Fact<String>, Fact<String>) {
    let mut subject = Mount {
        kind,
        volume: None,
        driver: (kind == MountKind::Volume).then(|| "local".into()),
        source: source.into(),
        host_path: Fact::default(),
        node: Fact::default(),
        target: "/x".into(),
        writable: true,
        propagation: String::new(),
        origin: Origin::Nowhere,
    };
    mount(&host(), &mut subject);
    (subject.host_path, subject.node)
}

fn known(path: &str, kind: &str) -> (Fact<String>, Fact<String>) {
    (Fact::Known(path.into()), Fact::Known(kind.into()))
}

#[test]
fn a_bind_is_followed_to_where_it_leads() {
    let bind = |source| resolved(MountKind::Bind, source);
    assert_eq!(bind("/var/run/docker.sock"), known("/run/docker.sock", "socket"));
    assert_eq!(bind("/srv/innocent/"), known("/etc", "dir"));
    assert_eq!(bind("/srv/innocent/../run/./docker.sock"), known("/run/docker.sock", "socket"));
    assert_eq!(bind("/"), known("/", "dir"));
    assert_eq!(bind("/../.."), known("/", "dir"));
}

#[test]
fn what_is_no_longer_there_keeps_the_way_to_it() {
    let gone = resolved(MountKind::Bind, "/srv/innocent/ssl/key");
    assert_eq!(gone, (Fact::Known("/etc/ssl/key".into()), Fact::Absent));
    let (path, _) = resolved(MountKind::Bind, "/gone/../etc");
    assert!(path.unknown().is_some());
}

#[test]
fn what_cannot_be_looked_at_is_unknown() {
    let (path, kind) = resolved(MountKind::Bind, "/root/x");
    assert!(path.unknown().is_some() && kind.unknown().is_some());
    assert!(resolved(MountKind::Bind, "relative").0.unknown().is_some());
}

#[test]
fn a_volume_leads_to_its_folder() {
    let data = "/var/lib/docker/volumes/v/_data";
    assert_eq!(resolved(MountKind::Volume, data), known(data, "dir"));
    assert_eq!(resolved(MountKind::Volume, "/srv/innocent"), known("/etc", "dir"));
}

#[test]
fn memory_and_volumes_of_elsewhere_have_no_path() {
    assert_eq!(resolved(MountKind::Tmpfs, ""), (Fact::Absent, Fact::Absent));
    assert_eq!(resolved(MountKind::Volume, ""), (Fact::Absent, Fact::Absent));
}

#[test]
fn a_stopped_containers_user_is_looked_up_in_its_layers() {
    let tree = Recorded::new()
        .file("/l/1/etc/passwd", "web:x:101:101\n")
        .file("/l/2/etc/passwd", "web:x:0:0\n")
        .file("/l/0/bin/sh", "");
    let uid = |upper: &str, lower: &str| match layers(&tree, upper, lower) {
        Fact::Known(root) => uid_of(root.as_ref(), "web").get().copied(),
        _ => None,
    };
    assert_eq!(uid("/l/0", "/l/1:/l/2"), Some(101));
    assert_eq!(uid("/l/2", "/l/1"), Some(0));
    assert_eq!(uid("/l/0", ""), None);
}

#[test]
fn a_deleted_passwd_hides_those_below() {
    let with = |path: &str| {
        let tree =
            Recorded::new().node(path, node("char"), b"").file("/l/1/etc/passwd", "web:x:1:1");
        layers(&tree, "/l/0", "/l/1").known().map(|root| uid_of(root.as_ref(), "web").fact)
    };
    assert!(with("/l/0/etc/passwd").is_some_and(|uid| uid.unknown().is_some()));
    assert!(with("/l/0/etc").is_some_and(|uid| uid.unknown().is_some()));
    assert_eq!(with("/l/0/dev"), Some(Fact::Known(1)));
}

#[test]
fn a_link_into_another_layer_is_not_taken_for_a_file_below() {
    let tree = Recorded::new()
        .symlink("/l/0/etc/passwd", "/usr/share/passwd")
        .file("/l/1/etc/passwd", "web:x:1:1")
        .file("/l/1/usr/share/passwd", "web:x:0:0");
    let Fact::Known(root) = layers(&tree, "/l/0", "/l/1") else { panic!("no layers") };
    assert!(uid_of(root.as_ref(), "web").fact.unknown().is_some());
}

#[test]
fn a_layer_that_is_not_there_makes_all_unknown() {
    let tree = Recorded::new().file("/l/1/x", "");
    assert!(layers(&tree, "/l/9", "/l/1").unknown().is_some());
    assert!(layers(&tree, "", "").is_absent());
    assert!(layers(&tree, "/l/1", &"/l/1:".repeat(600)).unknown().is_some());
}
