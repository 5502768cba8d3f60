use dockward_model::facts::{Case, ExecSession};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::listed;

crate::rule! {
    /// ## Why
    /// `docker exec --privileged` starts a command in the container with every capability and no
    /// seccomp filter, whatever the container itself was denied. It can mount the host's disk, and
    /// what it leaves behind is in no record of the container's settings.
    ///
    /// ## Fix
    /// End the session and use `docker exec` without `--privileged`. What really needs such rights
    /// is done on the host, or in a container made for it that is gone afterwards.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.23; engine API `GET /exec/{id}/json`. The engine forgets sessions that
    /// have ended: an audit rule on `docker` is the record of those.
    id: "container-exec-privileged", title: "no command was started in it as privileged",
    severity: High, cis16: ["5.23"], cis18: ["5.23"], judge: exec_privileged
}

fn exec_privileged(case: &Case<'_>) -> Outcome {
    if case.container.running.get() == Some(&false) {
        return Outcome::NotApplicable("it isn't running".into());
    }
    case.container.execs.judge(Outcome::Pass, |execs| {
        let privileged: Vec<&ExecSession> = execs.iter().filter(|exec| exec.privileged).collect();
        if privileged.is_empty() { Outcome::Pass } else { fail(&privileged) }
    })
}

fn fail(privileged: &[&ExecSession]) -> Outcome {
    const SHOWN: usize = 10;
    let commands: Vec<&str> = privileged.iter().map(|exec| exec.command.as_str()).collect();
    let evidence = |exec: &&ExecSession| {
        let state = if exec.running { "running" } else { "ended" };
        let seen = format!("privileged, {state}: {}", exec.command);
        Evidence::at(&exec.origin, seen, "not privileged").effective()
    };
    Outcome::Fail(Failure {
        severity: None,
        message: format!("a command was started in it with all rights: {}", listed::few(&commands)),
        evidence: privileged.iter().take(SHOWN).map(evidence).collect(),
        fix: "end the session; use `docker exec` without `--privileged`".into(),
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
            c.execs = execs;
        })
    }

    fn exec(privileged: bool) -> ExecSession {
        ExecSession {
            id: "5e".repeat(32),
            running: true,
            privileged,
            user: String::new(),
            command: "mount /dev/sda1 /mnt".into(),
            origin: sample::known((), "ProcessConfig.privileged").origin,
        }
    }

    #[test]
    fn a_privileged_session_fails_with_its_command() {
        let facts = running(sample::known(vec![exec(false), exec(true)], "ExecIDs"));
        let failure = assert_fails(exec_privileged, &facts);
        assert_eq!(failure.evidence.len(), 1);
        assert!(failure.message.ends_with("mount /dev/sda1 /mnt"), "{}", failure.message);
    }

    #[test]
    fn ordinary_sessions_and_none_pass() {
        assert_passes(exec_privileged, &running(sample::known(vec![exec(false)], "ExecIDs")));
        assert_passes(exec_privileged, &running(sample::absent("ExecIDs")));
    }

    #[test]
    fn in_one_that_does_not_run_there_are_none() {
        assert_not_applicable(exec_privileged, &case_with(|_| ()));
    }

    #[test]
    fn unreadable_sessions_are_never_a_pass() {
        assert_unknown(exec_privileged, &running(sample::unknown("ExecIDs")));
    }
}
