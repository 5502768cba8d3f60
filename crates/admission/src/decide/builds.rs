//! Builds: what a step of one gets of the host. Inside BuildKit's own stream nothing is seen: who may
//! open it is a matter of the caller and of the engine's `builder.entitlements`.

use dockward_policy::Profile;

use super::{Asked, Decided};
use crate::violation::Violation;

const RULE: &str = "guard-build";

pub(super) fn build(asked: &Asked<'_>, decided: &mut Decided) {
    let of = |name: &str| asked.routed.parameters.get(name).unwrap_or_default();
    decided.subjects.extend(asked.routed.parameters.all("t").map(str::to_owned));
    let mut add = |message: String, fix: &str| {
        decided.violations.extend(asked.held.violation(Violation::new(RULE, message, fix)));
    };
    let network = of("networkmode");
    if network == "host" || network.starts_with("container:") {
        add(format!("builds in the network of `{network}`"), "leave out `--network`");
    }
    if !of("cgroupparent").is_empty() {
        add("builds in a cgroup of its own choice".to_owned(), "leave out `--cgroup-parent`");
    }
    if asked
        .routed
        .parameters
        .all("securityopt")
        .any(|text| !text.is_empty() && text != "no-new-privileges")
    {
        add(
            "builds with other security options than the engine's".to_owned(),
            "leave out `--security-opt`",
        );
    }
    if asked.held.profile() == Profile::Restricted
        && !of("remote").is_empty()
        && of("remote") != "client-session"
    {
        add(
            "has the engine fetch what it builds".to_owned(),
            "fetch it first, and build from a folder",
        );
    }
}

pub(super) fn session(asked: &Asked<'_>, decided: &mut Decided) {
    if asked.held.profile() == Profile::Restricted {
        let message = "opens BuildKit's own stream, in which nothing is seen";
        let fix = "build elsewhere, or with DOCKER_BUILDKIT=0";
        decided.violations.extend(asked.held.violation(Violation::new(RULE, message, fix)));
    }
}
