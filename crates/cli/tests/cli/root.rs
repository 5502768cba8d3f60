//! A host below a folder.

use std::fs;
use std::path::Path;

use crate::run::{Run, dockward};

fn image() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("etc/hostname", "image-7\n"),
        ("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"),
        ("etc/passwd", "root:x:0:0::/root:/bin/sh\n"),
        ("etc/group", "root:x:0:\n"),
    ] {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn below(root: &Path, more: &[&str]) -> Run {
    let root = root.display().to_string();
    dockward(&[&["check", "--root", &root], more].concat())
}

#[test]
fn a_disk_image_is_judged_by_its_files_and_nothing_is_missing() {
    let dir = image();
    let run = below(dir.path(), &["--format", "json", "--fail-on", "never"]);
    assert_eq!(run.code, 0, "{}{}", run.err, run.out);
    let report = run.json();
    assert_eq!(report["complete"], true);
    assert_eq!(report["host"]["name"], "image-7");
    assert_eq!(report["host"]["sight"], "files");
    assert_eq!(report["engines"].as_array().map(Vec::len), Some(0));
    assert!(report["tally"]["host"]["not_applicable"].as_u64().unwrap() > 0);
    assert_eq!(report["tally"]["host"]["unknown"], 0);
    let text = below(dir.path(), &[]).out;
    assert!(text.contains("image-7 · Debian GNU/Linux 12 (bookworm), its files only"), "{text}");
}

#[test]
fn what_is_wrong_with_an_images_files_fails_the_run() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = image();
    let config = dir.path().join("etc/docker/daemon.json");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(&config, "{}").unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o666)).unwrap();
    let run = below(dir.path(), &["--format", "json", "--only", "host-daemon-config-mode"]);
    assert_eq!(run.code, 1, "{}{}", run.err, run.out);
}

#[test]
fn a_root_that_is_not_there_is_wrong_use() {
    for root in ["/nowhere", "/etc/passwd"] {
        let run = below(Path::new(root), &[]);
        assert_eq!(run.code, 2, "{root}");
        assert!(run.err.contains(root) && run.out.is_empty(), "{}", run.err);
    }
}
