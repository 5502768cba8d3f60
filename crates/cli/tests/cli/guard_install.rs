//! `dockward guard install`, over the files of a host. How it is applied and taken back is tested in
//! the crate `remedy`, and under systemd in `guard_systemd`.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::run::dockward;

/// A host with systemd's units of an engine, and the program in its place.
fn host() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let units = "usr/lib/systemd/system";
    let service = "[Service]\nExecStart=/usr/bin/dockerd -H fd://\n";
    write(&format!("{units}/docker.service"), service);
    write(&format!("{units}/docker.socket"), "[Socket]\nListenStream=/run/docker.sock\n");
    write("etc/group", "root:x:0:\ndocker:x:998:\nops:x:1200:\n");
    write("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
    write("usr/local/bin/dockward", "");
    folder
}

fn install(root: &Path, more: &[&str]) -> crate::run::Run {
    let root = root.to_str().unwrap();
    dockward(&[&["guard", "install", "--root", root], more].concat())
}

#[test]
fn a_plan_says_what_is_written_run_and_hit_and_nothing_is_done() {
    let host = host();
    let before = count(host.path());
    let run = install(host.path(), &["--group", "ops"]);
    assert_eq!((run.code, &*run.err), (0, ""), "{}", run.out);
    for said in [
        "The guard takes over /run/docker.sock: callers change nothing.",
        " + /etc/systemd/system/dockward-guard.service (new, 0644)",
        "     SocketGroup=ops",
        " $ systemctl stop docker.socket docker.service",
        " WHAT RESTARTS\n docker.service, once.\n Which containers that hits is not known",
        "Nothing was changed. To do it: sudo dockward guard install --apply",
    ] {
        assert!(run.out.contains(said), "{said}: {}", run.out);
    }
    assert_eq!(count(host.path()), before);
}

fn count(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { 1 + count(&path) } else { 1 }).sum()
}

#[test]
fn a_host_that_is_not_understood_ends_with_two_and_every_reason() {
    let host = host();
    fs::remove_file(host.path().join("usr/local/bin/dockward")).unwrap();
    fs::create_dir(host.path().join("etc/docker")).unwrap();
    fs::write(host.path().join("etc/docker/daemon.json"), "{\"hosts\": [\"tcp://[::]:2375\"]}")
        .unwrap();
    let run = install(host.path(), &["--group", "nobodys"]);
    assert_eq!((run.code, &*run.out), (2, ""));
    for said in ["no /usr/local/bin/dockward", "`hosts`) and docker.service", "no group nobodys"] {
        assert!(run.err.contains(said), "{said}: {}", run.err);
    }
    let empty = tempfile::tempdir().unwrap();
    let run = install(empty.path(), &[]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("there is no docker.service, there is no docker.socket"),
        "{}",
        run.err
    );
}

#[test]
fn wrong_use_ends_with_two() {
    let host = host();
    assert_eq!(install(host.path(), &["--apply"]).code, 2, "systemd of another root can't be told");
    assert_eq!(install(host.path(), &["--group", "a b\nListenStream=/x"]).code, 2);
    assert_eq!(install(host.path(), &["--undo", "--leave-open"]).code, 2);
    assert_eq!(install(Path::new("/no/such/folder"), &[]).code, 2);
    if !Path::new("/run/systemd/system").is_dir() {
        for words in [&["guard", "install"][..], &["guard", "install", "--undo", "--apply"]] {
            let run = dockward(words);
            assert_eq!((run.code, &*run.out), (2, ""));
            assert!(run.err.contains("systemd does not run this machine"), "{}", run.err);
        }
    }
}

#[test]
fn where_nothing_was_installed_there_is_nothing_to_undo() {
    let run = install(host().path(), &["--undo"]);
    assert_eq!((run.code, &*run.out), (0, ""));
    assert!(run.err.contains("there is nothing to do"), "{}", run.err);
}
