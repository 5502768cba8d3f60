//! Processes in real containers that connect.

use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Child;
use std::time::Duration;

use dockward_testbed::{DaemonConfig, Engine, Suite};

use super::peer::{now, of};
use super::{Process, Within};

/// A docker command, run somewhere in the engine's world, that connects to our socket.
struct World {
    engine: Engine,
}

impl World {
    fn start(test: &str) -> Option<Self> {
        let engine = Engine::start_or_skip(test, Suite::Bookworm, &DaemonConfig::default())?;
        engine.import_busybox("busybox");
        Some(Self { engine })
    }

    /// Who connects, of what these words start.
    fn caller(&self, words: &[&str]) -> (Process, Child) {
        // Anew each time: the last one may have tried again.
        let path = self.engine.socket().with_file_name("caller.sock");
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(path).unwrap();
        let mut child = self.engine.command(words).spawn().unwrap();
        let stream = accepted(&listener).unwrap_or_else(|| {
            let _ = child.kill();
            panic!("nobody connected: {words:?}")
        });
        let process = of(&stream, now());
        (process, child)
    }

    /// Who connects from a container that is run with these arguments, and the container's id.
    fn contained(&self, arguments: &[&str]) -> (Process, String) {
        let command = ["run", "-d", "--name", "box", "--network", "none", "-v", "/:/host"];
        // The engine's own docker command is the client, in the container's namespaces.
        let inside =
            ["busybox", "chroot", "/host", "docker", "-H", "unix:///run/caller.sock", "version"];
        let words = [&["docker"][..], &command, arguments, &inside].concat();
        let (process, mut child) = self.caller(&words);
        child.wait().unwrap();
        let id = self.engine.docker_ok(&["inspect", "--format", "{{.Id}}", "box"]);
        self.engine.docker_ok(&["rm", "-f", "box"]);
        (process, id)
    }
}

/// The first that connects within 20 s.
fn accepted(listener: &UnixListener) -> Option<UnixStream> {
    listener.set_nonblocking(true).unwrap();
    (0..2000).find_map(|_| {
        std::thread::sleep(Duration::from_millis(10));
        listener.accept().ok().map(|(stream, _)| stream)
    })
}

#[test]
fn a_process_in_a_container_is_that_container_whatever_namespaces_it_shares() {
    let test = "a_process_in_a_container_is_that_container_whatever_namespaces_it_shares";
    let Some(world) = World::start(test) else { return };
    for arguments in [&[][..], &["--pid=host", "--cgroupns=host"], &["--cgroup-parent=/other"]] {
        let (process, id) = world.contained(arguments);
        match &process.within {
            Within::Container(found) => assert_eq!(found.0, id, "{arguments:?}"),
            other => panic!("{arguments:?}: {other:?}"),
        }
    }
}

/// An engine of the tests' own has process and user ids like the host's, but is in namespaces of
/// its own, as an engine in a container is.
#[test]
fn a_process_beside_an_engine_in_namespaces_is_not_the_host() {
    let test = "a_process_beside_an_engine_in_namespaces_is_not_the_host";
    let Some(world) = World::start(test) else { return };
    let words = ["docker", "-H", "unix:///run/caller.sock", "version"];
    let (process, mut child) = world.caller(&words);
    assert!(matches!(process.within, Within::Elsewhere(_)), "{process:?}");
    assert_eq!(process.uid, 0);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A user of the host, who can name namespaces and cgroups of its own as it likes.
#[test]
fn a_process_in_a_user_namespace_of_its_own_is_not_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let client = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); \
                  s.recv(1)";
    let words = ["--user", "--map-root-user", "python3", "-c", client];
    let child = std::process::Command::new("unshare").args(words).arg(&path).spawn();
    let Ok(mut child) = child else { return };
    if let Some(stream) = accepted(&listener) {
        let process = of(&stream, now());
        assert!(matches!(process.within, Within::Elsewhere(_)), "{process:?}");
    } else {
        assert!(child.try_wait().unwrap().is_some(), "nobody connected");
    }
    let _ = child.kill();
    child.wait().unwrap();
}
