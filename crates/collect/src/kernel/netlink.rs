//! Dumps of the kernel's own tables (netlink(7)), and how their messages are made.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, Protocol, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with,
};

/// `linux/netlink.h`.
const DUMP: u16 = 0x301;
const INTERRUPTED: u16 = 0x10;
const ERROR: u16 = 2;
const DONE: u16 = 3;
const HEADER: usize = 16;
/// The bits of an attribute's type that say how it is made.
const NESTED_OR_NETWORK_ORDER: u16 = 0xc000;

/// How often a table is asked for that changes meanwhile.
const TRIES: usize = 5;

/// Why a dump is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// The kernel refuses.
    Refused(Errno),
    /// It changed each time while it was read.
    Changing,
    /// It is longer than we read.
    TooLong,
    /// It took too long.
    TooSlow,
    /// A message can't be read.
    Garbled,
}

/// A socket to one part of the kernel, with what all its answers may come to.
pub(super) struct Netlink {
    socket: OwnedFd,
    bytes_left: usize,
    until: Instant,
}

impl Netlink {
    pub(super) fn open(
        protocol: Option<Protocol>,
        bytes: usize,
        patience: Duration,
    ) -> Result<Self, Broken> {
        let flags = SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, protocol)
            .map_err(Broken::Refused)?;
        set_socket_timeout(&socket, Timeout::Recv, Some(patience)).map_err(Broken::Refused)?;
        Ok(Self { socket, bytes_left: bytes, until: Instant::now() + patience })
    }

    /// All messages that answer a request for a dump, one after the other.
    pub(super) fn dump(&mut self, kind: u16, body: &[u8]) -> Result<Vec<u8>, Broken> {
        for _ in 0..TRIES {
            match self.try_dump(kind, body) {
                Err(Broken::Changing) => {}
                other => return other,
            }
        }
        Err(Broken::Changing)
    }

    fn try_dump(&mut self, kind: u16, body: &[u8]) -> Result<Vec<u8>, Broken> {
        send(&self.socket, &message(kind, DUMP, body), SendFlags::empty())
            .map_err(Broken::Refused)?;
        let mut all = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut changed = false;
        loop {
            if Instant::now() > self.until {
                return Err(Broken::TooSlow);
            }
            let count = match recv(&self.socket, buffer.as_mut_slice(), RecvFlags::TRUNC) {
                Ok((_, count)) => count,
                Err(Errno::AGAIN) => return Err(Broken::TooSlow),
                Err(errno) => return Err(Broken::Refused(errno)),
            };
            let answer = buffer.get(..count).ok_or(Broken::Garbled)?;
            self.bytes_left = self.bytes_left.checked_sub(count).ok_or(Broken::TooLong)?;
            let read = read(answer, &mut all)?;
            changed |= read.changed;
            // What was asked for is taken to its end: the next answer must not be its rest.
            if read.done {
                return if changed { Err(Broken::Changing) } else { Ok(all) };
            }
        }
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Read {
    done: bool,
    changed: bool,
}

/// Takes the messages out of one answer.
fn read(mut answer: &[u8], into: &mut Vec<u8>) -> Result<Read, Broken> {
    let mut read = Read::default();
    while !answer.is_empty() {
        let (kind, flags, length) = header(answer).ok_or(Broken::Garbled)?;
        let whole = answer.get(..length).ok_or(Broken::Garbled)?;
        read.changed |= flags & INTERRUPTED != 0;
        match kind {
            DONE => read.done = true,
            ERROR => return Err(Broken::Refused(error(whole).ok_or(Broken::Garbled)?)),
            _ => {
                into.extend_from_slice(whole);
                into.resize(into.len().next_multiple_of(4), 0);
            }
        }
        answer = answer.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(read)
}

fn header(from: &[u8]) -> Option<(u16, u16, usize)> {
    let length = usize::try_from(u32::from_ne_bytes(bytes(from, 0)?)).ok()?;
    let kind = u16::from_ne_bytes(bytes(from, 4)?);
    let flags = u16::from_ne_bytes(bytes(from, 6)?);
    (length >= HEADER).then_some((kind, flags, length))
}

fn error(message: &[u8]) -> Option<Errno> {
    let number = i32::from_ne_bytes(bytes(message, HEADER)?);
    Some(Errno::from_raw_os_error(number.checked_neg()?))
}

/// The bytes at a place, if they are all there.
pub(super) fn bytes<const N: usize>(from: &[u8], at: usize) -> Option<[u8; N]> {
    from.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// A message (`struct nlmsghdr`).
pub(super) fn message(kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER + body.len()).unwrap_or(u32::MAX);
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    message.extend([0; 8]);
    message.extend(body);
    message
}

/// The messages of a dump: type and body. None where one is not whole.
pub(super) fn messages(mut dump: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut all = Vec::new();
    while !dump.is_empty() {
        let (kind, _, length) = header(dump)?;
        all.push((kind, dump.get(HEADER..length)?));
        dump = dump.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Some(all)
}

/// An attribute (`struct nlattr`).
pub(super) fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap_or(u16::MAX);
    let mut attribute = length.to_ne_bytes().to_vec();
    attribute.extend(kind.to_ne_bytes());
    attribute.extend(value);
    attribute.resize(attribute.len().next_multiple_of(4), 0);
    attribute
}

/// Attributes in the order in which they stand.
#[derive(Debug, Clone, Default)]
pub(super) struct Attributes<'a>(Vec<(u16, &'a [u8])>);

impl<'a> Attributes<'a> {
    /// None where one is not whole.
    pub(super) fn parse(mut from: &'a [u8]) -> Option<Self> {
        let mut all = Vec::new();
        while !from.is_empty() {
            let length = usize::from(u16::from_ne_bytes(bytes(from, 0)?));
            let kind = u16::from_ne_bytes(bytes(from, 2)?) & !NESTED_OR_NETWORK_ORDER;
            all.push((kind, from.get(4..length)?));
            from = from.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
        Some(Self(all))
    }

    pub(super) fn get(&self, kind: u16) -> Option<&'a [u8]> {
        self.0.iter().find(|(its, _)| *its == kind).map(|(_, value)| *value)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (u16, &'a [u8])> + '_ {
        self.0.iter().copied()
    }

    pub(super) fn nested(&self, kind: u16) -> Option<Self> {
        Self::parse(self.get(kind)?)
    }

    /// A text up to its closing NUL.
    pub(super) fn text(&self, kind: u16) -> Option<String> {
        let value = self.get(kind)?;
        let end = value.iter().position(|byte| *byte == 0).unwrap_or(value.len());
        Some(String::from_utf8_lossy(value.get(..end)?).into_owned())
    }

    /// A number in network byte order, as netfilter has them.
    pub(super) fn be32(&self, kind: u16) -> Option<u32> {
        self.get(kind).and_then(|value| bytes(value, 0)).map(u32::from_be_bytes)
    }

    /// A number in network byte order.
    pub(super) fn be64(&self, kind: u16) -> Option<u64> {
        self.get(kind).and_then(|value| bytes(value, 0)).map(u64::from_be_bytes)
    }

    /// A number in this machine's byte order, as routing has them.
    pub(super) fn ne32(&self, kind: u16) -> Option<u32> {
        self.get(kind).and_then(|value| bytes(value, 0)).map(u32::from_ne_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_taken_out_of_answers_until_the_last_one() {
        let mut all = Vec::new();
        let answer = [message(77, 2, b"abc"), vec![0], message(78, 2, b"")].concat();
        assert_eq!(read(&answer, &mut all), Ok(Read::default()));
        let last = read(&message(DONE, INTERRUPTED, &[0; 4]), &mut all).unwrap();
        assert_eq!(last, Read { done: true, changed: true });
        assert_eq!(messages(&all).unwrap(), [(77, b"abc".as_slice()), (78, b"")]);
    }

    #[test]
    fn a_refusal_is_told_by_its_number() {
        let refused = message(ERROR, 0, &(-1_i32).to_ne_bytes());
        assert_eq!(read(&refused, &mut Vec::new()), Err(Broken::Refused(Errno::PERM)));
        assert_eq!(read(&message(ERROR, 0, &[1]), &mut Vec::new()), Err(Broken::Garbled));
    }

    #[test]
    fn what_is_cut_short_is_not_read() {
        let whole = message(77, 2, b"abcdefgh");
        for end in 1..whole.len() {
            let cut = whole.get(..end).unwrap();
            assert_eq!(read(cut, &mut Vec::new()), Err(Broken::Garbled), "{end}");
            assert!(messages(cut).is_none(), "{end}");
        }
        let attributes = [attribute(1, b"abc"), attribute(2, &[])].concat();
        for end in [1, 3, 5, 6, 9, 11] {
            assert!(Attributes::parse(attributes.get(..end).unwrap()).is_none(), "{end}");
        }
        assert!(Attributes::parse(&[0; 8]).is_none());
        let read = Attributes::parse(&attributes).unwrap();
        assert_eq!(
            (read.text(1).as_deref(), read.get(2), read.get(3)),
            (Some("abc"), Some(&[][..]), None)
        );
    }
}
