//! What is read of a host before a plan is made.

use std::collections::BTreeMap;

use dockward_collect::host::{groups, units, users};
use dockward_collect::tree::Tree;
use dockward_model::facts::{Fact, Unit};

use super::containers::Seen;
use super::listens::{Told, environment};
use super::{DAEMON_JSON, units as written};
use crate::{Content, Error, Files, Journal};

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The group whose members may use the socket; none for the one that may today.
    pub group: Option<String>,
    /// Whether ways around the guard may stay.
    pub leave_open: bool,
}

/// A host before the change.
#[derive(Debug)]
pub struct Facts {
    /// `docker.service`, and why it is not known.
    pub(super) service: Result<Unit, String>,
    /// `docker.socket`.
    pub(super) socket: Result<Unit, String>,
    /// Whether the engine is a snap's.
    pub(super) snap: bool,
    /// What docker.service's command says.
    pub(super) told: Told,
    /// What stands in the files that the plan may write.
    pub(super) files: BTreeMap<String, Content>,
    /// Where there is something else than a file that can be read.
    pub(super) unread: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) users: Vec<String>,
    /// The program, by its place on the host; none where it is in no place for programs.
    pub(super) program: Option<String>,
    /// What was installed before.
    pub(super) journal: Option<Journal>,
    /// What the engine says; why not, where it was not asked or does not answer.
    pub(super) engine: Result<Seen, String>,
}

/// The sockets that clients use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Public {
    pub(super) paths: Vec<String>,
    pub(super) mode: u32,
    pub(super) user: String,
    pub(super) group: String,
}

/// Where a program may lie that root starts.
const PROGRAMS: [&str; 2] = ["/usr/local/bin/dockward", "/usr/bin/dockward"];

impl Facts {
    /// Reads the host's files; `engine` is what its engine said.
    ///
    /// # Errors
    /// A record of an earlier installation that can't be read.
    pub fn read(
        tree: &dyn Tree,
        files: &Files,
        engine: Result<Seen, String>,
    ) -> Result<Self, Error> {
        let mut found = units(tree);
        let mut unit = |name: &str| match found.remove(name).map(|field| field.fact) {
            Some(Fact::Known(unit)) => Ok(unit),
            Some(Fact::Unknown(why)) => Err(format!("{name}: {why}")),
            _ => Err(format!("there is no {name}")),
        };
        let (service, socket) = (unit("docker.service"), unit("docker.socket"));
        let snap = unit("snap.docker.dockerd.service").is_ok();
        let told = service
            .as_ref()
            .map_or_else(|_| Told::default(), |unit| Told::by(unit, &environment(tree, unit)));
        let names = |fact: Fact<Vec<String>>| fact.known().cloned().unwrap_or_default();
        let users = users(tree).fact.map(|all| all.iter().map(|user| user.name.clone()).collect());
        let groups = groups(tree).fact.map(|all| all.iter().map(|one| one.name.clone()).collect());
        let is_program = |path: &&&str| tree.stat(path).known().is_some();
        let mut facts = Self {
            service,
            socket,
            snap,
            told,
            files: BTreeMap::new(),
            unread: Vec::new(),
            groups: names(groups),
            users: names(users),
            program: PROGRAMS.iter().find(is_program).map(|path| (*path).to_owned()),
            journal: Journal::read(files)?,
            engine,
        };
        facts.look_at(files);
        Ok(facts)
    }

    fn look_at(&mut self, files: &Files) {
        for path in written::paths().into_iter().chain([DAEMON_JSON.to_owned()]) {
            match files.read(&path) {
                Ok(Some(content)) => drop(self.files.insert(path, content)),
                Ok(None) => {}
                Err(error) => self.unread.push(error.to_string()),
            }
        }
    }
}
