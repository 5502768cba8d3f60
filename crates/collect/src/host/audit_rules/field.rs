//! What `-F` says: a field, a sign and a value.

use dockward_model::facts::{AuditPermissions, AuditWidth};

use super::line::Refused;

/// A condition of a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// `path=`, `dir=`.
    Watch { path: String, recursive: bool },
    /// `perm=`.
    Permissions(AuditPermissions),
    /// `arch=`.
    Width(AuditWidth),
    /// `key=`.
    Key(String),
    /// Whatever else must hold.
    Other(String),
}

/// auditctl(8)'s names of fields that narrow a rule.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "a0", "a1", "a2", "a3", "auid", "devmajor", "devminor", "dir", "egid", "euid", "exe", "exit",
    "field_compare", "filetype", "fsgid", "fstype", "fsuid", "gid", "inode", "loginuid", "msgtype",
    "obj_gid", "obj_lev_high", "obj_lev_low", "obj_role", "obj_type", "obj_uid", "obj_user", "pers",
    "pid", "ppid", "saddr_fam", "sessionid", "sgid", "subj_clr", "subj_role", "subj_sen",
    "subj_type", "subj_user", "success", "suid", "uid",
];

/// Signs in the order in which auditctl looks for them anywhere in the text.
const SIGNS: [&str; 8] = ["!=", ">=", "<=", "&=", "=", ">", "<", "&"];

pub(super) fn parse(said: &str) -> Result<Field, Refused> {
    if let Some(key) = said.strip_prefix("key=") {
        return Ok(Field::Key(key.to_owned()));
    }
    let parted = SIGNS.iter().find_map(|sign| Some((said.split_once(sign)?, *sign)));
    let ((name, value), sign) =
        parted.ok_or_else(|| Refused::certain(format!("-F {said} has no sign")))?;
    if value.is_empty() {
        return Err(Refused::certain(format!("-F {said} has no value")));
    }
    match (name, sign) {
        ("path", "=") => Ok(Field::Watch { path: value.to_owned(), recursive: false }),
        ("dir", "=") => Ok(Field::Watch { path: value.to_owned(), recursive: true }),
        ("path", _) => Err(Refused::certain("path takes no sign but =")),
        ("perm", "=") => permissions(value),
        ("perm", _) => Err(Refused::certain("perm takes no sign but =")),
        ("arch", "=") => width(value),
        ("arch", _) => Ok(Field::Other(said.to_owned())),
        _ if OTHERS.contains(&name) => Ok(Field::Other(said.to_owned())),
        _ => Err(Refused::unknown(format!("the field `{name}` is not known"))),
    }
}

fn permissions(value: &str) -> Result<Field, Refused> {
    let known = AuditPermissions::from_letters(value).map(Field::Permissions);
    known.ok_or_else(|| Refused::certain(format!("perm={value} is none of r, w, x, a")))
}

/// `b64`, `b32`, or a processor by its name or ELF number.
fn width(value: &str) -> Result<Field, Refused> {
    let elf = value.strip_prefix("0x").map(|hex| u32::from_str_radix(hex, 16));
    let width = match (value, elf) {
        (_, Some(Ok(elf))) if elf & 0x8000_0000 != 0 => AuditWidth::Bits64,
        (_, Some(Ok(_))) => AuditWidth::Bits32,
        ("b64" | "x86_64" | "aarch64" | "ppc64" | "ppc64le" | "s390x" | "riscv64", _) => {
            AuditWidth::Bits64
        }
        ("b32" | "i386" | "i486" | "i586" | "i686" | "arm" | "armv7l" | "ppc" | "s390", _) => {
            AuditWidth::Bits32
        }
        _ => return Err(Refused::unknown(format!("the processor `{value}` is not known"))),
    };
    Ok(Field::Width(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_say_what_is_watched_are_told_from_those_that_narrow() {
        let watch = |path: &str, recursive| Field::Watch { path: path.into(), recursive };
        assert_eq!(parse("path=/a"), Ok(watch("/a", false)));
        assert_eq!(parse("dir=/a"), Ok(watch("/a", true)));
        assert_eq!(parse("dir!=/a"), Ok(Field::Other("dir!=/a".into())));
        assert_eq!(parse("arch=b32"), Ok(Field::Width(AuditWidth::Bits32)));
        assert_eq!(parse("arch=0xC000003E"), Ok(Field::Width(AuditWidth::Bits64)));
        assert_eq!(parse("key=a=b"), Ok(Field::Key("a=b".into())));
        for narrow in ["auid>=1000", "auid!=unset", "success=0", "exe=/usr/bin/x", "a1&3"] {
            assert_eq!(parse(narrow), Ok(Field::Other(narrow.into())));
        }
    }

    #[test]
    fn what_auditctl_refuses_is_certain_and_what_is_new_here_is_not() {
        for said in ["path", "path=", "path!=/a", "perm=z", "perm!=w", "auid"] {
            assert!(parse(said).is_err_and(|refused| refused.certain), "{said}");
        }
        for said in ["ghost=1", "\"path=/a\"", "arch=loong64"] {
            assert!(parse(said).is_err_and(|refused| !refused.certain), "{said}");
        }
    }
}
