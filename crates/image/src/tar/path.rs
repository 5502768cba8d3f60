//! Names of entries as paths in the root: no leading `/`, no `.`, `..` or empty parts.

/// The longest path that is taken, in bytes: PATH_MAX of the kernel.
pub(crate) const LONGEST: usize = 4096;

/// Writes the cleaned form of `name` to `out`, as Go's filepath.Clean does of `/name`: `..` goes one
/// up by text, never above the root. The root itself is empty.
pub(crate) fn clean(name: &[u8], out: &mut Vec<u8>) {
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                let end = out.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
                out.truncate(end);
            }
            _ => {
                if !out.is_empty() {
                    out.push(b'/');
                }
                out.extend_from_slice(part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cleaned_and_never_leaves_the_root() {
        for (name, path) in [
            ("./usr/bin/", "usr/bin"),
            ("/etc//passwd", "etc/passwd"),
            ("a/../../../etc/./x", "etc/x"),
            ("../..", ""),
            ("./", ""),
            ("a/b/../c", "a/c"),
            ("a..b/.c", "a..b/.c"),
        ] {
            let mut out = Vec::new();
            clean(name.as_bytes(), &mut out);
            assert_eq!(out, path.as_bytes(), "{name}");
        }
    }
}
