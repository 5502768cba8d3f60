//! A client that does what no docker command does.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::PATIENCE;

pub(super) struct Raw(pub(super) UnixStream);

impl Raw {
    pub(super) fn to(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(stream)
    }

    pub(super) fn send(&mut self, bytes: &str) {
        self.0.write_all(bytes.as_bytes()).unwrap();
    }

    /// What comes until the other end closes.
    pub(super) fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        match self.0.read_to_end(&mut bytes) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("the other end doesn't close: {error}"),
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What comes of one request on a connection of its own.
    pub(super) fn answer(socket: &Path, request: &str) -> String {
        let mut raw = Self::to(socket);
        raw.send(request);
        raw.rest()
    }

    /// The status of an answer that must come, and all of it.
    pub(super) fn ask(socket: &Path, request: &str) -> (u16, String) {
        let answer = Self::answer(socket, request);
        let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
        (status.unwrap_or_else(|| panic!("no answer: {answer:?}")), answer)
    }
}

pub(super) fn ping() -> String {
    "GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n".to_owned()
}

/// To make a container of this name.
pub(super) fn create(name: &str, host_config: &str) -> String {
    let image = crate::guard::IMAGE;
    let body = format!(r#"{{"Image":"{image}","Cmd":["true"],"HostConfig":{{{host_config}}}}}"#);
    format!(
        "POST /v1.41/containers/create?name={name} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
