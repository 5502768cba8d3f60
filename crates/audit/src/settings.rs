//! Settings that only argv and daemon.json tell of: the engine's API does not show them.

use dockward_model::facts::Field;
use dockward_model::verdict::{Evidence, Failure, Outcome};

/// Judges a switch that should be `wanted`, and that the engine takes as `default` where nobody
/// set it.
pub(crate) fn switch(
    field: &Field<bool>,
    default: bool,
    wanted: bool,
    fail: impl Fn(Evidence) -> Failure,
) -> Outcome {
    let verdict = |on: bool, seen: String| {
        if on == wanted {
            return Outcome::Pass;
        }
        fail(Evidence::of(field, seen, wanted.to_string())).into()
    };
    field.judge(verdict(default, format!("not set, so {default}")), |&on| {
        verdict(on, on.to_string())
    })
}
