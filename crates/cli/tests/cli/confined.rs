//! What others wrote is read by a process that can do nothing else: the program as people run it.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, mknodat};

use crate::run::{Run, command};

const RECORD: &str = "Package: a\nStatus: install ok installed\nVersion: 1\n\n";

fn fifo(folder: &Path) -> PathBuf {
    let path = folder.join("fifo");
    mknodat(CWD, &path, FileType::Fifo, 0o666.into(), 0).unwrap();
    path
}

/// What the kernel says of the process that this one started: its status, and how many descriptors.
fn child_of(parent: u32) -> Option<(BTreeMap<String, String>, Option<usize>)> {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    let id = children.split_whitespace().next()?.to_owned();
    let text = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let status: BTreeMap<_, _> =
        lines.map(|(name, value)| (name.to_owned(), value.trim().replace('\t', " "))).collect();
    let is_confined = status.get("Seccomp").is_some_and(|mode| mode == "2");
    let descriptors = fs::read_dir(format!("/proc/{id}/fd")).ok().map(Iterator::count);
    is_confined.then_some((status, descriptors))
}

/// Scans a FIFO that says nothing, and looks at who waits for it.
fn seen(mut scan: Command, folder: &Path) -> (BTreeMap<String, String>, Option<usize>) {
    let path = fifo(folder);
    scan.args(["scan", "--no-store", &format!("archive:{}", path.display())]);
    let mut scan = scan.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let writer = File::options().read(true).write(true).open(&path).unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    let found = loop {
        match child_of(scan.id()) {
            Some(found) => break found,
            None => assert!(Instant::now() < until, "no process that is confined"),
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    drop(writer);
    scan.kill().unwrap();
    scan.wait().unwrap();
    found
}

#[test]
fn who_reads_has_no_user_no_rights_and_no_descriptors_but_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (status, descriptors) = seen(command(folder.path()), folder.path());
    let said = |name: &str| status[name].as_str();
    assert_eq!((said("NoNewPrivs"), said("Threads")), ("1", "1"), "{status:?}");
    assert_eq!(said("CapPrm"), "0000000000000000", "{status:?}");
    if rustix::process::geteuid().is_root() {
        let nobody = "65534 65534 65534 65534";
        assert_eq!((said("Uid"), said("Gid"), said("Groups")), (nobody, nobody, ""), "{status:?}");
        // The three of every process, the copy of its socket, and what it reads, once it has that.
        assert!(matches!(descriptors, Some(4 | 5)), "{descriptors:?} {status:?}");
    }
}

#[test]
fn who_reads_is_confined_where_nobody_is_root() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: who_reads_is_confined_where_nobody_is_root: this is not root");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("dockward");
    fs::copy(env!("CARGO_BIN_EXE_dockward"), &program).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let mut scan = Command::new(program);
    scan.current_dir("/").env_clear().uid(1234).gid(1234);
    let (status, _) = seen(scan, folder.path());
    assert_eq!(status["Uid"], "1234 1234 1234 1234");
    assert_eq!(status["NoNewPrivs"], "1");
}

#[test]
fn where_there_is_no_nobody_to_become_the_rest_holds() {
    let folder = tempfile::tempdir().unwrap();
    let mut scan = Command::new("unshare");
    scan.args(["--user", "--map-root-user", "true"]);
    if !scan.status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: where_there_is_no_nobody_to_become_the_rest_holds: no namespaces");
        return;
    }
    let mut scan = Command::new("unshare");
    scan.args(["--user", "--map-root-user", env!("CARGO_BIN_EXE_dockward")]);
    let (status, _) = seen(scan, folder.path());
    assert_eq!(status["CapPrm"], "0000000000000000", "{status:?}");
    assert_eq!(status["CapEff"], "0000000000000000", "{status:?}");
}

fn header(name: &str, size: u64) -> Vec<u8> {
    let mut header = [0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..107].copy_from_slice(b"0000644");
    header[124..136].copy_from_slice(format!("{size:011o} ").as_bytes());
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header.to_vec()
}

fn member(name: &str, body: &[u8]) -> Vec<u8> {
    let padding = body.len().wrapping_neg() % 512;
    [header(name, body.len() as u64), body.to_vec(), vec![0; padding]].concat()
}

#[test]
fn an_archive_that_never_ends_is_left_when_the_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = fifo(folder.path());
    let layer = member("var/lib/dpkg/status", RECORD.as_bytes());
    let mut start = member("1/layer.tar", &layer);
    let manifest =
        br#"[{"Config":"","RepoTags":["endless:1"],"Layers":["1/layer.tar","2/layer.tar"]}]"#;
    start.extend(member("manifest.json", manifest));
    start.extend(header("2/layer.tar", (1 << 33) - 1));
    let mut scan = command(folder.path());
    let target = format!("archive:{}", path.display());
    scan.args(["scan", "--no-store", "--timeout", "2", "--format", "json", &target]);
    let scan = scan.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Headers without end, as fast as they are taken.
    let mut writer = File::options().write(true).open(&path).unwrap();
    let endless = header("usr/share/doc/x", 0).repeat(128);
    let mut sent = writer.write_all(&start);
    while sent.is_ok() {
        sent = writer.write_all(&endless);
    }
    let run = Run::new(&scan.wait_with_output().unwrap());
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    let report = run.json();
    assert_eq!(report["targets"][0]["packages"], 1, "what came before is there: {report}");
    let missing = report["missing"].to_string();
    assert!(missing.contains("2/layer.tar: the time for it is over"), "{report}");
}

#[test]
fn a_program_called_as_a_child_by_hand_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let output = command(folder.path()).arg("confined").stdin(Stdio::null()).output().unwrap();
    let run = Run::new(&output);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{}", run.err);
}
