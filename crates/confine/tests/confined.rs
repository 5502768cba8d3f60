//! What a confined process can do, tried from inside: this program is started again as its own child.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use dockward_confine::{Child, Launch, Limits, Lost, Served};
use nix::sys::ptrace;
use nix::unistd::Pid;

const MEMORY: u64 = 256 << 20;

/// Starts the test `served` in a process of its own: there it is no test, but the child.
fn launch() -> Launch {
    let words = ["served", "--exact", "--ignored", "--nocapture", "--test-threads=1"];
    Launch {
        program: std::env::current_exe().unwrap(),
        arguments: words.iter().map(Into::into).collect(),
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn ask(child: &mut Child, request: &str) -> Result<BTreeMap<String, String>, Lost> {
    child.ask(&request, &[], soon())?;
    child.hear(soon())
}

#[test]
#[ignore = "the child's side of the other tests"]
fn served() {
    if UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned().unwrap()).peer_addr().is_err()
    {
        return;
    }
    let mut served = Served::enter(&Limits { memory: MEMORY }).unwrap();
    while let Some((request, mut descriptors)) = served.request::<String>().unwrap() {
        let mut said = BTreeMap::new();
        match request.as_str() {
            "try" => said = tried(),
            "read" => {
                let mut file = File::from(descriptors.remove(0));
                let mut text = String::new();
                file.read_to_string(&mut text).unwrap();
                said.insert("text".to_owned(), text);
                said.insert("write".to_owned(), outcome(file.write_all(b"x")));
            }
            "memory" => {
                let much = vec![7_u8; usize::try_from(MEMORY).unwrap()];
                said.insert("memory".to_owned(), much.len().to_string());
            }
            "panic" => panic!("as it was asked to"),
            "loop" => loop {
                std::hint::spin_loop();
            },
            _ => {}
        }
        served.tell(&said).unwrap();
    }
}

fn outcome<T, E: std::fmt::Display>(result: Result<T, E>) -> String {
    result.map_or_else(|error| error.to_string(), |_| "done".to_owned())
}

fn tried() -> BTreeMap<String, String> {
    let parent = std::os::unix::process::parent_id();
    let parent = Pid::from_raw(i32::try_from(parent).unwrap_or(1));
    let rustix = rustix::process::Pid::INIT;
    let all = [
        ("open", outcome(File::open("/etc/passwd"))),
        ("create", outcome(File::create("/tmp/dockward-confined"))),
        ("look", outcome(std::fs::metadata("/etc/passwd"))),
        ("list", outcome(std::fs::read_dir("/"))),
        ("process", outcome(std::fs::read_to_string("/proc/self/status"))),
        ("socket", outcome(TcpListener::bind("127.0.0.1:0"))),
        ("pair", outcome(UnixStream::pair())),
        ("exec", Command::new("/bin/true").exec().to_string()),
        ("start", outcome(Command::new("/bin/true").status())),
        ("thread", outcome(std::thread::Builder::new().spawn(|| ()))),
        ("kill", outcome(rustix::process::test_kill_process(rustix))),
        ("ptrace", outcome(ptrace::attach(parent))),
        ("root", outcome(rustix::thread::set_thread_uid(rustix::process::Uid::ROOT))),
        ("enter", outcome(std::env::set_current_dir("/"))),
        ("copy", outcome(std::io::stdin().as_fd().try_clone_to_owned())),
    ];
    all.into_iter().map(|(what, said)| (what.to_owned(), said)).collect()
}

/// What the kernel says of the thread that is confined: the last, where this harness made one.
fn status_of(child: &Child) -> BTreeMap<String, String> {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", child.id())).unwrap();
    let last = tasks.map(|task| task.unwrap().path()).max().unwrap();
    let text = std::fs::read_to_string(last.join("status")).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.map(|(name, value)| (name.to_owned(), value.trim().replace('\t', " "))).collect()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn nothing_can_be_opened_started_reached_or_ended_from_inside() {
    let mut child = launch().start().unwrap();
    let said = ask(&mut child, "try").unwrap();
    assert!(said.len() > 10);
    for (what, said) in said {
        assert!(said.contains("not permitted") || said.contains("EPERM"), "{what}: {said}");
    }
}

#[test]
fn the_kernel_says_so_too() {
    let mut child = launch().start().unwrap();
    ask(&mut child, "nothing").unwrap();
    let status = status_of(&child);
    let said = |name: &str| status.get(name).map(String::as_str).unwrap_or_default();
    let (confinement, missing) = (child.confinement().unwrap().clone(), format!("{status:?}"));
    assert_eq!(said("NoNewPrivs"), "1", "{missing}");
    assert_eq!(said("CapPrm"), "0000000000000000", "{missing}");
    assert_eq!(said("Seccomp"), "2", "{missing}");
    if is_root() {
        assert_eq!(said("Uid"), "65534 65534 65534 65534", "{missing}");
        assert_eq!((said("Gid"), said("Groups")), ("65534 65534 65534 65534", ""), "{missing}");
    }
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let limit = |name: &str| {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().rev().nth(1).map(str::to_owned)
    };
    assert!(limits.contains(&MEMORY.to_string()), "{limits}");
    assert_eq!(limit("Max file size").as_deref(), Some("0"), "{limits}");
    assert_eq!(limit("Max core file size").as_deref(), Some("0"), "{limits}");
    let descriptors = std::fs::read_dir(format!("/proc/{}/fd", child.id()));
    if is_root() {
        // The three of every process, and the copy that the socket is used by.
        assert_eq!(descriptors.unwrap().count(), 4);
    }
    // This kernel may lack something; then it is said, and nothing else is.
    assert!(confinement.missing.len() <= 1, "{confinement:?}");
}

#[test]
fn whoever_is_not_root_is_confined_as_well() {
    if !is_root() {
        eprintln!("skipped: whoever_is_not_root_is_confined_as_well: this is not root");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("confined");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for path in [dir.path(), &program] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut again = Command::new(program);
    again.args(["nothing_can_be", "the_kernel_says", "what_it_is_handed"]);
    let output = again.current_dir("/").uid(65534).gid(65534).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("3 passed"), "{said}");
}

#[test]
fn what_it_is_handed_it_can_read_and_not_write() {
    let mut child = launch().start().unwrap();
    let file = File::open("/etc/hostname").unwrap();
    child.ask(&"read", &[file.as_fd()], soon()).unwrap();
    let said: BTreeMap<String, String> = child.hear(soon()).unwrap();
    assert_eq!(said["text"], std::fs::read_to_string("/etc/hostname").unwrap());
    assert_ne!(said["write"], "done");
    assert_eq!(ask(&mut child, "more").unwrap().len(), 0, "and can be asked again");
}

#[test]
fn who_wants_too_much_memory_or_panics_is_ended_and_told_of() {
    let mut child = launch().start().unwrap();
    let lost = ask(&mut child, "memory").unwrap_err().to_string();
    assert!(lost.contains("more memory than it may have"), "{lost}");
    let mut child = launch().start().unwrap();
    let lost = ask(&mut child, "panic").unwrap_err().to_string();
    assert!(lost.contains("code 101"), "{lost}");
    assert!(child.ask(&"more", &[], soon()).is_err(), "it is gone");
}

#[test]
fn who_is_late_is_ended_and_leaves_nothing_behind() {
    let mut child = launch().start().unwrap();
    ask(&mut child, "nothing").unwrap();
    child.ask(&"loop", &[], soon()).unwrap();
    let until = Instant::now() + Duration::from_millis(300);
    let lost = child.hear::<String>(until).unwrap_err();
    assert!(matches!(lost, Lost::Late), "{lost}");
    let id = child.id();
    drop(child);
    assert!(!std::path::Path::new(&format!("/proc/{id}")).exists());
}

#[test]
fn it_ends_with_the_thread_that_started_it() {
    let (id, child) = std::thread::spawn(|| {
        let mut child = launch().start().unwrap();
        ask(&mut child, "nothing").unwrap();
        child.ask(&"loop", &[], soon()).unwrap();
        (child.id(), child)
    })
    .join()
    .unwrap();
    let mut child = child;
    let lost = child.hear::<String>(soon()).unwrap_err().to_string();
    assert!(lost.contains("was killed"), "{id}: {lost}");
}

#[test]
fn a_program_that_is_none_or_answers_nonsense_is_told_of() {
    let program = |program: &str, script: &str| Launch {
        program: program.into(),
        arguments: ["-c".into(), script.into()].to_vec(),
    };
    let lost = program("/nonexistent", "").start().unwrap_err();
    assert!(matches!(lost, Lost::Start(_)), "{lost}");
    let told = |script: &str| {
        let mut child = program("/bin/sh", script).start().unwrap();
        child.hear::<String>(soon()).unwrap_err().to_string()
    };
    assert!(told("exit 3").contains("ended with code 3"));
    assert!(told("printf '\\377\\377\\377\\377' >&0; sleep 9").contains("no sound answer"));
    assert!(told("printf '\\004\\0\\0\\0junk' >&0; sleep 9").contains("no sound answer"));
    assert!(
        told("printf '\\015\\0\\0\\0{\"Err\":\"why\"}' >&0; sleep 9").contains("confined: why")
    );
}
