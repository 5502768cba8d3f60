//! What the guard itself tells callers.

use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use crate::gate::{Denial, Reply};
use crate::http::request::is_token;
use crate::relay::Side;
use crate::stop::Stops;
use crate::wait;

/// How long a caller may take to read a message of ours.
const TAKEN: Duration = Duration::from_secs(10);
/// How long what a refused caller still sends is read, and thrown away.
const LINGER: Duration = Duration::from_secs(30);

/// A refusal as the engine's own errors look.
pub(crate) fn denial(denial: &Denial, head_only: bool, keep_alive: bool) -> Vec<u8> {
    let status = if (400..600).contains(&denial.status) { denial.status } else { 500 };
    let body = body(&denial.message);
    let close = if keep_alive { "" } else { "Connection: close\r\n" };
    let mut bytes = format!(
        "HTTP/1.1 {status} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{close}\r\n",
        reason(status),
        body.len()
    )
    .into_bytes();
    if !head_only {
        bytes.extend_from_slice(body.as_bytes());
    }
    bytes
}

/// What a gate answers in the engine's place.
pub(crate) fn own(reply: &Reply, head_only: bool, keep_alive: bool) -> Vec<u8> {
    if let Some(to) = reply.switched_to.as_deref().filter(|to| is_token(to.as_bytes())) {
        let head = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: ";
        return format!("{head}{to}\r\n\r\n").into_bytes();
    }
    let status = if (200..300).contains(&reply.status) { reply.status } else { 500 };
    let length = match status {
        204 => String::new(),
        _ => format!("Content-Type: application/json\r\nContent-Length: {}\r\n", reply.body.len()),
    };
    let close = if keep_alive { "" } else { "Connection: close\r\n" };
    let mut bytes =
        format!("HTTP/1.1 {status} {}\r\n{length}{close}\r\n", reason(status)).into_bytes();
    if !head_only && status != 204 {
        bytes.extend_from_slice(&reply.body);
    }
    bytes
}

/// One line, whatever was put in.
fn body(message: &str) -> String {
    let line: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("{}\n", serde_json::json!({ "message": line }))
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        411 => "Length Required",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Refused",
    }
}

/// Writes to the caller. Says whether it took all.
pub(crate) fn send(caller: &mut Side, bytes: &[u8], stops: &Stops) -> bool {
    let deadline = Instant::now().checked_add(TAKEN);
    let mut rest = bytes;
    while !rest.is_empty() || caller.wire.owes() {
        let written = if rest.is_empty() {
            caller.wire.flush().map(|()| 0)
        } else {
            caller.wire.write(&[std::io::IoSlice::new(rest)])
        };
        match written {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let end = Some((caller.wire.as_fd(), PollFlags::OUT));
                let [room, stopped] =
                    wait::wait([end, Some((stops.now.as_fd(), PollFlags::empty()))], deadline);
                if room.is_empty() || !stopped.is_empty() {
                    return false;
                }
            }
            Err(_) => return false,
        }
    }
    true
}

/// Closes once the caller has, so that one in the middle of a long body gets to read why it was
/// refused: its writing would otherwise fail first.
pub(crate) fn linger(caller: &mut Side, stops: &Stops) {
    caller.wire.end_writing();
    let deadline = Instant::now().checked_add(LINGER);
    loop {
        caller.inbox.clear();
        match caller.inbox.fill(&mut caller.wire) {
            Ok(0) => return,
            Ok(_) if deadline.is_some_and(|at| Instant::now() < at) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let end = Some((caller.wire.as_fd(), PollFlags::IN));
                let [ready, stopped] =
                    wait::wait([end, Some((stops.now.as_fd(), PollFlags::empty()))], deadline);
                if ready.is_empty() || !stopped.is_empty() {
                    return;
                }
            }
            _ => return,
        }
    }
}
