//! `/proc/PID/net/{tcp,tcp6,udp,udp6}` (proc_pid_net(5)).

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use dockward_model::facts::{Fact, Field, ListeningSocket, Origin, Process, Protocol};

use super::diag;
use super::status::there;
use crate::tree::Proc;

/// How much of each table is read, in bytes: some 50,000 sockets.
const LIMIT: usize = 8 << 20;
/// Of a process that has more files open, they are not looked at.
const MAX_FILES: usize = 1 << 16;

/// A table, and where the kernel keeps count of the sockets in it.
struct Table {
    name: &'static str,
    protocol: Protocol,
    count: (&'static str, &'static str),
}

const TABLES: [Table; 4] = [
    Table { name: "tcp", protocol: Protocol::Tcp, count: ("sockstat", "TCP: inuse ") },
    Table { name: "tcp6", protocol: Protocol::Tcp, count: ("sockstat6", "TCP6: inuse ") },
    Table { name: "udp", protocol: Protocol::Udp, count: ("sockstat", "UDP: inuse ") },
    Table { name: "udp6", protocol: Protocol::Udp, count: ("sockstat6", "UDP6: inuse ") },
];

/// Sockets that listen in the network namespace of a process (`self` is ours).
pub(crate) fn listening(proc: &Proc, process: &str) -> Field<Vec<ListeningSocket>> {
    let origin = Origin::kernel(proc.show(&format!("{process}/net")), "");
    let wanted: Vec<_> = TABLES.iter().filter(|table| !is_empty(proc, process, table)).collect();
    let is_tcp = |table: &&Table| table.protocol == Protocol::Tcp;
    let asked = if wanted.iter().any(is_tcp) { diag::listening(proc, process) } else { None };
    let has_tcp = asked.is_some();
    let mut sockets = asked.unwrap_or_default();
    for table in wanted.into_iter().filter(|table| !(has_tcp && is_tcp(table))) {
        match read(proc, process, table) {
            Ok(some) => sockets.extend(some),
            Err(why) => return Field::unknown(why, origin),
        }
    }
    sockets.sort_unstable();
    Field::known(sockets, origin)
}

fn read(proc: &Proc, process: &str, table: &Table) -> Result<Vec<ListeningSocket>, String> {
    let name = format!("{process}/net/{}", table.name);
    match proc.read_table(&name, LIMIT) {
        Fact::Known((text, whole)) => parse(&text, whole, table.protocol)
            .map_err(|why| format!("{}: {why}", proc.show(&name))),
        // A kernel without IPv6 has no tcp6. Without tcp the process is gone.
        Fact::Absent if table.name.ends_with('6') => Ok(Vec::new()),
        Fact::Absent => Err(format!("{} is not there", proc.show(&name))),
        Fact::Unknown(why) => Err(why),
    }
}

/// Whether the kernel counts no socket for a table in this namespace. To read a table, it goes
/// through those of all namespaces, which takes milliseconds for each container; the count is at
/// hand.
fn is_empty(proc: &Proc, process: &str, table: &Table) -> bool {
    let (file, field) = table.count;
    let text = proc.read_text(&format!("{process}/net/{file}"), 4096);
    text.known().and_then(|text| count(text, field)) == Some(0)
}

fn count(text: &str, field: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(field))?;
    rest.split_ascii_whitespace().next()?.parse().ok()
}

/// The sockets of one table that listen. `whole` says whether it was read to its end: the kernel
/// lists listening TCP sockets before all others, so that a longer table may still do.
fn parse(text: &str, whole: bool, protocol: Protocol) -> Result<Vec<ListeningSocket>, String> {
    let mut sockets = Vec::new();
    let mut past_listening = false;
    let end = if whole { text.len() } else { text.rfind('\n').unwrap_or(0) };
    let lines = text.get(..end).unwrap_or_default().lines().skip(1);
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let (listens, socket) =
            parse_line(line, protocol).ok_or("a line can't be read".to_owned())?;
        if listens {
            sockets.push(socket);
        } else {
            past_listening = true;
        }
    }
    let is_enough = whole || (past_listening && protocol == Protocol::Tcp);
    if !is_enough {
        return Err("too many sockets".into());
    }
    Ok(sockets)
}

fn parse_line(line: &str, protocol: Protocol) -> Option<(bool, ListeningSocket)> {
    let mut fields = line.split_ascii_whitespace();
    let (local, remote, state) = (fields.nth(1)?, fields.next()?, fields.next()?);
    let inode = fields.nth(5)?.parse().ok()?;
    let (address, port) = parse_address(local)?;
    let (from, from_port) = parse_address(remote)?;
    let listens = match protocol {
        Protocol::Tcp => state == "0A",
        // UDP does not listen: what is bound and not connected takes what anyone sends.
        Protocol::Udp | Protocol::Sctp => {
            state == "07" && from.is_unspecified() && from_port == 0 && port != 0
        }
    };
    Some((listens, ListeningSocket { protocol, address, port, inode }))
}

/// The address is written as 32-bit numbers in this machine's byte order, the port as it is.
fn parse_address(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let words: Vec<[u8; 4]> = address
        .as_bytes()
        .chunks(8)
        .map(|chunk| {
            let digits = std::str::from_utf8(chunk).ok().filter(|digits| digits.len() == 8)?;
            Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
        })
        .collect::<Option<_>>()?;
    let bytes = words.concat();
    if let Ok(four) = <[u8; 4]>::try_from(bytes.as_slice()) {
        return Some((Ipv4Addr::from(four).into(), port));
    }
    Some((Ipv6Addr::from(<[u8; 16]>::try_from(bytes.as_slice()).ok()?).into(), port))
}

/// The inodes of the sockets that a process has open. Unknown where it has ended.
pub(crate) fn open_sockets(proc: &Proc, pid: i32) -> Fact<BTreeSet<u64>> {
    there(held(proc, pid), pid)
}

fn held(proc: &Proc, pid: i32) -> Fact<BTreeSet<u64>> {
    let dir = format!("{pid}/fd");
    proc.numbers(&dir, MAX_FILES).map(|files| {
        let socket = |file: &i32| {
            let link = proc.link(&format!("{dir}/{file}"));
            link.known()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
        };
        files.iter().filter_map(socket).collect()
    })
}

/// Those of some sockets that one of these processes holds.
pub(super) fn held_by(
    proc: &Proc,
    processes: &Field<Vec<Process>>,
    sockets: &Field<Vec<ListeningSocket>>,
) -> Field<Vec<ListeningSocket>> {
    let (Fact::Known(all), Fact::Known(processes)) = (&sockets.fact, &processes.fact) else {
        let why = sockets.fact.unknown().or_else(|| processes.fact.unknown());
        return Field::unknown(why.unwrap_or("not looked at"), sockets.origin.clone());
    };
    let mut inodes = BTreeSet::new();
    for process in processes {
        match held(proc, process.pid) {
            Fact::Known(some) => inodes.extend(some),
            Fact::Absent => {}
            Fact::Unknown(why) => return Field::unknown(why, sockets.origin.clone()),
        }
    }
    let its = all.iter().filter(|socket| inodes.contains(&socket.inode)).cloned();
    Field::known(its.collect(), sockets.origin.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   105        0 20213 1 0000000000000000 100 0 0 10 0
   1: 00000000:0947 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1 0000000000000000 100 0 0 10 0
   2: 0100007F:9C40 0100007F:0CEA 01 00000000:00000000 00:00000000 00000000     0        0 31337 1 0000000000000000 20 4 30 10 -1
";
    const TCP6: &str = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 99 1 0 100 0 0 10 0
   1: B80D01200000000000000000EFBEADDE:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 98 1 0 100 0 0 10 0
";

    #[test]
    #[cfg(target_endian = "little")]
    fn listening_sockets_are_told_from_connected_ones() {
        let sockets = parse(TCP, true, Protocol::Tcp).unwrap();
        let seen: Vec<_> = sockets.iter().map(|s| (s.address.to_string(), s.port)).collect();
        assert_eq!(seen, [("127.0.0.1".to_owned(), 3306), ("0.0.0.0".to_owned(), 2375)]);
        assert_eq!(sockets[1].inode, 777);
        let sockets = parse(TCP6, true, Protocol::Tcp).unwrap();
        assert_eq!(sockets[0].address, "::1".parse::<IpAddr>().unwrap());
        assert_eq!(sockets[1].address, "2001:db8::dead:beef".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn a_connected_udp_socket_does_not_listen() {
        let line =
            |remote: &str| format!("head\n 1: 0100007F:0035 {remote} 07 0:0 00:0 0 0 0 55 2 0 0\n");
        assert_eq!(parse(&line("00000000:0000"), true, Protocol::Udp).unwrap().len(), 1);
        assert_eq!(parse(&line("0100007F:0035"), true, Protocol::Udp).unwrap().len(), 0);
    }

    #[test]
    fn a_table_cut_short_is_only_enough_where_all_that_listens_was_read() {
        assert_eq!(parse(TCP, false, Protocol::Tcp).unwrap().len(), 2);
        assert!(parse(TCP6, false, Protocol::Tcp).is_err());
        assert!(parse("head\n", false, Protocol::Udp).is_err());
    }

    #[test]
    fn a_table_is_only_left_out_where_the_kernel_counts_no_socket() {
        let text =
            "sockets: used 14\nTCP: inuse 1 orphan 0 tw 0 alloc 1 mem 0\nUDP: inuse 0 mem 0\n";
        assert_eq!(count(text, "TCP: inuse "), Some(1));
        assert_eq!(count(text, "UDP: inuse "), Some(0));
        assert_eq!(count(text, "TCP6: inuse "), None);
        assert_eq!(count("TCP: inuse x\n", "TCP: inuse "), None);
    }

    #[test]
    fn a_line_that_makes_no_sense_makes_all_unknown() {
        for line in ["0: zz:0 0:0 0A", "\0\0\0", "0: 0100007F:0CEA 00000000:0000 0A 0 0 0 0 0 x"] {
            assert!(parse(&format!("head\n{line}\n"), true, Protocol::Tcp).is_err(), "{line:?}");
        }
        assert_eq!(parse("head\n\n", true, Protocol::Tcp).unwrap(), []);
    }

    #[test]
    fn a_socket_that_this_test_opens_is_seen() {
        let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let seen = listening(&proc, "self");
        assert!(seen.get().unwrap().iter().any(|s| s.port == port && s.address.is_loopback()));
        assert!(listening(&proc, "2147483647").fact.unknown().is_some());
    }

    #[test]
    fn only_the_sockets_of_some_processes_are_theirs() {
        let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let all = listening(&proc, "self");
        let of = |pids: &[i32]| {
            let process = |pid: &i32| Process { pid: *pid, comm: String::new(), exe: None };
            let processes = pids.iter().map(process).collect();
            held_by(&proc, &Field::known(processes, Origin::Nowhere), &all)
        };
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(of(&[own]).get().unwrap().iter().any(|socket| socket.port == port));
        assert_eq!(of(&[]).get(), Some(&Vec::new()));
        assert_eq!(of(&[i32::MAX]).get(), Some(&Vec::new()), "it has ended");
        let unread = Field::unknown("denied", Origin::Nowhere);
        assert!(held_by(&proc, &unread, &all).fact.unknown().is_some());
    }
}
