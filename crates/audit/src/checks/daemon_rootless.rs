use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::check! {
    /// ## Why
    /// The engine runs as root. A mistake in it, or in anything that may talk to it, is therefore
    /// a mistake with root's rights. A rootless engine has the rights of one ordinary user: who
    /// breaks out of a container there holds an account, not the machine.
    ///
    /// ## Fix
    /// Where the workload allows it (no ports below 1024 without help, slower networking, no
    /// AppArmor), set the engine up again with `dockerd-rootless-setuptool.sh install` as a user
    /// of its own. Else waive this check and say why.
    ///
    /// ## References
    /// CIS Docker Benchmark 2.1; docs.docker.com, "Rootless mode".
    id: "daemon-rootless", title: "the engine runs without root's rights",
    severity: Low, area: Daemon, cis16: ["2.1"], cis18: ["2.1"], Engine: rootless
}

fn rootless(_: &Snapshot, engine: &Engine) -> Outcome {
    let option = engine.daemon.security_option("rootless");
    let as_root = || {
        Outcome::Review(Failure::new(
            "runs as root; a rootless engine would have one ordinary user's rights",
            Evidence::of(&option, "no name=rootless", "name=rootless").effective(),
            "decide whether this host's workload can run under a rootless engine",
        ))
    };
    if option.fact.unknown().is_some() {
        return Outcome::unread(&option);
    }
    option.judge(as_root(), |_| Outcome::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_needs_a_look, assert_passes, assert_unknown, engine_with, snapshot,
    };
    use dockward_model::facts::sample;

    #[test]
    fn a_stock_engine_needs_a_decision() {
        assert_needs_a_look(rootless(&snapshot(), &engine_with(|_| {})));
        let none = engine_with(|e| e.daemon.security_options = sample::absent("SecurityOptions"));
        assert_needs_a_look(rootless(&snapshot(), &none));
    }

    #[test]
    fn a_rootless_engine_passes() {
        let options = vec!["name=seccomp,profile=builtin".into(), "name=rootless".into()];
        let options = sample::known(options, "SecurityOptions");
        let engine = engine_with(|e| e.daemon.security_options = options);
        assert_passes(rootless(&snapshot(), &engine));
    }

    #[test]
    fn unread_options_are_unknown() {
        let engine =
            engine_with(|e| e.daemon.security_options = sample::unknown("SecurityOptions"));
        assert_unknown(rootless(&snapshot(), &engine));
    }
}
