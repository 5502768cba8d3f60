use dockward_model::facts::{Case, ExecSession, RunsAs};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::listed;

crate::rule! {
    /// ## Why
    /// `docker exec --user root` starts a command as root in a container that was built to do
    /// without. Files that it makes belong to root, and whatever waits for root in there (a changed
    /// program, a trap in a profile) has its chance.
    ///
    /// ## Fix
    /// Use `docker exec` without `--user`: the command then runs as the container's own user. What
    /// needs root belongs into the Dockerfile.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.24; engine API `GET /exec/{id}/json`.
    id: "container-exec-root", title: "no command was started in it as root",
    severity: Low, cis16: ["5.24"], cis18: ["5.24"], judge: exec_root
}

fn exec_root(case: &Case<'_>) -> Outcome {
    if case.container.running.get() == Some(&false) {
        return Outcome::NotApplicable("it isn't running".into());
    }
    case.container.execs.judge(Outcome::Pass, |execs| {
        let as_root: Vec<&ExecSession> = execs.iter().filter(|exec| is_root(&exec.user)).collect();
        if as_root.is_empty() { Outcome::Pass } else { fail(case, &as_root) }
    })
}

/// `root` or 0 in any spelling, with or without a group. Empty is the container's own user.
fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default();
    name == "root" || name.parse::<u32>() == Ok(0)
}

fn fail(case: &Case<'_>, as_root: &[&ExecSession]) -> Outcome {
    const SHOWN: usize = 10;
    let commands: Vec<&str> = as_root.iter().map(|exec| exec.command.as_str()).collect();
    let evidence = |exec: &&ExecSession| {
        let seen = format!("user {}: {}", exec.user, exec.command);
        Evidence::at(&exec.origin, seen, "the container's own user").effective()
    };
    let own_is_root = case.effective.runs_as.get() == Some(&RunsAs::Root);
    Outcome::Fail(Failure {
        severity: Some(if own_is_root { Severity::Info } else { Severity::Low }),
        message: format!("a command was started in it as root: {}", listed::few(&commands)),
        evidence: as_root.iter().take(SHOWN).map(evidence).collect(),
        fix: "use `docker exec` without `--user root`".into(),
        openings: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        Facts, assert_fails, assert_not_applicable, assert_passes, assert_unknown, case_with,
    };
    use dockward_model::facts::{Field, sample};

    fn running(execs: Field<Vec<ExecSession>>) -> Facts {
        case_with(|c| {
            c.running = sample::known(true, "State.Running");
            c.user = sample::known("1000".into(), "Config.User");
            c.execs = execs;
        })
    }

    fn by(user: &str) -> Facts {
        let exec = ExecSession {
            id: "5e".repeat(32),
            running: true,
            privileged: false,
            user: user.into(),
            command: "sh".into(),
            origin: sample::known((), "ProcessConfig.user").origin,
        };
        running(sample::known(vec![exec], "ExecIDs"))
    }

    #[test]
    fn root_in_every_spelling_fails() {
        for user in ["root", "0", "0:0", "root:app", "000"] {
            let failure = assert_fails(exec_root, &by(user));
            assert_eq!(failure.severity, Some(Severity::Low), "{user}");
        }
    }

    #[test]
    fn in_a_container_that_is_root_anyway_it_is_only_worth_knowing() {
        let mut facts = by("root");
        facts.container.user = sample::absent("Config.User");
        assert_eq!(assert_fails(exec_root, &facts).severity, Some(Severity::Info));
    }

    #[test]
    fn the_containers_own_user_and_others_pass() {
        for user in ["", ":0", "1000", "app:root"] {
            assert_passes(exec_root, &by(user));
        }
        assert_passes(exec_root, &running(sample::absent("ExecIDs")));
    }

    #[test]
    fn not_running_there_are_none_and_unreadable_ones_are_never_a_pass() {
        assert_not_applicable(exec_root, &case_with(|_| ()));
        assert_unknown(exec_root, &running(sample::unknown("ExecIDs")));
    }
}
