//! The daemon.json that a process opened.

use std::collections::BTreeMap;

use dockward_model::facts::{ConfigFile, DaemonProcess, Fact, Field, Origin};
use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::lines::{self, Lines};
use crate::tree::{Proc, Tree};

/// How much of the file is read, in bytes.
const LIMIT: usize = 1 << 20;
/// The clock that stamps files is coarser than the one that stamps processes.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(1);

/// The file and what stands in it.
pub(super) struct Opened {
    pub(super) facts: Field<ConfigFile>,
    pub(super) content: Fact<Content>,
}

/// A daemon.json, parsed.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) path: String,
    pub(super) settings: Map<String, Value>,
    pub(super) lines: Lines,
}

/// The variables of a process that decide how dockerd reads its settings. No other is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Environment {
    values: BTreeMap<&'static str, String>,
}

const VARIABLES: [&str; 8] = [
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_TLS_VERIFY",
    "HOME",
    "LISTEN_FDS",
    "ROOTLESSKIT_STATE_DIR",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
];

impl Environment {
    pub(super) fn read(proc: &Proc, pid: i32) -> Fact<Self> {
        proc.read_text(&format!("{pid}/environ"), LIMIT).map(|text| Self::parse(text))
    }

    pub(super) fn parse(text: &str) -> Self {
        let pairs = text.split('\0').filter_map(|pair| pair.split_once('='));
        let wanted = pairs.filter_map(|(name, value)| {
            let name = VARIABLES.into_iter().find(|wanted| *wanted == name)?;
            (!value.is_empty()).then(|| (name, value.to_owned()))
        });
        Self { values: wanted.collect() }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Whether the daemon was started by RootlessKit, by the sign that it goes by itself.
    pub(super) fn is_rootless(&self) -> bool {
        self.get("ROOTLESSKIT_STATE_DIR").is_some()
    }
}

/// The path that dockerd reads: its flag's, else the one for root or for a rootless engine.
pub(super) fn path(
    proc: &Proc,
    process: &DaemonProcess,
    flag: Option<&str>,
    environment: &Fact<Environment>,
) -> Result<String, String> {
    match (flag, environment) {
        (Some(path), _) => from_where_it_runs(proc, process.pid, path),
        (None, Fact::Known(environment)) if environment.is_rootless() => rootless(environment),
        (None, Fact::Unknown(why)) if process.uid != 0 => Err(why.clone()),
        (None, _) => Ok("/etc/docker/daemon.json".into()),
    }
}

/// A path as a process means it: a relative one begins in its working folder.
pub(super) fn from_where_it_runs(proc: &Proc, pid: i32, path: &str) -> Result<String, String> {
    if path.starts_with('/') {
        return Ok(path.to_owned());
    }
    match proc.link(&format!("{pid}/cwd")) {
        Fact::Known(folder) => Ok(format!("{}/{path}", folder.trim_end_matches('/'))),
        Fact::Absent => Err(format!("process {pid} has ended")),
        Fact::Unknown(why) => Err(why),
    }
}

fn rootless(environment: &Environment) -> Result<String, String> {
    own_folder(environment).map(|folder| format!("{folder}/daemon.json"))
}

/// Where a rootless engine's user keeps its settings.
fn own_folder(environment: &Environment) -> Result<String, String> {
    let home = || environment.get("HOME").map(|home| format!("{home}/.config"));
    let folder = environment.get("XDG_CONFIG_HOME").map(str::to_owned).or_else(home);
    let folder = folder.ok_or("the rootless engine has neither XDG_CONFIG_HOME nor HOME")?;
    Ok(format!("{folder}/docker"))
}

/// Where the daemon looks for certificates of registries (moby `registry/config.go`, `CertsDir`).
pub(super) fn registry_folder(
    process: &DaemonProcess,
    environment: &Fact<Environment>,
) -> Fact<String> {
    let folder = match environment {
        Fact::Known(environment) if environment.is_rootless() => own_folder(environment),
        Fact::Unknown(why) if process.uid != 0 => Err(why.clone()),
        _ => Ok("/etc/docker".into()),
    };
    folder.map_or_else(Fact::Unknown, |folder| Fact::Known(format!("{folder}/certs.d")))
}

/// Opens the file as the daemon sees it.
pub(super) fn open(tree: &dyn Tree, process: &DaemonProcess, path: String) -> Opened {
    let origin = Origin::file(path.as_str(), None);
    let facts = tree.stat(&path).map(|facts| {
        let newer = match (facts.modified, process.started) {
            (Some(modified), Some(started)) => modified.duration_since(started) > TOLERANCE,
            _ => false,
        };
        ConfigFile { path: path.clone(), modified: facts.modified, newer_than_process: newer }
    });
    let content = match tree.read_text(&path, LIMIT) {
        Fact::Known(text) => parse(&text, path),
        Fact::Absent => Fact::Known(Content { path, ..Content::default() }),
        Fact::Unknown(why) => Fact::Unknown(why),
    };
    Opened { facts: Field { fact: facts, origin }, content }
}

fn parse(text: &str, path: String) -> Fact<Content> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Fact::Known(Content { path, ..Content::default() });
    }
    match serde_json::from_str::<Map<String, Value>>(text) {
        Ok(settings) => Fact::Known(Content { path, settings, lines: lines::scan(text) }),
        // Of the error only its place: its words may quote the file, and with it a secret.
        Err(error) => Fact::Unknown(format!("{path}:{} is not a JSON object", error.line())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    fn environment(text: &str) -> Fact<Environment> {
        Fact::Known(Environment::parse(text))
    }

    fn path_of(
        uid: u32,
        flag: Option<&str>,
        environment: &Fact<Environment>,
    ) -> Result<String, String> {
        let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
        let process = DaemonProcess { pid: 1, uid, exe: String::new(), started: None };
        path(&proc, &process, flag, environment)
    }

    #[test]
    fn the_path_is_the_flags_or_the_rootless_users_or_roots() {
        let root = environment("HOME=/root\0PATH=/bin\0");
        assert_eq!(path_of(0, None, &root).unwrap(), "/etc/docker/daemon.json");
        assert_eq!(path_of(0, Some("/srv/d.json"), &root).unwrap(), "/srv/d.json");
        let rootless = environment("HOME=/home/ann\0ROOTLESSKIT_STATE_DIR=/run/x\0");
        assert_eq!(path_of(0, None, &rootless).unwrap(), "/home/ann/.config/docker/daemon.json");
        let own = environment("XDG_CONFIG_HOME=/c\0HOME=/h\0ROOTLESSKIT_STATE_DIR=/run/x\0");
        assert_eq!(path_of(1000, None, &own).unwrap(), "/c/docker/daemon.json");
        let unread = Fact::Unknown("permission denied".into());
        assert!(path_of(1000, None, &unread).is_err());
        assert_eq!(path_of(0, None, &unread).unwrap(), "/etc/docker/daemon.json");
    }

    #[test]
    fn certificates_of_registries_lie_beside_the_settings() {
        let folder_of = |uid, environment: &Fact<Environment>| {
            let process = DaemonProcess { pid: 1, uid, exe: String::new(), started: None };
            registry_folder(&process, environment).known().cloned()
        };
        let root = environment("HOME=/root\0");
        assert_eq!(folder_of(0, &root).as_deref(), Some("/etc/docker/certs.d"));
        let rootless = environment("HOME=/home/ann\0ROOTLESSKIT_STATE_DIR=/run/x\0");
        let own = "/home/ann/.config/docker/certs.d";
        assert_eq!(folder_of(1000, &rootless).as_deref(), Some(own));
        assert_eq!(folder_of(1000, &Fact::Unknown("permission denied".into())), None);
    }

    #[test]
    fn only_the_variables_that_matter_are_kept() {
        let kept = Environment::parse("SECRET=x\0LISTEN_FDS=2\0HOME=\0\0=\0NOTHING\0");
        assert_eq!(kept.values.len(), 1);
        assert_eq!(kept.get("LISTEN_FDS"), Some("2"));
    }

    #[test]
    fn a_file_changed_after_the_start_is_newer_and_one_changed_before_is_not() {
        let process = |started: &str| DaemonProcess {
            pid: 1,
            uid: 0,
            exe: String::new(),
            started: Some(started.parse().unwrap()),
        };
        let mut facts =
            crate::tree::Live::host().known().unwrap().stat("/proc").known().unwrap().clone();
        (facts.node, facts.modified) =
            ("file".into(), Some("2026-01-02T03:04:05Z".parse().unwrap()));
        let tree = Recorded::new().node("/d.json", facts, b"{}");
        let newer = |started| {
            let opened = open(&tree, &process(started), "/d.json".into());
            opened.facts.get().unwrap().newer_than_process
        };
        assert!(newer("2026-01-02T03:04:00Z"));
        assert!(!newer("2026-01-02T03:04:05.5Z") && !newer("2026-01-02T03:04:04.5Z"));
    }

    #[test]
    fn a_broken_file_is_unknown_with_its_line_and_without_its_words() {
        let Fact::Unknown(why) = parse("{\n\"icc\": hunter2\n}", "/d.json".into()) else {
            panic!()
        };
        assert_eq!(why, "/d.json:2 is not a JSON object");
        for text in ["[]", "{", "\"x\"", "\0", &"[".repeat(1 << 16)] {
            assert!(parse(text, "/d.json".into()).unknown().is_some(), "{text:?}");
        }
        for text in ["", " \n", "\u{feff}{}"] {
            assert!(parse(text, "/d.json".into()).known().unwrap().settings.is_empty());
        }
    }
}
