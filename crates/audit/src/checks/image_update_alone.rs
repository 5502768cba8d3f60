use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Failure, Outcome, Severity, Subject};
use dockward_rules::history::{Act, Command, package_call};

use crate::images::{self, steps};

crate::check! {
    /// ## Why
    /// `RUN apt-get update` on a line of its own is cached as a layer. The install on the next line
    /// then takes last month's index: old packages with known holes, in an image that looks new.
    ///
    /// ## Fix
    /// Fetch the index and install in one step:
    ///
    /// ```text
    /// RUN apt-get update && apt-get install -y --no-install-recommends nginx \
    ///  && rm -rf /var/lib/apt/lists/*
    /// ```
    ///
    /// With apk, `apk add --no-cache` needs no `apk update`.
    ///
    /// ## References
    /// CIS Docker Benchmark 4.7; docs.docker.com, "Building best practices". Read from the image's
    /// history, which has the steps of its base image too, but not those of other build stages.
    id: "image-update-alone", title: "no step fetches a package index without using it",
    severity: Low, area: Images, cis16: ["4.7"], cis18: ["4.7"], Each: update_alone
}

const FIX: &str = "join it with the install that needs it: `apt-get update && apt-get install …`";

fn update_alone(_: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    images::in_use(engine, |image| steps::judge(image, steps::no_dockerfile, judge))
}

fn judge(steps: &steps::Steps<'_>) -> Outcome {
    let (mut alone, mut unclear) = (Vec::new(), Vec::new());
    for (step, commands) in steps.runs() {
        let acts: Vec<Act> =
            steps::all(commands).filter_map(package_call).map(|call| call.act).collect();
        let uses = acts.iter().any(|act| matches!(act, Act::Install | Act::Upgrade));
        if uses || !acts.contains(&Act::Refresh) {
            continue;
        }
        let evidence = steps.evidence(step, "the index fetched and used in one step");
        let hides = steps::all(commands).any(may_install);
        if hides { unclear.push(evidence) } else { alone.push(evidence) }
    }
    let told = |mut all: Vec<_>, message: &str| {
        let first = all.remove(0);
        Failure::new(message, first, FIX).and(all).severity(Severity::Low)
    };
    if !alone.is_empty() {
        return told(alone, "a step of its build only fetches the package index").into();
    }
    if !unclear.is_empty() {
        let message = "a step fetches the package index and runs a script that may install";
        return Outcome::Review(told(unclear, message));
    }
    steps.pass_if_read()
}

/// Whether it may install something in a way that can't be seen: a script, or an installer.
fn may_install(command: &Command) -> bool {
    let path = command.words.first().map_or("", String::as_str);
    let is_script =
        path.contains('/') && !path.starts_with("/usr/bin/") && !path.starts_with("/bin/");
    let reads_script = command.is_shell() && command.inner.is_empty();
    is_script
        || reads_script
        || path.ends_with(".sh")
        || matches!(path, "." | "source" | "make" | "eval")
        || command.arguments().iter().any(|word| word.starts_with("install"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::steps::tests::{built_by, with_history};
    use crate::judged::*;
    use dockward_model::facts::sample;

    fn of(step: &str) -> Outcome {
        update_alone(&snapshot(), &built_by(&["ADD rootfs.tar / # buildkit", step])).remove(0).1
    }

    #[test]
    fn an_index_that_is_only_fetched_fails_with_every_manager() {
        for update in
            ["apt-get update", "apt -y update && rm -rf /tmp/x", "apk update", "dnf makecache"]
        {
            let failure = assert_fails(of(&format!("/bin/sh -c {update}")));
            assert!(failure.evidence[0].seen.starts_with("step 2: "), "{failure:?}");
        }
    }

    #[test]
    fn an_index_that_is_used_in_the_same_step_passes() {
        for step in [
            "apt-get update && apt-get install -y x",
            "apk update && apk upgrade",
            "yum -y update",
            "id",
        ] {
            assert_passes(of(&format!("RUN /bin/sh -c {step} # buildkit")));
        }
    }

    #[test]
    fn an_update_that_is_only_written_about_is_none() {
        assert_passes(of("RUN /bin/sh -c echo 'apt-get update' # buildkit"));
        assert_passes(of("LABEL note=apt-get update"));
    }

    #[test]
    fn a_script_beside_it_is_for_a_person_to_look_at() {
        for script in ["./install.sh", "sh setup", "npx playwright install-deps"] {
            assert_needs_a_look(of(&format!("/bin/sh -c apt-get update && {script}")));
        }
    }

    #[test]
    fn an_import_has_no_dockerfile_and_an_unread_history_is_unknown() {
        let judged = |engine| update_alone(&snapshot(), &engine).remove(0).1;
        assert_not_applicable(judged(built_by(&[""])));
        assert_unknown(judged(with_history(sample::unknown("history"))));
        assert_unknown(of("cmd /S /C dir"));
        assert_not_applicable(judged(engine_with(|_| {})));
    }
}
