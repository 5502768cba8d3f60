//! What an operator decided, set on what a scan found.

use dockward_model::inventory::{Target, TargetKind};
use dockward_model::verdict::{Scanned, Severity, Subject, Vulnerability, WaiverNote};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::apply::note;
use crate::gate::Gate;
use crate::selector::Selector;
use crate::waiver::Waiver;

/// The rule that every known weakness of a package is a finding of.
pub const PACKAGE_VULNERABILITY: &str = "package-vulnerability";

/// What decides over known weaknesses.
#[derive(Debug, Clone)]
pub struct ScanPolicy<'a> {
    /// Waivers of `dockward.toml`, then those that other tools' ignore files come to.
    pub waivers: Vec<&'a Waiver>,
    /// What ends the run with 1.
    pub gate: &'a Gate,
    /// What a weakness counts as that nobody rated.
    pub unrated: Severity,
    /// As of when is judged.
    pub now: Timestamp,
    /// The day of that.
    pub today: Date,
}

impl ScanPolicy<'_> {
    /// Sets severities, waivers and what fails; says what there is to say of the waivers. Of several
    /// waivers that cover a weakness the first is marked on it; an expired one covers nothing.
    ///
    /// Nothing is said of an unused waiver for images, containers or hosts that were not scanned:
    /// this run can't know whether it is still needed.
    #[must_use]
    pub fn judge(&self, scanned: &mut [Scanned]) -> Vec<WaiverNote> {
        let mut used = vec![false; self.waivers.len()];
        for one in scanned.iter_mut() {
            let subjects: Vec<_> = one.vulnerabilities.iter().map(|v| one.subject(v)).collect();
            for (vulnerability, subject) in one.vulnerabilities.iter_mut().zip(subjects) {
                let Some(subject) = subject else { continue };
                self.judge_one(vulnerability, &subject, &mut used);
            }
        }
        let targets: Vec<_> = scanned.iter().map(|one| &one.inventory.target).collect();
        let told = self.waivers.iter().zip(used);
        told.filter(|(waiver, used)| *used || concerns(waiver, &targets))
            .filter_map(|(waiver, used)| note(waiver, used, self.today))
            .collect()
    }

    /// Whether any waiver that holds today covers `subject`.
    #[must_use]
    pub fn waives(&self, subject: &Subject) -> bool {
        self.covering(subject).next().is_some()
    }

    fn judge_one(&self, vulnerability: &mut Vulnerability, subject: &Subject, used: &mut [bool]) {
        vulnerability.severity =
            vulnerability.matched.advisory.rating.severity.unwrap_or(self.unrated);
        for (n, waiver) in self.covering(subject) {
            if let Some(used) = used.get_mut(n) {
                *used = true;
            }
            vulnerability.waived.get_or_insert_with(|| waiver.mark());
        }
        vulnerability.fails = self.gate.fails(vulnerability, self.now);
    }

    fn covering(&self, subject: &Subject) -> impl Iterator<Item = (usize, &Waiver)> {
        self.waivers.iter().copied().enumerate().filter(move |(_, waiver)| {
            !waiver.expired(self.today)
                && waiver.rule.matches(PACKAGE_VULNERABILITY)
                && waiver.selects(subject)
        })
    }
}

/// Whether a waiver is for weaknesses of packages in one of `targets`.
fn concerns(waiver: &Waiver, targets: &[&Target]) -> bool {
    let of_packages = waiver.rule.matches(PACKAGE_VULNERABILITY)
        && (waiver.rule.is_literal() || waiver.selectors.iter().any(is_of_packages));
    of_packages && targets.iter().any(|target| waiver.selectors.iter().all(|s| within(s, target)))
}

const fn is_of_packages(selector: &Selector) -> bool {
    matches!(
        selector,
        Selector::Package(_)
            | Selector::Vulnerability(_)
            | Selector::Version(_)
            | Selector::Kind(_)
            | Selector::Fix(_)
    )
}

/// Whether what `selector` says of the place of a package holds for `target`.
fn within(selector: &Selector, target: &Target) -> bool {
    match selector {
        Selector::Image(glob) => target.kind == TargetKind::Image && glob.matches(&target.name),
        Selector::Container(glob) => {
            target.kind == TargetKind::Container && glob.matches(&target.name)
        }
        Selector::Host => target.kind == TargetKind::Host,
        other => is_of_packages(other),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dockward_model::inventory::sample;

    use super::*;
    use crate::sample::{TODAY, config, vulnerability, waiver};

    fn scanned() -> Scanned {
        Scanned {
            inventory: sample::inventory(),
            support: None,
            vulnerabilities: vec![vulnerability(Severity::Info)],
            updates: Vec::new(),
            unmatched: Vec::new(),
        }
    }

    fn judged(text: &str) -> (Vulnerability, Vec<WaiverNote>) {
        let (config, gate) = (config(text), Gate::default());
        let policy = ScanPolicy {
            waivers: config.waivers.iter().collect(),
            gate: &gate,
            unrated: Severity::High,
            now: "2027-03-31T12:00:00Z".parse().unwrap(),
            today: TODAY,
        };
        let mut all = [scanned()];
        let notes = policy.judge(&mut all);
        (all[0].vulnerabilities.remove(0), notes)
    }

    const RULE: &str = "rule = \"package-vulnerability\"\n";

    #[test]
    fn a_rated_weakness_has_its_rating_and_one_that_nobody_rated_what_the_settings_say() {
        let (found, _) = judged("");
        assert_eq!((found.severity, found.fails), (Severity::High, true));
        let mut all = [scanned()];
        let advisory = &mut all[0].vulnerabilities[0].matched.advisory;
        Arc::make_mut(advisory).rating.severity = None;
        let policy = ScanPolicy {
            waivers: Vec::new(),
            gate: &Gate::default(),
            unrated: Severity::Medium,
            now: Timestamp::UNIX_EPOCH,
            today: TODAY,
        };
        assert_eq!(policy.judge(&mut all), []);
        let found = &all[0].vulnerabilities[0];
        assert_eq!((found.severity, found.fails), (Severity::Medium, false));
    }

    #[test]
    fn a_waiver_covers_by_cve_by_source_and_by_image() {
        for lines in [
            "vulnerability = \"CVE-2023-0286\"",
            "vulnerability = \"DSA-5343-*\"",
            "package = \"openssl\"",
            "package = \"libssl1.1\"\nimage = \"shop:*\"",
        ] {
            let (found, notes) = judged(&waiver(&format!("{RULE}{lines}")));
            assert!(found.waived.is_some() && !found.fails, "{lines}");
            assert_eq!(notes, [], "{lines}");
        }
    }

    #[test]
    fn a_waiver_that_covers_nothing_here_is_told_and_one_for_another_image_is_not() {
        let (found, notes) = judged(&waiver(&format!("{RULE}vulnerability = \"CVE-2020-1\"")));
        assert!(found.waived.is_none());
        assert!(matches!(&notes[..], [WaiverNote::Unused { .. }]), "{notes:?}");
        let elsewhere = "vulnerability = \"CVE-2020-1\"\nimage = \"other:1\"";
        assert_eq!(judged(&waiver(&format!("{RULE}{elsewhere}"))).1, []);
        assert_eq!(judged(&waiver("rule = \"daemon-tls\"\ndaemon = true")).1, []);
    }

    #[test]
    fn an_expired_waiver_covers_nothing_and_is_told() {
        let text = waiver(&format!("{RULE}package = \"openssl\""));
        let (found, notes) = judged(&text.replace("2027-12-31", "2027-03-30"));
        assert!(found.waived.is_none() && found.fails);
        assert!(matches!(&notes[..], [WaiverNote::Expired { .. }]), "{notes:?}");
    }
}
