//! A false engine for tests, which does with each question what its script says.

pub(crate) mod tls;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::{Client, Deadlines, Endpoint, Error, Limits};

/// One thing that the engine does.
#[derive(Clone)]
pub(crate) enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes one at a time, with a pause before each.
    Drip(Vec<u8>, Duration),
    /// Sends the same bytes until nobody listens.
    Flood(Vec<u8>),
    /// Does nothing until the client goes.
    Hang,
    /// Closes the connection.
    Close,
}

/// What the engine was asked: the connection's number, and the request's first line.
pub(crate) type Asked = Arc<Mutex<Vec<(usize, String)>>>;

pub(crate) struct Scripted {
    _dir: TempDir,
    pub(crate) path: PathBuf,
    asked: Asked,
}

impl Scripted {
    /// Starts an engine whose script is given the path of each question.
    pub(crate) fn start(script: impl Fn(&str) -> Vec<Act> + Send + Sync + 'static) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("docker.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let asked = Asked::default();
        let (script, log) = (Arc::new(script), Arc::clone(&asked));
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (script, log) = (Arc::clone(&script), Arc::clone(&log));
                thread::spawn(move || serve(number, &mut stream.unwrap(), &*script, &log));
            }
        });
        let _dir = dir;
        Self { _dir, path, asked }
    }

    /// One that answers `/_ping` well, and everything else as the script says.
    pub(crate) fn after_ping(script: impl Fn(&str) -> Vec<Act> + Send + Sync + 'static) -> Self {
        Self::start(move |path| match path {
            "/_ping" => pong("Api-Version: 1.43\r\n"),
            _ => script(path),
        })
    }

    /// One that answers `/_ping` well, and everything else with this.
    pub(crate) fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::after_ping(move |_| vec![Act::Send(bytes.clone()), Act::Close])
    }

    pub(crate) fn asked(&self) -> Vec<(usize, String)> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn connect(&self, limits: Limits) -> Result<Client, Error> {
        Client::connect(Endpoint::Unix(self.path.clone()), limits)
    }

    pub(crate) fn client(&self) -> Client {
        self.connect(patient()).unwrap()
    }
}

/// Limits for a test in which a deadline is to pass.
pub(crate) fn short() -> Limits {
    let mut limits = patient();
    limits.deadlines.answer = Duration::from_millis(400);
    limits
}

/// Limits for a test in which none is to pass, however busy the machine is.
pub(crate) fn patient() -> Limits {
    let slow = Duration::from_secs(20);
    let deadlines = Deadlines { connect: slow, answer: slow, overall: slow };
    Limits { deadlines, ..Limits::default() }
}

pub(crate) fn pong(headers: &str) -> Vec<Act> {
    let text = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 2\r\n\r\nOK");
    vec![Act::Send(text.into_bytes())]
}

/// A whole answer with a length.
pub(crate) fn reply(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// The same, sent and the connection kept.
pub(crate) fn ok(body: &str) -> Vec<Act> {
    vec![Act::Send(reply(200, body))]
}

/// What an engine listens to.
pub(crate) trait Wire: Read + Write {}

impl<T: Read + Write> Wire for T {}

/// Starts an engine at a port of the loopback interface, and says which. `over` makes of a
/// connection what is spoken in it.
pub(crate) fn on_tcp(
    over: impl Fn(TcpStream) -> Box<dyn Wire> + Send + Sync + 'static,
    script: impl Fn(&str) -> Vec<Act> + Send + Sync + 'static,
) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (over, script) = (Arc::new(over), Arc::new(script));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (over, script) = (Arc::clone(&over), Arc::clone(&script));
            thread::spawn(move || {
                serve(0, &mut *over(stream.unwrap()), &*script, &Asked::default());
            });
        }
    });
    port
}

fn serve(number: usize, stream: &mut dyn Wire, script: &dyn Fn(&str) -> Vec<Act>, log: &Asked) {
    while let Some(line) = request_line(stream) {
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        log.lock().unwrap().push((number, line));
        for act in script(&path) {
            if !act.done(stream) {
                return;
            }
        }
    }
}

fn request_line(stream: &mut dyn Wire) -> Option<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        request.extend(byte);
    }
    let text = String::from_utf8(request).unwrap();
    text.lines().next().map(str::to_owned)
}

impl Act {
    /// Does it. False where the connection is at its end.
    fn done(&self, stream: &mut dyn Wire) -> bool {
        match self {
            Self::Send(bytes) => stream.write_all(bytes).is_ok(),
            Self::Drip(bytes, pause) => bytes.iter().all(|byte| {
                thread::sleep(*pause);
                stream.write_all(&[*byte]).is_ok()
            }),
            Self::Flood(bytes) => {
                while stream.write_all(bytes).is_ok() {}
                false
            }
            Self::Hang => {
                let _ = stream.read(&mut [0]);
                false
            }
            Self::Close => false,
        }
    }
}
