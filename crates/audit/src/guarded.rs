//! Files that make whoever may write to them as mighty as the engine.
//!
//! Modes are judged as sets of bits. Octal digits compared as decimal numbers, as some scripts do,
//! let 0466 pass as "at most 644".

use std::collections::BTreeSet;

use dockward_model::facts::{Field, FileFacts, Host};
use dockward_model::verdict::{Evidence, Failure, Foothold, Gain, Outcome, Severity};

use crate::{lookup, together};

/// Judges the owners of several files as one; those that don't exist are left out.
pub(crate) fn judge_owners(host: &Host, paths: &[&str], owner: u32) -> Outcome {
    let files = paths.iter().map(|path| Guarded::new(host, path, owner).judge_owner());
    together::all(files, "no such file")
}

/// Judges the modes of several files as one, and all folders above those that exist: who may write
/// to one of these puts another file in the place of the one there, whatever its mode.
pub(crate) fn judge_modes(host: &Host, paths: &[&str], owner: u32, allowed: u32) -> Outcome {
    judge_modes_in(host, paths, BTreeSet::new(), owner, allowed)
}

/// The same, with further folders into which nobody else may put a file.
pub(crate) fn judge_modes_in(
    host: &Host,
    paths: &[&str],
    mut folders: BTreeSet<String>,
    owner: u32,
    allowed: u32,
) -> Outcome {
    let files = paths.iter().map(|path| Guarded::new(host, path, owner));
    let files: Vec<_> = files.filter(|file| !file.file.fact.is_absent()).collect();
    let there = files.iter().filter(|file| file.file.get().is_some());
    folders.extend(there.flat_map(|file| above(host, &file.path)));
    let modes = files.iter().map(|file| file.judge_mode(allowed));
    let folders = folders.iter().map(|path| Guarded::new(host, path, owner).judge_folder());
    together::all(modes.chain(folders), "no such file")
}

/// Judges the modes of private keys as one: of a key, reading is what counts.
pub(crate) fn judge_keys(host: &Host, paths: &[&str], owner: u32) -> Outcome {
    let keys = paths.iter().map(|path| Guarded::new(host, path, owner).judge_secrecy());
    together::all(keys.chain([judge_modes(host, paths, owner, 0o755)]), "no such file")
}

/// The same verdict on files whose writers gain less than the engine's own rights: they deceive
/// the engine or its callers.
pub(crate) fn at_most_medium(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Fail(mut failure) => {
            failure.severity = failure.severity.map(|severity| severity.min(Severity::Medium));
            failure.openings.clear();
            Outcome::Fail(failure)
        }
        other => other,
    }
}

/// The folders above a path, and above what it leads to by symbolic links.
pub(crate) fn above(host: &Host, path: &str) -> BTreeSet<String> {
    let real = host.links.get(path).map(String::as_str);
    std::iter::once(path).chain(real).flat_map(folders_above).collect()
}

fn folders_above(path: &str) -> Vec<String> {
    let ends = path.match_indices('/').map(|(at, _)| path.get(..at).unwrap_or_default());
    ends.map(|folder| if folder.is_empty() { "/" } else { folder }.to_owned()).collect()
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

    /// A private key is for its owner to read, and for nobody to change: 0400.
    fn judge_secrecy(&self) -> Outcome {
        self.judge(|file| {
            let own_group = file.gid == 0 || file.gid == self.owner;
            let (who, severity) = match file.mode & 0o777 & !0o400 {
                0 => return Outcome::Pass,
                beyond if beyond & 0o004 != 0 => ("everyone may read", Severity::High),
                beyond if beyond & 0o040 != 0 && !own_group => {
                    ("a group other than root's may read", Severity::Medium)
                }
                _ => ("more is allowed than to read", Severity::Low),
            };
            let message = format!("{who} the private key {}", self.path);
            self.too_open(file, 0o400, message).severity(severity).into()
        })
    }

    /// Nobody but root and the owner may put files into it; the sticky bit keeps others' files
    /// where they are (inode(7)).
    fn judge_folder(&self) -> Outcome {
        const STICKY: u32 = 0o1000;
        self.judge(|folder| {
            let is_open = |bit: u32| folder.mode & bit != 0 && folder.mode & STICKY == 0;
            let own_group = folder.gid == 0 || folder.gid == self.owner;
            let (who, seen, expected) = if folder.uid != 0 && folder.uid != self.owner {
                (format!("uid {}", folder.uid), format!("owner {}", folder.uid), "owner 0")
            } else if is_open(0o002) {
                ("everyone".into(), format!("mode {:04o}", folder.mode), "no bit beyond 0755")
            } else if is_open(0o020) && !own_group {
                let seen = format!("mode {:04o}, group {}", folder.mode, folder.gid);
                (format!("group {}", folder.gid), seen, "no bit beyond 0755")
            } else {
                return Outcome::Pass;
            };
            let message = format!("{who} may replace what lies in the folder {}", self.path);
            let fix = format!("`chown {0} {1}` and `chmod go-w {1}`", self.owner, self.path);
            let failure = Failure::new(message, self.seen(seen, expected.into()), fix);
            self.opened(failure, is_open(0o002))
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
    use crate::judged::{
        assert_fails, assert_not_applicable, assert_passes, assert_unknown, file, host_with,
    };
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
    fn of_a_key_it_counts_who_may_read_it_and_who_may_put_another_there() {
        let judge =
            |found: Field<FileFacts>| judge_keys(&host_with("/etc/x", found), &["/etc/x"], 0);
        assert_passes(judge(file(0o400, 0, 0)));
        for (found, severity) in [
            (file(0o444, 0, 0), Severity::High),
            (file(0o440, 0, 50), Severity::Medium),
            (file(0o440, 0, 0), Severity::Low),
            (file(0o600, 0, 0), Severity::Low),
            (file(0o622, 0, 0), Severity::Critical),
        ] {
            assert_eq!(assert_fails(judge(found)).severity, Some(severity));
        }
    }

    #[test]
    fn a_folder_above_counts_as_much_as_the_file() {
        let judge = |folder: Field<FileFacts>, owner| {
            let mut host = host_with("/srv/docker/x", file(0o644, 0, 0));
            host.files.insert("/srv".into(), folder);
            judge_modes(&host, &["/srv/docker/x"], owner, 0o644)
        };
        assert_passes(judge(file(0o755, 0, 0), 0));
        assert_passes(judge(file(0o1777, 0, 0), 0));
        assert_passes(judge(file(0o775, 0, 0), 0));
        let failure = assert_fails(judge(file(0o777, 0, 0), 0));
        assert_eq!(failure.severity, Some(Severity::Critical));
        assert_eq!(failure.message, "everyone may replace what lies in the folder /srv");
        assert_eq!(assert_fails(judge(file(0o775, 0, 50), 0)).severity, Some(Severity::High));
        assert_fails(judge(file(0o755, 1000, 0), 0));
        assert_passes(judge(file(0o775, 1000, 1000), 1000));
        assert_unknown(judge(Field::unknown("eof", Origin::Nowhere), 0));
    }

    #[test]
    fn where_a_link_leads_has_folders_too() {
        let mut host = host_with("/etc/x", file(0o644, 0, 0));
        host.links.insert("/etc/x".into(), "/srv/own/x".into());
        assert_unknown(judge_modes(&host, &["/etc/x"], 0, 0o644));
        host.files.insert("/srv".into(), file(0o755, 0, 0));
        host.files.insert("/srv/own".into(), file(0o755, 33, 33));
        assert!(assert_fails(judge_modes(&host, &["/etc/x"], 0, 0o644)).message.contains("uid 33"));
    }

    #[test]
    fn what_is_not_there_or_not_seen_does_not_pass() {
        let absent = Field::absent(Origin::file("/etc/x", None));
        assert_not_applicable(guarded(absent, 0).judge_mode(0o644));
        let unread = Field::unknown("permission denied", Origin::file("/etc/x", None));
        assert_unknown(guarded(unread, 0).judge_owner());
    }
}
