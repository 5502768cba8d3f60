use dockward_model::facts::{CapSet, Capability, Case, DEFAULT_CAPABILITIES};
use dockward_model::verdict::{Evidence, Failure, Gain, Outcome, Severity};

use crate::capability_worth::{Worth, worth};
use crate::standing::{as_root, opens_as_root, said_of_privileged, seen};

crate::rule! {
    /// ## Why
    /// Capabilities are root's rights in pieces. Some of those that `--cap-add` gives are as good
    /// as root on the host: `SYS_ADMIN` mounts, `SYS_MODULE` loads code into the kernel,
    /// `DAC_READ_SEARCH` opens any file of the host's disk, `SYS_PTRACE` with the host's processes
    /// takes one over. Of the default set, `NET_RAW` lets root in the container read and forge the
    /// traffic of its neighbours.
    ///
    /// ## Fix
    /// `--cap-drop ALL` (`cap_drop: [ALL]`), then add back only what it fails without: a web server
    /// often needs `NET_BIND_SERVICE`, one that steps down `SETUID` and `SETGID`.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.4; capabilities(7); moby `oci/caps/defaults.go`; the custom checks
    /// C.5.3.1 to C.5.3.4 of docker-bench-security.
    id: "container-capabilities", title: "it has no capability that it can do without",
    severity: Medium, cis16: ["5.4"], cis18: ["5.4"], judge: capabilities
}

fn capabilities(case: &Case<'_>) -> Outcome {
    if let Some(outcome) = said_of_privileged(case) {
        return outcome;
    }
    let field = &case.effective.capabilities;
    field.judge(Outcome::unread(field), |set| {
        let mut extra: Vec<_> =
            set.minus(DEFAULT_CAPABILITIES).iter().map(|c| worth(case, c)).collect();
        extra.sort_by_key(|worth| std::cmp::Reverse(worth.severity));
        match extra.first() {
            Some(worst) => fail(case, *set, worst, &extra).into(),
            None if hears_neighbours(case, *set) => keeps_raw(case).into(),
            None => Outcome::Pass,
        }
    })
}

fn fail(case: &Case<'_>, set: CapSet, worst: &Worth, extra: &[Worth]) -> Failure {
    let field = &case.effective.capabilities;
    let expected = "the engine's default set or less";
    let told =
        |worth: &Worth| seen(field, format!("{}: {}", worth.capability, worth.allows), expected);
    let (message, evidence): (_, Vec<Evidence>) = if set.is_full() {
        (every(case).into(), vec![seen(field, "ALL", expected)])
    } else {
        let rest: Vec<_> = extra.iter().skip(1).map(|worth| worth.capability.name()).collect();
        let rest =
            if rest.is_empty() { String::new() } else { format!("; also {}", rest.join(", ")) };
        let message = format!("{}: root in it {}{rest}", worst.capability, worst.allows);
        (message, extra.iter().map(told).collect())
    };
    let failure = Failure {
        severity: None,
        message,
        evidence,
        fix: "remove it from `--cap-add` (`cap_add:`); best `--cap-drop ALL` (`cap_drop: [ALL]`)"
            .into(),
        openings: Vec::new(),
    };
    // The greatest gain comes first in their order.
    let gain: Option<Gain> = extra.iter().filter_map(|worth| worth.gain.clone()).min();
    opens_as_root(case, failure, worst.severity, gain)
}

fn every(case: &Case<'_>) -> &'static str {
    if case.effective.root_is_host_root() {
        "has every capability: root in it is root on the host"
    } else {
        "has every capability within its user namespace"
    }
}

/// Whether `NET_RAW`, of the default set, is of any use to it.
fn hears_neighbours(case: &Case<'_>, set: CapSet) -> bool {
    let alone = case.container.network_mode.get().is_some_and(|mode| mode == "none");
    set.has(Capability::NetRaw) && !alone && !case.effective.never_root()
}

fn keeps_raw(case: &Case<'_>) -> Failure {
    let raw = worth(case, Capability::NetRaw);
    let evidence = seen(&case.effective.capabilities, "NET_RAW", "dropped");
    let message = format!("keeps NET_RAW: root in it {}", raw.allows);
    let fix = "`--cap-drop ALL` (`cap_drop: [ALL]`) and add back what it needs";
    Failure::new(message, evidence, fix).severity(as_root(case, raw.severity).max(Severity::Low))
}

#[cfg(test)]
mod tests;
