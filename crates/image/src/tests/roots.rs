//! Folders: whole roots, and layers of overlayfs.

use std::os::fd::AsFd;
use std::os::unix::fs::symlink;
use std::path::Path;

use rustix::fs::{CWD, FileType, mknodat, setxattr};

use super::samples::{APK, apk};
use crate::layer::{FolderKind, LayerIndex, of_folder};
use crate::wanted::Wanted;
use crate::{Options, Source, open};

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn told(root: &Path) -> String {
    let source = Source::at(root).unwrap();
    assert_eq!(source, Source::Root(root.to_owned()));
    let found = open(&source, &Options::default()).unwrap().remove(0).contents;
    let packages = found.packages.iter().map(|p| format!("{} {}", p.name, p.version));
    let problems = found.problems.iter().map(|p| format!("{}: {}", p.place, p.why));
    packages.chain(problems).collect::<Vec<_>>().join(", ")
}

#[test]
fn links_in_a_root_are_followed_beneath_it() {
    for (link, target) in
        [("lib/apk", "/opt/x"), ("lib/apk", "../../../opt/x"), ("lib/apk", "../opt/x")]
    {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "opt/x/db/installed", &apk(&[("a", "1")]));
        std::fs::create_dir(dir.path().join("lib")).unwrap();
        symlink(target, dir.path().join(link)).unwrap();
        assert_eq!(told(dir.path()), "a 1", "{target}");
    }
}

#[test]
fn no_link_leads_out_of_a_root() {
    let outside = tempfile::tempdir().unwrap();
    put(outside.path(), "installed", &apk(&[("host", "1")]));
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("lib/apk")).unwrap();
    symlink(outside.path(), dir.path().join("lib/apk/db")).unwrap();
    assert_eq!(told(dir.path()), "");
}

#[test]
fn fifos_and_sockets_in_the_place_of_records_are_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("lib/apk/db")).unwrap();
    std::fs::create_dir_all(dir.path().join("etc")).unwrap();
    mknodat(CWD, dir.path().join(APK), FileType::Fifo, 0o600.into(), 0).unwrap();
    std::os::unix::net::UnixListener::bind(dir.path().join("etc/os-release")).unwrap();
    assert_eq!(told(dir.path()), "");
}

fn overlay(root: &Path) -> LayerIndex {
    let folder = crate::beneath::folder(root).unwrap();
    of_folder(folder.as_fd(), &Wanted::default(), FolderKind::Overlay, None)
}

#[test]
fn opaque_folders_and_whiteouts_of_overlayfs_are_seen() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "lib/apk/db/other", "");
    let set = |name: &str, value: &[u8]| {
        setxattr(dir.path().join("lib"), name, value, rustix::fs::XattrFlags::empty())
    };
    let device = dir.path().join(APK);
    // Only root may make devices and mark folders.
    if mknodat(CWD, &device, FileType::CharacterDevice, 0o600.into(), 0).is_err()
        || set("trusted.overlay.opaque", b"y").is_err()
    {
        eprintln!("skipped: whiteouts can't be made here");
        return;
    }
    let index = overlay(dir.path());
    assert_eq!(index.whiteouts, [APK]);
    assert_eq!(index.opaque, ["lib"]);
    set("trusted.overlay.opaque", b"x").unwrap();
    set("trusted.overlay.redirect", b"/other").unwrap();
    let index = overlay(dir.path());
    assert_eq!(index.opaque, [""; 0]);
    assert!(index.problems.iter().any(|p| p.place == "/lib" && p.why.contains("another name")));
    // In a plain root such a device is a device.
    let folder = crate::beneath::folder(dir.path()).unwrap();
    let root = of_folder(folder.as_fd(), &Wanted::default(), FolderKind::Root, None);
    assert_eq!((root.whiteouts, root.opaque), (Vec::new(), Vec::new()));
}

#[test]
fn a_root_of_which_a_record_may_not_be_read_says_so() {
    if rustix::process::geteuid().is_root() {
        // Root may read everything; a link in the place of a folder stands for it.
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("lib")).unwrap();
        symlink("apk", dir.path().join("lib/apk")).unwrap();
        assert!(told(dir.path()).contains("goes round in links"));
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), APK, &apk(&[("a", "1")]));
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o000);
    std::fs::set_permissions(dir.path().join(APK), mode).unwrap();
    assert!(told(dir.path()).contains("permission denied"));
}
