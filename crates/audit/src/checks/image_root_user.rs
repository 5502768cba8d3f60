use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome, Subject};

use crate::images;

crate::check! {
    /// ## Why
    /// An image without `USER` starts everything that is made from it as root, unless each person
    /// who starts it thinks of `--user`.
    ///
    /// ## Fix
    /// Make a user in the Dockerfile and end with `USER 10001`; give it the folders that it writes
    /// to.
    ///
    /// ## References
    /// CIS Docker Benchmark 4.1. Only images that a container was made from are judged; what a
    /// container really runs as is a finding of its own.
    id: "image-root-user", title: "images name a user other than root",
    severity: Info, area: Images, cis16: ["4.1"], cis18: ["4.1"], Each: root_user
}

fn root_user(_: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    images::in_use(engine, |image| {
        let user = &image.config.user;
        let root = |seen: &str| {
            let evidence = Evidence::of(user, seen, "a user other than root");
            Failure::new("starts as root unless told otherwise", evidence, "end with `USER 10001`")
                .into()
        };
        user.judge(root("not set"), |user| if is_root(user) { root(user) } else { Outcome::Pass })
    })
}

/// `0:0`, `root:root` and a group alone are root as well.
fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default().trim();
    name.is_empty() || name == "root" || name.parse() == Ok(0_u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with, snapshot,
        with_image,
    };
    use dockward_model::facts::{Field, sample};

    fn with(user: Field<String>) -> Outcome {
        let engine = with_image(|image| image.config.user = user);
        root_user(&snapshot(), &engine).remove(0).1
    }

    #[test]
    fn every_spelling_of_root_fails() {
        for user in ["", "root", "0", "0:0", "root:root", "00", ":10"] {
            assert_fails(with(sample::known(user.into(), "Config.User")));
        }
        assert_fails(with(sample::absent("Config.User")));
    }

    #[test]
    fn another_user_passes() {
        for user in ["10001", "app", "app:root", "rooty"] {
            assert_passes(with(sample::known(user.into(), "Config.User")));
        }
    }

    #[test]
    fn an_image_that_nobody_uses_is_not_judged() {
        let mut engine = with_image(|image| image.config.user = sample::absent("Config.User"));
        engine.containers.clear();
        assert_not_applicable(root_user(&snapshot(), &engine).remove(0).1);
    }

    #[test]
    fn an_unread_user_or_list_is_unknown_and_no_image_is_no_pass() {
        assert_unknown(with(sample::unknown("Config.User")));
        let engine = engine_with(|e| e.images = sample::unknown("images"));
        assert_unknown(root_user(&snapshot(), &engine).remove(0).1);
        assert!(root_user(&snapshot(), &engine_with(|_| {})).is_empty());
    }
}
