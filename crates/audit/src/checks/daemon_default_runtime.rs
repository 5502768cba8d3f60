use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::together;

crate::check! {
    /// ## Why
    /// The runtime sets up every boundary of a container, as root. One that nobody knows may leave
    /// some out, and one in a folder where users may write can be exchanged: the next container to
    /// start runs the user's program as root.
    ///
    /// ## Fix
    /// Remove `default-runtime` from daemon.json to come back to runc, or waive this check and say
    /// what the other one is for. Move runtimes to a folder that only root may write to.
    ///
    /// ## References
    /// `Runtimes` and `DefaultRuntime` of `/info`; OCI runtime specification.
    id: "daemon-default-runtime", title: "containers are started by a known runtime",
    severity: Low, area: Daemon, cis16: [], cis18: [], Engine: default_runtime
}

const KNOWN: [&str; 8] = [
    "runc",
    "io.containerd.runc.v2",
    "crun",
    "youki",
    "runsc",
    "io.containerd.runsc.v1",
    "io.containerd.kata.v2",
    "sysbox-runc",
];
const OPEN_FOLDERS: [&str; 4] = ["/tmp/", "/var/tmp/", "/dev/shm/", "/home/"];

fn default_runtime(_: &Snapshot, engine: &Engine) -> Outcome {
    together::all([known(engine), places(engine)], "no runtime")
}

fn known(engine: &Engine) -> Outcome {
    let field = &engine.daemon.default_runtime;
    field.judge(Outcome::Pass, |name| {
        if name.is_empty() || KNOWN.contains(&name.as_str()) {
            return Outcome::Pass;
        }
        let evidence = Evidence::of(field, name.as_str(), "runc").effective();
        let message = format!("every container is started by the runtime {name}");
        let fix = "remove \"default-runtime\" from daemon.json, or say what it is for";
        Outcome::Review(Failure::new(message, evidence, fix))
    })
}

/// Podman and engines before 1.13 tell of no runtimes: nothing to look at then.
fn places(engine: &Engine) -> Outcome {
    let field = &engine.daemon.runtimes;
    field.judge(Outcome::Pass, |runtimes| {
        let open = |path: &String| OPEN_FOLDERS.iter().any(|folder| path.starts_with(folder));
        let found = runtimes.iter().filter(|(_, path)| open(path)).map(|(name, path)| {
            let evidence = Evidence::of(field, format!("{name}: {path}"), "below /usr").effective();
            let message = format!("the runtime {name} is a file where users may write, {path}");
            let fix = format!("move {path} to a folder that only root may write to");
            Failure::new(message, evidence, fix).severity(Severity::High).into()
        });
        together::all(found.chain([Outcome::Pass]), "no runtime")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_needs_a_look, assert_passes, assert_unknown, engine_with, snapshot,
    };
    use dockward_model::facts::sample;

    fn with(default: &str, path: &str) -> Outcome {
        let engine = engine_with(|e| {
            e.daemon.default_runtime = sample::known(default.into(), "DefaultRuntime");
            e.daemon.runtimes = sample::known([(default.into(), path.into())].into(), "Runtimes");
        });
        default_runtime(&snapshot(), &engine)
    }

    #[test]
    fn known_runtimes_pass() {
        assert_passes(with("runc", "runc"));
        assert_passes(with("crun", "/usr/bin/crun"));
    }

    #[test]
    fn another_one_needs_a_look() {
        assert_needs_a_look(with("nvidia", "/usr/bin/nvidia-container-runtime"));
    }

    #[test]
    fn a_runtime_where_users_may_write_fails_under_any_name() {
        assert_eq!(assert_fails(with("runc", "/home/eve/runc")).severity, Some(Severity::High));
        assert_fails(with("own", "/tmp/own"));
    }

    #[test]
    fn nothing_said_is_runc_and_unread_is_unknown() {
        let engine = engine_with(|e| {
            e.daemon.default_runtime = sample::absent("DefaultRuntime");
            e.daemon.runtimes = sample::absent("Runtimes");
        });
        assert_passes(default_runtime(&snapshot(), &engine));
        let engine = engine_with(|e| e.daemon.runtimes = sample::unknown("Runtimes"));
        assert_unknown(default_runtime(&snapshot(), &engine));
    }
}
