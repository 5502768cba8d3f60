use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity, Subject};

use crate::images::{self, installed, steps};

crate::check! {
    /// ## Why
    /// What a container does not need still helps who breaks into it: a compiler, a debugger, a
    /// scanner, an SSH server. And each package is one more that needs fixes.
    ///
    /// ## Fix
    /// Build in one stage and copy the result into another (`COPY --from=build`). Install with
    /// `--no-install-recommends`, or start from an image without a package manager (`scratch`,
    /// distroless).
    ///
    /// ## References
    /// CIS Docker Benchmark 4.3; docs.docker.com, "Multi-stage builds". Read from the history: the
    /// packages of a root file system that came whole are not in there. Only a person knows what is
    /// needed, so this passes only where no step installs anything.
    id: "image-unneeded-packages", title: "images hold only the packages that they need",
    severity: Low, area: Images, cis16: ["4.3"], cis18: ["4.3"], Each: unneeded_packages
}

fn unneeded_packages(_: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    images::in_use(engine, |image| steps::judge(image, steps::unrecorded, judge))
}

fn judge(steps: &steps::Steps<'_>) -> Outcome {
    let (mut odd, mut rest, mut evidence) = (Vec::new(), Vec::new(), Vec::<Evidence>::new());
    for (step, commands) in steps.runs() {
        let installed = installed::by(commands);
        for name in &installed.packages {
            match installed::seldom_needed(name) {
                Some(kind) => odd.push(format!("{name} ({kind})")),
                None => rest.push((*name).to_owned()),
            }
        }
        if !installed.packages.is_empty() {
            let expected = if installed.with_recommended {
                "what it needs, with --no-install-recommends"
            } else {
                "what it needs"
            };
            evidence.push(steps.evidence(step, expected));
        }
    }
    if evidence.is_empty() {
        return steps.pass_if_read();
    }
    let first = evidence.remove(0);
    let (message, severity) = message(odd, rest);
    let fix = "leave out what it does not need to run; build in a stage of its own";
    Outcome::Review(Failure::new(message, first, fix).and(evidence).severity(severity))
}

fn message(mut odd: Vec<String>, mut rest: Vec<String>) -> (String, Severity) {
    for list in [&mut odd, &mut rest] {
        list.sort();
        list.dedup();
    }
    if odd.is_empty() {
        (format!("does it need all that its build installs? {}", few(&rest)), Severity::Info)
    } else {
        let found = few(&odd);
        (format!("its build installs what containers seldom need: {found}"), Severity::Low)
    }
}

fn few(names: &[String]) -> String {
    const MOST: usize = 12;
    let shown = names.get(..MOST).unwrap_or(names).join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::steps::tests::{built_by, with_history};
    use crate::judged::*;
    use dockward_model::facts::sample;

    fn of(script: &str) -> Outcome {
        let step = format!("/bin/sh -c {script}");
        unneeded_packages(&snapshot(), &built_by(&["ADD rootfs.tar / # buildkit", &step]))
            .remove(0)
            .1
    }

    #[test]
    fn what_is_seldom_needed_is_named_with_its_step() {
        let review = assert_needs_a_look(of("apt-get install -y openssh-server=1:9 gdb nginx"));
        let list = "gdb (a debugger), openssh-server (a remote login)";
        assert!(review.message.ends_with(list), "{}", review.message);
        assert_eq!(review.evidence[0].expected, "what it needs, with --no-install-recommends");
        assert!(review.evidence[0].seen.starts_with("step 2: "));
    }

    #[test]
    fn other_packages_are_listed_too_since_only_a_person_knows() {
        let review = assert_needs_a_look(of("apk add --no-cache nginx"));
        assert!(review.message.ends_with("? nginx"), "{}", review.message);
        assert_eq!(review.severity, Some(Severity::Info));
    }

    #[test]
    fn what_is_removed_in_the_same_step_is_not_in_the_image() {
        assert_passes(of("apk add --virtual .b gcc && make && apk del .b"));
    }

    #[test]
    fn only_where_nothing_was_installed_it_passes() {
        assert_passes(of("mkdir /app"));
        assert_unknown(of(&"x ".repeat(99_999)));
    }

    #[test]
    fn an_import_is_for_a_person_to_look_at_and_an_unread_history_is_unknown() {
        let judged = |engine| unneeded_packages(&snapshot(), &engine).remove(0).1;
        assert_needs_a_look(judged(built_by(&[""])));
        assert_unknown(judged(with_history(sample::unknown("history"))));
        assert_not_applicable(judged(engine_with(|_| {})));
    }
}
