//! Where engines are asked for: each socket once, whatever its names.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use dockward_engine::{Endpoint, Limits, LocalSocket, Named};
use dockward_model::facts::Fact;

use crate::options::{Engines, Options};
use crate::sight::Sight;
use crate::tree::{Live, Tree};
use crate::unseen::Notes;

/// Below which every user who is logged in has a folder (file-hierarchy(7)).
const RUNTIME: &str = "/run/user";
/// More users than these are not looked for.
const MOST_USERS: usize = 256;
/// What all answers together of an engine of a user's may take, in bytes: anyone may pose as one.
const USERS_ANSWERS: usize = 64 << 20;

/// A place where an engine may listen.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Where it is reached from here.
    pub(crate) endpoint: Endpoint,
    /// Its socket's path in `files`.
    pub(crate) socket: Option<String>,
    /// The tree in which that path is.
    pub(crate) files: Fact<Live>,
    /// The user in whose runtime folder it lies, where nobody named it.
    pub(crate) user: Option<u32>,
}

impl Place {
    /// Whether it can't be an engine of the host that we run on.
    pub(crate) fn is_far(&self) -> bool {
        match &self.endpoint {
            Endpoint::Unix(_) => false,
            Endpoint::Tcp { host, .. } => !is_loopback(host),
            _ => true,
        }
    }

    /// The port, of one that is reached over the host's own loopback interface.
    pub(crate) fn loopback_port(&self) -> Option<u16> {
        match &self.endpoint {
            Endpoint::Tcp { host, port, .. } if is_loopback(host) => Some(*port),
            _ => None,
        }
    }

    /// What the engine there may cost.
    pub(crate) fn limits(&self, mut limits: Limits) -> Limits {
        if self.user.is_some_and(|uid| uid != 0) {
            limits.all = limits.all.min(USERS_ANSWERS);
            limits.list = limits.list.min(USERS_ANSWERS);
        }
        limits
    }
}

/// The places, root's first, and those sockets that are not there.
pub(crate) fn places(
    options: &Options,
    sight: &Sight,
    notes: &Notes,
) -> (Vec<Place>, Vec<PathBuf>) {
    let (mut places, mut missing) = (Vec::new(), Vec::new());
    match &options.engines {
        Engines::These(endpoints) => {
            places.extend(endpoints.iter().map(|endpoint| named(sight, endpoint)));
        }
        Engines::Local(named) => local(named, sight, notes, &mut places, &mut missing),
    }
    once_each(&mut places);
    if let Some(more) = places.len().checked_sub(options.most_engines).filter(|more| *more > 0) {
        places.truncate(options.most_engines);
        let why = format!("{} are looked at", options.most_engines);
        notes.add(&format!("{more} further engines"), &why, "name one of them with --host");
    }
    (places, missing)
}

/// A place that somebody named, as we ourselves see it.
fn named(sight: &Sight, endpoint: &Endpoint) -> Place {
    let path = endpoint.unix_path().map(|path| path.display().to_string());
    let beneath = path.as_deref().and_then(|path| sight.beneath(path));
    let (socket, files) = match beneath {
        Some(beneath) => (Some(beneath), sight.files.clone()),
        None => (path, Live::host()),
    };
    Place { endpoint: endpoint.clone(), socket, files, user: None }
}

/// The user in whose runtime folder a path lies.
pub(crate) fn user_of(path: &str) -> Option<u32> {
    path.strip_prefix(RUNTIME)?.strip_prefix('/')?.split_once('/')?.0.parse().ok()
}

fn local(
    named: &Named,
    sight: &Sight,
    notes: &Notes,
    places: &mut Vec<Place>,
    missing: &mut Vec<PathBuf>,
) {
    let Fact::Known(files) = &sight.files else { return };
    let named = match sight.root {
        // The variables are about the host that we run on.
        Some(_) => &Named::default(),
        None => named,
    };
    for socket in named.local_sockets(&users(files, notes)) {
        let path = socket.path.display().to_string();
        match stands(files, &path, &socket) {
            Fact::Known(real) => places.push(Place {
                endpoint: Endpoint::Unix(sight.outside(&path, &real)),
                socket: Some(path),
                files: sight.files.clone(),
                user: socket.uid,
            }),
            Fact::Absent if socket.uid.is_none() => missing.push(sight.outside(&path, &path)),
            // What lies in another user's folder and may not be seen is no more than a guess.
            Fact::Absent | Fact::Unknown(_) => {}
        }
    }
}

/// Who has a runtime folder, by number.
fn users(files: &Live, notes: &Notes) -> Vec<u32> {
    let names = files.list(RUNTIME, MOST_USERS);
    if let Some(why) = names.unknown() {
        notes.add("engines of the host's users", why, "name one of them with --host");
    }
    let names = names.known().cloned().unwrap_or_default();
    let mut users: Vec<u32> = names.iter().filter_map(|name| name.parse().ok()).collect();
    users.sort_unstable();
    users
}

/// The real path of a socket, where one stands that may be asked. In a user's folder only that
/// user's own counts: a link to another's would have us speak to that one in their name.
fn stands(files: &Live, path: &str, socket: &LocalSocket) -> Fact<String> {
    match files.stat(path) {
        // What is no socket is for the client to refuse by name.
        Fact::Known(facts) => match socket.uid {
            Some(uid) if facts.uid != uid || facts.node != "socket" => Fact::Absent,
            _ => files.real(path),
        },
        Fact::Absent => Fact::Absent,
        // A folder of the system's that is closed to us: connecting says so.
        Fact::Unknown(_) if socket.uid.is_none() => Fact::Known(path.to_owned()),
        Fact::Unknown(why) => Fact::Unknown(why),
    }
}

/// Keeps the first place of each socket: `/var/run` is most often a link to `/run`.
fn once_each(places: &mut Vec<Place>) {
    let mut seen = BTreeSet::new();
    places.retain(|place| {
        let (Some(socket), Fact::Known(files)) = (&place.socket, &place.files) else { return true };
        match files.identity(socket) {
            Fact::Known(identity) => seen.insert((identity.device, identity.inode)),
            _ => true,
        }
    });
}

/// Whether a name or an address means the host itself.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Whether a path lies at or below a folder.
pub(crate) fn below(path: &str, folder: &Path) -> Option<String> {
    let rest = Path::new(path).strip_prefix(folder).ok()?;
    Some(format!("/{}", rest.display()))
}

#[cfg(test)]
mod tests;
