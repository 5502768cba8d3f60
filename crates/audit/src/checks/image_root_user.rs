use dockward_model::facts::{Engine, Image, Snapshot};
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
    /// container really runs as is a finding of its own. What a name means is taken from the
    /// image's own `/etc/passwd`, where a container of it could be looked into.
    id: "image-root-user", title: "images name a user other than root",
    severity: Info, area: Images, cis16: ["4.1"], cis18: ["4.1"], Each: root_user
}

fn root_user(_: &Snapshot, engine: &Engine) -> Vec<(Subject, Outcome)> {
    images::in_use(engine, |image| {
        let user = &image.config.user;
        let root = |seen: String| {
            let evidence = Evidence::of(user, seen, "a user other than root");
            Failure::new("starts as root unless told otherwise", evidence, "end with `USER 10001`")
                .into()
        };
        user.judge(root("not set".into()), |user| match is_root(user) {
            true => root(user.clone()),
            false if means_root(engine, image, user) => {
                root(format!("{user}, which is uid 0 by its own /etc/passwd"))
            }
            false => Outcome::Pass,
        })
    })
}

/// `0:0`, `root:root` and a group alone are root as well. The engine reads a number as Go's
/// `strconv.Atoi` does: with a sign and leading zeros (moby/sys, `user/user.go`).
fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default().trim();
    name.is_empty() || name == "root" || name.parse() == Ok(0_i64)
}

/// Whether a container of the image, started as the same user, was seen to mean uid 0 by it.
fn means_root(engine: &Engine, image: &Image, user: &str) -> bool {
    engine.containers.iter().any(|c| {
        c.image_id.get() == Some(&image.id)
            && c.user.get().is_some_and(|theirs| theirs == user)
            && c.user_uid.get() == Some(&0)
    })
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
        for user in ["", "root", "0", "0:0", "root:root", "0:1000", "00", "+0", "-0", ":10"] {
            assert_fails(with(sample::known(user.into(), "Config.User")));
        }
        assert_fails(with(sample::absent("Config.User")));
    }

    #[test]
    fn another_user_passes() {
        for user in ["10001", "10001:0", "app", "app:root", "rooty", "99999999999999999999"] {
            assert_passes(with(sample::known(user.into(), "Config.User")));
        }
    }

    #[test]
    fn a_name_that_means_uid_0_in_the_image_fails() {
        let mut engine =
            with_image(|image| image.config.user = sample::known("toor".into(), "Config.User"));
        engine.containers[0].user = sample::known("toor".into(), "Config.User");
        let failure = assert_fails(root_user(&snapshot(), &engine).remove(0).1);
        assert!(failure.evidence[0].seen.contains("uid 0"), "{failure:?}");
        engine.containers[0].user_uid = sample::known(1000, "Config.User");
        assert_passes(root_user(&snapshot(), &engine).remove(0).1);
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
        assert_not_applicable(root_user(&snapshot(), &engine_with(|_| {})).remove(0).1);
    }
}
