//! TCP sockets that listen, asked of the kernel directly (sock_diag(7)).
//!
//! To read `/proc/PID/net/tcp` the kernel goes through the connections of all namespaces, several
//! milliseconds for each container; asked for listening sockets alone it has them at hand. The
//! question must be put from within the network namespace: a thread of ours enters it for that
//! one question and ends. Nothing is started in there, and nothing sent but to the kernel.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::OnceLock;
use std::time::Duration;

use dockward_model::facts::{ListeningSocket, Protocol};
use rustix::net::netlink;

use super::modules::{self, Module};
use super::netlink::{Netlink, bytes, messages};
use super::netns;
use crate::tree::Proc;

/// `linux/sock_diag.h`, `linux/netlink.h`, `net/tcp_states.h`.
const BY_FAMILY: u16 = 20;
const IPPROTO_TCP: u8 = 6;
const LISTENS: u32 = 1 << 10;
const FAMILIES: [u8; 2] = [2, 10];

const ROW: usize = 72;
/// How much is read of one namespace, in bytes: some 100,000 sockets.
const LIMIT: usize = 12 << 20;
const PATIENCE: Duration = Duration::from_secs(2);

/// Listening TCP sockets in the network namespace of a process; none where the kernel can't be
/// asked, and the tables must be read.
pub(super) fn listening(proc: &Proc, process: &str) -> Option<Vec<ListeningSocket>> {
    if !is_at_hand(proc) {
        return None;
    }
    netns::within(proc, process, ask).flatten()
}

/// Whether the kernel answers without loading a module first: looking must not change the host.
fn is_at_hand(proc: &Proc) -> bool {
    static AT_HAND: OnceLock<bool> = OnceLock::new();
    *AT_HAND.get_or_init(|| modules::state(proc, &["tcp_diag", "inet_diag"]) == Module::AtHand)
}

fn ask() -> Option<Vec<ListeningSocket>> {
    let mut kernel = Netlink::open(Some(netlink::SOCK_DIAG), LIMIT, PATIENCE).ok()?;
    let mut sockets = Vec::new();
    for family in FAMILIES {
        read(&kernel.dump(BY_FAMILY, &request(family)).ok()?, &mut sockets)?;
    }
    Some(sockets)
}

/// `struct inet_diag_req_v2`, whose socket id stays empty: any.
fn request(family: u8) -> Vec<u8> {
    let mut body = vec![family, IPPROTO_TCP, 0, 0];
    body.extend(LISTENS.to_ne_bytes());
    body.resize(56, 0);
    body
}

/// None where a message can't be read.
fn read(dump: &[u8], sockets: &mut Vec<ListeningSocket>) -> Option<()> {
    for (kind, body) in messages(dump)? {
        if kind == BY_FAMILY {
            sockets.push(socket(body.get(..ROW)?)?);
        }
    }
    Some(())
}

/// `struct inet_diag_msg`.
fn socket(row: &[u8]) -> Option<ListeningSocket> {
    let address: IpAddr = match row.first()? {
        2 => Ipv4Addr::from(bytes::<4>(row, 8)?).into(),
        10 => Ipv6Addr::from(bytes::<16>(row, 8)?).into(),
        _ => return None,
    };
    let port = u16::from_be_bytes(bytes(row, 4)?);
    let inode = u32::from_ne_bytes(bytes(row, 68)?).into();
    Some(ListeningSocket { protocol: Protocol::Tcp, address, port, inode })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::netlink::message;
    use dockward_model::facts::Fact;

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
        assert_eq!(read(&[four, six].concat(), &mut sockets), Some(()));
        let seen: Vec<_> =
            sockets.iter().map(|s| (s.address.to_string(), s.port, s.inode)).collect();
        assert_eq!(seen, [("127.0.0.1".to_owned(), 2375, 77), ("::1".to_owned(), 80, 78)]);
    }

    #[test]
    fn an_answer_that_is_not_whole_gives_nothing() {
        let whole = message(BY_FAMILY, 2, &row(2, 1, &[0; 4], 1));
        let cases = [
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
