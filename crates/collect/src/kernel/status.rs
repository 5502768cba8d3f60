//! `/proc/PID/status` and `/proc/PID/stat` (proc_pid_status(5), proc_pid_stat(5)).

use dockward_model::facts::{CapSet, Fact, Field, Origin};

use crate::tree::Proc;

/// How much of either file is read, in bytes.
const LIMIT: usize = 64 * 1024;

/// The fields of `status` that tell what a process may do.
#[derive(Debug, Clone)]
pub(crate) struct Status {
    text: Fact<String>,
    path: String,
}

impl Status {
    pub(crate) fn read(proc: &Proc, pid: i32) -> Self {
        let name = format!("{pid}/status");
        Self { text: there(proc.read_text(&name, LIMIT), pid), path: proc.show(&name) }
    }

    /// Real uid, as our own user namespace has it.
    pub(crate) fn uid(&self) -> Field<u32> {
        self.field("Uid", |value| value.split_ascii_whitespace().next()?.parse().ok())
    }

    /// A set of capabilities by its name in the file.
    pub(crate) fn capabilities(&self, name: &'static str) -> Field<CapSet> {
        self.field(name, |value| u64::from_str_radix(value, 16).ok().map(CapSet))
    }

    /// 0 off, 1 strict, 2 filter.
    pub(crate) fn seccomp(&self) -> Field<u8> {
        self.field("Seccomp", |value| value.parse().ok())
    }

    pub(crate) fn no_new_privs(&self) -> Field<bool> {
        self.field("NoNewPrivs", |value| match value {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        })
    }

    fn field<T>(&self, name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Field<T> {
        let fact = match &self.text {
            Fact::Known(text) => match value(text, name) {
                Some(value) => parse(value).map_or_else(
                    || Fact::Unknown(format!("{name} in {} can't be read", self.path)),
                    Fact::Known,
                ),
                // Not absent: a kernel too old to tell may still do it, or not.
                None => Fact::Unknown(format!("this kernel does not tell {name}")),
            },
            Fact::Absent => Fact::Absent,
            Fact::Unknown(why) => Fact::Unknown(why.clone()),
        };
        Field { fact, origin: Origin::kernel(self.path.as_str(), name) }
    }
}

fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
}

/// A file of a process that is not there is unknown: the process has ended, or is hidden.
pub(crate) fn there<T>(fact: Fact<T>, pid: i32) -> Fact<T> {
    match fact {
        Fact::Absent => {
            Fact::Unknown(format!("process {pid} is not to be seen: ended, or hidden by hidepid"))
        }
        other => other,
    }
}

/// When a process was started, in clock ticks since boot. With its pid it names a process for good.
pub(crate) fn start_time(proc: &Proc, pid: i32) -> Fact<u64> {
    match there(proc.read_text(&format!("{pid}/stat"), LIMIT), pid) {
        Fact::Known(text) => parse_start_time(&text).map_or_else(
            || Fact::Unknown(format!("{} can't be read", proc.show(&format!("{pid}/stat")))),
            Fact::Known,
        ),
        Fact::Absent => Fact::Absent,
        Fact::Unknown(why) => Fact::Unknown(why),
    }
}

/// Whether a process is a thread of the kernel's own, which no one can pretend to be
/// (`PF_KTHREAD` in `include/linux/sched.h`, field 9 of `stat`).
pub(crate) fn is_kernel_thread(proc: &Proc, pid: i32) -> bool {
    const KERNEL_THREAD: u32 = 0x0020_0000;
    let text = proc.read_text(&format!("{pid}/stat"), LIMIT);
    let flags = text.known().and_then(|text| field(text, 9)?.parse::<u32>().ok());
    flags.is_some_and(|flags| flags & KERNEL_THREAD != 0)
}

/// A process's pids, from the procfs's own pid namespace down to its innermost. Empty where it is
/// not to be seen.
pub(crate) fn pids(proc: &Proc, pid: i32) -> Vec<i32> {
    let text = proc.read_text(&format!("{pid}/status"), LIMIT);
    let list = text.known().and_then(|text| value(text, "NSpid")).unwrap_or_default();
    list.split_ascii_whitespace().map_while(|pid| pid.parse().ok()).collect()
}

fn parse_start_time(text: &str) -> Option<u64> {
    field(text, 22)?.parse().ok()
}

/// A field after the second one, counted from 1: that is the process's name in parentheses, which
/// may itself hold spaces and parentheses.
fn field(text: &str, number: usize) -> Option<&str> {
    let (_, after_name) = text.rsplit_once(')')?;
    after_name.split_ascii_whitespace().nth(number.checked_sub(3)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Name:\tsh\nUid:\t100000\t0\t0\t0\nGid:\t0\t0\t0\t0\nNoNewPrivs:\t1\n\
        Seccomp:\t2\nSeccomp_filters:\t1\nCapPrm:\t00000000a80425fb\nCapEff:\t00000000a80425fb\n\
        CapBnd:\t000001ffffffffff\n";

    fn status(text: &str) -> Status {
        Status { text: Fact::Known(text.into()), path: "/proc/7/status".into() }
    }

    #[test]
    fn a_plain_containers_status_is_read() {
        let status = status(TEXT);
        assert_eq!(status.uid().get(), Some(&100_000));
        assert_eq!(status.capabilities("CapEff").get(), Some(&CapSet(0xa804_25fb)));
        assert!(status.capabilities("CapBnd").get().is_some_and(|set| set.is_full()));
        assert_eq!(status.seccomp().get(), Some(&2));
        assert_eq!(status.no_new_privs().get(), Some(&true));
        assert_eq!(status.seccomp().origin.to_string(), "/proc/7/status Seccomp");
    }

    #[test]
    fn threads_of_the_kernel_are_told_from_processes() {
        let Fact::Known(proc) = Proc::host() else { panic!("no procfs") };
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(!is_kernel_thread(&proc, own));
        assert_eq!(pids(&proc, own), [own]);
        assert!(pids(&proc, i32::MAX).is_empty());
    }

    #[test]
    fn what_is_missing_or_odd_is_unknown() {
        for text in ["", "Seccomp:\tx\nUid:\t-1\nCapEff:\t\nNoNewPrivs:\t2\n", "\0\u{fffd}\n:\n"] {
            let status = status(text);
            assert!(status.uid().fact.unknown().is_some(), "{text:?}");
            assert!(status.seccomp().fact.unknown().is_some(), "{text:?}");
            assert!(status.no_new_privs().fact.unknown().is_some(), "{text:?}");
            assert!(status.capabilities("CapEff").fact.unknown().is_some(), "{text:?}");
        }
    }

    #[test]
    fn a_name_made_to_confuse_does_not_move_the_start_time() {
        let rest = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20 21";
        assert_eq!(parse_start_time(&format!("7 (sh) {rest}")), Some(4242));
        assert_eq!(parse_start_time(&format!("7 (a) S 1 (b c) {rest}")), Some(4242));
        assert_eq!(field("2 (kthreadd) S 0 0 0 0 -1 2129984 0", 9), Some("2129984"));
        assert_eq!(parse_start_time("7 (sh) S 1"), None);
        assert_eq!(parse_start_time("garbage"), None);
    }
}
