//! What the kernel's audit records, and what is written down for it (audit.rules(7)).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Fact, Field, Origin};

/// The kernel's audit and its rules.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditRules {
    /// Whether the kernel audits at all (`AUDIT_GET`, or `audit=0` on its command line).
    pub switch: Field<AuditSwitch>,
    /// The rules in force, in the kernel's order (`AUDIT_LIST_RULES`). Absent where the kernel was
    /// built without audit.
    pub loaded: Field<Vec<AuditRule>>,
    /// What the next start will load: `/etc/audit/rules.d` as augenrules(8) merges it, or
    /// `/etc/audit/audit.rules` where there is no such folder.
    pub written: Field<WrittenRules>,
    /// What stands at the paths that rules are wanted for, by path as asked.
    pub paths: BTreeMap<String, Field<RealPath>>,
}

/// auditctl(8)'s `-e`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditSwitch {
    /// `-e 0`: nothing is recorded.
    Off,
    /// `-e 1`.
    On,
    /// `-e 2`: on, and no rule changes before the next start.
    Locked,
}

/// Rules as files say them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WrittenRules {
    /// Those that auditctl(8) would load, in its order.
    pub rules: Vec<AuditRule>,
    /// The last `-e`, and where it stands.
    pub switch: Option<(AuditSwitch, Origin)>,
    /// The line at which auditctl stops, so that what follows is not loaded.
    pub stops_at: Option<RefusedLine>,
    /// Rules behind that line.
    pub behind: Vec<AuditRule>,
}

/// A line that auditctl(8) refuses, or that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// Where it stands.
    pub origin: Origin,
    /// What is wrong about it.
    pub why: String,
    /// Whether auditctl is known to refuse it; else Dockward doesn't know what it means.
    pub certain: bool,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRule {
    /// The list that it stands in.
    pub list: AuditList,
    /// Whether it records (`always`); else it keeps from recording (`never`).
    pub always: bool,
    /// The file or folder that it is about; none means any.
    pub watch: Option<AuditWatch>,
    /// Which kinds of access it is about.
    pub permissions: AuditPermissions,
    /// `arch=`: whether it is about calls of 64-bit or of 32-bit programs; none means both.
    pub width: Option<AuditWidth>,
    /// The calls that it is about; none means all.
    pub calls: Option<AuditCalls>,
    /// Whatever else must hold, such as `auid>=1000`.
    pub filters: Vec<String>,
    /// The words by which its records are found.
    pub keys: Vec<String>,
    /// The line of the file, or the number among the kernel's rules.
    pub origin: Origin,
}

/// The kernel's lists of rules (`AUDIT_FILTER_*` of linux/audit.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditList {
    /// At the end of a call: all that is about files.
    Exit,
    /// When a process is made.
    Task,
    /// Kinds of records that are dropped.
    Exclude,
    /// Messages of programs, kinds of file systems, operations of io_uring.
    Other,
}

/// What a rule watches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditWatch {
    /// Whether all below it is meant as well (`dir=`, or `-w` on a folder).
    pub recursive: bool,
    /// The path as written.
    pub path: String,
    /// The path as the kernel resolves it: links on the way are followed, one at its end is not.
    /// Absent where the folder that it should stand in doesn't exist.
    pub real: Fact<String>,
    /// Whether a symbolic link stands there: the kernel then watches the link itself.
    pub is_link: bool,
}

/// Some of the system calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditCalls {
    /// Their names, or numbers behind a `#`.
    pub names: Vec<String>,
    /// The kinds of access that can't be had by any other call. Unknown where the processor's
    /// numbers are not known.
    pub whole: Fact<AuditPermissions>,
    /// Whether a file may be changed or run by one of them.
    pub touches_files: bool,
}

/// The width of the programs whose calls are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditWidth {
    /// `arch=b32`.
    Bits32,
    /// `arch=b64`.
    Bits64,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RealPath {
    /// The path with every symbolic link resolved.
    pub path: String,
    /// What it is: `dir`, `file`, `socket`, ….
    pub node: String,
}

/// A set of kinds of access (`AUDIT_PERM_*` of linux/audit.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPermissions(u8);

impl AuditPermissions {
    /// None at all.
    pub const NONE: Self = Self(0);
    /// Running it.
    pub const EXECUTE: Self = Self(1);
    /// Writing, making, removing, renaming.
    pub const WRITE: Self = Self(2);
    /// Reading.
    pub const READ: Self = Self(4);
    /// Changing owner, mode, extended attributes.
    pub const ATTRIBUTES: Self = Self(8);
    /// What a rule is about that names none.
    pub const ALL: Self = Self(15);

    const LETTERS: [(Self, char); 4] =
        [(Self::READ, 'r'), (Self::WRITE, 'w'), (Self::EXECUTE, 'x'), (Self::ATTRIBUTES, 'a')];

    /// The kernel's number; none where it has bits that mean nothing.
    #[must_use]
    pub fn from_bits(bits: u32) -> Option<Self> {
        u8::try_from(bits).ok().map(Self).filter(|set| set.0 & !Self::ALL.0 == 0)
    }

    /// Letters out of `rwxa`, in any case; none where there is another.
    #[must_use]
    pub fn from_letters(letters: &str) -> Option<Self> {
        letters.chars().try_fold(Self::NONE, |set, letter| {
            let known = Self::LETTERS.iter().find(|(_, l)| *l == letter.to_ascii_lowercase())?;
            Some(set.with(known.0))
        })
    }

    /// What is in either.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for AuditPermissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = Self::LETTERS.iter().filter(|(set, _)| !self.and(*set).is_empty());
        f.write_str(&letters.map(|(_, letter)| *letter).collect::<String>())
    }
}

impl fmt::Display for AuditRule {
    /// As auditctl(8) would be told it, without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = if self.always { "always" } else { "never" };
        let list = match self.list {
            AuditList::Exit => "exit",
            AuditList::Task => "task",
            AuditList::Exclude => "exclude",
            AuditList::Other => "other",
        };
        write!(f, "-a {action},{list}")?;
        match self.width {
            Some(AuditWidth::Bits32) => f.write_str(" -F arch=b32")?,
            Some(AuditWidth::Bits64) => f.write_str(" -F arch=b64")?,
            None => {}
        }
        if let Some(calls) = &self.calls {
            write!(f, " -S {}", calls.names.join(","))?;
        }
        if let Some(watch) = &self.watch {
            let what = if watch.recursive { "dir" } else { "path" };
            write!(f, " -F {what}={}", watch.path)?;
        }
        if self.permissions != AuditPermissions::ALL {
            write!(f, " -F perm={}", self.permissions)?;
        }
        self.filters.iter().try_for_each(|filter| write!(f, " -F {filter}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_access_are_letters_and_bits() {
        let set = AuditPermissions::from_letters("Wa").unwrap();
        assert_eq!(set, AuditPermissions::WRITE.with(AuditPermissions::ATTRIBUTES));
        assert_eq!(AuditPermissions::from_bits(10), Some(set));
        assert_eq!(AuditPermissions::ALL.without(set).to_string(), "rx");
        assert_eq!(AuditPermissions::from_letters("wz"), None);
        assert_eq!(AuditPermissions::from_bits(16), None);
        assert!(AuditPermissions::from_letters("").unwrap().is_empty());
    }

    #[test]
    fn a_rule_is_told_as_auditctl_would_be() {
        let rule = AuditRule {
            list: AuditList::Exit,
            always: true,
            watch: Some(AuditWatch {
                recursive: true,
                path: "/etc/docker".into(),
                real: Fact::Absent,
                is_link: false,
            }),
            permissions: AuditPermissions::WRITE,
            width: Some(AuditWidth::Bits64),
            calls: Some(AuditCalls {
                names: vec!["open".into(), "#7".into()],
                whole: Fact::Known(AuditPermissions::NONE),
                touches_files: true,
            }),
            filters: vec!["auid>=1000".into()],
            keys: vec!["docker".into()],
            origin: Origin::Nowhere,
        };
        let said =
            "-a always,exit -F arch=b64 -S open,#7 -F dir=/etc/docker -F perm=w -F auid>=1000";
        assert_eq!(rule.to_string(), said);
    }
}
