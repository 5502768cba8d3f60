//! What many write first: a proxy that looks for `HostConfig.Privileged` by its exact key on the exact path.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;

/// Bodies beyond that are let through unseen, as an authorization plugin of 20.10 lets them.
const LARGEST: usize = 1 << 20;

/// Listens on a socket of its own in `folder` until the test's process ends, and gives its path.
pub(crate) fn serve(engine: &Path, folder: &Path) -> PathBuf {
    let socket = folder.join("naive.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let engine = engine.to_owned();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let engine = engine.clone();
            // A connection that breaks concerns nobody else.
            thread::spawn(move || pass(client, &engine));
        }
    });
    socket
}

/// Reads one request as far as it understands it, judges it, and lets everything through afterwards.
fn pass(mut client: UnixStream, engine: &Path) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    while !is_complete(&bytes) {
        let read = client.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        bytes.extend_from_slice(&buffer[..read]);
    }
    if is_privileged(&bytes) {
        let message = br#"{"message":"privileged containers are not allowed"}"#;
        let head = format!("HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\n\r\n", message.len());
        return client.write_all(&[head.as_bytes(), message].concat());
    }
    let mut upstream = UnixStream::connect(engine)?;
    upstream.write_all(&bytes)?;
    let (mut from_client, mut to_engine) = (client.try_clone()?, upstream.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from_client, &mut to_engine);
        to_engine.shutdown(Shutdown::Write)
    });
    io::copy(&mut upstream, &mut client)?;
    client.shutdown(Shutdown::Both)
}

fn is_complete(bytes: &[u8]) -> bool {
    match parts(bytes) {
        Some((_, _, length, body)) => body.len() >= length || length > LARGEST,
        None => false,
    }
}

fn is_privileged(bytes: &[u8]) -> bool {
    let Some((method, target, _, body)) = parts(bytes) else { return false };
    let path = target.split('?').next().unwrap();
    let path = match path.strip_prefix("/v").and_then(|rest| rest.split_once('/')) {
        Some((_, rest)) => rest,
        None => path.trim_start_matches('/'),
    };
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    method == "POST" && path == "containers/create" && json["HostConfig"]["Privileged"] == true
}

/// Method, target, length and as much of the body as is there.
fn parts(bytes: &[u8]) -> Option<(String, String, usize, &[u8])> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(bytes).ok()? else { return None };
    let length = request.headers.iter().find(|one| one.name == "Content-Length");
    let length = length.and_then(|one| std::str::from_utf8(one.value).ok()?.trim().parse().ok());
    let (method, target) = (request.method?.to_owned(), request.path?.to_owned());
    Some((method, target, length.unwrap_or(0), &bytes[head..]))
}
