use dockward_model::facts::Case;
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::rule! {
    /// ## Why
    /// `--cgroup-parent` puts a container under another branch of the cgroup tree. The limits and
    /// the accounting that were set for the engine's own branch then don't hold for it, and those
    /// of the other branch are shared with whatever runs there.
    ///
    /// ## Fix
    /// Remove `--cgroup-parent` (`cgroup_parent:`), or set it once for all containers with
    /// `"cgroup-parent"` in daemon.json.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.25; cgroups(7); systemd.slice(5).
    id: "container-cgroup-parent", title: "it is in the engine's part of the cgroup tree",
    severity: Low, cis16: ["5.25"], cis18: ["5.25"], judge: cgroup_parent
}

/// Where the engine puts containers by itself: with systemd, and without.
const OWN: &[&str] = &["", "system.slice", "docker", "/docker"];

fn cgroup_parent(case: &Case<'_>) -> Outcome {
    case.container.cgroup_parent.judge(Outcome::Pass, |parent| {
        let wide = case.daemon.configured_text("cgroup-parent");
        if OWN.contains(&parent.as_str()) || wide.get() == Some(parent) {
            return Outcome::Pass;
        }
        let message = format!("stands in `{parent}`: limits set for the engine don't hold for it");
        let evidence = Evidence::of(&case.container.cgroup_parent, parent, "the engine's own");
        let fix = "remove `--cgroup-parent` (`cgroup_parent:`), or set it in daemon.json for all";
        Failure::new(message, evidence, fix).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::{Configured, Fact, Origin, sample};

    fn parent(text: &str) -> Facts {
        case_with(|c| c.cgroup_parent = sample::known(text.into(), "HostConfig.CgroupParent"))
    }

    #[test]
    fn another_branch_fails() {
        assert_fails(cgroup_parent, &parent("/elsewhere"));
        assert_fails(cgroup_parent, &parent("user.slice"));
    }

    #[test]
    fn the_engines_own_passes_said_or_unsaid() {
        for text in OWN {
            assert_passes(cgroup_parent, &parent(text));
        }
        assert_passes(cgroup_parent, &case_with(|c| c.cgroup_parent = sample::absent("")));
    }

    #[test]
    fn what_the_daemon_sets_for_all_passes() {
        let mut case = parent("shop.slice");
        let origin = Origin::file("/etc/docker/daemon.json", Some(2));
        let set = Configured { value: "shop.slice".into(), secret: None, origin };
        case.daemon.config = Fact::Known([("cgroup-parent".to_owned(), set)].into());
        assert_passes(cgroup_parent, &case);
    }

    #[test]
    fn an_unreadable_parent_is_never_a_pass() {
        assert_unknown(cgroup_parent, &case_with(|c| c.cgroup_parent = sample::unknown("")));
    }
}
