//! Builds and imports: what they get of the host. Inside BuildKit's own stream nothing is seen: who
//! may open it is a matter of the caller and of the engine's `builder.entitlements`.

use dockward_model::facts::Fact;
use dockward_policy::Profile;

use super::{Asked, Decided, Stop};
use crate::violation::Violation;

const RULE: &str = "guard-build";

pub(super) fn build(asked: &Asked<'_>, decided: &mut Decided) {
    let parameters = &asked.routed.parameters;
    let of = |name: &str| parameters.get(name).unwrap_or_default();
    decided.subjects.extend(parameters.all("t").map(str::to_owned));
    let mut add = |wrong: bool, message: &str, fix: &str| {
        if wrong {
            let violation = Violation::new(RULE, message, fix);
            decided.violations.extend(asked.held.violation(violation));
        }
    };
    let network = of("networkmode");
    let options = || parameters.all("securityopt").filter(|text| !text.is_empty());
    let joins = network == "host" || network.starts_with("container:");
    add(joins, "builds in a network that is not its own", "leave out `--network`");
    let grouped = !of("cgroupparent").is_empty();
    add(grouped, "builds in a cgroup of its own choice", "leave out `--cgroup-parent`");
    let odd = options().any(|text| text != "no-new-privileges");
    add(odd, "builds with other security options than the engine's", "leave out `--security-opt`");
    let fetched = !matches!(of("remote"), "" | "client-session");
    let fix = "fetch it first, and build from a folder";
    add(fetched, "has the engine fetch what it builds, from wherever it says", fix);
}

/// The engine fetches in its own network, which callers may have no way into.
pub(super) fn import(asked: &Asked<'_>, decided: &mut Decided) {
    let of = |name: &str| asked.routed.parameters.get(name).unwrap_or_default();
    let names = [of("fromImage"), of("repo")];
    decided.image = names.into_iter().find(|name| !name.is_empty()).map(str::to_owned);
    if matches!(of("fromSrc"), "" | "-") {
        return;
    }
    let message = "has the engine fetch an image's files, from wherever it says";
    let fix = "fetch them first: `curl URL | docker import -`";
    decided.violations.extend(asked.held.violation(Violation::new(RULE, message, fix)));
}

/// BuildKit's stream is open to callers who are allowed it by name, and to everybody where the engine
/// grants builds nothing of the host.
pub(super) fn session(asked: &Asked<'_>, decided: &mut Decided) -> Result<(), Stop> {
    let lent = &asked.around.build_entitlements;
    let open =
        asked.held.profile() != Profile::Restricted && lent.known().is_some_and(Vec::is_empty);
    if open || asked.is_named() {
        return Ok(());
    }
    let why = match lent {
        Fact::Known(lent) if !lent.is_empty() => {
            format!(" (the engine grants builds {})", lent.join(", "))
        }
        Fact::Unknown(why) => format!(" ({why})"),
        _ => String::new(),
    };
    let message = format!("opens BuildKit's own stream, in which nothing is seen{why}");
    let fix = "whoever keeps this host can refuse `builder.entitlements` in daemon.json, or allow \
               `builder-*` to this caller; else build with DOCKER_BUILDKIT=0";
    decided.violations.extend(asked.held.violation(Violation::new(RULE, message, fix)));
    Ok(())
}
