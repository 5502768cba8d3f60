use dockward_model::facts::{Host, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::lookup;

crate::check! {
    /// ## Why
    /// All containers share this kernel. These switches take away what ways out of containers are
    /// built with: kernel addresses and log for aiming, BPF and other processes' memory for a
    /// first foothold, links in `/tmp` for tricking a service of root's.
    ///
    /// ## Fix
    /// Write the values below into `/etc/sysctl.d/60-hardening.conf` and run `sysctl --system`.
    ///
    /// ## References
    /// kernel.org, "Documentation for /proc/sys/kernel" and "/proc/sys/fs"; Yama; proc(5).
    id: "host-kernel-hardening", title: "the kernel gives attackers no help",
    severity: Low, area: Host, cis16: [], cis18: [], Host: kernel_hardening
}

struct Switch {
    name: &'static str,
    /// The values that are good.
    good: &'static [&'static str],
    /// Whether a kernel without it lacks the danger as well.
    fine_without: bool,
}

const fn switch(name: &'static str, good: &'static [&'static str]) -> Switch {
    Switch { name, good, fine_without: false }
}

const SWITCHES: [Switch; 10] = [
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

enum Verdict {
    Good,
    Weak(Evidence),
    Unread(Outcome),
}

fn kernel_hardening(snapshot: &Snapshot) -> Outcome {
    let (mut weak, mut names, mut unread) = (Vec::new(), Vec::new(), None);
    for switch in &SWITCHES {
        match judge(&snapshot.host, switch) {
            Verdict::Good => {}
            Verdict::Weak(evidence) => {
                names.push(format!("{} = {}", switch.name, switch.good[0]));
                weak.push(evidence);
            }
            Verdict::Unread(outcome) => unread = unread.or(Some(outcome)),
        }
    }
    if names.is_empty() {
        return unread.unwrap_or(Outcome::Pass);
    }
    let rest = if unread.is_some() { "; some could not be read" } else { "" };
    Failure {
        severity: None,
        message: format!("{} of {} switches are weak{rest}", names.len(), SWITCHES.len()),
        evidence: weak,
        fix: format!("in /etc/sysctl.d: {}", names.join(", ")),
        openings: Vec::new(),
    }
    .into()
}

fn judge(host: &Host, switch: &Switch) -> Verdict {
    let field = lookup::sysctl(host, switch.name);
    let expected = switch.good.join(" or ");
    match field.get().map(|value| value.trim()) {
        Some(value) if switch.good.contains(&value) => Verdict::Good,
        Some(value) => {
            let seen = format!("{} = {value}", switch.name);
            Verdict::Weak(Evidence::of(&field, seen, expected).effective())
        }
        None if !field.fact.is_absent() => Verdict::Unread(Outcome::unread(&field)),
        None if switch.fine_without => Verdict::Good,
        None => {
            let seen = format!("this kernel has no {}", switch.name);
            Verdict::Weak(Evidence::of(&field, seen, expected).effective())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, snapshot, snapshot_with};
    use dockward_model::facts::{Fact, Field, Origin};

    fn with(changed: &str, fact: Fact<String>) -> Outcome {
        let sysctls = SWITCHES.iter().map(|switch| {
            let good = Fact::Known(switch.good[0].to_owned());
            let fact = if switch.name == changed { fact.clone() } else { good };
            (switch.name.to_owned(), Field { fact, origin: Origin::Nowhere })
        });
        let sysctls = sysctls.collect();
        kernel_hardening(&snapshot_with(|s| s.host.sysctls = sysctls))
    }

    #[test]
    fn all_good_passes() {
        assert_passes(with("", Fact::Absent));
    }

    #[test]
    fn each_switch_can_fail_alone_and_is_named_with_its_value() {
        for switch in &SWITCHES {
            let failure = assert_fails(with(switch.name, Fact::Known("77\n".into())));
            assert_eq!(failure.evidence[0].seen, format!("{} = 77", switch.name));
            assert!(failure.fix.contains(switch.name), "{}", failure.fix);
        }
    }

    #[test]
    fn a_kernel_without_yama_is_weak_and_one_without_bpf_is_not() {
        assert_fails(with("kernel.yama.ptrace_scope", Fact::Absent));
        assert_passes(with("kernel.unprivileged_bpf_disabled", Fact::Absent));
    }

    #[test]
    fn an_unread_switch_is_unknown() {
        assert_unknown(with("kernel.kptr_restrict", Fact::Unknown("permission denied".into())));
        assert_unknown(kernel_hardening(&snapshot()));
    }
}
