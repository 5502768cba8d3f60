use dockward_model::facts::{Capability, Case};
use dockward_model::verdict::{Evidence, Failure, Gain, Outcome, Severity};

use crate::standing::{opens_as_root, said_of_privileged};

crate::rule! {
    /// ## Why
    /// The device cgroup keeps a container from opening devices that it makes itself. A rule such
    /// as `a *:* rwm` or `b 8:* rwm` lifts that: with `MKNOD`, which is among the default
    /// capabilities, root makes the node of a disk and reads and writes every file on it.
    ///
    /// ## Fix
    /// Remove `--device-cgroup-rule` (`device_cgroup_rules:`) and give the one device that is
    /// needed with `--device` (`devices:`). Where numbers change, name the narrowest; drop `MKNOD`.
    ///
    /// ## References
    /// Linux `Documentation/admin-guide/cgroup-v1/devices.rst` and `devices.txt`; mknod(2). CIS
    /// Docker Benchmark 5.18 is near.
    id: "container-device-cgroup-rules", title: "no device numbers are let in by the number",
    severity: Medium, cis16: [], cis18: [], judge: device_cgroup_rules
}

/// What one rule lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lets {
    /// Nothing but making nodes, which everyone may.
    Nothing,
    /// Some character devices.
    Few,
    /// Memory, or all character devices.
    Memory,
    /// Reading disks.
    ReadDisks,
    /// Writing disks.
    WriteDisks,
}

fn device_cgroup_rules(case: &Case<'_>) -> Outcome {
    if let Some(outcome) = said_of_privileged(case) {
        return outcome;
    }
    let field = &case.container.device_cgroup_rules;
    field.judge(Outcome::Pass, |rules| {
        let read: Vec<_> = rules.iter().map(|rule| (rule, lets(rule))).collect();
        let worst = read.iter().filter_map(|(rule, lets)| Some((lets.as_ref()?, *rule))).max();
        let strange = read.iter().find(|(_, lets)| lets.is_none());
        match (worst, strange) {
            (Some((Lets::Few, rule)), None) => Outcome::Review(fail(case, Lets::Few, rule)),
            (Some((lets, rule)), _) if *lets > Lets::Few => fail(case, *lets, rule).into(),
            (_, Some((rule, _))) => Outcome::Unknown(format!("the rule `{rule}` can't be read")),
            (_, None) => Outcome::Pass,
        }
    })
}

/// Reads `TYPE MAJOR:MINOR ACCESS`; nothing where it is none.
fn lets(rule: &str) -> Option<Lets> {
    let mut words = rule.split_whitespace();
    let (kind, numbers, access) = (words.next()?, words.next()?, words.next()?);
    let (major, _) = numbers.split_once(':')?;
    if words.next().is_some() || !access.chars().all(|c| matches!(c, 'r' | 'w' | 'm')) {
        return None;
    }
    let (reads, writes) = (access.contains('r'), access.contains('w'));
    Some(match kind {
        "a" | "b" | "c" if !reads && !writes => Lets::Nothing,
        "a" | "b" if writes => Lets::WriteDisks,
        "a" | "b" => Lets::ReadDisks,
        "c" if matches!(major, "*" | "1") => Lets::Memory,
        "c" => Lets::Few,
        _ => return None,
    })
}

fn fail(case: &Case<'_>, lets: Lets, rule: &str) -> Failure {
    let capabilities = case.effective.capabilities.get();
    let makes_nodes = capabilities.is_none_or(|set| set.has(Capability::Mknod));
    let (message, severity, gain) = match lets {
        _ if !makes_nodes => ("devices are let in, though without MKNOD", Severity::Low, None),
        Lets::WriteDisks => ("root in it opens any disk", Severity::Critical, Some(Gain::HostRoot)),
        Lets::ReadDisks => ("root in it reads any disk", Severity::High, Some(Gain::HostFiles)),
        Lets::Memory => ("root in it opens devices of memory or any kind", Severity::Medium, None),
        Lets::Few | Lets::Nothing => ("root in it opens more devices", Severity::Low, None),
    };
    let evidence =
        Evidence::of(&case.container.device_cgroup_rules, rule, "no such rule").effective();
    let fix =
        "remove `--device-cgroup-rule` (`device_cgroup_rules:`); give one device by `--device`";
    let failure = Failure::new(format!("{message}: `{rule}`"), evidence, fix);
    opens_as_root(case, failure, severity, gain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        Facts, assert_fails, assert_not_applicable, assert_passes, assert_reviews, assert_unknown,
        case_with,
    };
    use dockward_model::facts::sample;

    fn with(rules: &[&str]) -> Facts {
        let rules = rules.iter().map(ToString::to_string).collect();
        case_with(|c| c.device_cgroup_rules = sample::known(rules, "DeviceCgroupRules"))
    }

    fn gained(rule: &str) -> (Option<Severity>, Option<Gain>) {
        let failure = assert_fails(device_cgroup_rules, &with(&["c 189:* rw", rule]));
        (failure.severity, failure.openings.into_iter().map(|o| o.gain).next())
    }

    #[test]
    fn disks_let_in_are_the_host() {
        for rule in ["a *:* rwm", "b 8:* rwm"] {
            assert_eq!(gained(rule), (Some(Severity::Critical), Some(Gain::HostRoot)));
        }
        assert_eq!(gained("b 8:0 r"), (Some(Severity::High), Some(Gain::HostFiles)));
        assert_eq!(gained("c *:* rwm"), (Some(Severity::Medium), None));
    }

    #[test]
    fn without_mknod_there_is_no_node_to_open() {
        let mut case = with(&["a *:* rwm"]);
        case.container.cap_drop = sample::known(vec!["MKNOD".into()], "HostConfig.CapDrop");
        assert_eq!(assert_fails(device_cgroup_rules, &case).severity, Some(Severity::Low));
    }

    #[test]
    fn few_devices_are_for_a_person_and_no_rules_or_making_nodes_pass() {
        assert_reviews(device_cgroup_rules, &with(&["c 189:* rw"]));
        assert_passes(device_cgroup_rules, &case_with(|_| ()));
        assert_passes(device_cgroup_rules, &with(&["b *:* m"]));
    }

    #[test]
    fn what_could_not_be_read_is_never_a_pass() {
        let unread = case_with(|c| c.device_cgroup_rules = sample::unknown("DeviceCgroupRules"));
        assert_unknown(device_cgroup_rules, &unread);
        for rule in ["", "a", "b 8 rwm", "b 8:0 rwx", "x 1:1 r"] {
            assert_unknown(device_cgroup_rules, &with(&[rule]));
        }
    }

    #[test]
    fn a_privileged_container_is_told_once() {
        let case = case_with(|c| c.privileged = sample::known(true, "HostConfig.Privileged"));
        assert_not_applicable(device_cgroup_rules, &case);
    }
}
