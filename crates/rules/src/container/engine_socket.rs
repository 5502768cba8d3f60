use dockward_model::facts::Case;
use dockward_model::verdict::{Evidence, Failure, Foothold, Gain, Outcome, Severity};

use crate::engine_sockets::{Caller, Socket, caller, reached};
use crate::mounts::{self, HostMount, named, told_path};
use crate::standing::as_root;

crate::rule! {
    /// ## Why
    /// Whoever reaches an engine's socket has the engine do as they say: start a privileged
    /// container with `/` mounted, and be root on the host. It counts by whatever folder it comes
    /// in: `/run`, `/var/run` or `/` hold it as well. `:ro` changes nothing: it keeps the file from
    /// being removed, not from being connected to. containerd's, Podman's and CRI-O's sockets are
    /// worth the same.
    ///
    /// ## Fix
    /// Remove the mount (`-v`; Compose: `volumes:`). A program that must list containers gets a
    /// filtering proxy in front of the socket, or an agent outside of containers.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.32; unix(7), "Pathname socket ownership and permissions".
    /// docker-bench-security knows one path of all these.
    id: "container-engine-socket", title: "no engine's socket is within reach",
    severity: Critical, cis16: ["5.32"], cis18: ["5.32"], judge: engine_socket
}

fn engine_socket(case: &Case<'_>) -> Outcome {
    let mounts = match mounts::of_host(case) {
        Ok(mounts) => mounts,
        Err(unknown) => return unknown,
    };
    let hits = mounts.iter().filter_map(|mount| Some((mount, reached(case, mount)?)));
    let mut hits: Vec<_> = hits.collect();
    hits.sort_by_key(|(_, socket)| socket.rootless);
    match hits.split_first() {
        Some(((mount, socket), rest)) => {
            let failure = fail(case, mount, socket);
            failure.and(rest.iter().map(|(mount, socket)| evidence(mount, socket))).into()
        }
        None => mounts::nothing_found(&mounts),
    }
}

fn fail(case: &Case<'_>, mount: &HostMount<'_>, socket: &Socket) -> Failure {
    let still = if mount.mount.writable { "" } else { "; `:ro` doesn't stop that" };
    let owner = if socket.rootless { "that engine's user" } else { "root" };
    let through =
        if mount.path == socket.path { String::new() } else { format!(" in {}", mount.path) };
    let message = format!(
        "reaches {} socket{through}: whoever connects is {owner} on the host{still}",
        socket.whose
    );
    let fix = format!(
        "remove {} (`-v`, `volumes:`), or put a filtering proxy before the socket",
        named(mount.mount)
    );
    let failure = Failure::new(message, evidence(mount, socket), fix);
    match (socket.rootless, caller(case, &socket.path)) {
        (true, _) => failure.severity(Severity::High),
        (false, Caller::Nobody) => failure.severity(Severity::Medium),
        (false, Caller::Anyone) => {
            failure.severity(Severity::Critical).opens(Gain::HostRoot, Foothold::InContainer)
        }
        (false, Caller::Root) => failure
            .severity(as_root(case, Severity::Critical))
            .opens(Gain::HostRoot, Foothold::RootInContainer),
    }
}

fn evidence(mount: &HostMount<'_>, socket: &Socket) -> Evidence {
    let mode = if mount.mount.writable { "writable" } else { "read-only" };
    let seen = format!("{} at {}, {mode}: {}", told_path(mount), mount.mount.target, socket.path);
    let evidence = Evidence::at(&mount.mount.origin, seen, "not mounted");
    if mount.unresolved.is_none() { evidence.effective() } else { evidence }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_passes, assert_unknown, case_with, mounting, mounting_unresolved,
    };
    use dockward_model::facts::sample;

    #[test]
    fn the_socket_is_root_on_the_host_by_every_way_to_it() {
        for path in ["/var/run/docker.sock", "/run", "/", "/run/containerd/containerd.sock"] {
            let failure = assert_fails(engine_socket, &mounting(path, true));
            assert_eq!(failure.severity, Some(Severity::Critical), "{path}");
            assert_eq!(failure.openings[0].gain, Gain::HostRoot, "{path}");
        }
    }

    #[test]
    fn read_only_does_not_help() {
        let failure = assert_fails(engine_socket, &mounting("/run/docker.sock", false));
        assert_eq!(failure.severity, Some(Severity::Critical));
        assert!(failure.fix.starts_with("remove the mount of `/run/docker.sock`"));
        assert!(failure.message.contains("`:ro` doesn't stop that"));
    }

    #[test]
    fn a_user_in_the_sockets_group_needs_no_root() {
        let mut case = mounting("/run/docker.sock", true);
        let group = dockward_model::facts::Group {
            name: "docker".into(),
            gid: 998,
            members: Vec::new(),
            line: 1,
        };
        case.host.groups = sample::known(vec![group], "");
        case.container.user = sample::known("1000:998".into(), "Config.User");
        let failure = assert_fails(engine_socket, &case);
        assert_eq!(failure.openings[0].needs, Foothold::InContainer);
    }

    #[test]
    fn other_mounts_and_none_pass() {
        assert_passes(engine_socket, &mounting("/srv/app", true));
        assert_passes(engine_socket, &mounting("/var", true));
        assert_passes(engine_socket, &case_with(|c| c.mounts = sample::absent("Mounts")));
    }

    #[test]
    fn what_could_not_be_read_is_never_a_pass() {
        assert_unknown(engine_socket, &case_with(|c| c.mounts = sample::unknown("Mounts")));
        assert_unknown(engine_socket, &mounting_unresolved("/srv/app"));
        assert_fails(engine_socket, &mounting_unresolved("/var/run/docker.sock"));
    }

    #[test]
    fn a_rootless_engine_gives_its_user_and_not_root() {
        let mut case = mounting("/run/user/1000/docker.sock", true);
        case.daemon.security_options = sample::known(vec!["name=rootless".into()], "");
        let failure = assert_fails(engine_socket, &case);
        assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::High), 0));
    }

    #[test]
    fn root_of_another_user_namespace_gets_no_answer() {
        let mut case = mounting("/run/docker.sock", true);
        case.daemon.security_options = sample::known(vec!["name=userns".into()], "");
        let failure = assert_fails(engine_socket, &case);
        assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::Medium), 0));
    }
}
