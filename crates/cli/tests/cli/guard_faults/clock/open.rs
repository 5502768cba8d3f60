//! What is open while the clock is set: streams of each kind, half of a body, an idle connection; and where checkpoints
//! are sent meanwhile.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use dockward_testbed::{Authority, Engine};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::super::raw::{Raw, create};
use super::super::{PATIENCE, until};
use crate::guard::{Guarded, IMAGE};

/// A docker command whose output comes line by line.
struct Stream {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Stream {
    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let _ = output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line));
        });
        Self { input: child.stdin.take(), child, lines }
    }

    fn next(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("the stream stands still")
    }

    fn ends(&mut self) {
        drop(self.input.take());
        until("the stream does not end", || self.child.try_wait().unwrap().is_some());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// All that is open.
pub(super) struct Open {
    logs: Stream,
    events: Stream,
    exec: Stream,
    /// A connection that has asked before.
    idle: Raw,
}

impl Open {
    pub(super) fn all(guarded: &Guarded, secured: &Secured) -> Self {
        let run = |name, script: &str| {
            guarded.engine.docker_ok(&["run", "-d", "--name", name, IMAGE, "sh", "-c", script]);
        };
        run("web", "exec sleep 600");
        run("ticker", "while [ ! -e /end ]; do echo tick; sleep 0.1; done");
        let mut open = Self {
            logs: Stream::start(guarded.command(&["logs", "-f", "ticker"])),
            // Whose certificate is looked at once, when it connects.
            events: Stream::start(secured.docker(&["events", "--format", "{{.Action}}"])),
            exec: Stream::start(guarded.command(&["exec", "-i", "web", "cat"])),
            idle: Raw::to(&guarded.socket()),
        };
        open.goes_on(guarded);
        open
    }

    /// Both ways where there are two.
    pub(super) fn goes_on(&mut self, guarded: &Guarded) {
        while self.logs.lines.try_recv().is_ok() {}
        assert_eq!(self.logs.next(), "tick", "one that was not there before");
        writeln!(self.exec.input.as_mut().unwrap(), "echoed").unwrap();
        assert_eq!(self.exec.next(), "echoed");
        // The engine tells nothing of what was before it was asked.
        until("no event is told", || {
            guarded.engine.docker_ok(&["tag", IMAGE, "seen:1"]);
            self.events.lines.recv_timeout(PATIENCE / 100).is_ok()
        });
        self.idle.send("GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n");
        let (mut answer, mut byte) = (Vec::new(), [0]);
        while !answer.ends_with(b"\r\n\r\nOK") {
            self.idle.0.read_exact(&mut byte).unwrap();
            answer.extend(byte);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    }

    /// Each by itself, as it would have.
    pub(super) fn ends(&mut self, guarded: &Guarded) {
        guarded.engine.docker_ok(&["exec", "ticker", "touch", "/end"]);
        self.logs.ends();
        self.exec.ends();
    }
}

/// Half of what makes a container.
pub(super) struct HalfABody {
    raw: Raw,
    rest: String,
}

impl HalfABody {
    pub(super) fn sent(guarded: &Guarded, turn: usize) -> Self {
        let mut raw = Raw::to(&guarded.socket());
        let mut begun = create(&format!("slow-{turn}"), "");
        let rest = begun.split_off(begun.len() - 10);
        raw.send(&begun);
        Self { raw, rest }
    }

    pub(super) fn goes_on(mut self) {
        self.raw.send(&self.rest);
        let made = self.raw.rest();
        assert!(made.starts_with("HTTP/1.1 201 "), "{made}");
    }
}

/// Certificates of these years, and the port at which they are asked for.
pub(super) struct Secured {
    engine_root: std::path::PathBuf,
    address: String,
}

impl Secured {
    const FOLDER: &str = "root/certificates";

    pub(super) fn made(engine: &Engine) -> Self {
        let authority = Authority::new();
        let year = i32::from(Timestamp::now().to_zoned(TimeZone::UTC).year());
        let (server, client) = (authority.server(), authority.client("ci", year - 1..year + 2));
        let folder = engine.root().join(Self::FOLDER);
        fs::create_dir_all(&folder).unwrap();
        let (server_key, client_key) = (server.key_pem(), client.key_pem());
        for (name, pem) in [
            ("ca.pem", authority.pem()),
            ("server.pem", server.pem()),
            ("server-key.pem", server_key),
            ("cert.pem", client.pem()),
            ("key.pem", client_key),
        ] {
            fs::write(folder.join(name), pem).unwrap();
        }
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { engine_root: engine.root().to_path_buf(), address: free.to_string() }
    }

    /// Has a guard listen there.
    pub(super) fn listens(&self, command: &mut Command) {
        command.args(["--listen-tls", &self.address]);
        for (option, name) in [
            ("--tls-cert", "server.pem"),
            ("--tls-key", "server-key.pem"),
            ("--tls-clients", "ca.pem"),
        ] {
            command.arg(option).arg(self.engine_root.join(Self::FOLDER).join(name));
        }
    }

    /// The docker command of who has the certificate. It goes by the true time.
    pub(super) fn docker(&self, words: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command.arg("60").arg("chroot").arg(&self.engine_root).arg("docker");
        command.args(["-H", &format!("tcp://{}", self.address), "--tlsverify"]).args(words);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("HOME", "/root");
        command.env("DOCKER_CERT_PATH", format!("/{}", Self::FOLDER)).stdin(Stdio::null());
        command
    }
}

/// Takes checkpoints at an address.
pub(super) struct Checkpoints {
    pub(super) url: String,
    notes: Arc<Mutex<Vec<String>>>,
}

impl Checkpoints {
    pub(super) fn taken() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/checkpoints", listener.local_addr().unwrap());
        let notes = Arc::<Mutex<Vec<String>>>::default();
        let taken = Arc::clone(&notes);
        std::thread::spawn(move || {
            'connections: for mut stream in listener.incoming().map_while(Result::ok) {
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                let (mut text, mut piece) = (Vec::new(), [0; 4096]);
                // A note ends with its signature in base64.
                while !text.ends_with(b"=\n") {
                    match stream.read(&mut piece) {
                        Ok(count) if count > 0 => text.extend_from_slice(&piece[..count]),
                        _ => continue 'connections,
                    }
                }
                let text = String::from_utf8(text).unwrap();
                let note = text.split_once("\r\n\r\n").unwrap().1.to_owned();
                taken.lock().unwrap().push(note);
                let _ = write!(stream, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
            }
        });
        Self { url, notes }
    }

    pub(super) fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap().clone()
    }

    /// How many entries each of them has (C2SP tlog-checkpoint: the second line).
    pub(super) fn sizes(&self) -> Vec<u64> {
        self.notes().iter().map(|note| note.lines().nth(1).unwrap().parse().unwrap()).collect()
    }
}
