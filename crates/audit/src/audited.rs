//! Whether changes to a file of the engine are recorded by the kernel's audit.
//!
//! The rules in force decide where the kernel told them. Where it did not, those that the next
//! start loads do: that auditing is configured is what the benchmark asks for. A rule that is
//! written down and not in force is none, and where nothing is written down nothing is configured.

mod coverage;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use dockward_model::facts::{
    AuditPermissions, AuditRule, AuditRules, AuditSwitch, Fact, Field, RealPath, Snapshot,
    WrittenRules,
};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::{together, unit_files};
use coverage::{Coverage, Near, coverage};

/// What has to be recorded of files: who writes to them, and who changes owner or mode.
pub(crate) const CHANGES: AuditPermissions =
    AuditPermissions::WRITE.with(AuditPermissions::ATTRIBUTES);
/// What has to be recorded of programs: who runs them, too.
pub(crate) const CHANGES_AND_RUNS: AuditPermissions = CHANGES.with(AuditPermissions::EXECUTE);

/// Judges files and folders; those that don't exist are left out. Nothing is known where nobody
/// looked for any of them.
pub(crate) fn files(snapshot: &Snapshot, paths: &[&str]) -> Outcome {
    let looked_at = |path: &&&str| snapshot.host.audit.paths.contains_key(**path);
    if !paths.iter().any(|path| looked_at(&path)) {
        return Outcome::Unknown(format!("{}: not looked at", paths.join(", ")));
    }
    let judged = paths.iter().filter(looked_at).map(|path| one(snapshot, path, CHANGES));
    together::all(judged, "no such file")
}

/// Judges a program, wherever this host has it.
pub(crate) fn program(snapshot: &Snapshot, name: &str) -> Outcome {
    let paths = &snapshot.host.audit.paths;
    let mut found: Vec<_> = paths.iter().filter(|(path, _)| is_called(path, name)).collect();
    if found.is_empty() {
        return Outcome::Unknown(format!("where {name} is was not looked at"));
    }
    found.sort_by_key(|(_, place)| place.get().map(|place| &place.path));
    found.dedup_by(|a, b| a.1.get().is_some() && a.1.get() == b.1.get());
    let parts = found.iter().map(|(path, _)| one(snapshot, path, CHANGES_AND_RUNS));
    match together::all(parts, "") {
        Outcome::NotApplicable(_) => {
            Outcome::NotApplicable(format!("there is no {name} in the usual folders"))
        }
        outcome => outcome,
    }
}

/// Judges the file that defines a unit, which of several by that name is the one that systemd takes.
pub(crate) fn unit(snapshot: &Snapshot, name: &str) -> Outcome {
    let field = unit_files::unit(&snapshot.host, name);
    match &field.fact {
        Fact::Known(unit) if unit.masked => Outcome::NotApplicable(format!("{name} is masked")),
        Fact::Known(unit) => one(snapshot, &unit.fragment, CHANGES),
        Fact::Absent => Outcome::NotApplicable(format!("there is no unit {name}")),
        Fact::Unknown(_) => Outcome::unread(&field),
    }
}

/// Judges what stands at `path`.
pub(crate) fn one(snapshot: &Snapshot, path: &str, needed: AuditPermissions) -> Outcome {
    let audit = &snapshot.host.audit;
    let Some(field) = audit.paths.get(path) else {
        return Outcome::Unknown(format!("{path}: not looked at"));
    };
    match &field.fact {
        Fact::Known(place) => Wanted { audit, path, place, needed }.judge(),
        Fact::Absent => Outcome::NotApplicable(format!("{path} does not exist")),
        Fact::Unknown(_) => Outcome::unread(field),
    }
}

fn is_called(path: &str, name: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(_, last)| last == name)
}

/// What auditing is wanted for.
struct Wanted<'a> {
    audit: &'a AuditRules,
    path: &'a str,
    place: &'a RealPath,
    needed: AuditPermissions,
}

impl Wanted<'_> {
    fn judge(&self) -> Outcome {
        let switch = &self.audit.switch;
        match self.judge_rules() {
            Outcome::Pass | Outcome::Review(_) if switch.get() == Some(&AuditSwitch::Off) => {
                self.off(switch)
            }
            outcome => outcome,
        }
    }

    fn judge_rules(&self) -> Outcome {
        let audit = self.audit;
        match (&audit.loaded.fact, &audit.written.fact) {
            (Fact::Absent, _) => {
                Outcome::NotApplicable("this kernel was built without audit".into())
            }
            (Fact::Known(rules), _) => self.in_force(rules),
            (Fact::Unknown(_), Fact::Known(written)) => self.written(written),
            (Fact::Unknown(_), Fact::Absent) => self.written(&WrittenRules::default()),
            (Fact::Unknown(_), Fact::Unknown(_)) => Outcome::unread(&audit.loaded),
        }
    }

    fn covered<'r>(&self, rules: impl Iterator<Item = &'r AuditRule>) -> Coverage<'r> {
        coverage(rules, self.path, self.place, self.needed)
    }

    fn off(&self, switch: &Field<AuditSwitch>) -> Outcome {
        let evidence = Evidence::of(switch, "audit is switched off", "on");
        let fix = "`auditctl -e 1`, no `-e 0` in the rules, no `audit=0` on the kernel's command \
                   line";
        Failure::new(format!("nobody records who changes {}", self.path), evidence, fix).into()
    }

    fn in_force(&self, rules: &[AuditRule]) -> Outcome {
        let found = self.covered(rules.iter());
        if let Coverage::Whole { exceptions, .. } = &found {
            return self.watched(exceptions);
        }
        let written = self.audit.written.get().map(|written| self.covered(written.rules.iter()));
        match written {
            Some(Coverage::Whole { by, .. }) => self.not_loaded(rules, &by),
            _ => self.lacking(found, &self.audit.loaded, rules.len()),
        }
    }

    fn written(&self, written: &WrittenRules) -> Outcome {
        let found = self.covered(written.rules.iter());
        match (&found, &written.stops_at) {
            (Coverage::Whole { .. }, _)
                if let Some((AuditSwitch::Off, origin)) = &written.switch =>
            {
                self.off(&Field::known(AuditSwitch::Off, origin.clone()))
            }
            (Coverage::Whole { exceptions, .. }, _) => self.watched(exceptions),
            (_, Some(stop)) if !stop.certain => {
                Outcome::Unknown(format!("{}: {}", stop.origin, stop.why))
            }
            (_, Some(stop)) => {
                let all = written.rules.iter().chain(&written.behind);
                match self.covered(all) {
                    Coverage::Whole { by, .. } => {
                        let stops = Evidence::at(&stop.origin, &stop.why, "a rule that is loaded");
                        let message = format!(
                            "{} is not watched: auditctl stops before the rule for it",
                            self.path
                        );
                        let fix = format!("mend or remove the line {}", stop.origin);
                        Failure::new(message, stops, fix).and(self.shown(&by)).into()
                    }
                    _ => self.lacking(found, &self.audit.written, written.rules.len()),
                }
            }
            _ => self.lacking(found, &self.audit.written, written.rules.len()),
        }
    }

    /// Watched; where rules before make exceptions, a person has to look at those.
    fn watched(&self, exceptions: &[&AuditRule]) -> Outcome {
        let mut shown = self.shown(exceptions).into_iter();
        let Some(first) = shown.next() else { return Outcome::Pass };
        let message = format!("{} is watched, but for exceptions", self.path);
        let fix = "look whether these exceptions are meant, and narrow them by path";
        Outcome::Review(Failure::new(message, first, fix).and(shown))
    }

    fn not_loaded(&self, rules: &[AuditRule], by: &[&AuditRule]) -> Outcome {
        let loaded = &self.audit.loaded;
        let seen = format!("{} rules in force, none of which does it", rules.len());
        let evidence = Evidence::of(loaded, seen, "the rule that is written down");
        let message =
            format!("{} is not watched: the rule for it is written, but not loaded", self.path);
        let fix = match self.audit.switch.get() {
            Some(AuditSwitch::Locked) => {
                "restart the host: the rules are locked (`-e 2`) until then"
            }
            _ => "`augenrules --load`, and look at what it says of errors",
        };
        Failure::new(message, evidence, fix).and(self.shown(by)).into()
    }

    fn lacking<T>(&self, found: Coverage<'_>, rules: &Field<T>, count: usize) -> Outcome {
        let (near, by) = match found {
            Coverage::Undecided(why) => return Outcome::Unknown(why),
            Coverage::Suppressed(by) => (Vec::new(), Some(by)),
            Coverage::Lacking(near) => (near, None),
            Coverage::Whole { .. } => return Outcome::Pass,
        };
        let mut evidence: Vec<_> = near.iter().map(|near| self.near(near)).collect();
        evidence.extend(
            by.map(|rule| self.seen(rule, format!("`{rule}` keeps it from being recorded"))),
        );
        let how = if evidence.is_empty() { "not" } else { "not wholly" };
        let message = format!("{} is {how} watched", self.path);
        let mut evidence = evidence.into_iter();
        let first = evidence.next().unwrap_or_else(|| {
            let seen = match (rules.fact.is_absent(), count) {
                (true, _) => "it is not there".to_owned(),
                (false, 0) => "no rule at all".to_owned(),
                (false, count) => format!("{count} rules, none about it"),
            };
            Evidence::of(rules, seen, self.wanted())
        });
        Failure::new(message, first, self.fix(by)).and(evidence).into()
    }

    fn near(&self, near: &Near<'_>) -> Evidence {
        self.seen(near.rule, format!("`{}`: {}", near.rule, near.why))
    }

    fn shown(&self, rules: &[&AuditRule]) -> Vec<Evidence> {
        rules.iter().take(coverage::SHOWN).map(|r| self.seen(r, format!("`{r}`"))).collect()
    }

    fn seen(&self, rule: &AuditRule, seen: String) -> Evidence {
        Evidence::at(&rule.origin, seen, self.wanted())
    }

    fn wanted(&self) -> String {
        format!("`-w {} -p {}`", self.place.path, self.needed)
    }

    fn fix(&self, suppressed_by: Option<&AuditRule>) -> String {
        if let Some(rule) = suppressed_by {
            return format!("remove or narrow the rule {}", rule.origin);
        }
        let first = if self.audit.written.fact.is_absent() { "install auditd, " } else { "" };
        let last = match self.audit.switch.get() {
            Some(AuditSwitch::Locked) => "restart the host, since rules are locked (`-e 2`)",
            _ => "`augenrules --load`",
        };
        format!(
            "{first}write `-w {} -p {} -k docker` to /etc/audit/rules.d/docker.rules, then {last}",
            self.place.path, self.needed
        )
    }
}
