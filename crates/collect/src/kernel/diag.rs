//! TCP sockets that listen, asked of the kernel directly (sock_diag(7)).
//!
//! To read `/proc/PID/net/tcp` the kernel goes through the connections of all namespaces, several
//! milliseconds for each container; asked for listening sockets alone it has them at hand. The
//! question must be put from within the network namespace: a thread of ours enters it for that
//! one question and ends. Nothing is started in there, and nothing sent but to the kernel.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::OnceLock;
use std::time::Duration;

use dockward_model::facts::{Fact, ListeningSocket, Protocol};
use rustix::fs::OFlags;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::tree::Proc;

/// `linux/sock_diag.h`, `linux/netlink.h`, `net/tcp_states.h`.
const BY_FAMILY: u16 = 20;
const DUMP: u16 = 0x301;
const INTERRUPTED: u16 = 0x10;
const ERROR: u16 = 2;
const DONE: u16 = 3;
const IPPROTO_TCP: u8 = 6;
const LISTENS: u32 = 1 << 10;
const FAMILIES: [u8; 2] = [2, 10];

const HEADER: usize = 16;
const ROW: usize = 72;
/// More sockets than this in one namespace are not listed.
const MAX_SOCKETS: usize = 100_000;
const PATIENCE: Duration = Duration::from_secs(2);

/// Listening TCP sockets in the network namespace of a process; none where the kernel can't be
/// asked, and the tables must be read.
pub(super) fn listening(proc: &Proc, process: &str) -> Option<Vec<ListeningSocket>> {
    if !is_at_hand(proc) {
        return None;
    }
    let name = format!("{process}/ns/net");
    let own = std::fs::read_link("/proc/thread-self/ns/net").ok()?;
    if proc.link(&name).known().is_some_and(|its| own.as_os_str() == its.as_str()) {
        return ask();
    }
    let namespace = proc.open(&name, OFlags::RDONLY | OFlags::CLOEXEC).ok()?;
    let inside = std::thread::Builder::new().name("listening sockets".into());
    inside.spawn(move || enter(&namespace).and_then(|()| ask())).ok()?.join().ok()?
}

fn enter(namespace: &OwnedFd) -> Option<()> {
    move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).ok()
}

/// Whether the kernel answers without loading a module first: looking must not change the host.
fn is_at_hand(proc: &Proc) -> bool {
    static AT_HAND: OnceLock<bool> = OnceLock::new();
    *AT_HAND.get_or_init(|| {
        let release = proc.read_text("sys/kernel/osrelease", 256);
        let builtin = release.known().and_then(|release| {
            let path = format!("/lib/modules/{}/modules.builtin", release.trim());
            std::fs::read_to_string(path).ok()
        });
        needs_no_module(&proc.read_text("modules", 1 << 20), &builtin.unwrap_or_default())
    })
}

fn needs_no_module(loaded: &Fact<String>, builtin: &str) -> bool {
    match loaded {
        // A kernel that can't load any has what it will ever have.
        Fact::Absent => true,
        Fact::Known(text) => {
            let loaded = ["tcp_diag ", "inet_diag "];
            loaded.iter().all(|module| text.lines().any(|line| line.starts_with(module)))
                || builtin.lines().any(|path| path.ends_with("/tcp_diag.ko"))
        }
        Fact::Unknown(_) => false,
    }
}

fn ask() -> Option<Vec<ListeningSocket>> {
    let flags = SocketFlags::CLOEXEC;
    let kind = (AddressFamily::NETLINK, SocketType::DGRAM, Some(netlink::SOCK_DIAG));
    let socket = socket_with(kind.0, kind.1, flags, kind.2).ok()?;
    set_socket_timeout(&socket, Timeout::Recv, Some(PATIENCE)).ok()?;
    let mut sockets = Vec::new();
    for family in FAMILIES {
        send(&socket, &request(family), SendFlags::empty()).ok()?;
        let mut buffer = vec![0; 32 * 1024];
        loop {
            let (_, count) = recv(&socket, buffer.as_mut_slice(), RecvFlags::empty()).ok()?;
            if read(buffer.get(..count)?, &mut sockets)? {
                break;
            }
        }
    }
    Some(sockets)
}

/// `struct nlmsghdr` and `struct inet_diag_req_v2`, whose socket id stays empty: any.
fn request(family: u8) -> Vec<u8> {
    let length: u32 = 72;
    let mut message = Vec::with_capacity(72);
    message.extend(length.to_ne_bytes());
    message.extend(BY_FAMILY.to_ne_bytes());
    message.extend(DUMP.to_ne_bytes());
    message.extend([0; 8]);
    message.extend([family, IPPROTO_TCP, 0, 0]);
    message.extend(LISTENS.to_ne_bytes());
    message.resize(72, 0);
    message
}

/// Reads the messages of one answer. True after the last one; none where an answer is an error,
/// cut short or not whole.
fn read(mut answer: &[u8], sockets: &mut Vec<ListeningSocket>) -> Option<bool> {
    while !answer.is_empty() {
        let length = usize::try_from(u32::from_ne_bytes(field(answer, 0)?)).ok()?;
        let message = answer.get(..length).filter(|_| length >= HEADER)?;
        let (kind, flags) =
            (u16::from_ne_bytes(field(message, 4)?), u16::from_ne_bytes(field(message, 6)?));
        if kind == ERROR || flags & INTERRUPTED != 0 {
            return None;
        }
        if kind == DONE {
            return Some(true);
        }
        if kind == BY_FAMILY {
            sockets.push(socket(message.get(HEADER..HEADER + ROW)?)?);
        }
        if sockets.len() > MAX_SOCKETS {
            return None;
        }
        answer = answer.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Some(false)
}

/// `struct inet_diag_msg`.
fn socket(row: &[u8]) -> Option<ListeningSocket> {
    let address: IpAddr = match row.first()? {
        2 => Ipv4Addr::from(field::<4>(row, 8)?).into(),
        10 => Ipv6Addr::from(field::<16>(row, 8)?).into(),
        _ => return None,
    };
    let port = u16::from_be_bytes(field(row, 4)?);
    let inode = u32::from_ne_bytes(field(row, 68)?).into();
    Some(ListeningSocket { protocol: Protocol::Tcp, address, port, inode })
}

fn field<const N: usize>(from: &[u8], at: usize) -> Option<[u8; N]> {
    from.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(HEADER + body.len()).unwrap();
        let mut message = length.to_ne_bytes().to_vec();
        message.extend(kind.to_ne_bytes());
        message.extend(flags.to_ne_bytes());
        message.extend([0; 8]);
        message.extend(body);
        message
    }

    fn row(family: u8, port: u16, address: &[u8], inode: u32) -> Vec<u8> {
        let mut row = vec![0; ROW];
        (row[0], row[1]) = (family, 10);
        row[4..6].copy_from_slice(&port.to_be_bytes());
        row[8..8 + address.len()].copy_from_slice(address);
        row[68..72].copy_from_slice(&inode.to_ne_bytes());
        row
    }

    #[test]
    fn both_families_are_read() {
        let four = message(BY_FAMILY, 2, &row(2, 2375, &[127, 0, 0, 1], 77));
        let six = message(BY_FAMILY, 2, &row(10, 80, &Ipv6Addr::LOCALHOST.octets(), 78));
        let mut sockets = Vec::new();
        assert_eq!(read(&[four, six].concat(), &mut sockets), Some(false));
        assert_eq!(read(&message(DONE, 2, &[0; 4]), &mut sockets), Some(true));
        let seen: Vec<_> =
            sockets.iter().map(|s| (s.address.to_string(), s.port, s.inode)).collect();
        assert_eq!(seen, [("127.0.0.1".to_owned(), 2375, 77), ("::1".to_owned(), 80, 78)]);
    }

    #[test]
    fn an_answer_that_is_not_whole_gives_nothing() {
        let whole = message(BY_FAMILY, 2, &row(2, 1, &[0; 4], 1));
        let cases = [
            message(ERROR, 0, &[0; 20]),
            message(BY_FAMILY, INTERRUPTED, &row(2, 1, &[0; 4], 1)),
            message(BY_FAMILY, 2, &row(3, 1, &[0; 4], 1)),
            message(BY_FAMILY, 2, &[0; 10]),
            whole.get(..40).unwrap().to_vec(),
            vec![0; 16],
            vec![1],
        ];
        for case in cases {
            assert_eq!(read(&case, &mut Vec::new()), None, "{case:?}");
        }
    }

    #[test]
    fn no_module_is_loaded_for_the_question() {
        let lines = |text: &str| Fact::Known(text.to_owned());
        assert!(needs_no_module(&Fact::Absent, ""));
        assert!(needs_no_module(&lines("tcp_diag 16384 0 - Live\ninet_diag 24576 1\n"), ""));
        assert!(needs_no_module(&lines(""), "kernel/net/ipv4/tcp_diag.ko\n"));
        assert!(!needs_no_module(&lines("overlay 151552 0\n"), "kernel/fs/ext4/ext4.ko\n"));
        assert!(!needs_no_module(&Fact::Unknown("denied".into()), ""));
    }

    #[test]
    fn the_kernel_tells_of_the_socket_that_its_table_lists() {
        let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
        let Some(asked) = listening(&proc, "self") else {
            eprintln!("skipped: this kernel would have to load a module first");
            return;
        };
        let socket = std::net::TcpListener::bind("[::1]:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        assert!(!asked.iter().any(|seen| seen.port == port && seen.address.is_ipv6()));
        let asked = listening(&proc, "self").unwrap();
        let seen = asked.iter().find(|seen| seen.port == port && seen.address.is_ipv6()).unwrap();
        let table = std::fs::read_to_string("/proc/self/net/tcp6").unwrap();
        assert!(table.contains(&format!(" {} ", seen.inode)), "{seen:?}");
    }
}
