//! The rules in force, asked of the kernel (linux/audit.h, netlink(7)).
//!
//! Only who has `CAP_AUDIT_CONTROL` in the first user and pid namespaces is answered. Nothing is
//! changed by the two questions.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use dockward_model::facts::{AuditRule, AuditSwitch, Fact, Field, Origin};
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
};

use super::decode;
use crate::tree::Tree;

const GET: u16 = 1000;
const LIST_RULES: u16 = 1013;
const REQUEST: u16 = 1;
const ERROR: u16 = 2;
const DONE: u16 = 3;
const HEADER: usize = 16;
/// `MAX_AUDIT_MESSAGE_LENGTH` and a header, rounded up.
const LONGEST: usize = 16 * 1024;
/// More rules than this are not listed.
const MAX_RULES: usize = 10_000;
const PATIENCE: Duration = Duration::from_secs(2);

/// Where the kernel's answers come from: they are in no file.
pub(super) fn origin() -> Origin {
    Origin::kernel("the kernel's audit", "")
}

/// Whether the kernel audits, and by which rules.
pub(super) fn ask(tree: &dyn Tree) -> (Field<AuditSwitch>, Field<Vec<AuditRule>>) {
    let kind = (AddressFamily::NETLINK, SocketType::RAW, Some(netlink::AUDIT));
    let socket = match socket_with(kind.0, kind.1, SocketFlags::CLOEXEC, kind.2) {
        Ok(socket) => socket,
        Err(Errno::PROTONOSUPPORT) => return (Field::absent(origin()), Field::absent(origin())),
        Err(errno) => return unread(refused(errno), &origin()),
    };
    let mut switch = None;
    let asked = question(&socket, GET, |kind, body| {
        switch = if kind == GET { Some(status(body)?) } else { switch };
        Ok(kind == GET)
    });
    let switch = match (asked, switch) {
        (Ok(()), Some(switch)) => Field::known(switch, origin()),
        (Ok(()), None) => Field::unknown("the kernel did not say", origin()),
        (Err(why), _) => return unread(why, &origin()),
    };
    let mut rules = Vec::new();
    let asked = question(&socket, LIST_RULES, |kind, body| {
        if kind == LIST_RULES {
            take(body, tree, &mut rules)?;
        }
        Ok(kind == DONE)
    });
    let rules = match asked {
        Ok(()) => Field::known(rules, origin()),
        Err(why) => Field::unknown(why, origin()),
    };
    (switch, rules)
}

fn unread(why: String, origin: &Origin) -> (Field<AuditSwitch>, Field<Vec<AuditRule>>) {
    (Field::unknown(why.clone(), origin.clone()), Field::unknown(why, origin.clone()))
}

fn take(body: &[u8], tree: &dyn Tree, rules: &mut Vec<AuditRule>) -> Result<(), String> {
    if rules.len() == MAX_RULES {
        return Err(format!("the kernel has more than {MAX_RULES} rules"));
    }
    let number = rules.len() + 1;
    let rule = decode::rule(body, number, tree);
    rules.push(rule.ok_or_else(|| format!("the kernel's rule {number} was not understood"))?);
    Ok(())
}

/// `struct audit_status`: the second word is the switch.
fn status(body: &[u8]) -> Result<AuditSwitch, String> {
    match number(body, 4) {
        Some(0) => Ok(AuditSwitch::Off),
        Some(1) => Ok(AuditSwitch::On),
        Some(2) => Ok(AuditSwitch::Locked),
        _ => Err("the kernel's state of audit was not understood".to_owned()),
    }
}

/// Sends a question without a body and hands each message of the answer to `each`, which says when
/// it was the last.
fn question(
    socket: &OwnedFd,
    kind: u16,
    mut each: impl FnMut(u16, &[u8]) -> Result<bool, String>,
) -> Result<(), String> {
    let mut header = Vec::with_capacity(HEADER);
    header.extend(16_u32.to_ne_bytes());
    header.extend(kind.to_ne_bytes());
    header.extend(REQUEST.to_ne_bytes());
    header.extend([0; 8]);
    let (until, mut buffer) = (Instant::now() + PATIENCE, vec![0; LONGEST]);
    send(socket, &header, SendFlags::empty()).map_err(refused)?;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(refused(Errno::AGAIN));
        }
        set_socket_timeout(socket, Timeout::Recv, Some(left)).map_err(refused)?;
        let (_, count) =
            recv(socket, buffer.as_mut_slice(), RecvFlags::empty()).map_err(refused)?;
        if messages(buffer.get(..count).unwrap_or_default(), &mut each)? {
            return Ok(());
        }
    }
}

/// Hands each message of a datagram on; true where one was the last.
fn messages(
    mut datagram: &[u8],
    each: &mut impl FnMut(u16, &[u8]) -> Result<bool, String>,
) -> Result<bool, String> {
    while !datagram.is_empty() {
        let cut = || "the kernel's answer is cut short".to_owned();
        let length = number(datagram, 0).and_then(|length| usize::try_from(length).ok());
        let length = length.filter(|length| *length >= HEADER).ok_or_else(cut)?;
        let body = datagram.get(HEADER..length).ok_or_else(cut)?;
        let kind = u16::from_ne_bytes([datagram[4], datagram[5]]);
        if kind == ERROR {
            // Zero is an acknowledgement, which nobody asked for.
            match number(body, 0).ok_or_else(cut)?.cast_signed().saturating_neg() {
                0 => {}
                code @ 1..=4095 => return Err(refused(Errno::from_raw_os_error(code))),
                code => return Err(format!("the kernel's audit gave the odd error {code}")),
            }
        } else if each(kind, body)? {
            return Ok(true);
        }
        datagram = datagram.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(false)
}

/// The kernel's refusals in a person's words (`audit_netlink_ok` in kernel/audit.c).
fn refused(errno: Errno) -> String {
    match errno {
        Errno::PERM | Errno::ACCESS => {
            "only root (CAP_AUDIT_CONTROL), outside of containers, may ask the kernel's audit"
                .into()
        }
        Errno::CONNREFUSED => {
            "the kernel's audit answers nobody: it is switched off (audit=0), or \
                               Dockward runs in a user namespace"
                .into()
        }
        Errno::AGAIN | Errno::INTR => {
            format!("the kernel's audit did not answer within {} s", PATIENCE.as_secs())
        }
        other => format!("the kernel's audit can't be asked: {other}"),
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// `audit=0` or `audit=off` on the kernel's command line: nothing is recorded before the next
/// start, whatever auditctl(8) is told.
pub(super) fn switched_off_at_start(tree: &dyn Tree) -> Option<Field<AuditSwitch>> {
    const PATH: &str = "/proc/cmdline";
    let Fact::Known(line) = tree.read_text(PATH, crate::tree::SMALL) else { return None };
    let last =
        line.split_ascii_whitespace().filter_map(|word| word.strip_prefix("audit=")).next_back();
    let off = matches!(last, Some("0" | "off"));
    off.then(|| Field::known(AuditSwitch::Off, Origin::kernel(PATH, "audit=0")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Recorded;

    fn message(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(HEADER + body.len()).unwrap();
        let mut message = length.to_ne_bytes().to_vec();
        message.extend(kind.to_ne_bytes());
        message.extend([0; 10]);
        message.extend(body);
        message.resize(message.len().next_multiple_of(4), 0);
        message
    }

    fn rules(datagram: &[u8]) -> Result<(bool, usize), String> {
        let mut rules = Vec::new();
        let last = messages(datagram, &mut |kind, body| {
            if kind == LIST_RULES {
                take(body, &Recorded::new(), &mut rules)?;
            }
            Ok(kind == DONE)
        })?;
        Ok((last, rules.len()))
    }

    #[test]
    fn rules_are_taken_until_the_kernel_says_that_it_is_done() {
        let rule = message(LIST_RULES, &decode::tests::bytes(4, 2, None, &[]));
        assert_eq!(rules(&rule), Ok((false, 1)));
        let all = [rule.clone(), message(ERROR, &[0; 20]), rule, message(DONE, &[0; 4])].concat();
        assert_eq!(rules(&all), Ok((true, 2)));
    }

    #[test]
    fn a_refusal_is_told_in_words_and_half_an_answer_is_none() {
        let refusal = |errno: i32| rules(&message(ERROR, &(-errno).to_ne_bytes())).unwrap_err();
        assert!(refusal(1).starts_with("only root"));
        assert!(refusal(111).contains("audit=0"));
        assert!(refusal(5).contains("can't be asked"));
        assert!(refusal(i32::MAX).contains("odd error"));
        let rule = message(LIST_RULES, &decode::tests::bytes(4, 2, None, &[]));
        assert!(rules(&rule[..100]).is_err());
        assert!(rules(&message(LIST_RULES, &[0; 8])).unwrap_err().contains("rule 1"));
        assert!(rules(&[1, 0, 0]).is_err() && rules(&[0; 16]).is_err());
    }

    #[test]
    fn the_switch_has_three_states() {
        let of = |state: u32| status(&[[0; 4], state.to_ne_bytes()].concat());
        assert_eq!(
            [of(0), of(1), of(2)].map(Result::unwrap),
            [AuditSwitch::Off, AuditSwitch::On, AuditSwitch::Locked]
        );
        assert!(of(3).is_err() && status(&[0; 7]).is_err());
    }

    #[test]
    fn a_kernel_started_without_audit_is_known_by_its_command_line() {
        let of = |line| switched_off_at_start(&Recorded::new().file("/proc/cmdline", line));
        assert_eq!(of("ro audit=1 audit=0 quiet\n").unwrap().get(), Some(&AuditSwitch::Off));
        assert!(of("audit=off").is_some());
        assert!(of("audit=0 audit=1").is_none() && of("xaudit=0").is_none());
    }

    #[test]
    fn this_kernel_answers_or_says_why_not() {
        let (switch, rules) = ask(&Recorded::new());
        let whys = [switch.fact.unknown(), rules.fact.unknown()];
        assert!(whys.iter().flatten().all(|why| !why.is_empty()));
        assert_eq!(switch.fact.is_absent(), rules.fact.is_absent());
    }
}
