use dockward_model::facts::{Case, Field, NamespaceMode};
use dockward_model::verdict::{Evidence, Failure, Foothold, Gain, Outcome, Severity};

crate::rule! {
    /// ## Why
    /// `--network container:db` puts two containers behind one wall: this one reaches whatever `db`
    /// listens on at 127.0.0.1 and hears its traffic. `--ipc container:db` shares its memory
    /// segments; `--pid container:db` lets root in here read its files through `/proc/1/root` and
    /// stop it. Who breaks into the weaker of the two has both.
    ///
    /// ## Fix
    /// Join what belongs together, such as a proxy and its service, and judge them as one.
    /// Everything else meets on a network (`--network shop`; Compose: `networks:`).
    ///
    /// ## References
    /// namespaces(7); Docker's reference, `docker run --network`, `--pid`, `--ipc`. Not in CIS.
    id: "container-joined-namespace", title: "no namespace of another container is joined",
    severity: Medium, cis16: [], cis18: [], judge: joined_namespace
}

/// A namespace that may be another container's.
struct Kind<'a> {
    field: &'a Field<NamespaceMode>,
    /// The option's name, without dashes.
    option: &'static str,
    severity: Severity,
    needs: Foothold,
}

fn joined_namespace(case: &Case<'_>) -> Outcome {
    use {Foothold::InContainer, Foothold::RootInContainer, Severity::Low, Severity::Medium};
    let e = &case.effective;
    let kinds = [
        Kind { field: &e.pid, option: "pid", severity: Medium, needs: RootInContainer },
        Kind { field: &e.ipc, option: "ipc", severity: Medium, needs: RootInContainer },
        Kind { field: &e.net, option: "network", severity: Low, needs: InContainer },
    ];
    let joined: Vec<_> = kinds.iter().filter_map(|kind| Some((kind, other(kind)?))).collect();
    match joined.split_first() {
        Some((first, rest)) => fail(first, rest).into(),
        None => match kinds.iter().find(|kind| kind.field.fact.unknown().is_some()) {
            Some(unread) => Outcome::unread(unread.field),
            None => Outcome::Pass,
        },
    }
}

/// The container that is joined.
fn other<'a>(kind: &Kind<'a>) -> Option<&'a str> {
    match kind.field.get() {
        Some(NamespaceMode::Container(other)) => Some(other),
        _ => None,
    }
}

fn fail(first: &(&Kind<'_>, &str), rest: &[(&Kind<'_>, &str)]) -> Failure {
    let all = || std::iter::once(first).chain(rest);
    let told = |(kind, other): &(&Kind<'_>, &str)| format!("{} of `{}`", kind.option, short(other));
    let list: Vec<_> = all().map(told).collect();
    let message = format!("joins the {}: whoever gets into one is in both", list.join(" and the "));
    let flags: Vec<_> = all().map(|(kind, _)| format!("`--{} container:…`", kind.option)).collect();
    let fix = format!("remove {} (`network_mode:`, `pid:`, `ipc:`)", flags.join(", "));
    let mut failure = Failure::new(message, evidence(first), fix);
    for (kind, other) in all() {
        failure.severity = failure.severity.max(Some(kind.severity));
        failure = failure.opens(Gain::Container((*other).to_owned()), kind.needs);
    }
    failure.and(rest.iter().map(evidence))
}

fn evidence((kind, other): &(&Kind<'_>, &str)) -> Evidence {
    Evidence::of(kind.field, format!("container:{other}"), "one of its own")
}

/// A full id as every Docker tool prints it; a name as it is.
fn short(other: &str) -> &str {
    if other.len() == 64 { other.get(..12).unwrap_or(other) } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::sample;

    #[test]
    fn joined_processes_lead_root_into_the_other_container() {
        let case = case_with(|c| c.pid_mode = sample::known("container:db".into(), "PidMode"));
        let failure = assert_fails(joined_namespace, &case);
        assert_eq!(failure.severity, Some(Severity::Medium));
        let opening = &failure.openings[0];
        assert_eq!(opening.gain, Gain::Container("db".into()));
        assert_eq!(opening.needs, Foothold::RootInContainer);
    }

    #[test]
    fn a_joined_network_takes_no_root_and_weighs_less() {
        let joined = sample::known("container:db".into(), "NetworkMode");
        let case = case_with(|c| c.network_mode = joined);
        let failure = assert_fails(joined_namespace, &case);
        assert_eq!(failure.severity, Some(Severity::Low));
        assert_eq!(failure.openings[0].needs, Foothold::InContainer);
    }

    #[test]
    fn each_joined_namespace_is_a_piece_of_evidence() {
        let case = case_with(|c| {
            c.network_mode = sample::known("container:db".into(), "NetworkMode");
            c.ipc_mode = sample::known("container:db".into(), "IpcMode");
        });
        let failure = assert_fails(joined_namespace, &case);
        assert_eq!((failure.evidence.len(), failure.severity), (2, Some(Severity::Medium)));
        assert!(failure.message.starts_with("joins the ipc of `db` and the network of `db`"));
    }

    #[test]
    fn namespaces_of_its_own_and_of_the_host_pass_here() {
        assert_passes(joined_namespace, &case_with(|_| ()));
        let host = case_with(|c| c.network_mode = sample::known("host".into(), "NetworkMode"));
        assert_passes(joined_namespace, &host);
        let unsaid = case_with(|c| c.ipc_mode = sample::absent("IpcMode"));
        assert_passes(joined_namespace, &unsaid);
    }

    #[test]
    fn an_unreadable_mode_is_never_a_pass() {
        assert_unknown(joined_namespace, &case_with(|c| c.pid_mode = sample::unknown("PidMode")));
    }
}
