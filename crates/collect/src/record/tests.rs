//! Writing for the owner only, and reading what anybody may have written.

use std::os::unix::fs::{PermissionsExt, symlink};

use dockward_model::facts::{Host, Unseen};
use jiff::Timestamp;

use super::*;

fn snapshot() -> Snapshot {
    Snapshot {
        version: Snapshot::VERSION,
        now: Timestamp::UNIX_EPOCH,
        host: Host::default(),
        engines: Vec::new(),
        unseen: vec![Unseen { what: "all".into(), why: "a test".into(), hint: String::new() }],
    }
}

#[test]
fn what_was_written_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("host.json");
    write(&snapshot(), &path).unwrap();
    let again = read(&path).unwrap();
    assert_eq!(again.now, Timestamp::UNIX_EPOCH);
    assert_eq!(again.unseen, snapshot().unseen);
    assert_eq!(again.host.hostname, Host::default().hostname);
}

#[test]
fn a_recording_is_its_owners_only_and_replaces_one_that_was_open_to_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("host.json");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    write(&snapshot(), &path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["host.json"], "nothing else is left behind");
}

#[test]
fn a_symbolic_link_is_neither_followed_nor_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (target, path) = (dir.path().join("target"), dir.path().join("host.json"));
    fs::write(&target, "precious").unwrap();
    symlink(&target, &path).unwrap();
    let error = write(&snapshot(), &path).unwrap_err();
    assert!(matches!(error, RecordError::InTheWay { what: "a symbolic link", .. }), "{error}");
    assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
}

#[test]
fn a_link_laid_where_the_temporary_file_will_be_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let (target, path) = (dir.path().join("target"), dir.path().join("host.json"));
    fs::write(&target, "precious").unwrap();
    symlink(&target, beside(&path)).unwrap();
    write(&snapshot(), &path).unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
    read(&path).unwrap();
}

#[test]
fn another_version_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("host.json");
    fs::write(&path, r#"{"version":7,"shape":"nobody knows yet"}"#).unwrap();
    let error = read(&path).unwrap_err();
    assert!(error.to_string().ends_with("of version 7, this dockward reads version 1"), "{error}");
    assert!(error.hint().unwrap().contains("update dockward"));
}

#[test]
fn what_is_no_recording_is_told_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("host.json");
    for text in ["", "[]", "{", r#"{"version":1}"#, r#"{"version":"1"}"#] {
        fs::write(&path, text).unwrap();
        let error = read(&path).unwrap_err();
        assert!(matches!(error, RecordError::NotARecording { .. }), "{text}: {error}");
        assert!(error.to_string().contains("line 1"), "{error}");
    }
}

#[test]
fn a_file_without_end_and_a_pipe_are_refused() {
    assert!(matches!(read(Path::new("/dev/zero")), Err(RecordError::Read { .. })));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long");
    File::create(&path).unwrap().set_len(LIMIT + 1).unwrap();
    assert!(matches!(read(&path), Err(RecordError::TooLarge { .. })));
    let pipe = dir.path().join("pipe");
    let mode = rustix::fs::Mode::from_bits_truncate(0o600);
    let made = rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0);
    made.unwrap();
    assert!(matches!(read(&pipe), Err(RecordError::Read { .. })));
}
