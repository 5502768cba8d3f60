//! Entries and checkpoints to the system's log (RFC 5424 over the datagram socket).

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::{Publish, lines};

/// The usual socket.
const SOCKET: &str = "/dev/log";
/// Facility 13 (log audit), severity 5 (notice): RFC 5424, section 6.2.1.
const PRIORITY: u8 = 13 * 8 + 5;
/// How long the log may take nothing.
const TRY: Duration = Duration::from_secs(2);

/// Sends entries and checkpoints to the system's log, each as one message of JSON.
#[derive(Debug)]
pub struct Syslog {
    path: PathBuf,
    host: String,
    socket: Option<UnixDatagram>,
}

impl Default for Syslog {
    fn default() -> Self {
        Self::at(Path::new(SOCKET))
    }
}

impl Syslog {
    /// Sends to that socket.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let printable = |c: char| c.is_ascii_graphic();
        // RFC 5424, section 6: printable, 255 characters, a hyphen where there is none.
        let host: String = host.chars().filter(|c| printable(*c)).take(255).collect();
        let host = if host.is_empty() { "-".to_owned() } else { host };
        Self { path: path.to_owned(), host, socket: None }
    }

    fn send(&mut self, kind: &str, message: &str) -> Result<(), String> {
        let (now, pid) = (Timestamp::now(), std::process::id());
        let time = now.strftime("%Y-%m-%dT%H:%M:%S%.6fZ");
        let host = &self.host;
        let line = format!("<{PRIORITY}>1 {time} {host} dockward {pid} {kind} - {message}");
        let sent = self.connected().and_then(|socket| socket.send(line.as_bytes()));
        if sent.is_err() {
            // The log may have been started anew: the next message asks for its new socket.
            self.socket = None;
        }
        sent.map(|_| ()).map_err(|error| error.to_string())
    }

    fn connected(&mut self) -> std::io::Result<&UnixDatagram> {
        if self.socket.is_none() {
            let socket = UnixDatagram::unbound()?;
            socket.set_write_timeout(Some(TRY))?;
            socket.connect(&self.path)?;
            self.socket = Some(socket);
        }
        self.socket.as_ref().ok_or_else(|| std::io::ErrorKind::NotConnected.into())
    }
}

impl Publish for Syslog {
    fn name(&self) -> String {
        format!("syslog at {}", self.path.display())
    }

    fn checkpoint(&mut self, note: &str) -> Result<(), String> {
        self.send("checkpoint", &lines::checkpoint(note))
    }

    fn entry(&mut self, line: &str) -> Result<(), String> {
        self.send("entry", line)
    }
}
