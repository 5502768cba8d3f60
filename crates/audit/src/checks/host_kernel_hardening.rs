use dockward_model::facts::Snapshot;
use dockward_model::verdict::{Failure, Outcome};

use crate::kernel_switches::{HARDENING, Standing};

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

fn kernel_hardening(snapshot: &Snapshot) -> Outcome {
    let (mut weak, mut names, mut unread) = (Vec::new(), Vec::new(), None);
    for switch in &HARDENING {
        match switch.on(&snapshot.host) {
            Standing::Good => {}
            Standing::Weak(evidence) => {
                names.push(format!("{} = {}", switch.name, switch.good[0]));
                weak.push(evidence);
            }
            Standing::Unread(outcome) => unread = unread.or(Some(outcome)),
        }
    }
    if names.is_empty() {
        return unread.unwrap_or(Outcome::Pass);
    }
    let rest = if unread.is_some() { "; some could not be read" } else { "" };
    Failure {
        severity: None,
        message: format!("{} of {} switches are weak{rest}", names.len(), HARDENING.len()),
        evidence: weak,
        fix: format!("in /etc/sysctl.d: {}", names.join(", ")),
        openings: Vec::new(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, snapshot, snapshot_with};
    use dockward_model::facts::{Fact, Field, Origin};

    fn with(changed: &str, fact: Fact<String>) -> Outcome {
        let sysctls = HARDENING.iter().map(|switch| {
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
        for switch in &HARDENING {
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
