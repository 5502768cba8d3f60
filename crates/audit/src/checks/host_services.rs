use std::collections::BTreeSet;

use dockward_model::facts::{Protocol, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::listeners::{self, Listener};

crate::check! {
    /// ## Why
    /// A host for containers needs an engine and a way in for its people. A database or a web
    /// server beside the containers shares the kernel with them and none of their walls, is
    /// updated with nobody's image, and who takes it over stands on the host. Telnet, FTP and
    /// rpcbind are what scanners try first.
    ///
    /// ## Fix
    /// `systemctl disable --now UNIT`, or let it listen on 127.0.0.1 alone, or run it as a
    /// container. Where it is meant to be here (a proxy before the containers), waive it by name.
    ///
    /// ## References
    /// NIST SP 800-190, 4.5.1; proc_pid_net(5). SSH is not told of, nor what engines and
    /// containers have open. A firewall that keeps the network out does not count here.
    id: "host-services", title: "nothing but the engine serves the network from the host",
    severity: Low, area: Host, cis16: [], cis18: [], Host: services
}

/// How many are told of one by one.
const MOST: usize = 20;

/// A kind of service, by its programs, and by its ports where the program says nothing.
struct Kind {
    what: &'static str,
    severity: Severity,
    programs: &'static [&'static str],
    tcp: &'static [u16],
    udp: &'static [u16],
}

#[rustfmt::skip]
const KINDS: [Kind; 6] = [
    Kind { what: "a database", severity: Severity::Medium,
        programs: &["mysqld", "mariadbd", "postgres", "mongod", "redis-server", "valkey-server",
            "memcached", "clickhouse-serv", "clickhouse-server", "influxd", "etcd"],
        tcp: &[1433, 1521, 3306, 5432, 5984, 6379, 9042, 9200, 11211, 27017], udp: &[11211] },
    Kind { what: "a login without encryption", severity: Severity::Medium,
        programs: &["inetd", "xinetd", "telnetd", "in.telnetd", "rlogind", "rshd", "Xorg", "Xvnc"],
        tcp: &[23, 512, 513, 5900, 6000], udp: &[] },
    Kind { what: "file transfer without encryption", severity: Severity::Medium,
        programs: &["vsftpd", "proftpd", "pure-ftpd", "tftpd", "in.tftpd", "rsync"],
        tcp: &[21, 873], udp: &[69] },
    Kind { what: "a file or name service", severity: Severity::Low,
        programs: &["rpcbind", "smbd", "nmbd", "rpc.mountd", "ypserv", "slapd", "snmpd"],
        tcp: &[111, 139, 389, 445, 2049], udp: &[111, 137, 138, 161] },
    Kind { what: "a print, discovery or mail service", severity: Severity::Low,
        programs: &["cupsd", "cups-browsed", "avahi-daemon", "exim4", "master", "sendmail"],
        tcp: &[25, 631], udp: &[631] },
    Kind { what: "a web server", severity: Severity::Low,
        programs: &["nginx", "apache2", "httpd", "caddy", "lighttpd", "haproxy", "traefik"],
        tcp: &[80, 443, 8000, 8080, 8443], udp: &[443] },
];

fn services(snapshot: &Snapshot) -> Outcome {
    let listeners = match listeners::on_the_network(snapshot) {
        Ok(listeners) => listeners,
        Err(unknown) => return unknown,
    };
    let found: Vec<_> =
        listeners.iter().filter_map(|listener| Some((kind(listener)?, listener))).collect();
    let Some(severity) = found.iter().map(|(kind, _)| kind.severity).max() else {
        return Outcome::Pass;
    };
    let name = |(kind, l): &(&Kind, &Listener<'_>)| {
        format!("{} ({}) on {}", l.name(), kind.what, l.socket.port)
    };
    let names: BTreeSet<_> = found.iter().map(name).collect();
    let shown: Vec<_> = names.iter().take(MOST).map(String::as_str).collect();
    let more = match names.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let field = &snapshot.host.listening;
    let evidence = |(kind, listener): &(&Kind, &Listener<'_>)| {
        let expected = format!("{} on 127.0.0.1, or none", kind.what);
        Evidence::of(field, listener.to_string(), expected).effective()
    };
    Failure {
        severity: Some(severity),
        message: format!("the host itself serves the network: {}{more}", shown.join(", ")),
        evidence: found.iter().take(MOST).map(evidence).collect(),
        fix: "`systemctl disable --now UNIT`, or let it listen on 127.0.0.1 alone".into(),
        openings: Vec::new(),
    }
    .into()
}

/// Which kind of service it is: its program says so, else its port.
fn kind(listener: &Listener<'_>) -> Option<&'static Kind> {
    if listener.is_one_of(&["sshd", "dropbear"]) {
        return None;
    }
    let by_port = |kind: &&Kind| match listener.socket.protocol {
        Protocol::Tcp => kind.tcp.contains(&listener.socket.port),
        Protocol::Udp => kind.udp.contains(&listener.socket.port),
        Protocol::Sctp => false,
    };
    let by_program = KINDS.iter().find(|kind| listener.is_one_of(kind.programs));
    by_program.or_else(|| KINDS.iter().find(by_port))
}

#[cfg(test)]
mod tests;
