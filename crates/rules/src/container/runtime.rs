use dockward_model::facts::Case;
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::rule! {
    /// ## Why
    /// The runtime is the program that builds the container's walls, and it runs as root on the
    /// host. Everything else that was configured holds only if it does its work. One that is not
    /// widely known deserves a look: what it is, who put it there, and who may write to its file.
    ///
    /// ## Fix
    /// Remove `--runtime` (Compose `runtime:`) to use the engine's own, or accept it with a waiver.
    /// Runtimes are registered in daemon.json under `runtimes`.
    ///
    /// ## References
    /// OCI runtime specification; Docker's page on alternative container runtimes. No CIS
    /// recommendation covers it.
    id: "container-runtime", title: "it runs under a runtime that is known",
    severity: Low, cis16: [], cis18: [], judge: runtime
}

/// By name, or by the beginning of one that ends with a star.
const KNOWN: &[&str] = &[
    "",
    "runc",
    "crun",
    "youki",
    "runsc",
    "nvidia",
    "sysbox-runc",
    "kata*",
    "io.containerd.kata*",
    "io.containerd.runc.*",
    "io.containerd.runsc.*",
    "io.containerd.runhcs.*",
];

fn runtime(case: &Case<'_>) -> Outcome {
    case.container.runtime.judge(Outcome::Pass, |name| {
        let is_default = case.daemon.default_runtime.get() == Some(name);
        if is_known(name) || is_default { Outcome::Pass } else { review(case, name) }
    })
}

fn is_known(name: &str) -> bool {
    KNOWN.iter().any(|known| match known.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == *known,
    })
}

fn review(case: &Case<'_>, name: &str) -> Outcome {
    let runtimes = &case.daemon.runtimes;
    let path = runtimes.get().and_then(|all| all.get(name));
    let message = match path {
        Some(path) => format!("runs under the runtime {name} ({path}): is it to be trusted?"),
        None => format!("runs under the runtime {name}: is it to be trusted?"),
    };
    let evidence = Evidence::of(&case.container.runtime, name, "the engine's own or a known one");
    let path = path.map(|path| Evidence::of(runtimes, path, "a runtime that is known"));
    let fix = "remove `--runtime` (`runtime:`), or accept it with a waiver";
    Outcome::Review(Failure::new(message, evidence, fix).and(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, assert_passes, assert_reviews, assert_unknown, case_with};
    use dockward_model::facts::sample;

    fn under(name: &str) -> Facts {
        case_with(|c| c.runtime = sample::known(name.into(), "HostConfig.Runtime"))
    }

    #[test]
    fn known_runtimes_pass() {
        for name in ["runc", "runsc", "kata-qemu", "io.containerd.runc.v2", "nvidia", ""] {
            assert_passes(runtime, &under(name));
        }
    }

    #[test]
    fn another_one_is_for_a_person_to_decide_with_its_path() {
        let mut facts = under("other");
        assert!(assert_reviews(runtime, &facts).message.contains("runtime other:"));
        let all = [("other".to_owned(), "/usr/sbin/other".to_owned())].into();
        facts.daemon.runtimes = sample::known(all, "Runtimes");
        let review = assert_reviews(runtime, &facts);
        assert!(review.message.contains("/usr/sbin/other") && review.evidence.len() == 2);
    }

    #[test]
    fn a_name_that_only_begins_like_a_known_one_is_not_known() {
        assert_reviews(runtime, &under("runc-debug"));
    }

    #[test]
    fn the_engines_own_default_passes_and_so_does_nothing_said() {
        let mut facts = under("other");
        facts.daemon.default_runtime = sample::known("other".into(), "DefaultRuntime");
        assert_passes(runtime, &facts);
        assert_passes(runtime, &case_with(|c| c.runtime = sample::absent("HostConfig.Runtime")));
    }

    #[test]
    fn an_unreadable_runtime_is_never_a_pass() {
        assert_unknown(runtime, &case_with(|c| c.runtime = sample::unknown("HostConfig.Runtime")));
    }
}
