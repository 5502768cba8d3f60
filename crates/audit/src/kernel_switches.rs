//! Switches of the kernel that a host which runs containers is better off with.

use dockward_model::facts::Host;
use dockward_model::verdict::{Evidence, Outcome};

use crate::lookup;

/// A sysctl, and how it should stand.
#[derive(Debug)]
pub(crate) struct Switch {
    /// Its dotted name.
    pub(crate) name: &'static str,
    /// The values that are good, the first of them best known.
    pub(crate) good: &'static [&'static str],
    /// Whether a kernel without it lacks the danger as well.
    fine_without: bool,
}

/// How one stands.
pub(crate) enum Standing {
    /// As it should.
    Good,
    /// Otherwise.
    Weak(Evidence),
    /// It could not be read.
    Unread(Outcome),
}

const fn switch(name: &'static str, good: &'static [&'static str]) -> Switch {
    Switch { name, good, fine_without: false }
}

/// What every host can do without.
pub(crate) const HARDENING: [Switch; 10] = [
    switch("kernel.kptr_restrict", &["1", "2"]),
    switch("kernel.dmesg_restrict", &["1"]),
    switch("kernel.randomize_va_space", &["2"]),
    switch("kernel.yama.ptrace_scope", &["1", "2", "3"]),
    Switch { fine_without: true, ..switch("kernel.unprivileged_bpf_disabled", &["1", "2"]) },
    switch("fs.protected_symlinks", &["1"]),
    switch("fs.protected_hardlinks", &["1"]),
    switch("fs.protected_fifos", &["1", "2"]),
    switch("fs.protected_regular", &["1", "2"]),
    switch("fs.suid_dumpable", &["0", "2"]),
];

/// What hardened guides want beyond, and some hosts have a use for: crash dumps by kexec,
/// profiling and page faults handled by users.
pub(crate) const FURTHER: [Switch; 3] = [
    Switch { fine_without: true, ..switch("kernel.kexec_load_disabled", &["1"]) },
    Switch { fine_without: true, ..switch("kernel.perf_event_paranoid", &["2", "3", "4"]) },
    Switch { fine_without: true, ..switch("vm.unprivileged_userfaultfd", &["0"]) },
];

impl Switch {
    /// How it stands on a host.
    pub(crate) fn on(&self, host: &Host) -> Standing {
        let field = lookup::sysctl(host, self.name);
        let expected = self.good.join(" or ");
        match field.get().map(|value| value.trim()) {
            Some(value) if self.good.contains(&value) => Standing::Good,
            Some(value) => {
                let seen = format!("{} = {value}", self.name);
                Standing::Weak(Evidence::of(&field, seen, expected).effective())
            }
            None if !field.fact.is_absent() => Standing::Unread(Outcome::unread(&field)),
            None if self.fine_without => Standing::Good,
            None => {
                let seen = format!("this kernel has no {}", self.name);
                Standing::Weak(Evidence::of(&field, seen, expected).effective())
            }
        }
    }
}
