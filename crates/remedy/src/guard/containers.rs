//! What the running containers have of the socket, and what becomes of them.

use dockward_collect::daemon_process::{find, service};
use dockward_collect::tree::{Live, Proc, Tree};
use dockward_engine::api::{ContainerInspect, ContainerSummary};
use dockward_engine::{Ask, Client, Error, Lenient};

/// What an engine says of itself and of its running containers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Whether containers outlive the daemon; none where it does not say.
    pub live_restore: Option<bool>,
    /// Whether it is a user's engine.
    pub rootless: bool,
    /// The systemd service that it is; none where it is in no service, or that can't be seen.
    pub service: Option<String>,
    /// The running containers.
    pub running: Vec<Running>,
}

/// A running container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Running {
    /// Its name.
    pub name: String,
    /// Whether the engine starts it again by itself.
    pub comes_back: bool,
    /// The sources of its mounts, as the host names them; none where they could not be read.
    pub sources: Option<Vec<String>>,
}

impl Seen {
    /// Asks this host's engine.
    ///
    /// # Errors
    /// Where it does not answer. A container that is gone meanwhile is left out.
    pub fn ask(client: &Client, tree: &Live, proc: &Proc) -> Result<Self, Error> {
        let info = client.info()?.value;
        let options = info.security_options.known().cloned().unwrap_or_default();
        let listed = client.containers()?.value;
        let running: Vec<_> = listed.iter().filter(|one| is_running(one)).collect();
        let asks: Vec<_> = running
            .iter()
            .map(|one| Ask::Container(one.id.known().cloned().unwrap_or_default()))
            .collect();
        let answers = client.get_many::<ContainerInspect>(&asks);
        let gone = |answer: &Result<_, Error>| answer.as_ref().is_err_and(Error::is_gone);
        let of = running.iter().zip(answers).filter(|(_, answer)| !gone(answer));
        Ok(Self {
            live_restore: info.live_restore_enabled.known().copied(),
            service: service_of(client, tree, proc),
            rootless: options.iter().any(|option| option == "name=rootless"),
            running: of
                .map(|(one, answer)| {
                    Running::new(one, answer.ok().map(|answer| answer.value), tree)
                })
                .collect(),
        })
    }
}

/// With socket activation the one who listens is systemd, and the engine whoever else has it open.
fn service_of(client: &Client, tree: &Live, proc: &Proc) -> Option<String> {
    let peer = client.peer()?;
    let path = client.endpoint().unix_path()?.to_str()?;
    let pid = peer.pid.and_then(|pid| i32::try_from(pid).ok());
    let found = find(proc, tree, (pid, peer.uid, peer.gid), path);
    service(proc, found.get()?.pid).get().cloned()
}

fn is_running(one: &ContainerSummary) -> bool {
    one.state
        .known()
        .is_none_or(|state| matches!(state.as_str(), "running" | "paused" | "restarting"))
}

impl Running {
    fn new(one: &ContainerSummary, inspect: Option<ContainerInspect>, tree: &dyn Tree) -> Self {
        let names = one.names.known().cloned().unwrap_or_default();
        let name = names.first().map(|name| name.trim_start_matches('/').to_owned());
        let is_read = inspect.is_some();
        let inspect = inspect.unwrap_or_default();
        let policy = inspect.host_config.get(|host| &host.restart_policy);
        let policy = policy.known().and_then(|policy| policy.name.known());
        let mounts = match &inspect.mounts {
            Lenient::Known(mounts) => Some(mounts.as_slice()),
            Lenient::Null if is_read => Some(&[][..]),
            _ => None,
        };
        let sources = mounts.map(|mounts| {
            let sources = mounts.iter().filter_map(|mount| mount.source.known());
            sources.map(|source| real(tree, source)).collect()
        });
        Self {
            name: name.unwrap_or_else(|| one.id.known().cloned().unwrap_or_default()),
            comes_back: policy
                .is_some_and(|name| matches!(name.as_str(), "always" | "unless-stopped")),
            sources,
        }
    }

    /// The mount of a socket itself: it holds the file that is there today.
    pub(super) fn holds(&self, sockets: &[String]) -> Option<&str> {
        let mut sources = self.sources.iter().flatten();
        sources.find(|source| sockets.contains(source)).map(String::as_str)
    }

    /// The mount of a folder that a file lies in, however far below.
    pub(super) fn sees(&self, file: &str) -> Option<&str> {
        let mut sources = self.sources.iter().flatten();
        sources
            .find(|source| {
                let rest = file.strip_prefix(source.trim_end_matches('/'));
                rest.is_some_and(|rest| rest.starts_with('/'))
            })
            .map(String::as_str)
    }
}

/// Where a path leads; as it is written where that can't be seen.
fn real(tree: &dyn Tree, path: &str) -> String {
    tree.real(path).known().cloned().unwrap_or_else(|| without_link(path))
}

/// `/var/run` is a link to `/run` (Filesystem Hierarchy Standard 3.0, 5.13).
pub(super) fn without_link(path: &str) -> String {
    path.strip_prefix("/var").filter(|rest| rest.starts_with("/run/")).unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_held_by_its_own_mount_and_seen_through_a_folder() {
        let of =
            |source: &str| Running { sources: Some(vec![source.into()]), ..Running::default() };
        let sockets = ["/run/docker.sock".to_owned()];
        assert_eq!(of("/run/docker.sock").holds(&sockets), Some("/run/docker.sock"));
        assert_eq!(of("/run/docker.sock").sees("/run/docker.sock"), None);
        for folder in ["/", "/run", "/run/"] {
            assert_eq!(of(folder).holds(&sockets), None);
            assert_eq!(of(folder).sees("/run/docker.sock"), Some(folder));
        }
        assert_eq!(of("/ru").sees("/run/docker.sock"), None);
    }
}
