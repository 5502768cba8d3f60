//! The yardstick of our benchmark: the `GET`s that a snapshot needs, as barely as they can be
//! sent. One connection, one question after another, bodies read and not looked at but for the
//! ids in the two lists. No deadlines, no caps: not a client for anything else.
//!
//! `cargo run --release -p dockward-engine --example bare_gets -- [SOCKET [RUNS]]` prints, for
//! each run, the number of requests, the bytes of their bodies and the wall time.

use std::env;
use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let mut arguments = env::args().skip(1);
    let socket = arguments.next().unwrap_or("/var/run/docker.sock".into());
    let runs: usize = arguments.next().map_or(Ok(1), |runs| runs.parse())?;
    let mut out = io::stdout().lock();
    for _ in 0..runs {
        let started = Instant::now();
        let mut bare = Bare::connect(&socket)?;
        bare.snapshot()?;
        let took = started.elapsed().as_secs_f64() * 1000.0;
        let Bare { requests, bytes, .. } = bare;
        writeln!(out, "{requests} requests, {bytes} bytes, {took:.1} ms")?;
    }
    Ok(())
}

/// One connection, and what went over it.
struct Bare {
    stream: BufReader<UnixStream>,
    requests: usize,
    bytes: usize,
}

impl Bare {
    fn connect(socket: &str) -> Outcome<Self> {
        let stream = BufReader::with_capacity(32 * 1024, UnixStream::connect(socket)?);
        Ok(Self { stream, requests: 0, bytes: 0 })
    }

    fn snapshot(&mut self) -> Outcome<()> {
        for path in ["/info", "/version", "/networks", "/volumes", "/plugins"] {
            self.get(path)?;
        }
        for id in ids(&self.get("/containers/json?all=1")?) {
            self.get(&format!("/containers/{id}/json"))?;
        }
        for id in ids(&self.get("/images/json")?) {
            self.get(&format!("/images/{id}/json"))?;
            self.get(&format!("/images/{id}/history"))?;
        }
        Ok(())
    }

    fn get(&mut self, path: &str) -> Outcome<Vec<u8>> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: docker\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes())?;
        let length = self.head()?;
        let mut body = Vec::new();
        match length {
            Some(length) => self.take(length, &mut body)?,
            None => self.chunks(&mut body)?,
        }
        self.requests += 1;
        self.bytes += body.len();
        Ok(body)
    }

    /// The body's length; none for a chunked one.
    fn head(&mut self) -> Outcome<Option<usize>> {
        let status = self.line()?;
        if !status.starts_with("HTTP/1.1 200") {
            return Err(status.into());
        }
        let mut length = None;
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                return Ok(length);
            }
            if let Some(text) = line.strip_prefix("content-length:") {
                length = Some(text.trim().parse()?);
            }
        }
    }

    fn chunks(&mut self, body: &mut Vec<u8>) -> Outcome<()> {
        loop {
            let size = usize::from_str_radix(&self.line()?, 16)?;
            self.take(size, body)?;
            self.line()?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err("closed early".into());
        }
        Ok(line.trim_end().to_owned())
    }

    fn take(&mut self, count: usize, body: &mut Vec<u8>) -> Outcome<()> {
        let start = body.len();
        body.resize(start + count, 0);
        let space = body.get_mut(start..).unwrap_or_default();
        Ok(self.stream.read_exact(space)?)
    }
}

/// The ids in a list, in the spelling in which an engine writes its JSON.
fn ids(list: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(list);
    let after = text.split("\"Id\":\"").skip(1);
    after.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}
