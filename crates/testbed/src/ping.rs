//! The smallest possible client: does the engine answer, who is it, which API does it speak.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// What `/_ping` said.
pub(crate) struct Pong {
    /// The `Api-Version` header.
    pub(crate) api_version: String,
    /// The daemon's process id as this process sees it (the socket's peer credentials).
    pub(crate) pid: u32,
}

const TIMEOUT: Duration = Duration::from_secs(5);
const LONGEST_ANSWER: u64 = 64 * 1024;

pub(crate) fn ping(socket: &Path) -> io::Result<Pong> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let peer = rustix::net::sockopt::socket_peercred(&stream)?;
    stream.write_all(b"GET /_ping HTTP/1.0\r\nHost: testbed\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(LONGEST_ANSWER).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    if answer.split_whitespace().nth(1) != Some("200") {
        return Err(io::Error::other(format!("no ping: {:?}", answer.lines().next())));
    }
    let api_version = header(&answer, "api-version").unwrap_or_default();
    Ok(Pong { api_version, pid: peer.pid.as_raw_nonzero().get().unsigned_abs() })
}

fn header(answer: &str, wanted: &str) -> Option<String> {
    let line = answer.lines().skip(1).take_while(|line| !line.is_empty());
    line.filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.trim().to_owned())
}
