use dockward_advisory::Program;
use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::Outcome;

use crate::patched;

crate::check! {
    /// ## Why
    /// containerd unpacks images and keeps containers running, as root. Holes in it have let images
    /// change files of the host and users of the host read files of containers. It is a package of
    /// its own with release lines of its own: a new engine may run on an old one.
    ///
    /// It is judged as the engine is; see `dockward explain host-engine-version`. What only its
    /// Kubernetes interface has is left out, since Docker doesn't use that.
    ///
    /// ## Fix
    /// Install what your package manager has: `containerd.io` from Docker, `containerd` from a
    /// distribution. Then restart it; containers keep running.
    ///
    /// ## References
    /// containerd, `RELEASES.md`; the advisories at github.com/containerd/containerd/security and
    /// pkg.go.dev/vuln.
    id: "host-containerd-version", title: "containerd has no known weakness left open",
    severity: Medium, area: Host, cis16: [], cis18: [], Engine: version
}

fn version(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    patched::of_component(snapshot, engine, Program::Containerd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_not_applicable, assert_unknown, engine_with, snapshot};
    use dockward_model::facts::sample;

    #[test]
    fn the_engine_says_which_it_runs() {
        let unread = engine_with(|e| e.daemon.components = sample::unknown("Components"));
        assert_unknown(version(&snapshot(), &unread));
        let none = engine_with(|e| e.daemon.components = sample::known([].into(), "Components"));
        assert_not_applicable(version(&snapshot(), &none));
    }
}
