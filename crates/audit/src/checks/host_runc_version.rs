use dockward_advisory::Program;
use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::Outcome;

use crate::patched;

crate::check! {
    /// ## Why
    /// runc draws the line between a container and the host, as root, each time that one is started
    /// or a command is executed in it. Nearly every way out of a container that was not a matter of
    /// its settings was a hole in runc or in the kernel. Docker's own packages bring it with
    /// `containerd.io`, distributions have it as a package of its own.
    ///
    /// It is judged as the engine is; see `dockward explain host-engine-version`.
    ///
    /// ## Fix
    /// Install what your package manager has: `containerd.io` from Docker, `runc` from a
    /// distribution. The next container is started with it; no restart is needed.
    ///
    /// ## References
    /// runc, `RELEASES.md`; the advisories at github.com/opencontainers/runc/security and
    /// pkg.go.dev/vuln.
    id: "host-runc-version", title: "runc has no known weakness left open",
    severity: High, area: Host, cis16: [], cis18: [], Engine: version
}

fn version(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    patched::of_component(snapshot, engine, Program::Runc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_not_applicable, assert_unknown, engine_with, snapshot};
    use dockward_model::facts::sample;

    #[test]
    fn an_engine_on_another_runtime_is_not_asked() {
        let crun = [("OCI Runtime (crun)".to_owned(), "crun version 1.8".to_owned())];
        let crun = engine_with(|e| e.daemon.components = sample::known(crun.into(), "Components"));
        assert_not_applicable(version(&snapshot(), &crun));
    }

    #[test]
    fn what_is_no_version_is_unknown() {
        let odd = [("runc".to_owned(), "N/A".to_owned())];
        let odd = engine_with(|e| e.daemon.components = sample::known(odd.into(), "Components"));
        assert_unknown(version(&snapshot(), &odd));
    }
}
