//! Which rules deny.

use dockward_model::facts::{Case, DEFAULT_CAPABILITIES, Origin};
use dockward_model::verdict::Failure;
use dockward_policy::{GuardSettings, Profile};
use dockward_rules::{RULES, Rule};

/// When a failing rule denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Whenever it fails, or can't be judged.
    Always,
    /// When it has a capability that the engine doesn't give by itself.
    Beyond,
    /// When the request itself says so, not where the engine's default does.
    Said,
}

use When::{Always, Beyond, Said};

/// What leads to the host, as the baseline of Kubernetes' Pod Security Standards has it, and what
/// Docker has beside that.
const BASELINE: &[(&str, When)] = &[
    ("container-apparmor", Said),
    ("container-capabilities", Beyond),
    ("container-cgroup-parent", Always),
    ("container-device-cgroup-rules", Always),
    ("container-devices", Always),
    ("container-engine-socket", Always),
    ("container-exec-privileged", Always),
    ("container-host-cgroupns", Said),
    ("container-host-ipc", Always),
    ("container-host-network", Always),
    ("container-host-pid", Always),
    ("container-host-root-mount", Always),
    ("container-host-userns", Said),
    ("container-host-uts", Always),
    ("container-privileged", Always),
    ("container-runtime", Always),
    ("container-seccomp", Always),
    ("container-selinux", Said),
    ("container-sensitive-mount", Always),
    ("container-shared-propagation", Always),
    ("container-systempaths", Always),
    ("container-writable-cgroupfs", Always),
    ("guard-bind-root", Always),
    ("guard-build", Always),
    ("guard-checkpoint", Always),
    ("guard-field", Always),
    ("guard-network-driver", Always),
    ("guard-plugin", Always),
    ("guard-swarm", Always),
];

/// What a container can do without.
const RESTRICTED: &[(&str, When)] = &[
    ("container-capabilities", Always),
    ("container-exec-root", Always),
    ("container-joined-namespace", Always),
    ("container-no-new-privileges", Always),
    ("container-oom-killer", Always),
    ("container-root-user", Always),
    ("container-secret-in-argv", Always),
    ("container-secret-in-env", Always),
    ("container-secret-in-labels", Always),
];

/// What holds whatever the profile: it is said of single callers, and of names.
const EVERYWHERE: &[(&str, When)] =
    &[("guard-caller", Always), ("guard-owner", Always), ("guard-reserved-name", Always)];

/// When a rule denies under these settings; never where nothing is given back. Whoever only observes
/// is told what the baseline would deny.
pub(crate) fn denies(settings: &GuardSettings, profile: Profile, rule: &str) -> Option<When> {
    if let Some(on) = settings.rules.get(rule) {
        return on.then_some(Always);
    }
    let of = |list: &[(&str, When)]| list.iter().find(|(id, _)| *id == rule).map(|(_, when)| *when);
    of(EVERYWHERE).or_else(|| match profile {
        Profile::Observe | Profile::Baseline => of(BASELINE),
        Profile::Restricted => of(RESTRICTED).or_else(|| of(BASELINE)),
    })
}

/// Rules over containers that deny, and when.
pub(crate) type Denying = Vec<(&'static Rule, When)>;

/// All of them, in their own order.
pub(crate) fn denying(settings: &GuardSettings, profile: Profile) -> Denying {
    let all = RULES.iter().copied();
    all.filter_map(|rule| Some((rule, denies(settings, profile, rule.meta.id)?))).collect()
}

/// Whether a rule holds for those, too, who are only observed.
pub(crate) fn holds_for_the_observed(rule: &str) -> bool {
    EVERYWHERE.iter().any(|(id, _)| *id == rule)
}

impl When {
    /// Whether a failure of a rule denies.
    pub(crate) fn denies(self, failure: &Failure, case: &Case<'_>) -> bool {
        match self {
            Always => true,
            Beyond => {
                let set = case.effective.capabilities.get();
                set.is_none_or(|set| set.minus(DEFAULT_CAPABILITIES).iter().next().is_some())
            }
            Said => failure.evidence.iter().any(|one| {
                !matches!(one.origin, Origin::Default { .. } | Origin::Nowhere)
                    && is_of_the_container(&one.origin)
            }),
        }
    }
}

/// A daemon's own setting is nobody's request.
fn is_of_the_container(origin: &Origin) -> bool {
    match origin {
        Origin::Request { .. } => true,
        Origin::Api { endpoint, .. } => endpoint.starts_with("/containers/"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_policy::GUARD_RULES;

    #[test]
    fn every_rule_that_is_named_exists() {
        let known: Vec<&str> = dockward_rules::RULES.iter().map(|rule| rule.meta.id).collect();
        let guards = GUARD_RULES.iter().map(|(id, _)| *id);
        let all: Vec<&str> = known.into_iter().chain(guards).collect();
        for (id, _) in BASELINE.iter().chain(RESTRICTED).chain(EVERYWHERE) {
            assert!(all.contains(id), "{id}");
        }
    }

    #[test]
    fn the_restricted_profile_denies_what_the_baseline_does_and_more() {
        let settings = GuardSettings::default();
        for (id, _) in BASELINE {
            assert!(denies(&settings, Profile::Restricted, id).is_some(), "{id}");
            assert!(denies(&settings, Profile::Observe, id).is_some(), "{id}");
        }
        assert_eq!(denies(&settings, Profile::Baseline, "container-root-user"), None);
        assert_eq!(denies(&settings, Profile::Restricted, "container-root-user"), Some(Always));
    }

    #[test]
    fn a_rule_that_is_switched_is_so_in_every_profile() {
        let rules = [
            ("container-memory-limit".to_owned(), true),
            ("container-privileged".to_owned(), false),
        ];
        let settings = GuardSettings { rules: rules.into(), ..GuardSettings::default() };
        for profile in Profile::ALL {
            assert_eq!(denies(&settings, profile, "container-memory-limit"), Some(Always));
            assert_eq!(denies(&settings, profile, "container-privileged"), None);
        }
    }
}
