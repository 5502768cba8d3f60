//! A guard between a test's caller and a test's engine.

use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::{
    Answering, Caller, Denial, End, Ended, Forward, Gate, Guard, Head, Limits, Listener, Outcome,
    Passage, Reply, Ruling, Taking,
};

/// Nothing in a test takes longer; a hung one fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A gate that lets everything through, as it is told to.
pub(super) struct Open {
    pub(super) taking: Taking,
    pub(super) answer: Answering,
    pub(super) told: fn(&str) -> Option<String>,
    pub(super) filter: fn(Vec<u8>) -> Result<Vec<u8>, Denial>,
    pub(super) outcomes: Mutex<Option<Sender<Outcome>>>,
    pub(super) met: Mutex<Vec<Head>>,
    pub(super) callers: Mutex<Vec<Arc<Caller>>>,
    pub(super) judged: Mutex<Vec<Vec<u8>>>,
}

impl Open {
    pub(super) fn new(taking: Taking, answer: Answering) -> Self {
        Self {
            taking,
            answer,
            told: |_| None,
            filter: Ok,
            outcomes: Mutex::default(),
            met: Mutex::default(),
            callers: Mutex::default(),
            judged: Mutex::default(),
        }
    }
}

struct Through {
    gate: Arc<Open>,
    forward: Forward,
    ended: usize,
}

/// So that the gate can be looked at from outside.
struct Shared(Arc<Open>);

impl Gate for Shared {
    fn meet(&self, caller: &Arc<Caller>, head: &Head) -> Result<Box<dyn Passage>, Denial> {
        self.0.callers.lock().unwrap().push(Arc::clone(caller));
        self.0.met.lock().unwrap().push(head.clone());
        match head.target.as_str() {
            "/denied" => return Err(Denial::new(403, "no\nnever")),
            "/panics" => panic!("as the test wants"),
            _ => {}
        }
        let answer = match (&self.0.answer, &head.upgrade) {
            (Answering::Upgrade { .. }, to) => Answering::Upgrade { to: to.clone() },
            (other, _) => other.clone(),
        };
        let forward = Forward {
            method: head.method.clone(),
            target: head.target.clone(),
            headers: vec![("X-Gate".into(), "1".into())],
            body: None,
            answer,
        };
        Ok(Box::new(Through { gate: Arc::clone(&self.0), forward, ended: 0 }))
    }
}

impl Passage for Through {
    fn taking(&self) -> Taking {
        self.gate.taking
    }

    fn judge(&mut self, body: &[u8]) -> Result<Ruling, Denial> {
        self.gate.judged.lock().unwrap().push(body.to_vec());
        match self.forward.target.as_str() {
            "/judged-badly" => return Err(Denial::new(403, "not this body")),
            "/judge-panics" => panic!("as the test wants"),
            "/made-up" => {
                let body = br#"{"Id":"1"}"#.to_vec();
                return Ok(Ruling::Answer(Reply { status: 201, body, switched_to: None }));
            }
            "/made-up-stream" => {
                let switched_to = Some("tcp".to_owned());
                return Ok(Ruling::Answer(Reply { status: 200, body: Vec::new(), switched_to }));
            }
            _ => {}
        }
        if self.gate.taking != Taking::Stream && !body.is_empty() {
            self.forward.body = Some(body.to_vec());
        }
        Ok(self.forward.clone().into())
    }

    fn filter(&mut self, _: u16, _: Option<&str>, body: Vec<u8>) -> Result<Vec<u8>, Denial> {
        (self.gate.filter)(body)
    }

    fn told(&self, name: &str, _: &[u8]) -> Option<String> {
        (self.gate.told)(name)
    }

    fn ended(&mut self, outcome: &Outcome) {
        self.ended += 1;
        assert_eq!(self.ended, 1, "told twice");
        if let Some(outcomes) = &*self.gate.outcomes.lock().unwrap() {
            let _ = outcomes.send(*outcome);
        }
    }
}

/// The guard, its socket, and the engine's.
pub(super) struct Stage {
    pub(super) gate: Arc<Open>,
    pub(super) engine: UnixListener,
    outcomes: Receiver<Outcome>,
    stop: Option<OwnedFd>,
    serving: Option<JoinHandle<Ended>>,
    folder: tempfile::TempDir,
}

impl Stage {
    pub(super) fn new(gate: Open) -> Self {
        Self::with(gate, Limits::default())
    }

    pub(super) fn with(gate: Open, limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = UnixListener::bind(folder.path().join("engine.sock")).unwrap();
        let listener = Listener::bind(&folder.path().join("guard.sock"), None).unwrap();
        Self::at(gate, limits, folder, engine, vec![listener])
    }

    /// With listeners of the test's own.
    pub(super) fn listening(gate: Open, listener: Listener) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = UnixListener::bind(folder.path().join("engine.sock")).unwrap();
        Self::at(gate, Limits::default(), folder, engine, vec![listener])
    }

    fn at(
        gate: Open,
        limits: Limits,
        folder: tempfile::TempDir,
        engine: UnixListener,
        listeners: Vec<Listener>,
    ) -> Self {
        let (sender, outcomes) = channel();
        *gate.outcomes.lock().unwrap() = Some(sender);
        let gate = Arc::new(gate);
        let guard = Guard::new(
            Arc::new(Shared(Arc::clone(&gate))),
            &folder.path().join("engine.sock"),
            limits,
        );
        let (stopped, stop) = rustix::pipe::pipe().unwrap();
        let serving = std::thread::spawn(move || guard.serve(&listeners, stopped.as_fd()).unwrap());
        Self { gate, engine, outcomes, stop: Some(stop), serving: Some(serving), folder }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("guard.sock")
    }

    pub(super) fn connect(&self) -> UnixStream {
        patient(UnixStream::connect(self.path()).unwrap())
    }

    /// Sends bytes on a connection of their own.
    pub(super) fn send(&self, bytes: impl AsRef<[u8]>) -> UnixStream {
        let mut caller = self.connect();
        caller.write_all(bytes.as_ref()).unwrap();
        caller
    }

    /// The connection that the guard opened to the engine.
    pub(super) fn accept(&self) -> UnixStream {
        patient(self.engine.accept().unwrap().0)
    }

    /// Whether nothing was sent to the engine.
    pub(super) fn nothing_came(&self) -> bool {
        self.engine.set_nonblocking(true).unwrap();
        let nothing = self.engine.accept().is_err();
        self.engine.set_nonblocking(false).unwrap();
        nothing
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.outcomes.recv_timeout(PATIENCE).expect("an outcome is told")
    }

    pub(super) fn end(&self) -> End {
        self.outcome().end
    }

    pub(super) fn no_outcome(&self) -> bool {
        self.outcomes.try_recv().is_err()
    }

    /// Tells the guard to stop.
    pub(super) fn stop(&mut self) {
        self.stop = None;
    }

    /// Waits until it has stopped.
    pub(super) fn stopped(&mut self) -> Ended {
        self.stop();
        self.serving.take().unwrap().join().unwrap()
    }
}

pub(super) fn patient(stream: UnixStream) -> UnixStream {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// All that comes until the other end closes.
pub(super) fn rest(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    // A reset after the bytes is an end too.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Bytes up to and with `end`.
pub(super) fn until(stream: &mut impl Read, end: &str) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let mut byte = [0];
        let read = stream.read(&mut byte).unwrap();
        assert_eq!(read, 1, "closed after {:?}", String::from_utf8_lossy(&bytes));
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

pub(super) const END: &str = "\r\n\r\n";

/// Whether the other end closed without another byte.
pub(super) fn closed(stream: &mut impl Read) -> bool {
    let mut byte = [0];
    !matches!(stream.read(&mut byte), Ok(1..) | Err(_))
        || {
            matches!(stream.read(&mut byte), Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset)
        }
}
