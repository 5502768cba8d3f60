use dockward_model::facts::Snapshot;
use dockward_model::verdict::Outcome;

use crate::audited;

crate::check! {
    /// ## Why
    /// config.toml names the programs that start containers, the socket's owner and the plugins. A
    /// runtime more in it is a program that runs as root for whoever asks for it.
    ///
    /// ## Fix
    /// A line `-w /etc/containerd/config.toml -p wa -k docker` in
    /// `/etc/audit/rules.d/docker.rules`, then `augenrules --load`. The finding names the path that
    /// this host has. Writing and changes of owner and mode have to be recorded, of all users and
    /// of 32-bit programs too. The rules in force count; where the kernel does not tell them, those
    /// that the next start loads.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.1.12; audit.rules(7), augenrules(8).
    id: "host-audit-containerd-config", title: "changes to containerd's settings are recorded",
    severity: Low, area: Host, cis16: ["1.1.12"], cis18: ["1.1.12"], Host: containerd_config
}

fn containerd_config(snapshot: &Snapshot) -> Outcome {
    audited::files(snapshot, &["/etc/containerd/config.toml"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audited::samples::judged_four_ways;

    #[test]
    fn the_file_is_judged() {
        judged_four_ways(containerd_config, "/etc/containerd/config.toml");
    }
}
