use dockward_model::facts::{Case, Fact, Ulimit};
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::rule! {
    /// ## Why
    /// The kernel's limits for each process (open files, core dumps, locked memory) come from the
    /// engine's own, and those are wide: up to a million open files. A program that leaks them takes
    /// kernel memory that no memory limit of old kernels counts, and some programs loop over all of
    /// them at start.
    ///
    /// ## Fix
    /// `--ulimit nofile=1024:4096` (Compose `ulimits: {nofile: {soft: 1024, hard: 4096}}`), or for
    /// all containers `default-ulimits` in daemon.json.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.19 and 2.8 (2.9 in 1.8); getrlimit(2).
    id: "container-ulimits", title: "the number of open files is limited",
    severity: Info, cis16: ["5.19"], cis18: ["5.19"], judge: ulimits
}

fn ulimits(case: &Case<'_>) -> Outcome {
    let own = &case.container.limits.ulimits;
    match &own.fact {
        Fact::Unknown(_) => Outcome::unread(own),
        Fact::Known(list) if list.iter().any(|limit| limit.name == "nofile") => {
            of_its_own(case, list)
        }
        Fact::Known(_) | Fact::Absent => of_the_daemon(case),
    }
}

fn of_its_own(case: &Case<'_>, list: &[Ulimit]) -> Outcome {
    let own = &case.container.limits.ulimits;
    match list.iter().find(|limit| limit.name == "nofile" && limit.hard < 0) {
        None => Outcome::Pass,
        Some(limit) => {
            let seen = format!("nofile={}:{}", limit.soft, limit.hard);
            Failure::new("may open files without end", Evidence::of(own, seen, "a number"), FIX)
                .into()
        }
    }
}

fn of_the_daemon(case: &Case<'_>) -> Outcome {
    let wide = case.daemon.configured("default-ulimits");
    match &wide.fact {
        Fact::Unknown(_) => Outcome::unread(&wide),
        Fact::Known(value) if value.to_string().contains("nofile") => Outcome::Pass,
        Fact::Known(_) | Fact::Absent => {
            let own = &case.container.limits.ulimits;
            let evidence = Evidence::of(own, "no `nofile`, here or for all", "nofile=1024:4096");
            Failure::new("has the engine's own wide limit of open files", evidence, FIX).into()
        }
    }
}

const FIX: &str = "`--ulimit nofile=1024:4096` (`ulimits:`), or `default-ulimits` in daemon.json";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::{Configured, Origin, sample};

    fn with(name: &str, hard: i64) -> Facts {
        let limit = Ulimit { name: name.into(), soft: hard, hard };
        case_with(|c| c.limits.ulimits = sample::known(vec![limit], "HostConfig.Ulimits"))
    }

    #[test]
    fn a_limit_of_its_own_passes() {
        assert_passes(ulimits, &with("nofile", 4096));
    }

    #[test]
    fn no_end_another_limit_and_nothing_said_fail() {
        assert_fails(ulimits, &with("nofile", -1));
        assert_fails(ulimits, &with("nproc", 64));
        assert_fails(ulimits, &case_with(|_| ()));
    }

    #[test]
    fn a_limit_for_all_containers_passes() {
        let value =
            r#"{"nofile": {"Name": "nofile", "Soft": 1024, "Hard": 4096}}"#.parse().unwrap();
        let origin = Origin::file("/etc/docker/daemon.json", Some(2));
        let limit = Configured { value, secret: None, origin };
        let mut facts = case_with(|_| ());
        facts.daemon.config = Fact::Known([("default-ulimits".to_owned(), limit)].into());
        assert_passes(ulimits, &facts);
    }

    #[test]
    fn an_unreadable_limit_or_daemon_is_never_a_pass() {
        let own = case_with(|c| c.limits.ulimits = sample::unknown("HostConfig.Ulimits"));
        assert_unknown(ulimits, &own);
        let mut facts = case_with(|_| ());
        facts.daemon.config = Fact::Unknown("not allowed".into());
        assert_unknown(ulimits, &facts);
    }
}
