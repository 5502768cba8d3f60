//! Where container engines listen on the host, and who in a container gets an answer there.

use std::borrow::Cow;

use dockward_model::facts::Case;

use crate::host_path::{Relation, normal, relation};
use crate::mounts::HostMount;

/// An engine's socket that can be reached through a mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Socket {
    /// Where it is on the host.
    pub(crate) path: String,
    /// Whose it is.
    pub(crate) whose: &'static str,
    /// Whether its engine runs as an ordinary user.
    pub(crate) rootless: bool,
}

/// Path, whose, and from how far above a mount counts as holding it.
const KNOWN: &[(&str, &str, Above)] = &[
    ("/run/docker.sock", "the engine's", Above::Everywhere),
    ("/run/containerd/containerd.sock", "containerd's", Above::Everywhere),
    ("/run/docker/containerd/containerd.sock", "containerd's", Above::Everywhere),
    ("/run/k3s/containerd/containerd.sock", "containerd's", Above::Parent),
    ("/run/podman/podman.sock", "Podman's", Above::Parent),
    ("/run/crio/crio.sock", "CRI-O's", Above::Parent),
    ("/run/cri-dockerd.sock", "cri-dockerd's", Above::Nowhere),
    ("/run/dockershim.sock", "dockershim's", Above::Nowhere),
    ("/run/user/*/docker.sock", "a rootless engine's", Above::Nowhere),
    ("/run/user/*/podman/podman.sock", "a rootless Podman's", Above::Parent),
];

/// An engine need not be there at all; only a folder of its own speaks for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Above {
    Everywhere,
    Parent,
    Nowhere,
}

/// Names that a socket at an unusual place gives itself away by.
const NAMES: &[&str] = &["docker.sock", "containerd.sock", "podman.sock", "crio.sock"];

/// The engine's socket that `mount` is or holds.
pub(crate) fn reached(case: &Case<'_>, mount: &HostMount<'_>) -> Option<Socket> {
    let rootless = case.daemon.security_option("rootless").get().is_some();
    own(case)
        .filter(|path| holds(path, mount))
        .map(|path| Socket { path: path.into_owned(), whose: "the engine's", rootless })
        .next()
        .or_else(|| KNOWN.iter().find_map(|known| elsewhere(known, mount)))
        .or_else(|| unusual(mount))
}

/// Where the engine itself says that it listens.
fn own<'a>(case: &'a Case<'_>) -> impl Iterator<Item = Cow<'a, str>> {
    let listeners = case.daemon.listeners.get().into_iter().flatten();
    let listeners = listeners.filter_map(|l| l.address.strip_prefix("unix://"));
    let socket = case.daemon.socket.get().map(String::as_str);
    socket.into_iter().chain(listeners).filter_map(normal)
}

fn holds(socket: &str, mount: &HostMount<'_>) -> bool {
    matches!(relation(socket, &mount.path), Some(Relation::Is | Relation::Holds))
        && mount.path.starts_with('/')
}

fn elsewhere(known: &(&str, &'static str, Above), mount: &HostMount<'_>) -> Option<Socket> {
    let (pattern, whose, above) = *known;
    if !holds(pattern, mount) {
        return None;
    }
    let parent = pattern.rsplit_once('/').map_or("", |(parent, _)| parent);
    let is = |place: &str| relation(place, &mount.path) == Some(Relation::Is);
    let counts = match above {
        Above::Everywhere => true,
        Above::Parent => is(pattern) || is(parent),
        Above::Nowhere => is(pattern),
    };
    let path = if is(pattern) { &mount.path } else { pattern };
    let rootless = pattern.starts_with("/run/user/");
    counts.then(|| Socket { path: path.into(), whose, rootless })
}

fn unusual(mount: &HostMount<'_>) -> Option<Socket> {
    let is_socket = mount.mount.node.known().is_some_and(|node| node == "socket");
    let name = mount.path.rsplit('/').next()?;
    let rootless = relation("/run/user/*", &mount.path) == Some(Relation::Inside);
    (is_socket && NAMES.contains(&name)).then(|| Socket {
        path: mount.path.clone().into_owned(),
        whose: "an engine's",
        rootless,
    })
}

/// Who in the container may connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Every user: the socket's mode or a group lets them.
    Anyone,
    /// Root, which is the host's.
    Root,
    /// Nobody, by what is known: root in there is another user outside.
    Nobody,
}

/// Who may connect to the socket at `path`: connecting takes the right to write to it
/// (unix(7)), which a read-only mount doesn't take away.
pub(crate) fn caller(case: &Case<'_>, path: &str) -> Caller {
    let file = case.host.files.get(path).and_then(|field| field.get());
    if file.is_some_and(|file| file.mode & 0o002 != 0) {
        return Caller::Anyone;
    }
    if !case.effective.root_is_host_root() {
        return Caller::Nobody;
    }
    let gid = match file {
        Some(file) => (file.mode & 0o020 != 0).then_some(file.gid),
        None => case.host.groups.get().and_then(|groups| {
            groups.iter().find(|group| group.name == "docker").map(|group| group.gid)
        }),
    };
    let member = gid.is_some_and(|gid| has_group(case, gid));
    if member { Caller::Anyone } else { Caller::Root }
}

fn has_group(case: &Case<'_>, gid: u32) -> bool {
    let added = case.container.groups.get().into_iter().flatten();
    let first = case.container.user.get().and_then(|user| user.split_once(':'));
    let mut all = added.map(String::as_str).chain(first.map(|(_, group)| group));
    all.any(|group| group.parse() == Ok(gid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, mounting};
    use crate::mounts::of_host;
    use dockward_model::facts::{Fact, Field, FileFacts, Group, Origin, sample};

    fn found(facts: &Facts) -> Option<Socket> {
        let case = facts.case();
        let mounts = of_host(&case).ok()?;
        reached(&case, mounts.first()?)
    }

    #[test]
    fn every_folder_above_an_engines_socket_holds_it() {
        for path in ["/", "/run", "/var/run", "/run/docker.sock", "/var/run/docker.sock", "/run/."]
        {
            let socket = found(&mounting(path, false)).expect(path);
            assert_eq!((socket.path.as_str(), socket.rootless), ("/run/docker.sock", false));
        }
        for path in ["/runner", "/run/app", "/run/docker.sock.d", "/var", "/srv"] {
            assert_eq!(found(&mounting(path, true)), None, "{path}");
        }
    }

    #[test]
    fn other_engines_are_known() {
        for path in [
            "/run/containerd/containerd.sock",
            "/run/containerd",
            "/run/podman/podman.sock",
            "/run/podman",
            "/run/crio/crio.sock",
            "/run/user/1000/docker.sock",
            "/run/user/1000/podman",
        ] {
            let socket = found(&mounting(path, false)).expect(path);
            assert_eq!(socket.rootless, path.starts_with("/run/user"), "{path}");
        }
        assert_eq!(found(&mounting("/run/user/1000", true)), None);
    }

    #[test]
    fn the_engines_own_place_counts_wherever_it_is() {
        let mut facts = mounting("/srv/engine", false);
        facts.daemon.socket = sample::known("/srv/engine/api.sock".into(), "");
        assert_eq!(found(&facts).expect("a socket").path, "/srv/engine/api.sock");
    }

    #[test]
    fn a_socket_of_a_telling_name_counts_anywhere() {
        let mut facts = mounting("/srv/docker.sock", false);
        assert_eq!(found(&facts), None);
        if let Fact::Known(list) = &mut facts.container.mounts.fact {
            list[0].node = Fact::Known("socket".into());
        }
        assert_eq!(found(&facts).expect("a socket").whose, "an engine's");
    }

    fn socket_file(facts: &mut Facts, mode: u32) {
        let file = FileFacts { mode, uid: 0, gid: 998, node: "socket".into(), modified: None };
        let field = Field::known(file, Origin::file("/run/docker.sock", None));
        facts.host.files.insert("/run/docker.sock".into(), field);
    }

    #[test]
    fn who_may_connect_follows_mode_group_and_user_namespace() {
        let mut facts = mounting("/run/docker.sock", true);
        let who = |facts: &Facts| caller(&facts.case(), "/run/docker.sock");
        assert_eq!(who(&facts), Caller::Root);
        socket_file(&mut facts, 0o660);
        facts.container.user = sample::known("1000:998".into(), "Config.User");
        assert_eq!(who(&facts), Caller::Anyone);
        facts.daemon.security_options = sample::known(vec!["name=userns".into()], "");
        assert_eq!(who(&facts), Caller::Nobody);
        socket_file(&mut facts, 0o666);
        assert_eq!(who(&facts), Caller::Anyone);
    }

    #[test]
    fn the_docker_group_stands_in_for_a_socket_that_could_not_be_looked_at() {
        let mut facts = mounting("/run/docker.sock", true);
        let group = Group { name: "docker".into(), gid: 998, members: Vec::new(), line: 1 };
        facts.host.groups = sample::known(vec![group], "");
        facts.container.groups = sample::known(vec!["998".into()], "HostConfig.GroupAdd");
        assert_eq!(caller(&facts.case(), "/run/docker.sock"), Caller::Anyone);
    }
}
