//! `struct audit_rule_data` of linux/audit.h, as the kernel lists its rules.

use dockward_model::facts::{AuditList, AuditPermissions, AuditRule, AuditWidth, Origin};

use super::calls::Processor;
use super::resolve;
use crate::tree::Tree;

const MASK: usize = 12;
const FIELDS: usize = MASK + 256;
const VALUES: usize = FIELDS + 256;
const OPERATORS: usize = VALUES + 256;
const LENGTH: usize = OPERATORS + 256;
const TEXT: usize = LENGTH + 4;
const MAX_FIELDS: usize = 64;
/// The last word of the mask stood for classes of calls; the kernel clears those bits.
const CALLS: u32 = 63 * 32;

const ARCH: u32 = 11;
const WATCH: u32 = 105;
const PERM: u32 = 106;
const DIR: u32 = 107;
const KEY: u32 = 210;
const EQUAL: u32 = 0x4000_0000;
const IS_64_BIT: u32 = 0x8000_0000;

/// The fields' numbers and auditctl(8)'s names, and whether their value is a text.
#[rustfmt::skip]
const NAMES: &[(u32, &str, bool)] = &[
    (0, "pid", false), (1, "uid", false), (2, "euid", false), (3, "suid", false),
    (4, "fsuid", false), (5, "gid", false), (6, "egid", false), (7, "sgid", false),
    (8, "fsgid", false), (9, "auid", false), (10, "pers", false), (ARCH, "arch", false),
    (12, "msgtype", false), (13, "subj_user", true), (14, "subj_role", true),
    (15, "subj_type", true), (16, "subj_sen", true), (17, "subj_clr", true), (18, "ppid", false),
    (19, "obj_user", true), (20, "obj_role", true), (21, "obj_type", true),
    (22, "obj_lev_low", true), (23, "obj_lev_high", true), (24, "auid_set", false),
    (25, "sessionid", false), (26, "fstype", false), (100, "devmajor", false),
    (101, "devminor", false), (102, "inode", false), (103, "exit", false),
    (104, "success", false), (WATCH, "path", true), (PERM, "perm", false), (DIR, "dir", true),
    (108, "filetype", false), (109, "obj_uid", false), (110, "obj_gid", false),
    (111, "field_compare", false), (112, "exe", true), (113, "saddr_fam", false),
    (200, "a0", false), (201, "a1", false), (202, "a2", false), (203, "a3", false),
    (KEY, "key", true),
];

const SIGNS: &[(u32, &str)] = &[
    (EQUAL, "="),
    (0x3000_0000, "!="),
    (0x1000_0000, "<"),
    (0x5000_0000, "<="),
    (0x2000_0000, ">"),
    (0x6000_0000, ">="),
    (0x0800_0000, "&"),
    (0x4800_0000, "&="),
];

/// The rule with this number among the kernel's; none where the bytes are not whole or mean
/// something that is not known here.
pub(super) fn rule(bytes: &[u8], number: usize, tree: &dyn Tree) -> Option<AuditRule> {
    let (list, always) = (list(word(bytes, 0)?), word(bytes, 4)? == 2);
    let mut rule = AuditRule {
        list,
        always,
        watch: None,
        permissions: AuditPermissions::ALL,
        width: None,
        calls: None,
        filters: Vec::new(),
        keys: Vec::new(),
        origin: Origin::kernel("the kernel's audit", format!("rule {number}")),
    };
    let count = usize::try_from(word(bytes, 8)?).ok().filter(|count| *count <= MAX_FIELDS)?;
    let length = usize::try_from(word(bytes, LENGTH)?).ok()?;
    let mut text = bytes.get(TEXT..TEXT.checked_add(length)?)?;
    for at in 0..count {
        let word = |base: usize| word(bytes, base + 4 * at);
        let field = Field::new(word(FIELDS)?, word(OPERATORS)?, word(VALUES)?, &mut text)?;
        field.tell(&mut rule, tree)?;
    }
    if list == AuditList::Exit {
        rule.calls = calls(bytes)?.map(|said| Processor::own(rule.width).calls(said));
    }
    Some(rule)
}

const fn list(flags: u32) -> AuditList {
    match flags & 7 {
        4 => AuditList::Exit,
        1 => AuditList::Task,
        5 => AuditList::Exclude,
        _ => AuditList::Other,
    }
}

/// The calls whose bits are set; none where all are.
fn calls(bytes: &[u8]) -> Option<Option<Vec<String>>> {
    let mut set = Vec::new();
    for call in 0..CALLS {
        let word = word(bytes, MASK + 4 * usize::try_from(call / 32).ok()?)?;
        if word & (1 << (call % 32)) != 0 {
            set.push(call.to_string());
        }
    }
    let all = usize::try_from(CALLS).ok()?;
    Some(Some(set).filter(|set| set.len() < all))
}

struct Field {
    number: u32,
    name: &'static str,
    sign: &'static str,
    value: Value,
}

enum Value {
    Number(u32),
    Text(String),
}

impl Field {
    /// Texts stand one behind another in `rest`; a field's value is then its length.
    fn new(number: u32, operator: u32, value: u32, rest: &mut &[u8]) -> Option<Self> {
        let (_, name, is_text) = NAMES.iter().find(|known| known.0 == number)?;
        let (_, sign) = SIGNS.iter().find(|known| known.0 == operator)?;
        let value = if *is_text {
            let (text, more) = rest.split_at_checked(usize::try_from(value).ok()?)?;
            *rest = more;
            Value::Text(String::from_utf8_lossy(text).into_owned())
        } else {
            Value::Number(value)
        };
        Some(Self { number, name, sign, value })
    }

    fn tell(self, rule: &mut AuditRule, tree: &dyn Tree) -> Option<()> {
        match (self.number, self.sign, self.value) {
            (WATCH, "=", Value::Text(path)) => {
                rule.watch = Some(resolve::watch(tree, &path, false))
            }
            (DIR, "=", Value::Text(path)) => rule.watch = Some(resolve::watch(tree, &path, true)),
            (KEY, _, Value::Text(keys)) => {
                rule.keys.extend(keys.split('\u{1}').map(str::to_owned));
            }
            (PERM, _, Value::Number(bits)) => {
                rule.permissions = AuditPermissions::from_bits(bits)?;
            }
            (ARCH, "=", Value::Number(elf)) => rule.width = Some(width(elf)),
            (12, "=", Value::Number(kind)) => {
                rule.filters.push(format!("msgtype={}", record(kind)))
            }
            (_, sign, Value::Number(value)) => {
                rule.filters.push(format!("{}{sign}{value}", self.name));
            }
            (_, sign, Value::Text(value)) => {
                rule.filters.push(format!("{}{sign}{value}", self.name));
            }
        }
        Some(())
    }
}

const fn width(elf: u32) -> AuditWidth {
    if elf & IS_64_BIT == 0 { AuditWidth::Bits32 } else { AuditWidth::Bits64 }
}

/// The kinds of records that tell of files, by the names that ausearch(8) has for them.
fn record(kind: u32) -> String {
    match kind {
        1300 => "SYSCALL".to_owned(),
        1302 => "PATH".to_owned(),
        other => other.to_string(),
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::tree::Recorded;
    use dockward_model::facts::Fact;

    /// A rule as the kernel writes it: flags, action, calls (none: all) and fields with their sign,
    /// number and text.
    pub(in super::super) fn bytes(
        flags: u32,
        action: u32,
        calls: Option<&[u32]>,
        fields: &[(u32, u32, u32, &str)],
    ) -> Vec<u8> {
        let mut words = vec![0_u32; 260];
        let count = u32::try_from(fields.len()).unwrap();
        (words[0], words[1], words[2]) = (flags, action, count);
        match calls {
            None => words[3..66].fill(u32::MAX),
            Some(calls) => {
                for call in calls {
                    words[3 + usize::try_from(call / 32).unwrap()] |= 1 << (call % 32);
                }
            }
        }
        let mut text = String::new();
        for (at, (number, sign, value, said)) in fields.iter().enumerate() {
            (words[67 + at], words[195 + at]) = (*number, *sign);
            words[131 + at] =
                if said.is_empty() { *value } else { u32::try_from(said.len()).unwrap() };
            text.push_str(said);
        }
        words[259] = u32::try_from(text.len()).unwrap();
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        bytes.extend(text.bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Option<AuditRule> {
        rule(bytes, 3, &Recorded::new().file("/etc/docker/daemon.json", "{}"))
    }

    #[test]
    fn a_watch_has_its_path_its_kinds_of_access_and_its_key() {
        let fields = [(DIR, EQUAL, 0, "/etc/docker"), (PERM, EQUAL, 10, ""), (KEY, EQUAL, 0, "dk")];
        let rule = read(&bytes(4, 2, None, &fields)).unwrap();
        assert_eq!(rule.to_string(), "-a always,exit -F dir=/etc/docker -F perm=wa");
        assert_eq!(rule.watch.unwrap().real, Fact::Known("/etc/docker".into()));
        assert_eq!((rule.keys, rule.calls), (vec!["dk".to_owned()], None));
        assert_eq!(rule.origin.to_string(), "the kernel's audit rule 3");
    }

    #[test]
    fn conditions_signs_and_two_texts_are_kept_apart() {
        let fields = [
            (ARCH, EQUAL, 0xC000_003E, ""),
            (WATCH, EQUAL, 0, "/usr/bin/runc"),
            (9, 0x6000_0000, 1000, ""),
            (9, 0x3000_0000, u32::MAX, ""),
            (112, 0x3000_0000, 0, "/usr/bin/x"),
            (KEY, EQUAL, 0, "one\u{1}two"),
        ];
        let rule = read(&bytes(4, 2, Some(&[159]), &fields)).unwrap();
        assert_eq!(rule.filters, ["auid>=1000", "auid!=4294967295", "exe!=/usr/bin/x"]);
        assert_eq!((rule.width, rule.keys.len()), (Some(AuditWidth::Bits64), 2));
        assert_eq!(rule.calls.unwrap().names, ["#159"]);
    }

    #[test]
    fn lists_and_actions_are_told_apart() {
        let of = |flags, action| read(&bytes(flags, action, None, &[])).unwrap();
        assert_eq!((of(1, 0).list, of(1, 0).always), (AuditList::Task, false));
        assert_eq!(of(0x10 | 4, 2).list, AuditList::Exit);
        let dropped = read(&bytes(5, 2, None, &[(12, EQUAL, 1300, "")])).unwrap();
        assert_eq!(
            (dropped.list, dropped.filters),
            (AuditList::Exclude, vec!["msgtype=SYSCALL".into()])
        );
    }

    #[test]
    fn bytes_that_are_cut_or_mean_nothing_known_give_no_rule() {
        let fields = [(WATCH, EQUAL, 0, "/etc/docker")];
        let whole = bytes(4, 2, None, &fields);
        for length in [0, 8, 11, 100, 1039, whole.len() - 1] {
            assert_eq!(read(&whole[..length]), None, "{length}");
        }
        let with = |at: usize, value: u32| {
            let mut odd = whole.clone();
            odd[at..at + 4].copy_from_slice(&value.to_ne_bytes());
            read(&odd)
        };
        assert!(with(8, 1).is_some());
        assert_eq!(with(8, 65), None, "more fields than there are");
        assert_eq!(with(FIELDS, 99), None, "a field of another kernel");
        assert_eq!(with(OPERATORS, 1), None, "a sign of another kernel");
        assert_eq!(with(VALUES, 4_000), None, "a text longer than the buffer");
        assert_eq!(with(LENGTH, u32::MAX), None);
    }
}
