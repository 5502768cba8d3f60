//! A fake engine on a Unix socket that answers as scripted, and misbehaves as scripted.

mod behaviour;
mod connection;
mod reply;
#[cfg(test)]
mod tests;

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

pub use behaviour::Behaviour;
pub use reply::{Framing, Reply};

/// What the listener and its connections share.
#[derive(Debug, Default)]
struct Shared {
    behaviour: Behaviour,
    stop: AtomicBool,
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

impl Shared {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// A listening fake; dropping it ends its threads and removes the socket.
#[derive(Debug)]
pub struct FakeEngine {
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
    socket: PathBuf,
    _folder: tempfile::TempDir,
}

impl FakeEngine {
    /// Listens on a socket in a new temporary folder.
    ///
    /// # Errors
    /// When the folder or the socket cannot be made.
    pub fn serve(behaviour: Behaviour) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("dockward-fake-").tempdir()?;
        let socket = folder.path().join("docker.sock");
        let listening = UnixListener::bind(&socket)?;
        let shared = Arc::new(Shared { behaviour, ..Shared::default() });
        let theirs = Arc::clone(&shared);
        let listener = Some(std::thread::spawn(move || accept_until_stopped(&listening, &theirs)));
        Ok(Self { shared, listener, socket, _folder: folder })
    }

    /// The socket to connect to.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The requests so far, as `GET /v1.41/info`, in the order in which they came.
    pub fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }
}

impl Drop for FakeEngine {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Wakes the listener; when that fails it is gone already.
        let _ = UnixStream::connect(&self.socket);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

fn accept_until_stopped(listener: &UnixListener, shared: &Arc<Shared>) {
    let mut threads = Vec::new();
    for stream in listener.incoming() {
        if shared.stopped() {
            break;
        }
        let Ok(stream) = stream else { continue };
        shared.connections.fetch_add(1, Ordering::Relaxed);
        let theirs = Arc::clone(shared);
        threads.push(std::thread::spawn(move || connection::serve(stream, &theirs)));
    }
    for thread in threads {
        let _ = thread.join();
    }
}
