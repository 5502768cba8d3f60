//! The live tree on folders made for the purpose, and this machine's own procfs.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;

use dockward_model::facts::Fact;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{Live, Proc, Recorded, Tree};

fn folder() -> (tempfile::TempDir, Live) {
    let folder = tempfile::tempdir().unwrap();
    let Fact::Known(tree) = Live::at(folder.path().to_str().unwrap()) else { panic!("no folder") };
    (folder, tree)
}

fn why<T: std::fmt::Debug>(fact: &Fact<T>) -> &str {
    fact.unknown().unwrap_or_else(|| panic!("not unknown: {fact:?}"))
}

#[test]
fn a_link_to_the_outside_ends_inside() {
    let (dir, tree) = folder();
    fs::create_dir_all(dir.path().join("etc")).unwrap();
    fs::write(dir.path().join("etc/passwd"), "inside").unwrap();
    symlink("/etc/passwd", dir.path().join("absolute")).unwrap();
    symlink("../../../../../../etc/passwd", dir.path().join("etc/up")).unwrap();
    symlink("/proc/self/root/etc/hostname", dir.path().join("magic")).unwrap();
    for path in ["/absolute", "/etc/up", "/../../etc/passwd", "/etc/../etc//./passwd"] {
        assert_eq!(tree.read_text(path, 99), Fact::Known("inside".into()), "{path}");
        assert_eq!(tree.real(path), Fact::Known("/etc/passwd".into()), "{path}");
    }
    assert_eq!(tree.read("/magic", 99), Fact::Absent);
    assert_eq!(tree.link("/absolute"), Fact::Known("/etc/passwd".into()));
    assert_eq!(tree.link("/etc/passwd"), Fact::Absent);
}

#[test]
fn what_was_asked_before_changes_no_answer() {
    let (dir, _) = folder();
    fs::create_dir_all(dir.path().join("a/b/c")).unwrap();
    fs::create_dir_all(dir.path().join("d")).unwrap();
    for file in ["a/b/c/x", "a/b/x", "a/x", "d/x"] {
        fs::write(dir.path().join(file), file).unwrap();
    }
    symlink("/d", dir.path().join("a/absolute")).unwrap();
    symlink("../a/b", dir.path().join("d/up")).unwrap();
    let paths = [
        "/a/b/c/x",
        "/a/b/x",
        "/a/b/c/../x",
        "/a/b/../x",
        "/a/b/c/../../../d/x",
        "/d/up/c/x",
        "/d/up/../x",
        "/a/absolute/up/x",
        "/a/absolute",
        "/a/b",
        "/a/x/y",
        "/a/none/x",
        "/../a/b/none",
        "/",
    ];
    let fresh = || Live::at(dir.path().to_str().unwrap()).known().cloned().unwrap();
    for first in paths {
        for second in paths {
            let asked = fresh();
            let answers =
                |tree: &Live| (tree.read(second, 99), tree.real(second), tree.link(second));
            asked.read(first, 99);
            assert_eq!(answers(&asked), answers(&fresh()), "{second} after {first}");
        }
    }
}

#[test]
fn folders_on_the_way_stay_open_for_the_next_look_and_ends_are_looked_at_anew() {
    let (dir, tree) = folder();
    fs::create_dir_all(dir.path().join("a/b")).unwrap();
    fs::write(dir.path().join("a/b/x"), "x").unwrap();
    assert_eq!(tree.read_text("/a/b/x", 9), Fact::Known("x".into()));
    fs::rename(dir.path().join("a"), dir.path().join("moved")).unwrap();
    fs::write(dir.path().join("moved/b/x"), "y").unwrap();
    assert_eq!(tree.read_text("/a/b/x", 9), Fact::Known("y".into()));
    assert_eq!(tree.stat("/a"), Fact::Absent);
    assert_eq!(tree.read_text("/moved/b/x", 9), Fact::Known("y".into()));
    assert_eq!(tree.read("/a/b/x", 9), Fact::Absent);
}

#[test]
fn only_regular_files_are_read_and_a_fifo_does_not_hang() {
    let (dir, tree) = folder();
    let _socket = UnixListener::bind(dir.path().join("socket")).unwrap();
    mknodat(CWD, dir.path().join("fifo"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    assert!(why(&tree.read("/fifo", 9)).contains("a FIFO, not a regular file"));
    assert!(why(&tree.read("/socket", 9)).contains("a socket, not a regular file"));
    assert!(why(&tree.read("/", 9)).contains("a folder, not a regular file"));
    assert_eq!(tree.stat("/socket").map(|facts| facts.node.clone()), Fact::Known("socket".into()));
    assert_eq!(tree.stat("/fifo").map(|facts| facts.node.clone()), Fact::Known("fifo".into()));
}

#[test]
fn a_file_one_byte_too_long_is_unknown_and_one_that_fits_is_read() {
    let (dir, tree) = folder();
    fs::write(dir.path().join("five"), "12345").unwrap();
    assert_eq!(tree.read("/five", 5), Fact::Known(b"12345".to_vec()));
    assert!(why(&tree.read("/five", 4)).contains("longer than 4 bytes"));
}

#[test]
fn what_is_not_there_is_absent() {
    let (dir, tree) = folder();
    fs::write(dir.path().join("file"), "").unwrap();
    assert_eq!(tree.stat("/none"), Fact::Absent);
    assert_eq!(tree.read("/file/below", 9), Fact::Absent);
    assert_eq!(tree.list("/none", 9), Fact::Absent);
    assert!(tree.below("/none").is_absent());
}

#[test]
fn loops_of_links_and_endless_paths_are_told_apart_from_missing_files() {
    let (dir, tree) = folder();
    symlink("b", dir.path().join("a")).unwrap();
    symlink("a", dir.path().join("b")).unwrap();
    symlink("self/self", dir.path().join("self")).unwrap();
    assert!(why(&tree.real("/a")).contains("symbolic links"));
    assert!(why(&tree.real("/self/x")).contains("symbolic links"));
    assert!(why(&tree.real(&"/x".repeat(3000))).contains("4,096"));
    assert!(why(&tree.real("/x\0y")).contains("NUL"));
    let deep = dir.path().join("d/".repeat(200));
    fs::create_dir_all(deep).unwrap();
    assert!(why(&tree.real(&"/d".repeat(200))).contains("deeper than"));
}

#[test]
fn modes_owners_and_names_are_told() {
    let (dir, tree) = folder();
    fs::write(dir.path().join("two"), "").unwrap();
    fs::write(dir.path().join("one"), "").unwrap();
    fs::set_permissions(dir.path().join("one"), fs::Permissions::from_mode(0o4640)).unwrap();
    let Fact::Known(facts) = tree.stat("/one") else { panic!("no facts") };
    assert_eq!((facts.mode, facts.node.as_str()), (0o4640, "file"));
    assert_eq!(facts.uid, rustix::process::geteuid().as_raw());
    assert!(facts.modified.is_some());
    assert_eq!(tree.list("/", 2), Fact::Known(vec!["one".into(), "two".into()]));
    assert!(why(&tree.list("/", 1)).contains("more than 1 files"));
}

#[test]
fn a_tree_below_has_a_root_of_its_own() {
    let (dir, tree) = folder();
    fs::create_dir_all(dir.path().join("layer/etc")).unwrap();
    fs::write(dir.path().join("secret"), "outside").unwrap();
    symlink("../../secret", dir.path().join("layer/etc/passwd")).unwrap();
    let Fact::Known(layer) = tree.below("/layer") else { panic!("no layer") };
    assert_eq!(layer.read("/etc/passwd", 99), Fact::Absent);
    assert!(tree.below("/secret").unknown().is_some_and(|why| why.contains("not a folder")));
}

#[test]
fn a_containers_links_into_the_kernels_file_systems_are_not_followed() {
    let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
    let own = i32::try_from(std::process::id()).unwrap();
    let Fact::Known(tree) = Live::of_container(&proc, own) else { panic!("no root") };
    assert!(why(&tree.read("/proc/kmsg", 9)).contains("lies on proc"));
    assert!(why(&tree.stat("/sys/kernel")).contains("lies on sysfs"));
    assert!(tree.stat("/tmp").known().is_some());
    let Fact::Known(host) = Live::of_process(&proc, own) else { panic!("no root") };
    assert!(host.read("/proc/sys/kernel/ostype", 99).known().is_some());
}

#[test]
fn kernel_files_of_size_zero_are_read_to_their_end() {
    let Fact::Known(tree) = Live::host() else { panic!("no root") };
    assert_eq!(tree.read_text("/proc/sys/kernel/ostype", 99), Fact::Known("Linux\n".into()));
    assert!(tree.read("/proc/self/mountinfo", 1 << 20).known().is_some_and(|m| !m.is_empty()));
}

#[test]
fn our_own_process_is_found_in_the_procfs() {
    let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
    let own = i32::try_from(std::process::id()).unwrap();
    assert!(proc.pids().known().is_some_and(|pids| pids.contains(&own) && pids.contains(&1)));
    assert!(proc.link(&format!("{own}/exe")).known().is_some_and(|exe| exe.contains("collect")));
    assert!(proc.of(own).known().is_some());
    assert!(proc.of(i32::MAX).unknown().is_some());
    assert_eq!(proc.read(&format!("{}/status", i32::MAX), 9), Fact::Absent);
    assert!(why(&proc.numbers(".", 1)).contains("holds more than 1"));
}

#[test]
fn a_recorded_tree_resolves_as_a_live_one() {
    let tree = Recorded::new()
        .file("/etc/passwd", "inside")
        .symlink("/var/run", "/run")
        .symlink("/run/up", "../../etc")
        .symlink("/loop", "loop")
        .refused("/root/key", "permission denied: /root/key");
    assert_eq!(tree.read_text("/var/run/up/passwd", 9), Fact::Known("inside".into()));
    assert_eq!(tree.real("/var/run/up/../etc"), Fact::Known("/etc".into()));
    assert!(why(&tree.real("/loop")).contains("symbolic links"));
    assert_eq!(why(&tree.read("/root/key", 9)), "permission denied: /root/key");
    assert_eq!(tree.read("/etc/passwd/x", 9), Fact::Absent);
    assert_eq!(tree.list("/", 9).known().map(Vec::len), Some(5));
    let Fact::Known(below) = tree.below("/etc") else { panic!("no folder") };
    assert_eq!(below.read_text("/passwd", 9), Fact::Known("inside".into()));
}
