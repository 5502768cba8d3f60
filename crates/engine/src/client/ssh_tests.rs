//! A false `ssh`: a script that is the engine, or says why there is none.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::dial::Dialer;
use crate::scripted::{patient, short};
use crate::{Client, Endpoint, Error, Limits};

/// Answers every question on its standard input, and notes its arguments and its process.
const ENGINE: &str = r#"
echo "$$" > "${0%/*}/pid"; printf '%s\n' "$@" > "${0%/*}/arguments"
answer='HTTP/1.1 200 OK\r\nApi-Version: 1.43\r\nContent-Length: 2\r\n\r\n{}'
end=$(printf '\r')
while IFS= read -r line; do [ "$line" != "$end" ] || printf "$answer"; done"#;

/// Written by another process: one that is being written to cannot be run, and a thread beside
/// this one might keep it open across a fork.
pub(super) fn script(body: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = "printf '#!/bin/sh\n%s\n' \"$1\" > \"$2\" && chmod +x \"$2\"";
    let path = dir.path().join("ssh");
    let done = Command::new("sh").args(["-c", write, "sh", body]).arg(path).status().unwrap();
    assert!(done.success());
    dir
}

pub(super) fn connect(dir: &TempDir, limits: Limits) -> Result<Client, Error> {
    let endpoint = Endpoint::parse("ssh://ops@web-7", None).unwrap();
    let Endpoint::Ssh(ssh) = &endpoint else { panic!("{endpoint}") };
    let dialer = Dialer::over_ssh(dir.path().join("ssh"), ssh);
    Client::through(dialer, endpoint, limits)
}

fn said(body: &str) -> Error {
    let error = connect(&script(body), patient()).unwrap_err();
    assert!(matches!(error, Error::Ssh { .. }), "{error}");
    error
}

fn runs(pid: &str) -> bool {
    fs::exists(format!("/proc/{pid}")).unwrap()
}

#[test]
fn an_engine_is_asked_over_ssh_and_the_program_ends_with_the_client() {
    let dir = script(ENGINE);
    let client = connect(&dir, patient()).unwrap();
    for _ in 0..3 {
        assert_eq!(&*client.info().unwrap().raw, "{}");
    }
    assert_eq!(client.peer(), None);
    assert_eq!(client.threads(), 2);
    let arguments = fs::read_to_string(dir.path().join("arguments")).unwrap();
    assert!(arguments.contains("\n-l\nops\n--\nweb-7\ndocker\nsystem\ndial-stdio\n"));
    let pid = fs::read_to_string(dir.path().join("pid")).unwrap();
    assert!(runs(pid.trim()));
    drop(client);
    assert!(!runs(pid.trim()));
}

#[test]
fn what_ssh_says_when_it_fails_is_told_without_its_escapes() {
    let error =
        said(r"printf 'ops@web-7: \033[31mPermission denied (publickey).\r\n' >&2; exit 255");
    assert_eq!(error.to_string(), "ssh://ops@web-7: ops@web-7: [31mPermission denied (publickey).");
    assert!(error.hint().unwrap().contains("agent"));
}

#[test]
fn a_missing_command_over_there_is_told_even_where_it_is_told_on_its_output() {
    let error = said("echo 'sh: docker: command not found' >&2; exit 127");
    assert!(error.hint().unwrap().contains("must be installed there"));
    let error = said("exit 127");
    assert!(error.to_string().contains("said nothing and ended with exit status: 127"), "{error}");
    said("echo 'Welcome to web-7'; echo 'no shell for you' >&2; sleep 0.2");
}

#[test]
fn a_flood_on_standard_error_is_cut_off() {
    let started = Instant::now();
    let error = connect(&script("exec yes ssh >&2"), short()).unwrap_err();
    assert!(matches!(error, Error::Ssh { .. }), "{error}");
    assert!(error.to_string().len() < 400, "{error}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn an_ssh_that_hangs_is_killed_at_the_deadline() {
    let dir = script("echo \"$$\" > \"${0%/*}/pid\"; exec sleep 600");
    let started = Instant::now();
    let error = connect(&dir, short()).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(matches!(error, Error::Ssh { .. } | Error::TimedOut { .. }), "{error}");
    thread::sleep(Duration::from_millis(10));
    assert!(!runs(fs::read_to_string(dir.path().join("pid")).unwrap().trim()));
}

#[test]
fn a_program_that_cannot_be_started_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let error = connect(&dir, patient()).unwrap_err();
    assert!(error.to_string().contains("could not be started"), "{error}");
}
