//! The files that are written: those of `packaging/systemd`.

use super::facts::Public;
use crate::Content;

const GUARD_SOCKET: &str = include_str!("../../../../packaging/systemd/dockward-guard.socket");
const GUARD: &str = include_str!("../../../../packaging/systemd/dockward-guard.service");
const ENGINE_SOCKET: &str =
    include_str!("../../../../packaging/systemd/dockward-guard-docker.socket.conf");
const ENGINE: &str =
    include_str!("../../../../packaging/systemd/dockward-guard-docker.service.conf");
const FOLDERS: &str = include_str!("../../../../packaging/systemd/dockward-guard.tmpfiles.conf");

/// The name of our drop-ins: after all others.
pub(super) const DROP_IN: &str = "zz-dockward-guard.conf";
/// The file of tmpfiles.d(5).
pub(super) const TMPFILES: &str = "/etc/tmpfiles.d/dockward-guard.conf";

/// Where each of our files goes.
pub(super) fn paths() -> [String; 5] {
    [
        TMPFILES.to_owned(),
        "/etc/systemd/system/dockward-guard.socket".to_owned(),
        "/etc/systemd/system/dockward-guard.service".to_owned(),
        format!("/etc/systemd/system/docker.socket.d/{DROP_IN}"),
        format!("/etc/systemd/system/docker.service.d/{DROP_IN}"),
    ]
}

/// The files with their content, for a host whose clients use the sockets of `public`.
pub(super) fn files(public: &Public, open: &[String], program: &str) -> Vec<(String, Content)> {
    let texts = [
        FOLDERS.to_owned(),
        guard_socket(public),
        GUARD.replace("/usr/local/bin/dockward", program),
        engine_socket(open),
        ENGINE.to_owned(),
    ];
    let content = |text| Content { text, mode: 0o644 };
    paths().into_iter().zip(texts.map(content)).collect()
}

fn guard_socket(public: &Public) -> String {
    let listens: Vec<_> = public.paths.iter().map(|path| format!("ListenStream={path}")).collect();
    GUARD_SOCKET
        .replace("ListenStream=/run/docker.sock", &listens.join("\n"))
        .replace("SocketMode=0660", &format!("SocketMode={:04o}", public.mode))
        .replace("SocketUser=root", &format!("SocketUser={}", public.user))
        .replace("SocketGroup=docker", &format!("SocketGroup={}", public.group))
}

/// What stays open beside the socket goes on being opened.
fn engine_socket(open: &[String]) -> String {
    let mut text = ENGINE_SOCKET.to_owned();
    for address in open {
        text.push_str(&format!("ListenStream={address}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_there_to_be_filled_in() {
        let public = Public {
            paths: vec!["/run/docker.sock".into(), "/run/other.sock".into()],
            mode: 0o600,
            user: "ann".into(),
            group: "ops".into(),
        };
        let files = files(&public, &["2375".into()], "/usr/bin/dockward");
        let text = |at: usize| files[at].1.text.as_str();
        let both = "ListenStream=/run/docker.sock\nListenStream=/run/other.sock\n";
        assert!(text(1).contains(both));
        assert!(text(1).contains("SocketMode=0600\nSocketUser=ann\nSocketGroup=ops\n"));
        assert!(text(2).contains("ExecStart=/usr/bin/dockward guard run"));
        assert!(text(3).contains("ListenStream=\nListenStream=/run/dockward/engine/docker.sock\n"));
        assert!(text(3).ends_with("ListenStream=2375\n"));
        assert!(text(3).contains(super::super::ENGINE) && text(0).contains("/run/dockward/engine"));
    }
}
