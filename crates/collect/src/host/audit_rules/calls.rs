//! System calls by which a file is changed or run: what a rule must not leave out.
//!
//! Which calls: the kernel's `asm-generic/audit_write.h`, `audit_dir_write.h`,
//! `audit_change_attr.h`. Numbers: its tables for x86 (`syscall_64.tbl`, `syscall_32.tbl`), for Arm
//! (`arm/tools/syscall.tbl`), and `asm-generic/unistd.h` for arm64 and riscv64.

use dockward_model::facts::{AuditCalls, AuditPermissions, AuditWidth, Fact};

const WRITE: AuditPermissions = AuditPermissions::WRITE;
const ATTRIBUTES: AuditPermissions = AuditPermissions::ATTRIBUTES;
const EXECUTE: AuditPermissions = AuditPermissions::EXECUTE;
/// Left out by rules that audit 4.0 makes of `perm=`, so not asked for; or works on descriptors
/// only, which something in the table has opened.
const BESIDE: AuditPermissions = AuditPermissions::NONE;

/// Name, kind of access that is not whole without it, and its number on x86-64, x86, arm64, arm.
/// 0 where there is no such call: what has that number changes no file.
type Call = (&'static str, AuditPermissions, [u32; 4]);

#[rustfmt::skip]
const CALLS: &[Call] = &[
    ("bind", BESIDE, [49, 361, 200, 282]),
    ("chmod", ATTRIBUTES, [90, 15, 0, 15]),
    ("chown", ATTRIBUTES, [92, 182, 0, 182]),
    ("chown32", BESIDE, [0, 212, 0, 212]),
    ("creat", WRITE, [85, 8, 0, 8]),
    ("execve", EXECUTE, [59, 11, 221, 11]),
    ("execveat", BESIDE, [322, 358, 281, 387]),
    ("fallocate", BESIDE, [285, 324, 47, 352]),
    ("fchmod", ATTRIBUTES, [91, 94, 52, 94]),
    ("fchmodat", ATTRIBUTES, [268, 306, 53, 333]),
    ("fchmodat2", BESIDE, [452, 452, 452, 452]),
    ("fchown", ATTRIBUTES, [93, 95, 55, 95]),
    ("fchown32", BESIDE, [0, 207, 0, 207]),
    ("fchownat", ATTRIBUTES, [260, 298, 54, 325]),
    ("fremovexattr", ATTRIBUTES, [199, 237, 16, 237]),
    ("fsetxattr", ATTRIBUTES, [190, 228, 7, 228]),
    ("ftruncate", BESIDE, [77, 93, 46, 93]),
    ("lchown", ATTRIBUTES, [94, 16, 0, 16]),
    ("lchown32", BESIDE, [0, 198, 0, 198]),
    ("link", WRITE, [86, 9, 0, 9]),
    ("linkat", WRITE, [265, 303, 37, 330]),
    ("lremovexattr", ATTRIBUTES, [198, 236, 15, 236]),
    ("lsetxattr", ATTRIBUTES, [189, 227, 6, 227]),
    ("mkdir", WRITE, [83, 39, 0, 39]),
    ("mkdirat", WRITE, [258, 296, 34, 323]),
    ("mknod", WRITE, [133, 14, 0, 14]),
    ("mknodat", WRITE, [259, 297, 33, 324]),
    ("open", WRITE, [2, 5, 0, 5]),
    ("openat", WRITE, [257, 295, 56, 322]),
    ("openat2", WRITE, [437, 437, 437, 437]),
    ("removexattr", ATTRIBUTES, [197, 235, 14, 235]),
    ("removexattrat", BESIDE, [466, 466, 466, 466]),
    ("rename", WRITE, [82, 38, 0, 38]),
    ("renameat", WRITE, [264, 302, 38, 329]),
    ("renameat2", WRITE, [316, 353, 276, 382]),
    ("rmdir", WRITE, [84, 40, 0, 40]),
    ("setxattr", ATTRIBUTES, [188, 226, 5, 226]),
    ("setxattrat", BESIDE, [463, 463, 463, 463]),
    ("symlink", WRITE, [88, 83, 0, 83]),
    ("symlinkat", WRITE, [266, 304, 36, 331]),
    ("truncate", WRITE, [76, 92, 45, 92]),
    ("truncate64", BESIDE, [0, 193, 0, 193]),
    ("unlink", WRITE, [87, 10, 0, 10]),
    ("unlinkat", WRITE, [263, 301, 35, 328]),
];

/// A processor as programs of one width see it: whose numbers a rule's calls have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Processor(Option<usize>);

impl Processor {
    /// `machine` is Rust's name for it, such as `x86_64`. Rules that name no width are 64-bit.
    pub(super) fn new(machine: &str, width: Option<AuditWidth>) -> Self {
        let narrow = width == Some(AuditWidth::Bits32);
        Self(match machine {
            "x86_64" => Some(usize::from(narrow)),
            "aarch64" => Some(2 + usize::from(narrow)),
            "riscv64" if !narrow => Some(2),
            _ => None,
        })
    }

    /// That on which Dockward runs.
    pub(super) fn own(width: Option<AuditWidth>) -> Self {
        Self::new(std::env::consts::ARCH, width)
    }

    fn number(self, call: &Call) -> Option<u32> {
        call.2.get(self.0?).copied().filter(|number| *number != 0)
    }

    /// Calls as a rule names them: by name, or by number.
    pub(super) fn calls(self, said: impl IntoIterator<Item = String>) -> AuditCalls {
        let names: Vec<String> = said.into_iter().map(|said| self.name(said)).collect();
        let has = |call: &Call| names.iter().any(|name| name == call.0);
        let missing = CALLS.iter().filter(|call| self.number(call).is_some() && !has(call));
        let lacks = missing.fold(AuditPermissions::NONE, |lacks, call| lacks.with(call.1));
        let whole = match self.0 {
            Some(_) => Fact::Known(WRITE.with(ATTRIBUTES).with(EXECUTE).without(lacks)),
            None => Fact::Unknown("the numbers of this processor's calls are not known".into()),
        };
        let touches_files = self.0.is_none() || CALLS.iter().any(has);
        AuditCalls { names, whole, touches_files }
    }

    fn name(self, said: String) -> String {
        let Ok(number) = said.parse::<u32>() else { return said };
        let known = CALLS.iter().find(|call| self.number(call) == Some(number));
        known.map_or_else(|| format!("#{number}"), |call| call.0.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X86_64: Processor = Processor(Some(0));

    fn all_of(processor: Processor, kind: AuditPermissions) -> Vec<String> {
        let of = CALLS.iter().filter(|call| call.1 == kind);
        of.filter_map(|call| Some(processor.number(call)?.to_string())).collect()
    }

    #[test]
    fn a_list_that_leaves_nothing_out_is_whole_for_that_kind_of_access() {
        for processor in [0, 1, 2, 3].map(|column| Processor(Some(column))) {
            let mut said = all_of(processor, WRITE);
            said.extend(all_of(processor, ATTRIBUTES));
            let calls = processor.calls(said);
            assert_eq!(calls.whole, Fact::Known(WRITE.with(ATTRIBUTES)), "{processor:?}");
            assert!(calls.touches_files);
        }
    }

    #[test]
    fn one_call_left_out_is_a_gap() {
        let mut said = all_of(X86_64, WRITE);
        said.retain(|number| number != "316");
        assert_eq!(X86_64.calls(said).whole, Fact::Known(AuditPermissions::NONE));
        let opening = X86_64.calls(["open".into(), "openat".into()]);
        assert_eq!(opening.whole, Fact::Known(AuditPermissions::NONE));
    }

    #[test]
    fn calls_that_change_no_file_are_told_apart() {
        let calls = X86_64.calls(["159".into(), "clock_settime".into()]);
        assert_eq!(calls.names, ["#159", "clock_settime"]);
        assert!(!calls.touches_files);
        assert_eq!(X86_64.calls(["2".into()]).names, ["open"]);
    }

    #[test]
    fn on_a_processor_without_a_table_nothing_is_concluded() {
        let calls = Processor::new("s390x", None).calls(["5".into()]);
        assert!(calls.whole.unknown().is_some() && calls.touches_files);
    }

    #[test]
    fn no_number_stands_twice_in_a_column() {
        for column in 0..4 {
            let processor = Processor(Some(column));
            let mut numbers: Vec<_> = CALLS.iter().filter_map(|c| processor.number(c)).collect();
            let all = numbers.len();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), all, "column {column}");
        }
    }
}
