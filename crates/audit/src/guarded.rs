//! Files that make whoever may write to them as mighty as the engine.
//!
//! Modes are judged as sets of bits. Octal digits compared as decimal numbers, as some scripts do,
//! let 0466 pass as "at most 644".

use dockward_model::facts::{Field, FileFacts, Host};
use dockward_model::verdict::{Evidence, Failure, Foothold, Gain, Outcome, Severity};

use crate::{lookup, together};

/// Judges owner and mode of several files of root's as one; those that don't exist are left out.
pub(crate) fn judge_all(host: &Host, paths: &[&str], allowed: u32) -> Outcome {
    let parts = paths.iter().flat_map(|path| {
        let file = Guarded::new(host, path, 0);
        [file.judge_owner(), file.judge_mode(allowed)]
    });
    together::all(parts, "no such file")
}

/// A file whose writers become `owner`.
pub(crate) struct Guarded {
    path: String,
    file: Field<FileFacts>,
    owner: u32,
}

impl Guarded {
    /// The file at `path`, which belongs to `owner` when all is well.
    pub(crate) fn new(host: &Host, path: &str, owner: u32) -> Self {
        Self { path: path.to_owned(), file: lookup::file(host, path), owner }
    }

    /// Its owner must be root or the engine's user, and its group too where that may write.
    pub(crate) fn judge_owner(&self) -> Outcome {
        self.judge(|file| match file.uid {
            uid if uid != 0 && uid != self.owner => self.foreign_owner(file),
            _ if file.gid != 0 && self.owner == 0 => self.foreign_group(file),
            _ => Outcome::Pass,
        })
    }

    /// It must have no permission bit beyond `allowed`.
    pub(crate) fn judge_mode(&self, allowed: u32) -> Outcome {
        self.judge(|file| {
            let beyond = file.mode & 0o777 & !allowed;
            match beyond {
                0 => Outcome::Pass,
                _ if beyond & 0o002 != 0 => {
                    let message = format!("everyone on this host may write to {}", self.path);
                    self.opened(self.too_open(file, allowed, message), true)
                }
                _ if beyond & 0o020 != 0 && file.gid != 0 => {
                    let message = format!("group {} may write to {}", file.gid, self.path);
                    self.opened(self.too_open(file, allowed, message), false)
                }
                _ => {
                    let message = format!("{} is open wider than it needs to be", self.path);
                    self.too_open(file, allowed, message).into()
                }
            }
        })
    }

    fn judge(&self, known: impl FnOnce(&FileFacts) -> Outcome) -> Outcome {
        match self.file.get() {
            Some(file) => known(file),
            None if self.file.fact.is_absent() => {
                Outcome::NotApplicable(format!("{} does not exist", self.path))
            }
            None => Outcome::unread(&self.file),
        }
    }

    fn foreign_owner(&self, file: &FileFacts) -> Outcome {
        let failure = Failure::new(
            format!("{} belongs to uid {}, who can change it at will", self.path, file.uid),
            self.seen(format!("owner {}", file.uid), format!("owner {}", self.owner)),
            format!("`chown {} {}`", self.owner, self.path),
        );
        self.opened(failure, false)
    }

    /// A group that may write is as good as an owner; one that may not is untidy.
    fn foreign_group(&self, file: &FileFacts) -> Outcome {
        let failure = Failure::new(
            format!("{} belongs to group {}", self.path, file.gid),
            self.seen(format!("group {}", file.gid), "group 0".into()),
            format!("`chgrp root {}`", self.path),
        );
        match file.mode & 0o020 {
            0 => failure.severity(Severity::Low).into(),
            _ => self.opened(failure, false),
        }
    }

    fn too_open(&self, file: &FileFacts, allowed: u32, message: String) -> Failure {
        Failure::new(
            message,
            self.seen(format!("mode {:04o}", file.mode), format!("no bit beyond {allowed:04o}")),
            format!("`chmod {:04o} {}`", file.mode & 0o777 & allowed, self.path),
        )
        .severity(Severity::Low)
    }

    /// Writing to it is a way to the engine's own rights.
    fn opened(&self, failure: Failure, to_all: bool) -> Outcome {
        let severity = if to_all { Severity::Critical } else { Severity::High };
        match self.owner {
            0 => failure.severity(severity).opens(Gain::HostRoot, Foothold::LocalUser).into(),
            _ => failure.severity(Severity::High).into(),
        }
    }

    fn seen(&self, seen: String, expected: String) -> Evidence {
        Evidence::of(&self.file, seen, expected).effective()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{assert_fails, assert_not_applicable, assert_unknown, file, host_with};
    use dockward_model::facts::{Field, Origin};

    fn guarded(file: Field<FileFacts>, owner: u32) -> Guarded {
        Guarded::new(&host_with("/etc/x", file), "/etc/x", owner)
    }

    #[test]
    fn modes_are_sets_of_bits() {
        for (mode, passes) in [(0o644, true), (0o600, true), (0o466, false), (0o066, false)] {
            let outcome = guarded(file(mode, 0, 0), 0).judge_mode(0o644);
            assert_eq!(outcome == Outcome::Pass, passes, "{mode:04o}");
        }
    }

    #[test]
    fn who_may_write_decides_how_bad_it_is() {
        let severity = |mode, gid| {
            assert_fails(guarded(file(mode, 0, gid), 0).judge_mode(0o644)).severity.unwrap()
        };
        assert_eq!(severity(0o646, 0), Severity::Critical);
        assert_eq!(severity(0o664, 50), Severity::High);
        assert_eq!(severity(0o664, 0), Severity::Low);
        assert_eq!(severity(0o755, 0), Severity::Low);
    }

    #[test]
    fn a_foreign_owner_fails_and_the_engines_own_user_passes() {
        let failure = assert_fails(guarded(file(0o644, 1000, 0), 0).judge_owner());
        assert_eq!(failure.openings[0].gain, Gain::HostRoot);
        assert_eq!(guarded(file(0o644, 1000, 1000), 1000).judge_owner(), Outcome::Pass);
        assert_eq!(guarded(file(0o644, 0, 0), 1000).judge_owner(), Outcome::Pass);
    }

    #[test]
    fn a_foreign_group_matters_as_far_as_it_may_write() {
        let severity = |mode| assert_fails(guarded(file(mode, 0, 50), 0).judge_owner()).severity;
        assert_eq!(severity(0o644), Some(Severity::Low));
        assert_eq!(severity(0o660), Some(Severity::High));
    }

    #[test]
    fn below_a_rootless_engine_nobody_becomes_root() {
        let failure = assert_fails(guarded(file(0o666, 1000, 1000), 1000).judge_mode(0o644));
        assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::High), 0));
    }

    #[test]
    fn what_is_not_there_or_not_seen_does_not_pass() {
        let absent = Field::absent(Origin::file("/etc/x", None));
        assert_not_applicable(guarded(absent, 0).judge_mode(0o644));
        let unread = Field::unknown("permission denied", Origin::file("/etc/x", None));
        assert_unknown(guarded(unread, 0).judge_owner());
    }
}
