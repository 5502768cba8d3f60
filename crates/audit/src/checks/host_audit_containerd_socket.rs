use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::audited;

crate::check! {
    /// ## Why
    /// Who may connect to containerd's socket is root: its owner and mode are all that is in the
    /// way. A change of either should not pass unnoticed.
    ///
    /// ## Fix
    /// A line `-w /run/containerd/containerd.sock -p wa -k docker` in
    /// `/etc/audit/rules.d/docker.rules`, then `augenrules --load`. The finding names the path that
    /// this host has. Writing and changes of owner and mode have to be recorded, of all users and
    /// of 32-bit programs too. The rules in force count; where the kernel does not tell them, those
    /// that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.8; audit.rules(7), augenrules(8).
    id: "host-audit-containerd-socket", title: "changes to containerd's socket are recorded",
    severity: Low, area: Host, cis16: ["1.1.8"], cis18: ["1.1.8"], Host: containerd_socket
}

fn containerd_socket(snapshot: &Snapshot) -> Outcome {
    audited::files(
        snapshot,
        &["/run/containerd/containerd.sock", "/run/docker/containerd/containerd.sock"],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::judged_four_ways;
    use crate::audited::samples::{host, watch};
    use crate::judged::assert_passes;

    #[test]
    fn the_socket_is_judged() {
        judged_four_ways(containerd_socket, "/run/containerd/containerd.sock");
    }

    #[test]
    fn a_rule_for_its_folder_watches_the_socket() {
        let socket = "/run/containerd/containerd.sock";
        let snapshot = host(&[socket], vec![watch("/run/containerd/")]);
        assert_passes(containerd_socket(&snapshot));
    }
}
