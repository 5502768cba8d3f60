//! How far root in a container gets on the host: what several rules weigh a failure by.

use dockward_model::facts::{Case, Field, Origin, RunsAs, UserNamespace};
use dockward_model::verdict::{Evidence, Failure, Foothold, Gain, Outcome, Severity};

/// The outcome of a rule that has nothing to add about a privileged container.
pub(crate) fn said_of_privileged(case: &Case<'_>) -> Option<Outcome> {
    let on = case.effective.privileged.get() == Some(&true);
    on.then(|| Outcome::NotApplicable("it is privileged: see container-privileged".into()))
}

/// A failure that comes of `--privileged`, if it does: `container-privileged` tells how bad that is,
/// and here it only counts.
pub(crate) fn counted_if_privileged(case: &Case<'_>, failure: Failure) -> Failure {
    if case.effective.privileged.get() != Some(&true) {
        return failure;
    }
    let fix = "it is privileged: see container-privileged".into();
    Failure { fix, ..failure.severity(Severity::Low) }
}

/// How bad `severity` is here, given that an attacker must be root in the container, and that this
/// root must be the host's.
pub(crate) fn as_root(case: &Case<'_>, severity: Severity) -> Severity {
    let effective = &case.effective;
    if !effective.root_is_host_root() || effective.never_root() {
        return lower(lower(severity));
    }
    match effective.runs_as.get() {
        Some(RunsAs::Uid(_)) => lower(severity),
        Some(RunsAs::Root) | None => severity,
    }
}

/// A failure that takes root in the container: weighed by [`as_root`], and a step of a path only
/// where that root is the host's, or the user's whose engine it is.
pub(crate) fn opens_as_root(
    case: &Case<'_>,
    failure: Failure,
    severity: Severity,
    gain: Option<Gain>,
) -> Failure {
    let failure = failure.severity(as_root(case, severity));
    match gain {
        Some(gain) if case.effective.root_is_host_root() || is_rootless(case) => {
            failure.opens(gain, Foothold::RootInContainer)
        }
        _ => failure,
    }
}

const fn lower(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium | Severity::Low => Severity::Low,
        Severity::Info => Severity::Info,
    }
}

/// Whether the engine itself runs in a user namespace, as an ordinary user.
pub(crate) fn is_rootless(case: &Case<'_>) -> bool {
    case.effective.userns.get() == Some(&UserNamespace::Remapped) && case.daemon.is_rootless()
}

/// Evidence of something that holds: what `/info` and the kernel say is in force.
pub(crate) fn seen<T>(
    field: &Field<T>,
    seen: impl Into<String>,
    expected: impl Into<String>,
) -> Evidence {
    let evidence = Evidence::of(field, seen, expected);
    match &field.origin {
        Origin::Api { endpoint, .. } if &**endpoint == "/info" => evidence.effective(),
        _ => evidence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::case_with;
    use dockward_model::facts::{Container, sample};

    fn weighed(change: impl FnOnce(&mut Container)) -> Severity {
        as_root(&case_with(change).case(), Severity::Critical)
    }

    #[test]
    fn who_starts_as_root_or_as_nobody_knows_who_is_weighed_in_full() {
        assert_eq!(weighed(|_| ()), Severity::Critical);
        let unknown = weighed(|c| c.user = sample::unknown("Config.User"));
        assert_eq!(unknown, Severity::Critical);
    }

    #[test]
    fn another_user_is_one_step_further_away_and_two_where_set_uid_gives_nothing() {
        let user = |c: &mut Container| c.user = sample::known("1000".into(), "Config.User");
        assert_eq!(weighed(user), Severity::High);
        let never = weighed(|c| {
            user(c);
            let options = vec!["no-new-privileges".into()];
            c.security_opt = sample::known(options, "HostConfig.SecurityOpt");
        });
        assert_eq!(never, Severity::Medium);
    }

    #[test]
    fn root_of_another_user_namespace_opens_nothing_but_what_a_rootless_engine_may() {
        for (option, openings) in [("name=userns", 0), ("name=rootless", 1)] {
            let mut facts = case_with(|_| ());
            facts.daemon.security_options = sample::known(vec![option.into()], "");
            let case = facts.case();
            let failure = Failure::new("", seen(&case.effective.userns, "", ""), "");
            let failure = opens_as_root(&case, failure, Severity::Critical, Some(Gain::HostRoot));
            assert_eq!(failure.severity, Some(Severity::Medium));
            assert_eq!(failure.openings.len(), openings, "{option}");
            assert_eq!(is_rootless(&case), option == "name=rootless");
        }
    }
}
