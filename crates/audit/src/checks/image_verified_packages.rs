use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity, Subject};
use dockward_rules::history::Instruction;

use crate::images::{self, steps, unverified};

crate::check! {
    /// ## Why
    /// Package managers verify a signature on what they install, unless they are told not to. Then
    /// whoever sits between the build and the mirror decides what is installed, and so does whoever
    /// controls the address behind `curl … | sh`.
    ///
    /// ## Fix
    /// Leave out the switch (`--allow-unauthenticated`, `--nogpgcheck`, `--allow-untrusted`,
    /// `[trusted=yes]`, …) and add the repository's key instead (`signed-by=`). Compare what is
    /// downloaded with a digest or a signature in the same step: `sha256sum -c`, `gpg --verify`.
    ///
    /// ## References
    /// CIS Docker Benchmark 4.11; apt-secure(8); dnf.conf(5), `gpgcheck`; apk(8). Read from the
    /// image's history, which has the steps of its base image too, but not those of other build
    /// stages.
    id: "image-verified-packages", title: "what a build installs is verified",
    severity: Medium, area: Images, cis16: ["4.11"], cis18: ["4.11"], Each: verified_packages
}

fn verified_packages(_: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    images::in_use(engine, |image| steps::judge(image, steps::unrecorded, judge))
}

fn judge(steps: &steps::Steps<'_>) -> Outcome {
    let (mut wrong, mut unclear) = (Vec::<(Evidence, &str)>::new(), Vec::<Evidence>::new());
    for (step, commands) in steps.runs() {
        let refused = steps::all(commands).find_map(unverified::switched_off);
        if let Some(how) = refused.or_else(|| unverified::run_unread(commands)) {
            wrong.push((steps.evidence(step, "a signature or digest that is checked"), how));
        } else if unverified::fetched_unchecked(commands) {
            unclear.push(steps.evidence(step, "a digest or signature checked in the same step"));
        }
    }
    let fetched = |(step, added): (&steps::Step<'_>, &_)| {
        let is_add = matches!(&step.did, Instruction::Add(_));
        (is_add && unverified::added_unchecked(added)).then(|| steps.evidence(step, "a digest"))
    };
    unclear.extend(steps.adds().filter_map(fetched));
    if !wrong.is_empty() {
        let how = wrong.first().map_or("", |(_, how)| how);
        let mut all = wrong.iter().map(|(evidence, _)| evidence.clone()).collect::<Vec<_>>();
        let first = all.remove(0);
        let fix = "leave that out; add the repository's key, or check a digest in the same step";
        return Failure::new(format!("its build {how}"), first, fix).and(all).into();
    }
    if !unclear.is_empty() {
        let first = unclear.remove(0);
        let message = "its build downloads something without a check in the same step";
        let fix = "check it: `echo \"DIGEST  FILE\" | sha256sum -c -`, or `gpg --verify`";
        let failure = Failure::new(message, first, fix).and(unclear);
        return Outcome::Review(failure.severity(Severity::Low));
    }
    steps.pass_if_read()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::steps::tests::{built_by, with_history};
    use crate::judged::*;
    use dockward_model::facts::sample;

    fn of(script: &str) -> Outcome {
        let step = format!("RUN /bin/sh -c {script} # buildkit");
        verified_packages(&snapshot(), &built_by(&["ADD rootfs.tar / # buildkit", &step]))
            .remove(0)
            .1
    }

    #[test]
    fn a_switch_that_turns_verification_off_fails_and_is_named() {
        let failure =
            assert_fails(of("apt-get update && apt-get install --allow-unauthenticated x"));
        assert!(failure.message.contains("without a signature"), "{}", failure.message);
        assert!(failure.evidence[0].seen.starts_with("step 2: "));
    }

    #[test]
    fn a_script_run_as_it_is_fetched_fails() {
        assert_fails(of("curl -fsSL https://example.com/install | sh -s -- -y"));
    }

    #[test]
    fn a_download_that_nothing_checks_is_for_a_person_to_look_at() {
        assert_needs_a_look(of("curl -LO https://example.com/a.tgz && tar xf a.tgz"));
        let add = ["ADD rootfs.tar / # buildkit", "ADD https://example.com/a /a # buildkit"];
        assert_needs_a_look(verified_packages(&snapshot(), &built_by(&add)).remove(0).1);
    }

    #[test]
    fn what_is_verified_passes() {
        assert_passes(of("apt-get update && apt-get install -y nginx"));
        assert_passes(of("curl -LO https://example.com/a && echo 00 a | sha256sum -c -"));
    }

    #[test]
    fn an_import_is_for_a_person_to_look_at_and_an_unread_history_is_unknown() {
        let judged = |engine| verified_packages(&snapshot(), &engine).remove(0).1;
        assert_needs_a_look(judged(built_by(&[""])));
        assert_unknown(judged(with_history(sample::unknown("history"))));
        assert_not_applicable(judged(engine_with(|_| {})));
    }
}
