//! The side of who is asked: a confined process.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::enter::enter;
use crate::limits::close_others;
use crate::{Limits, frame};

/// The process itself, once it is confined, and who asks it.
#[derive(Debug)]
pub struct Served {
    socket: UnixStream,
}

impl Served {
    /// Confines this process, whose standard input is the socket that it was started with, and says
    /// how well.
    ///
    /// # Errors
    ///
    /// It can't be confined, which the other side was told, or nobody is there to ask.
    pub fn enter(most: &Limits) -> io::Result<Self> {
        close_others();
        let mut socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        let confinement = enter(most);
        // Where it is no socket, somebody called this by hand: that fails here.
        frame::send(&mut socket, &confinement, &[])?;
        confinement.map_err(io::Error::other)?;
        Ok(Self { socket })
    }

    /// The next request and what was handed along; none at the end.
    ///
    /// # Errors
    ///
    /// What came is no request.
    pub fn request<T: DeserializeOwned>(&mut self) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
        let Some((length, descriptors)) = frame::receive_length(&mut self.socket)? else {
            return Ok(None);
        };
        Ok(Some((frame::body(&mut self.socket, length)?, descriptors)))
    }

    /// Answers, or says how far it is.
    ///
    /// # Errors
    ///
    /// Nobody is there any more, or the answer is too long.
    pub fn tell<T: Serialize>(&mut self, answer: &T) -> io::Result<()> {
        frame::send(&mut self.socket, answer, &[])
    }
}
