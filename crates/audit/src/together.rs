//! Several verdicts as one, for a check whose subject is made of parts.

use dockward_model::verdict::{Failure, Outcome};

/// One verdict for all parts: a failure before what is unknown, that before what needs a look. No
/// part at all is nothing to judge.
pub(crate) fn all(parts: impl IntoIterator<Item = Outcome>, nothing: &'static str) -> Outcome {
    let (mut failed, mut review, mut unknown) = (None, None, None);
    let mut rest = Outcome::NotApplicable(nothing.into());
    for part in parts {
        match part {
            Outcome::Fail(failure) => failed = Some(joined(failed, failure)),
            Outcome::Review(failure) => review = Some(joined(review, failure)),
            Outcome::Unknown(why) => unknown = Some(why),
            Outcome::Pass => rest = Outcome::Pass,
            Outcome::NotApplicable(why) if rest != Outcome::Pass => {
                rest = Outcome::NotApplicable(why);
            }
            Outcome::NotApplicable(_) => {}
        }
    }
    match (failed, unknown, review) {
        (Some(failure), _, _) => Outcome::Fail(failure),
        (_, Some(why), _) => Outcome::Unknown(why),
        (_, _, Some(failure)) => Outcome::Review(failure),
        _ => rest,
    }
}

/// The worse of both severities; an unset one is the rule's own, which the parts then share.
fn joined(before: Option<Failure>, next: Failure) -> Failure {
    let Some(mut all) = before else { return next };
    all.severity = all.severity.max(next.severity);
    all.message = format!("{}; {}", all.message, next.message);
    if all.fix != next.fix {
        all.fix = format!("{}; {}", all.fix, next.fix);
    }
    all.evidence.extend(next.evidence);
    all.openings.extend(next.openings);
    all.openings.sort();
    all.openings.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_model::facts::Origin;
    use dockward_model::verdict::{Evidence, Severity};

    fn failure(message: &str, severity: Severity) -> Failure {
        let evidence = Evidence::at(&Origin::Nowhere, "a", "b");
        Failure::new(message, evidence, "mend it").severity(severity)
    }

    #[test]
    fn no_part_is_not_a_pass() {
        assert_eq!(all([], "no part"), Outcome::NotApplicable("no part".into()));
    }

    #[test]
    fn an_unknown_part_spoils_a_pass_but_hides_no_failure() {
        let unknown = || Outcome::Unknown("eof".into());
        assert_eq!(all([Outcome::Pass, unknown()], ""), unknown());
        let failed = all([unknown(), failure("bad", Severity::Low).into()], "");
        assert!(matches!(failed, Outcome::Fail(_)));
    }

    #[test]
    fn failures_are_joined_with_all_evidence_and_the_worst_severity() {
        let parts = [failure("one", Severity::Low), failure("two", Severity::High)];
        let Outcome::Fail(both) = all(parts.map(Outcome::from), "") else { panic!("no failure") };
        assert_eq!((both.message.as_str(), both.severity), ("one; two", Some(Severity::High)));
        assert_eq!((both.evidence.len(), both.fix.as_str()), (2, "mend it"));
    }

    #[test]
    fn a_pass_stays_one_beside_what_does_not_apply() {
        let none = || Outcome::NotApplicable("none".into());
        assert_eq!(all([none(), Outcome::Pass, none()], ""), Outcome::Pass);
        assert_eq!(all([none()], ""), none());
    }
}
