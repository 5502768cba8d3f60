//! What can go wrong between us and an engine.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::tls::TlsFault;
use crate::version::ApiVersion;

/// What failed, and on what. What mends it is in [`Error::hint`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing is at any of the places where an engine listens.
    #[error("no engine's socket at {}", list(.tried))]
    NoSocket {
        /// The paths, in the order in which they were tried.
        tried: Vec<PathBuf>,
    },
    /// Something else than a socket is there.
    #[error("`{}` is not a socket", .path.display())]
    NotASocket {
        /// Where.
        path: PathBuf,
    },
    /// This user may not open the socket.
    #[error("not allowed to open the engine's socket `{}`", .path.display())]
    Denied {
        /// Where.
        path: PathBuf,
    },
    /// The socket is there, but nobody listens on it.
    #[error("nobody listens on the engine's socket `{}`", .path.display())]
    Refused {
        /// Where.
        path: PathBuf,
    },
    /// Connecting failed otherwise.
    #[error("cannot connect to the engine's socket `{}`: {source}", .path.display())]
    Connect {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The name of the engine's host has no address.
    #[error("cannot find the host of {place}: {source}")]
    Unresolved {
        /// Such as `tcp://db-1:2376`.
        place: String,
        /// Why.
        source: io::Error,
    },
    /// No connection to the engine's port.
    #[error("cannot connect to {place} ({}): {source}", .address.ip())]
    Unreachable {
        /// Such as `tcp://db-1:2376`.
        place: String,
        /// The last address that was tried.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// No TLS with the engine.
    #[error("{place}: {fault}")]
    Tls {
        /// Such as `tcp://db-1:2376`.
        place: String,
        /// Why.
        fault: TlsFault,
    },
    /// `ssh` came to nothing.
    #[error("{place}: {said}")]
    Ssh {
        /// Such as `ssh://ops@web-7`.
        place: String,
        /// What it said: its first 300 characters without control characters.
        said: String,
    },
    /// There is no `ssh` here.
    #[error("{place} cannot be reached: there is no program `ssh` in PATH")]
    NoSsh {
        /// Such as `ssh://ops@web-7`.
        place: String,
    },
    /// A file that says how to reach the engine cannot be used.
    #[error("cannot use `{}`: {why}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A name that no context can have.
    #[error("`{name}` can be no Docker context's name")]
    BadContext {
        /// What was given, without control characters.
        name: String,
    },
    /// The context that was named is not there.
    #[error("there is no Docker context `{name}`, {}", others(.known))]
    NoContext {
        /// Its name.
        name: String,
        /// The names of those that are there.
        known: Vec<String>,
    },
    /// An address of a kind that this version cannot reach.
    #[error("{kind} is not supported by this version")]
    Unsupported {
        /// Such as "an engine at npipe://".
        kind: String,
    },
    /// An address that says nothing.
    #[error("`{value}` is not an engine's address: {why}")]
    BadAddress {
        /// What was given, without control characters.
        value: String,
        /// What is wrong about it.
        why: &'static str,
    },
    /// No answer, or not all of it, came in time.
    #[error("{what}: no whole answer within {} ms", .after.as_millis())]
    TimedOut {
        /// What was asked.
        what: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// All that was to be asked took too long together.
    #[error("{what}: not asked to the end, the {} ms for all questions are over", .after.as_millis())]
    OutOfTime {
        /// What was asked.
        what: String,
        /// How long all took.
        after: Duration,
    },
    /// Something was larger than this engine may send.
    #[error("{what}: {part} larger than {limit} bytes")]
    TooLarge {
        /// What was asked.
        what: String,
        /// `a body`, `headers`, `a request`, …
        part: &'static str,
        /// How large it may be, in bytes.
        limit: usize,
    },
    /// The answer's JSON is nested too deeply.
    #[error("{what}: JSON nested more than {limit} levels deep")]
    TooDeep {
        /// What was asked.
        what: String,
        /// How deep it may be.
        limit: usize,
    },
    /// The connection ended within an answer.
    #[error("{what}: the engine closed the connection within its answer, after {got} bytes")]
    ClosedEarly {
        /// What was asked.
        what: String,
        /// Bytes of this answer that did arrive.
        got: usize,
    },
    /// What answers does not speak HTTP as an engine does.
    #[error("{what}: not an answer in HTTP: {why}")]
    NotHttp {
        /// What was asked.
        what: String,
        /// What is wrong about it.
        why: String,
    },
    /// The answer is compressed, which was not asked for.
    #[error("{what}: the answer is encoded as `{encoding}`, which was not asked for")]
    Encoded {
        /// What was asked.
        what: String,
        /// The header's value, without control characters.
        encoding: String,
    },
    /// The answer is not JSON, or its JSON is not what this question is answered with.
    #[error("{what}: not the JSON that was expected: {why}")]
    NotJson {
        /// What was asked.
        what: String,
        /// What is wrong about it.
        why: String,
    },
    /// What was asked for is not there, or is no longer there: between a list and an inspection
    /// a container may vanish. Go on with the others.
    #[error("{what}: gone")]
    Gone {
        /// What was asked.
        what: String,
    },
    /// The engine refused.
    #[error("{what}: the engine answered {status}{}", said(.message))]
    Status {
        /// What was asked.
        what: String,
        /// The HTTP status.
        status: u16,
        /// The engine's message: its first 200 characters without control characters.
        message: String,
    },
    /// The engine is too old.
    #[error(
        "the engine speaks version {newest} of its API, {} is the oldest supported",
        ApiVersion::OLDEST
    )]
    TooOld {
        /// The newest version that it speaks.
        newest: ApiVersion,
    },
    /// Another process, or another certificate, answers than at the start, so that its answers
    /// are no evidence of the same engine.
    #[error("{what}: another process or certificate answers there now than at the start")]
    PeerChanged {
        /// What was asked.
        what: String,
    },
    /// Reading or writing failed otherwise.
    #[error("{what}: {source}")]
    Io {
        /// What was asked.
        what: String,
        /// Why.
        source: io::Error,
    },
}

/// Go's HTTP server answers so where plain HTTP meets TLS.
const WANTS_TLS: &str = "the engine wants TLS: set DOCKER_TLS_VERIFY=1, with ca.pem, cert.pem and \
                         key.pem in $DOCKER_CERT_PATH or ~/.docker";

impl Error {
    /// What mends it, where somebody at the keyboard can.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoSocket { .. } => {
                "is Docker installed, and does it run? `systemctl status docker` tells; an engine \
                 elsewhere is named with --host or DOCKER_HOST=unix:///path/to/docker.sock"
            }
            Self::NotASocket { .. } => {
                "something was made in the socket's place, often by a bind mount of a path that \
                 was not there; remove it and restart Docker"
            }
            Self::Denied { .. } => {
                "run it again with sudo: `sudo dockward check`. Membership of the `docker` group \
                 would do too, but it is equal to being root on this host"
            }
            Self::Refused { .. } => {
                "the socket's file is left over from an engine that no longer runs: start it, \
                 with `sudo systemctl start docker`"
            }
            Self::Unsupported { .. } => {
                "name the engine as unix:///path/to/docker.sock, tcp://host:2376 or \
                 ssh://user@host, with --host or DOCKER_HOST"
            }
            Self::Unresolved { .. } => "is the name spelled right, and does this host resolve it?",
            Self::Unreachable { .. } => {
                "does the engine listen on this port, and does every firewall between let it \
                 through? 2376 is usual with TLS, 2375 without"
            }
            Self::Tls { fault, .. } => return fault.hint(),
            Self::Ssh { said, .. } => return ssh_hint(said),
            Self::NoSsh { .. } => "install OpenSSH's client, or run dockward on the engine's host",
            Self::Unreadable { .. } => {
                "it must be a file that this user may read, as the docker command writes or takes \
                 it"
            }
            Self::BadContext { .. } | Self::NoContext { .. } => {
                "`docker context ls` lists them; root's are others than yours"
            }
            Self::BadAddress { .. } => {
                "write it as unix:///path/to/docker.sock, tcp://host:2376 or ssh://user@host"
            }
            Self::TimedOut { .. } | Self::OutOfTime { .. } => {
                "the engine hangs or is overloaded: `journalctl -u docker` may say why"
            }
            Self::TooOld { .. } => {
                "update the engine: Docker 20.10 and Podman 4.2 are the oldest releases supported"
            }
            Self::PeerChanged { .. } => "was Docker restarted meanwhile? Run it again",
            Self::Status { status: 400, message, .. } if message.contains("HTTPS") => WANTS_TLS,
            Self::NotHttp { .. } => {
                "is it a Docker engine that listens there? Over TCP, one that wants TLS is asked \
                 with DOCKER_TLS_VERIFY=1"
            }
            Self::Encoded { .. } | Self::NotJson { .. } => {
                "is it a Docker engine that listens there?"
            }
            Self::TooLarge { .. } | Self::TooDeep { .. } => {
                "no engine answers so: is it a Docker engine that listens there?"
            }
            _ => return None,
        })
    }

    /// Whether only the thing asked for is gone, while the engine itself is well.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Gone { .. })
    }
}

/// What mends it, by what OpenSSH, the shell and `docker system dial-stdio` over there say.
fn ssh_hint(said: &str) -> Option<&'static str> {
    const NOT_ALLOWED: &str =
        "that user may not use Docker over there: name another, as ssh://user@host";
    const NO_ENGINE: &str = "no engine listens at that socket over there: is it running? Another \
                             socket is named as ssh://user@host/path/to/docker.sock";
    let hints = [
        ("Host key verification failed", "log in once by hand, to see and accept the host's key"),
        (
            "command not found",
            "the docker command must be installed there, in a directory of PATH that is set without \
             a login",
        ),
        ("permission denied while trying to connect", NOT_ALLOWED),
        ("connect: permission denied", NOT_ALLOWED),
        ("connect: no such file or directory", NO_ENGINE),
        ("connect: connection refused", NO_ENGINE),
        (
            "Permission denied",
            "ssh must get in without asking: load the key into an agent, or name it in \
             ~/.ssh/config. With sudo, root's keys and configuration count",
        ),
        ("Connection refused", "does sshd listen there, on this port?"),
        ("Could not resolve", "is the name spelled right, and does this host resolve it?"),
    ];
    hints.iter().find(|(text, _)| said.contains(text)).map(|(_, hint)| *hint)
}

fn others(known: &[String]) -> String {
    if known.is_empty() {
        return "nor any other".to_owned();
    }
    let all: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("only {}", all.join(", "))
}

fn list(paths: &[PathBuf]) -> String {
    let all: Vec<_> = paths.iter().map(|p| format!("`{}`", p.display())).collect();
    all.join(", ")
}

fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

/// A text of the other side's as we may print it: at most `most` characters, and none that
/// controls a terminal or the direction of writing.
pub(crate) fn plain(text: &str, most: usize) -> String {
    let mut plain: String = text.chars().filter(|&c| !controls(c)).take(most + 1).collect();
    if let Some((end, _)) = plain.char_indices().nth(most) {
        plain.truncate(end);
        plain.push('…');
    }
    plain
}

fn controls(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_the_other_side_loses_its_escapes_and_its_length() {
        assert_eq!(plain("a\u{1b}[31mb\r\nc\u{202e}d", 80), "a[31mbcd");
        assert_eq!(plain(&"é".repeat(300), 200), format!("{}…", "é".repeat(200)));
        assert_eq!(plain(&"x".repeat(200), 200), "x".repeat(200));
    }

    #[test]
    fn a_missing_socket_is_told_with_every_path_that_was_tried() {
        let error = Error::NoSocket { tried: vec!["/a".into(), "/b".into()] };
        assert_eq!(error.to_string(), "no engine's socket at `/a`, `/b`");
        assert!(error.hint().unwrap().contains("installed"));
    }

    #[test]
    fn a_denied_socket_hints_at_sudo_and_at_what_the_group_means() {
        let hint = Error::Denied { path: "/a".into() }.hint().unwrap();
        assert!(hint.contains("sudo dockward check"));
        assert!(hint.contains("equal to being root"));
    }
}
