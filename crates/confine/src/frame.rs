//! Messages: four bytes of length, the lowest first, then so many bytes of JSON. Descriptors go
//! along with the length.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest message, in bytes.
pub(crate) const LONGEST: usize = 64 << 20;
/// How many descriptors go with one message at most.
const MOST_DESCRIPTORS: usize = 2;
/// How many objects and how many values one message may have: each can take hundreds of bytes of
/// memory, and as little as two in the message.
const MOST_OBJECTS: usize = 1 << 20;
const MOST_VALUES: usize = 1 << 23;

/// Writes a message, with descriptors.
pub(crate) fn send<T: Serialize>(
    to: &mut UnixStream,
    message: &T,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let text = serde_json::to_vec(message)?;
    if text.len() > LONGEST {
        return Err(io::Error::other(format!("a message of more than {LONGEST} bytes")));
    }
    let length = u32::try_from(text.len()).map_err(io::Error::other)?.to_le_bytes();
    let mut sent = 0;
    if !descriptors.is_empty() {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
            return Err(io::Error::other("too many descriptors"));
        }
        sent = sendmsg(to.as_fd(), &[IoSlice::new(&length)], &mut control, SendFlags::NOSIGNAL)?;
    }
    to.write_all(length.get(sent..).unwrap_or_default())?;
    to.write_all(&text)
}

/// Reads the length of the next message and the descriptors that came along; none at the end.
pub(crate) fn receive_length(from: &mut UnixStream) -> io::Result<Option<(u32, Vec<OwnedFd>)>> {
    let mut descriptors = Vec::new();
    let mut length = [0; 4];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut into = [IoSliceMut::new(&mut length)];
    let read = recvmsg(from.as_fd(), &mut into, &mut control, RecvFlags::CMSG_CLOEXEC)?.bytes;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(came) = message {
            descriptors.extend(came);
        }
    }
    if read == 0 {
        return Ok(None);
    }
    from.read_exact(length.get_mut(read..).unwrap_or_default())?;
    Ok(Some((u32::from_le_bytes(length), descriptors)))
}

/// Reads the length of the next message. Descriptors that came along are closed by the kernel.
pub(crate) fn length(from: &mut impl Read) -> io::Result<u32> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    Ok(u32::from_le_bytes(length))
}

/// Reads a message of this length.
pub(crate) fn body<T: DeserializeOwned>(from: &mut impl Read, length: u32) -> io::Result<T> {
    let length = u64::from(length);
    if length > LONGEST as u64 {
        return Err(invalid(format!("a message of {length} bytes; at most {LONGEST} are read")));
    }
    // It grows with what comes: a length that lies costs no memory.
    let mut text = Vec::new();
    from.take(length).read_to_end(&mut text)?;
    if (text.len() as u64) < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let count = |byte| text.iter().filter(|other| **other == byte).count();
    if count(b'{') > MOST_OBJECTS || count(b',') > MOST_VALUES {
        return Err(invalid("a message of more parts than any has".to_owned()));
    }
    serde_json::from_slice(&text).map_err(|error| invalid(error.to_string()))
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_message_comes_with_its_descriptors() {
        let (mut one, mut other) = UnixStream::pair().unwrap();
        let file = File::open("/dev/null").unwrap();
        send(&mut one, &"text", &[file.as_fd(), file.as_fd()]).unwrap();
        send(&mut one, &7, &[]).unwrap();
        drop(one);
        let (length, descriptors) = receive_length(&mut other).unwrap().unwrap();
        assert_eq!(
            (body::<String>(&mut other, length).unwrap(), descriptors.len()),
            ("text".into(), 2)
        );
        let (length, descriptors) = receive_length(&mut other).unwrap().unwrap();
        assert_eq!((body::<u8>(&mut other, length).unwrap(), descriptors.len()), (7, 0));
        assert!(receive_length(&mut other).unwrap().is_none());
    }

    #[test]
    fn what_is_no_message_is_an_error_whatever_it_says_of_its_length() {
        let told = |text: &[u8], length: u32| {
            body::<Vec<String>>(&mut &*text, length).unwrap_err().to_string()
        };
        assert!(told(b"[]", u32::MAX).contains("at most"));
        assert!(told(b"[", 1).contains("EOF"));
        assert!(body::<u8>(&mut &b"1"[..], 1 << 20).is_err(), "it ends early");
        let many = format!("[{}0]", "0,".repeat(MOST_VALUES + 1));
        assert!(told(many.as_bytes(), u32::try_from(many.len()).unwrap()).contains("parts"));
        let objects = "{".repeat(MOST_OBJECTS + 1);
        assert!(told(objects.as_bytes(), u32::try_from(objects.len()).unwrap()).contains("parts"));
        let deep = "[".repeat(100_000);
        assert!(body::<serde_json::Value>(&mut deep.as_bytes(), 100_000).is_err());
    }
}
