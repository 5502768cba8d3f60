use dockward_advisory::Program;
use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::Outcome;

use crate::patched;

crate::check! {
    /// ## Why
    /// An old engine has holes that are described in public: ways past authorization plugins, files
    /// of the host for whoever gets something built, root for an image when files are copied into
    /// its container. A number alone tells little: distributions mend old versions and keep the
    /// number, while a release line of Docker's own gets nothing more once it has ended.
    ///
    /// So an engine from Docker's packages, or put there by hand, is judged by its version. One from
    /// the distribution is judged by what its package's changelog names as mended; what is left is
    /// yours to look up, unless the distribution itself gets no fixes any more. What is known ends
    /// on the day that the report prints, and after half a year without a newer Dockward nothing
    /// passes by it.
    ///
    /// ## Fix
    /// Install what your package manager has (`apt-get install --only-upgrade docker-ce`), with
    /// `live-restore` on so that containers keep running; move to a release line or a distribution
    /// that still gets fixes.
    ///
    /// ## References
    /// CIS Docker Benchmark 1.2.2; moby, `project/BRANCHES-AND-TAGS.md`; the advisories at
    /// github.com/moby/moby/security and pkg.go.dev/vuln.
    id: "host-engine-version", title: "the engine has no known weakness left open",
    severity: Medium, area: Host, cis16: ["1.2.2"], cis18: ["1.2.2"], Engine: version
}

fn version(snapshot: &Snapshot, engine: &Engine) -> Outcome {
    if engine.daemon.is_podman() {
        return Outcome::NotApplicable("Podman's versions are its own".into());
    }
    let field = engine.daemon.version.clone();
    patched::of_engine(snapshot, engine, Program::Engine, field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_not_applicable, assert_unknown, engine_with, snapshot};
    use dockward_model::facts::{Flavour, sample};

    #[test]
    fn an_engine_without_a_version_is_unknown_or_not_asked() {
        let none = engine_with(|e| e.daemon.version = sample::unknown("Version"));
        assert_unknown(version(&snapshot(), &none));
        let absent = engine_with(|e| e.daemon.version = sample::absent("Version"));
        assert_not_applicable(version(&snapshot(), &absent));
    }

    #[test]
    fn podman_is_not_judged_as_docker() {
        let podman = engine_with(|e| {
            e.daemon.version = sample::known("4.3.1".into(), "Version");
            e.daemon.flavour = sample::known(Flavour::Podman, "Libpod-API-Version");
        });
        assert_not_applicable(version(&snapshot(), &podman));
    }
}
