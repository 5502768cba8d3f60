//! Files in use by processes of this machine, and by made-up ones.

use std::fs::File;

use dockward_model::facts::{Field, KernelView, Origin};
use dockward_model::inventory::{Package, PackageKind};

use super::*;
use crate::tree::Recorded;

fn process(pid: i32) -> Process {
    Process { pid, comm: "nginx".into(), exe: Some("/usr/sbin/nginx".into()) }
}

fn in_use(files: &[(&str, bool)]) -> InUse {
    let mut found = InUse::default();
    for pid in [7, 8] {
        let sockets = Fact::Known(BTreeSet::from([u64::try_from(pid).unwrap()]));
        found.processes.push(InUseBy { process: process(pid), sockets });
    }
    for (path, deleted) in files {
        found.take(path, *deleted, 0);
        found.take(path, *deleted, 1);
    }
    found
}

fn package(kind: PackageKind, name: &str) -> Package {
    let origin = Origin::file("/var/lib/dpkg/status", Some(1));
    Package { kind, name: name.into(), architecture: "amd64".into(), origin, ..Package::default() }
}

fn told(tree: &Recorded, packages: &[Package], in_use: &InUse) -> Vec<String> {
    let packages: Vec<_> = packages.iter().collect();
    let told = |fact: Fact<Vec<Use<'_>>>| match fact {
        Fact::Known(uses) => {
            let one = |u: &Use<'_>| format!("{} {}{}", u.process.pid, u.path, u.deleted);
            uses.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        Fact::Absent => "not in use".to_owned(),
        Fact::Unknown(why) => format!("unknown: {why}"),
    };
    uses(tree, &packages, in_use).into_iter().map(told).collect()
}

#[test]
fn a_package_is_in_use_where_a_file_of_its_list_is() {
    let deb = |name| package(PackageKind::Deb, name);
    let tree = Recorded::new()
        .file("/var/lib/dpkg/info/libssl3:amd64.list", "/lib/libssl.so.3\n")
        .file("/var/lib/dpkg/info/nginx.list", "/usr/sbin/nginx\n")
        .file("/var/lib/dpkg/info/bash.list", "/bin/bash\n");
    let in_use = in_use(&[("/usr/lib/libssl.so.3", true), ("/usr/sbin/nginx", false)]);
    let packages = [deb("libssl3"), deb("nginx"), deb("bash"), deb("gone")];
    let wanted = [
        "7 /usr/lib/libssl.so.3true, 8 /usr/lib/libssl.so.3true",
        "7 /usr/sbin/nginxfalse, 8 /usr/sbin/nginxfalse",
        "not in use",
        "unknown: which files gone has is not to be seen",
    ];
    assert_eq!(told(&tree, &packages, &in_use), wanted);
}

#[test]
fn packages_of_one_record_are_found_in_it() {
    let apk = |name| package(PackageKind::Apk, name);
    let tree = Recorded::new().file(
        "/lib/apk/db/installed",
        "P:musl\nV:1\nA:amd64\nF:lib\nR:ld-musl.so.1\n\nP:zlib\nV:1\nF:usr/lib\nR:libz.so\n",
    );
    let in_use = in_use(&[("/usr/lib/libz.so", false)]);
    let all = told(&tree, &[apk("musl"), apk("zlib"), apk("gone")], &in_use);
    assert_eq!(all[..2], ["not in use", "7 /usr/lib/libz.sofalse, 8 /usr/lib/libz.sofalse"]);
    assert!(all[2].starts_with("unknown"), "{all:?}");
}

#[test]
fn what_could_not_be_seen_is_unknown_and_what_was_seen_is_known() {
    let tree = Recorded::new()
        .file("/var/lib/dpkg/info/a.list", "/usr/bin/a\n")
        .file("/var/lib/dpkg/info/b.list", "/usr/bin/b\n");
    let mut in_use = in_use(&[("/usr/bin/a", false)]);
    in_use.unread = Some("permission denied".into());
    let all = told(&tree, &["a", "b"].map(|n| package(PackageKind::Deb, n)), &in_use);
    assert_eq!(all, ["7 /usr/bin/afalse, 8 /usr/bin/afalse", "unknown: permission denied"]);
    let rpm = [package(PackageKind::Rpm, "a")];
    let odd = Recorded::new().file("/var/lib/rpm/rpmdb.sqlite", "no database");
    assert!(told(&odd, &rpm, &in_use)[0].starts_with("unknown"));
}

#[test]
fn more_files_than_are_kept_are_unknown() {
    let mut found = in_use(&[]);
    for n in 0..=MOST_FILES {
        found.take(&format!("/f{n}"), false, 0);
    }
    assert_eq!(found.len(), MOST_FILES);
    assert!(found.unread.as_deref().is_some_and(|why| why.starts_with("more than")));
}

fn of_ourselves(namespace: u64) -> Container {
    let own = i32::try_from(std::process::id()).unwrap();
    let processes = Field::known(vec![process(own), process(i32::MAX)], Origin::Nowhere);
    let mut view = KernelView { processes, ..KernelView::default() };
    view.namespaces.pid_is_host = Field::known(false, Origin::Nowhere);
    view.namespaces.pid = Fact::Known(namespace);
    Container { kernel: Fact::Known(view), ..Container::default() }
}

#[test]
fn our_own_files_are_seen_open_and_mapped() {
    let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("open");
    let _open = File::create(&path).unwrap();
    let _folder = File::open(dir.path()).unwrap();
    let own = i32::try_from(std::process::id()).unwrap();
    let Fact::Known(inode) = namespaces::inode(&proc, own, "pid") else { panic!("no namespace") };
    let Fact::Known(found) = InUse::of_container(&proc, &of_ourselves(inode)) else {
        panic!("nothing was seen")
    };
    assert_eq!((found.processes.len(), &found.unread), (1, &None));
    let program = std::env::current_exe().unwrap();
    let is_there = |path: &std::path::Path| found.get(path.to_str().unwrap().as_bytes()).is_some();
    if Mounts::image(&proc.within(own).known().unwrap().clone(), &mut BTreeMap::new())
        .known()
        .is_some_and(|mounts| mounts == &Mounts::default())
    {
        assert!(is_there(&path) && is_there(&program));
    }
    assert!(!is_there(dir.path()), "a folder is no file");
    let Fact::Known(host) = InUse::of_host(&proc) else { return };
    let path = path.to_str().unwrap().as_bytes();
    assert!(host.get(path).is_some_and(|file| !file.deleted));
}

#[test]
fn a_number_that_means_another_process_by_now_gives_nothing() {
    let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
    let found = InUse::of_container(&proc, &of_ourselves(1));
    assert!(found.known().is_some_and(|found| found.processes.is_empty() && found.is_empty()));
    let stopped = Container { kernel: Fact::Absent, ..Container::default() };
    assert!(InUse::of_container(&proc, &stopped).is_absent());
    assert!(InUse::of_container(&proc, &Container::default()).unknown().is_some());
}
