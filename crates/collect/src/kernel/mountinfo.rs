//! `/proc/PID/mountinfo` (proc_pid_mountinfo(5)).

use dockward_model::facts::{Fact, MountedFs};

/// How much of a mountinfo is read, in bytes.
pub(crate) const LIMIT: usize = 4 << 20;
const MAX_LINES: usize = 10_000;

/// One line, still as the kernel wrote it: paths have `\040` for a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) device: (u32, u32),
    pub(crate) root: &'a str,
    pub(crate) target: &'a str,
    pub(crate) options: &'a str,
    pub(crate) shared: bool,
    pub(crate) fs_type: &'a str,
    pub(crate) source: &'a str,
    pub(crate) super_options: &'a str,
}

/// The lines that can be read as such; others are left out.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().filter_map(line)
}

fn line(text: &str) -> Option<Line<'_>> {
    let (mount, file_system) = text.split_once(" - ")?;
    let mut fields = mount.split(' ');
    let (major, minor) = fields.nth(2)?.split_once(':')?;
    let device = (major.parse().ok()?, minor.parse().ok()?);
    let (root, target, options) = (fields.next()?, fields.next()?, fields.next()?);
    let shared = fields.any(|field| field.starts_with("shared:"));
    let mut fields = file_system.split(' ');
    let (fs_type, source) = (fields.next()?, fields.next()?);
    let super_options = fields.next().unwrap_or_default();
    Some(Line { device, root, target, options, shared, fs_type, source, super_options })
}

/// All mounts; unknown past 10,000 lines, or where a line can't be read.
pub(crate) fn mounts(text: &str) -> Fact<Vec<MountedFs>> {
    let mut mounts = Vec::new();
    for (number, text) in text.lines().enumerate() {
        if number == MAX_LINES {
            return Fact::Unknown(format!("more than {MAX_LINES} mounts"));
        }
        let Some(line) = line(text) else {
            return Fact::Unknown(format!("line {} of mountinfo can't be read", number + 1));
        };
        mounts.push(mounted(&line));
    }
    if mounts.is_empty() { Fact::Unknown("mountinfo is empty".into()) } else { Fact::Known(mounts) }
}

fn mounted(line: &Line<'_>) -> MountedFs {
    let read_only = |options: &str| options.split(',').any(|option| option == "ro");
    MountedFs {
        root: unescape(line.root),
        target: unescape(line.target),
        fs_type: line.fs_type.to_owned(),
        source: unescape(line.source),
        read_only: read_only(line.options) || read_only(line.super_options),
        shared: line.shared,
    }
}

/// Undoes the kernel's octal escapes of space, tab, newline, backslash and `#`.
pub(crate) fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut parts = text.split('\\');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let octal = part.get(..3).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if byte.is_ascii() => {
                plain.push(char::from(byte));
                plain.push_str(part.get(3..).unwrap_or_default());
            }
            _ => {
                plain.push('\\');
                plain.push_str(part);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
2042 1804 0:123 / / rw,relatime - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w
2043 2042 0:126 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
2047 2046 0:30 / /sys/fs/cgroup ro,nosuid shared:9 master:4 - cgroup2 cgroup rw
2051 2042 254:0 /var/lib/my\\040data\\134x /data rw,relatime - ext4 /dev/vda ro,discard
";

    #[test]
    fn every_field_of_a_containers_mounts_is_read() {
        let Fact::Known(mounts) = mounts(TEXT) else { panic!("not read") };
        assert_eq!(mounts.len(), 4);
        assert_eq!(mounts[0].fs_type, "overlay");
        assert!(!mounts[1].read_only && !mounts[1].shared);
        assert!(mounts[2].read_only && mounts[2].shared);
        assert_eq!(mounts[3].root, "/var/lib/my data\\x");
        assert!(mounts[3].read_only, "the super block is read-only");
        assert_eq!(lines(TEXT).next().map(|l| l.device), Some((0, 123)));
    }

    #[test]
    fn a_truncated_line_makes_the_list_unknown_rather_than_shorter() {
        assert!(mounts("2042 1804 0:123 / / rw,relatime - overlay").unknown().is_some());
        assert!(mounts("2042 1804 0:123 / /").unknown().is_some());
        assert!(mounts("").unknown().is_some());
    }

    #[test]
    fn ten_thousand_mounts_are_enough() {
        let line = "1 1 0:1 / / rw - tmpfs tmpfs rw\n";
        assert!(mounts(&line.repeat(MAX_LINES)).known().is_some());
        assert!(mounts(&line.repeat(MAX_LINES + 1)).unknown().is_some());
    }

    #[test]
    fn odd_escapes_are_kept_as_they_stand() {
        assert_eq!(unescape("a\\04"), "a\\04");
        assert_eq!(unescape("a\\999b"), "a\\999b");
        assert_eq!(unescape("\\011é"), "\té");
    }
}
