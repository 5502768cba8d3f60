use dockward_model::facts::Snapshot;
use dockward_model::verdict::{Evidence, Failure, Outcome, Severity};

use crate::lookup;

crate::check! {
    /// ## Why
    /// The kernel starts the program in `core_pattern` as root on the host whenever a process in
    /// any container crashes. Writing it is a well-known way out of a container, so a program in
    /// an odd place may be the trace of one. A plain name such as `core` makes each crash leave
    /// the process's memory, keys and passwords with it, in its working folder, often a volume.
    ///
    /// ## Fix
    /// Hand cores to a program that keeps them for root: `|/usr/lib/systemd/systemd-coredump …`
    /// (package `systemd-coredump`), or switch them off with `|/bin/false`.
    ///
    /// ## References
    /// core(5), "Naming of core dump files" and "Piping core dumps to a program".
    id: "host-core-pattern", title: "memory of crashed processes goes where only root reads it",
    severity: Low, area: Host, cis16: [], cis18: [], Host: core_pattern
}

/// Where packages put programs; the last one is that of Windows' own Linux kernel.
const FOLDERS: [&str; 7] =
    ["/usr/", "/bin/", "/sbin/", "/lib/", "/opt/", "/nix/store/", "/wsl-capture-crash"];

fn core_pattern(snapshot: &Snapshot) -> Outcome {
    let field = lookup::sysctl(&snapshot.host, "kernel.core_pattern");
    if field.get().is_none() {
        return Outcome::unread(&field);
    }
    let failure = |message: &str, pattern: &str| {
        let evidence = Evidence::of(&field, pattern, "a program below /usr").effective();
        let fix = "set kernel.core_pattern to a program that keeps cores for root";
        Failure::new(message, evidence, fix)
    };
    field.judge(Outcome::Pass, |value| {
        let pattern = value.trim();
        let Some(program) = pattern.strip_prefix('|') else {
            return match pattern {
                "" => Outcome::Pass,
                path if path.starts_with('/') => Outcome::Pass,
                _ => failure("a crash leaves its memory in the working folder", pattern).into(),
            };
        };
        let program = program.trim_start();
        if FOLDERS.iter().any(|folder| program.starts_with(folder)) && !program.contains("/../") {
            return Outcome::Pass;
        }
        let message = "each crash starts, as root, a program that is not where packages put them";
        failure(message, pattern).severity(Severity::High).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_passes, assert_unknown, snapshot, snapshot_with};
    use dockward_model::facts::{Fact, Field, Origin};

    fn with(fact: Fact<String>) -> Outcome {
        let field = Field { fact, origin: Origin::kernel("/proc/sys/kernel/core_pattern", "") };
        let sysctls = [("kernel.core_pattern".to_owned(), field)].into();
        core_pattern(&snapshot_with(|s| s.host.sysctls = sysctls))
    }

    fn value(text: &str) -> Fact<String> {
        Fact::Known(text.into())
    }

    #[test]
    fn a_packaged_program_and_a_folder_of_its_own_pass() {
        assert_passes(with(value("|/usr/lib/systemd/systemd-coredump %P %u\n")));
        assert_passes(with(value("|/bin/false")));
        assert_passes(with(value("/var/crash/core.%p")));
    }

    #[test]
    fn a_bare_name_is_low() {
        assert_eq!(assert_fails(with(value("core\n"))).severity, None);
    }

    #[test]
    fn a_program_in_a_containers_layer_is_what_an_escape_leaves() {
        for program in ["|/var/lib/docker/overlay2/ab/diff/x", "|/tmp/x", "|/usr/../tmp/x"] {
            let failure = assert_fails(with(value(program)));
            assert_eq!(failure.severity, Some(Severity::High), "{program}");
        }
    }

    #[test]
    fn unread_or_not_looked_at_is_unknown() {
        assert_unknown(with(Fact::Unknown("permission denied".into())));
        assert_unknown(with(Fact::Absent));
        assert_unknown(core_pattern(&snapshot()));
    }
}
