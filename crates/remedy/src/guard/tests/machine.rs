//! A machine in a folder, and a host that only keeps what it is told.

use std::fs;
use std::path::Path;

use dockward_collect::tree::Live;
use tempfile::TempDir;

use super::super::{Facts, Options, Running, Seen, plan};
use crate::{Command, Error, Files, Host, Plan};

const SERVICE: &str = "[Unit]
After=network-online.target docker.socket containerd.service
Requires=docker.socket

[Service]
Type=notify
EnvironmentFile=-/etc/default/docker
ExecStart=/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock $DOCKER_OPTS
";
const SOCKET: &str = "[Socket]
ListenStream=/run/docker.sock
SocketMode=0660
SocketUser=root
SocketGroup=docker
";
pub(super) const UNITS: &str = "usr/lib/systemd/system";
/// A host that leaves it to daemon.json where the engine listens.
pub(super) const NO_FLAG: &str = "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd\n";

/// A Debian with its own engine.
pub(super) struct Machine(pub(super) TempDir);

impl Machine {
    pub(super) fn new() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        machine.write(&format!("{UNITS}/docker.service"), SERVICE);
        machine.write(&format!("{UNITS}/docker.socket"), SOCKET);
        machine.write("etc/group", "root:x:0:\ndocker:x:998:ann\n");
        machine.write("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
        machine.write("usr/local/bin/dockward", "");
        machine
    }

    pub(super) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(super) fn files(&self) -> Files {
        Files::below(self.0.path().to_owned())
    }

    pub(super) fn facts(&self, engine: Result<Seen, String>) -> Facts {
        let tree = Live::at(self.0.path().to_str().unwrap());
        Facts::read(tree.known().unwrap(), &self.files(), engine).unwrap()
    }

    pub(super) fn planned(&self, options: &Options) -> Result<Option<Plan>, Error> {
        plan(&self.facts(Ok(seen())), options)
    }

    pub(super) fn plan(&self) -> Plan {
        self.planned(&Options::default()).unwrap().unwrap()
    }

    pub(super) fn refused(&self) -> String {
        self.planned(&Options::default()).unwrap_err().to_string()
    }

    /// Every file with its mode and content.
    pub(super) fn all(&self) -> Vec<(String, u32, String)> {
        let mut found = Vec::new();
        walk(self.0.path(), &mut found);
        found.sort();
        found
    }
}

fn walk(folder: &Path, found: &mut Vec<(String, u32, String)>) {
    use std::os::unix::fs::PermissionsExt as _;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            let mode = path.metadata().unwrap().permissions().mode() & 0o7777;
            found.push((path.display().to_string(), mode, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn running(name: &str, source: &str, comes_back: bool) -> Running {
    Running { name: name.into(), comes_back, sources: Some(vec![source.into()]) }
}

pub(super) fn seen() -> Seen {
    Seen {
        live_restore: Some(false),
        rootless: false,
        service: Some("docker.service".into()),
        running: vec![
            running("traefik", "/run/docker.sock", true),
            running("agent", "/run", true),
            running("once", "/srv/data", false),
            Running { name: "odd\u{1b}[2J".into(), comes_back: true, sources: None },
        ],
    }
}

/// Keeps what it is told, and fails at one of the commands or in answering.
#[derive(Default)]
pub(super) struct Recorded {
    pub(super) commands: Vec<String>,
    pub(super) fails_at: Option<usize>,
    pub(super) answers: Vec<bool>,
}

impl Host for Recorded {
    fn run(&mut self, command: &Command) -> Result<(), Error> {
        self.commands.push(command.words().join(" "));
        if self.fails_at == Some(self.commands.len() - 1) {
            let why = "it was told to fail".to_owned();
            return Err(Error::Command { command: command.words().join(" "), why });
        }
        Ok(())
    }

    fn answers(&mut self, socket: &str) -> Result<(), Error> {
        assert_eq!(socket, "/run/docker.sock");
        match self.answers.pop() {
            Some(false) => Err(Error::NoAnswer { socket: socket.into(), why: "refused".into() }),
            _ => Ok(()),
        }
    }
}
