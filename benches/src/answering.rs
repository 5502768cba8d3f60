//! An engine that does nothing but answer.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

/// Bytes that are streamed in one go.
pub const LENGTH: usize = 2_000_000_000;
/// As the engine's `save` writes (Go's `io.Copy`).
pub const PIECE: usize = 32 * 1024;
/// What the engine says of an image that it doesn't have.
pub const MISSING: &str = r#"{"message":"No such image: web:latest"}"#;

/// Answers `/_ping`, `/events`, `/images/get` and `/images/load` as an engine frames them, `create` with 404, and what
/// the guard asks first.
///
/// # Errors
/// When it can't listen at the path.
pub fn engine(path: &Path) -> io::Result<()> {
    for stream in UnixListener::bind(path)?.incoming() {
        let stream = stream?;
        let answering = std::thread::Builder::new().stack_size(256 * 1024);
        answering.spawn(move || {
            // Who goes away is not answered.
            let _ = answer(stream);
        })?;
    }
    Ok(())
}

fn answer(mut stream: UnixStream) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(PIECE, stream.try_clone()?);
    loop {
        let mut line = String::new();
        let mut head = String::new();
        while line != "\r\n" {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            head.push_str(&line);
        }
        if is(&head, "GET", "/_ping") {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\nApi-Version: 1.45\r\nCache-Control: no-cache, no-store, must-revalidate\r\n\
                  Content-Type: text/plain; charset=utf-8\r\nDocker-Experimental: false\r\nOstype: linux\r\n\
                  Server: Docker/26.1.5 (linux)\r\nDate: Sat, 28 Nov 2026 17:00:00 GMT\r\nContent-Length: 2\r\n\r\nOK",
            )?;
        } else if is(&head, "GET", "/events") {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
                  13\r\n{\"status\":\"start\"}\n\r\n",
            )?;
        } else if is(&head, "GET", "/images/get") {
            return save(stream);
        } else if is(&head, "POST", "/containers/create") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            io::copy(&mut reader.by_ref().take(length.unwrap_or_default()), &mut io::sink())?;
            document(&mut stream, "404 Not Found", MISSING)?;
        } else if is(&head, "GET", "/networks") {
            document(&mut stream, "200 OK", "[]")?;
        } else if is(&head, "GET", "/version") || is(&head, "GET", "/info") {
            document(&mut stream, "200 OK", ITSELF)?;
        } else {
            let mut left = LENGTH;
            while left > 0 {
                let count = reader.fill_buf()?.len().min(left);
                reader.consume(count);
                left -= count;
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")?;
        }
    }
}

/// What `/info` and `/version` have that is asked for.
const ITSELF: &str = r#"{"Version":"26.1.5","ApiVersion":"1.45","MinAPIVersion":"1.24","SecurityOptions":["name=seccomp,profile=builtin","name=cgroupns"],"CgroupVersion":"2","DefaultRuntime":"runc","Runtimes":{"runc":{"path":"runc"}},"DockerRootDir":"/var/lib/docker"}"#;

/// With or without the version, which the guard always names.
fn is(head: &str, method: &str, path: &str) -> bool {
    let target =
        head.strip_prefix(method).and_then(|rest| rest.trim_start().split([' ', '?']).next());
    target.is_some_and(|target| target.strip_prefix("/v1.45").unwrap_or(target) == path)
}

fn document(stream: &mut UnixStream, status: &str, body: &str) -> io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

fn save(mut stream: UnixStream) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-tar\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")?;
    let piece = [&b"8000\r\n"[..], &[b'x'; PIECE], b"\r\n"].concat();
    for _ in 0..LENGTH / PIECE {
        stream.write_all(&piece)?;
    }
    stream.write_all(b"0\r\n\r\n")
}
