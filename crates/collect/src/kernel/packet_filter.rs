//! The packet filter of an engine's network namespace, asked of the kernel (nf_tables over
//! netlink), with the interfaces that packets come by.
//!
//! Invariant: reads only, loads no module, and of what is not understood says so: a rule that
//! can't be read never looks like one that isn't there.

mod expressions;
mod headers;
mod links;
mod recorded;
mod ruleset;
mod sets;
mod values;
mod xtables;

use std::time::Duration;

use dockward_model::facts::{Fact, Field, Origin, PacketFilter};
use rustix::io::Errno;

use super::modules::{self, Module};
use super::netlink::Broken;
use super::netns;
use crate::tree::Proc;

/// How much is read in all, in bytes: some 100,000 rules.
const LIMIT: usize = 64 << 20;
const PATIENCE: Duration = Duration::from_secs(5);

/// The packet filter in the network namespace of process `pid` of `proc`.
pub(crate) fn read(proc: &Proc, pid: i32) -> Field<PacketFilter> {
    let origin = Origin::kernel("nf_tables", format!("in {}", proc.show(&format!("{pid}/ns/net"))));
    let fact = match try_read(proc, pid) {
        Ok(filter) => Fact::Known(filter),
        Err(why) => Fact::Unknown(why),
    };
    Field { fact, origin }
}

/// The rules out of netlink's messages.
pub(crate) fn from_dump(dump: &[u8]) -> Result<PacketFilter, String> {
    ruleset::read(dump)
}

fn try_read(proc: &Proc, pid: i32) -> Result<PacketFilter, String> {
    let legacy = legacy(proc, pid)?;
    let with_rules = match modules::state(proc, &["nf_tables"]) {
        Module::AtHand => true,
        // Where the module was never loaded, nobody has written a rule.
        Module::NotLoaded => false,
        Module::Unknown => return Err("whether the kernel has nf_tables can't be told".into()),
    };
    let its_proc = proc.clone();
    let ask = move || (recorded::ask(with_rules), forwards(&its_proc));
    let asked = netns::within(proc, &pid.to_string(), ask);
    let (dump, forwards) = asked.ok_or("the engine's network namespace can't be entered")?;
    let filter = ruleset::read(&dump.map_err(why)?)?;
    Ok(PacketFilter { legacy, forwards, ..filter })
}

fn why(broken: Broken) -> String {
    match broken {
        Broken::Refused(Errno::PERM | Errno::ACCESS) => {
            "permission denied: it takes CAP_NET_ADMIN to read the packet filter".into()
        }
        Broken::Refused(errno) => format!("the packet filter can't be read: {errno}"),
        Broken::Changing => "the packet filter changes while it is read".into(),
        Broken::TooLong => format!("the packet filter is longer than {} MiB", LIMIT >> 20),
        Broken::TooSlow => format!("the packet filter took over {} s to read", PATIENCE.as_secs()),
        Broken::Garbled => "an answer about the packet filter can't be read".into(),
    }
}

/// The kernel shows everyone the settings of their own network namespace.
fn forwards(proc: &Proc) -> Fact<bool> {
    proc.read_text("sys/net/ipv4/ip_forward", 64).map(|text| text.trim() != "0")
}

/// Tables of the older back-end. Where its module is not there, neither is the list.
fn legacy(proc: &Proc, pid: i32) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    for (family, file) in [("ip", "ip_tables_names"), ("ip6", "ip6_tables_names")] {
        match proc.read_text(&format!("{pid}/net/{file}"), 4096) {
            Fact::Known(text) => all.extend(text.lines().map(|name| format!("{family} {name}"))),
            Fact::Absent => {}
            Fact::Unknown(why) => return Err(why),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
