//! `/proc/PID/net/unix` (proc_pid_net(5)).

/// A Unix socket that listens at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bound {
    /// The path, as the process that bound it had it.
    pub(super) path: String,
    /// The socket's own inode, by which its owners are found.
    pub(super) inode: u64,
}

/// `SO_ACCEPTCON`: somebody called listen().
const LISTENS: u32 = 0x1_0000;

/// The sockets that listen at an absolute path; abstract ones have none.
///
/// A path may hold anything, line breaks included: a line is only a hint until its socket is found
/// among the open files of a process.
pub(super) fn listening(text: &str) -> impl Iterator<Item = Bound> {
    text.lines().filter_map(|line| {
        let mut rest = line;
        let mut fields = [""; 7];
        for field in &mut fields {
            *field = next_field(&mut rest)?;
        }
        let [_, _, _, flags, _, _, inode] = fields;
        let path = rest.strip_prefix(' ').filter(|path| path.starts_with('/'))?;
        let listens = u32::from_str_radix(flags, 16).ok()? & LISTENS != 0;
        listens.then_some(Bound { path: path.to_owned(), inode: inode.parse().ok()? })
    })
}

/// Takes a field off the front; the rest keeps the space before what follows.
fn next_field<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let trimmed = rest.trim_start_matches(' ');
    let (field, after) = trimmed.split_at(trimmed.find(' ').unwrap_or(trimmed.len()));
    *rest = after;
    (!field.is_empty()).then_some(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
Num       RefCount Protocol Flags    Type St Inode Path
00000000b98a23fa: 00000003 00000000 00000000 0001 03  1674
0000000000000000: 00000002 00000000 00010000 0001 01 23456 /run/docker.sock
0000000000000000: 00000003 00000000 00000000 0001 03 23457 /run/docker.sock
0000000000000000: 00000002 00000000 00010000 0001 01 23458 @/abstract
0000000000000000: 00000002 00000000 00010000 0001 01   999 /run/with space.sock
";

    #[test]
    fn only_sockets_that_listen_at_a_path_count() {
        let bound: Vec<_> = listening(TEXT).collect();
        assert_eq!(bound.len(), 2);
        assert_eq!((bound[0].path.as_str(), bound[0].inode), ("/run/docker.sock", 23456));
        assert_eq!((bound[1].path.as_str(), bound[1].inode), ("/run/with space.sock", 999));
    }

    #[test]
    fn broken_lines_are_left_out() {
        for text in ["", "\0", "0: 0 0 00010000", "0: 0 0 zz 0 0 1 /x", "0: 0 0 00010000 0 0 x /x"]
        {
            assert_eq!(listening(text).count(), 0, "{text:?}");
        }
    }
}
