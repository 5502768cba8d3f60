use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Subject};

use crate::images;

crate::check! {
    /// ## Why
    /// Without a health check the engine knows only that a process exists, not that it answers.
    ///
    /// ## Fix
    /// `HEALTHCHECK CMD …` in the Dockerfile with a command that asks the service itself, or
    /// `healthcheck:` in the Compose file.
    ///
    /// ## References
    /// CIS Docker Benchmark 4.6. Only images that a container was made from are judged.
    id: "image-healthcheck", title: "images bring a health check",
    severity: Info, area: Images, cis16: ["4.6"], cis18: ["4.6"], Each: healthcheck
}

fn healthcheck(_: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    images::in_use(engine, |image| {
        let field = &image.config.healthcheck;
        let none = |seen: &str| {
            let evidence = Evidence::of(field, seen, "a command");
            let fix = "add `HEALTHCHECK CMD …` to the Dockerfile";
            Failure::new("brings no health check", evidence, fix).into()
        };
        field.judge(none("not set"), |check| match check.kind.as_str() {
            "" | "NONE" => none(&check.kind),
            _ => Outcome::Pass,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with, snapshot,
        with_image,
    };
    use dockward_model::facts::{Field, Healthcheck, sample};

    fn with(field: Field<Healthcheck>) -> Outcome {
        let engine = with_image(|image| image.config.healthcheck = field);
        healthcheck(&snapshot(), &engine).remove(0).1
    }

    fn kind(kind: &str) -> Field<Healthcheck> {
        sample::known(Healthcheck { kind: kind.into(), status: None }, "Config.Healthcheck")
    }

    #[test]
    fn a_command_passes() {
        assert_passes(with(kind("CMD-SHELL")));
    }

    #[test]
    fn none_fails_said_or_not() {
        assert_fails(with(kind("NONE")));
        assert_fails(with(sample::absent("Config.Healthcheck")));
    }

    #[test]
    fn an_engine_without_any_image_does_not_pass() {
        let none = engine_with(|e| e.images = sample::known(Vec::new(), "images"));
        assert_not_applicable(healthcheck(&snapshot(), &none).remove(0).1);
    }

    #[test]
    fn unread_is_unknown_and_no_image_at_all_is_no_pass() {
        assert_unknown(with(sample::unknown("Config.Healthcheck")));
        assert_not_applicable(healthcheck(&snapshot(), &engine_with(|_| {})).remove(0).1);
    }
}
