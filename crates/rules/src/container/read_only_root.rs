use dockward_model::facts::Case;
use dockward_model::verdict::{Evidence, Failure, Outcome};

crate::rule! {
    /// ## Why
    /// Where the container's own file system can be written to, whoever breaks in can change the
    /// program, add tools, and leave something that is started again tomorrow. Read-only takes all
    /// that away, and shows which files the program really needs to write.
    ///
    /// ## Fix
    /// `--read-only --tmpfs /tmp` (Compose `read_only: true`, `tmpfs: [/tmp]`); data goes to a
    /// volume. `docker diff` shows what a container has written so far.
    ///
    /// ## References
    /// CIS Docker Benchmark 5.13; NIST SP 800-190 4.4.4.
    id: "container-read-only-root", title: "its own file system is read-only",
    severity: Low, cis16: ["5.13"], cis18: ["5.13"], judge: read_only_root
}

fn read_only_root(case: &Case<'_>) -> Outcome {
    let field = &case.container.read_only_root;
    field.judge(fail(case, "nothing said: writable"), |&on| {
        if on { Outcome::Pass } else { fail(case, "false") }
    })
}

fn fail(case: &Case<'_>, seen: &str) -> Outcome {
    let evidence = Evidence::of(&case.container.read_only_root, seen, "true");
    let fix = "`--read-only --tmpfs /tmp` (`read_only: true`, `tmpfs: [/tmp]`)";
    Failure::new("can write to its own programs and settings", evidence, fix).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{Facts, assert_fails, assert_passes, assert_unknown, case_with};
    use dockward_model::facts::{Field, sample};

    fn with(field: Field<bool>) -> Facts {
        case_with(|c| c.read_only_root = field)
    }

    #[test]
    fn a_read_only_root_passes() {
        assert_passes(read_only_root, &with(sample::known(true, "HostConfig.ReadonlyRootfs")));
    }

    #[test]
    fn a_writable_root_fails_and_so_does_nothing_said() {
        assert_fails(read_only_root, &with(sample::known(false, "HostConfig.ReadonlyRootfs")));
        assert_fails(read_only_root, &with(sample::absent("HostConfig.ReadonlyRootfs")));
    }

    #[test]
    fn an_unreadable_flag_is_never_a_pass() {
        assert_unknown(read_only_root, &with(sample::unknown("HostConfig.ReadonlyRootfs")));
    }
}
