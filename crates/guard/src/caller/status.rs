//! What `/proc/PID` lets everybody read of a process.

use std::fs;
use std::io::Read;

/// Bytes of a file of `/proc` that are read; a process with 65,536 groups has the longest status.
const MOST: u64 = 1024 * 1024;

/// What matters of `/proc/PID/status` (`proc_pid_status(5)`).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Status {
    /// Real, effective, saved and file system user ids.
    pub(super) uids: Vec<u32>,
    /// The same of groups.
    pub(super) gids: Vec<u32>,
    pub(super) groups: Vec<u32>,
    /// In how many process namespaces it has an id, from that of this `/proc` inwards.
    pub(super) depth: usize,
}

impl Status {
    pub(super) fn read(pid: u32) -> Result<Self, String> {
        Self::parse(&text(&format!("/proc/{pid}/status"))?)
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let line = |name: &str| {
            let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            found.ok_or_else(|| format!("its status has no {name}"))
        };
        let numbers = |name: &str| -> Result<Vec<u32>, String> {
            let parsed: Result<Vec<u32>, _> =
                line(name)?.split_whitespace().map(str::parse).collect();
            parsed.map_err(|_| format!("its status has an odd {name}"))
        };
        let depth = numbers("NSpid")?.len();
        if depth == 0 {
            return Err("its status has an odd NSpid".to_owned());
        }
        Ok(Self { uids: numbers("Uid")?, gids: numbers("Gid")?, groups: numbers("Groups")?, depth })
    }

    /// Whether all its ids are those that the kernel noted when it connected. A process that has run
    /// a set-user-id program since, or is one, has groups that may not be those of the user.
    pub(super) fn is_as_noted(&self, (uid, gid): (u32, u32)) -> bool {
        let all = |ids: &[u32], id: u32| ids.len() == 4 && ids.iter().all(|&its| its == id);
        all(&self.uids, uid) && all(&self.gids, gid)
    }
}

/// When a process started, in ticks of 1/100 s since the machine did (field 22 of
/// `proc_pid_stat(5)`). The name in the second field may hold anything, brackets too.
pub(super) fn started(stat: &str) -> Option<u64> {
    let (_, behind) = stat.rsplit_once(')')?;
    behind.split_whitespace().nth(19)?.parse().ok()
}

/// Bytes that are made room for at once: a text that grew would leave its beginnings with its thread,
/// in the allocator's own cache, for as long as the connection lasts.
const USUAL: usize = 4096;

/// A small text file, whole.
pub(super) fn text(path: &str) -> Result<String, String> {
    let mut text = String::with_capacity(USUAL);
    let read = fs::File::open(path).and_then(|file| file.take(MOST).read_to_string(&mut text));
    read.map(|_| text).map_err(|error| format!("{path}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Name:\tUid: 0\nUid:\t1000\t1000\t1000\t1000\n\
                          Gid:\t100\t100\t100\t100\nGroups:\t4 27 998 \nNSpid:\t812\t7\n";

    #[test]
    fn ids_groups_and_depth_are_read() {
        let status = Status::parse(STATUS).unwrap();
        assert_eq!(status.groups, [4, 27, 998]);
        assert_eq!(status.depth, 2);
        assert!(status.is_as_noted((1000, 100)));
        assert!(!status.is_as_noted((0, 100)) && !status.is_as_noted((1000, 0)));
        let none = Status::parse(&STATUS.replace("4 27 998", "")).unwrap();
        assert!(none.groups.is_empty());
    }

    #[test]
    fn a_process_with_mixed_ids_is_not_as_noted() {
        let mixed = STATUS.replace("Uid:\t1000\t1000\t1000", "Uid:\t1000\t0\t0");
        let status = Status::parse(&mixed).unwrap();
        assert!(!status.is_as_noted((1000, 100)) && !status.is_as_noted((0, 100)));
    }

    #[test]
    fn a_line_that_is_missing_or_odd_is_an_error_never_a_default() {
        for name in ["Uid", "Gid", "Groups", "NSpid"] {
            let without: Vec<&str> =
                STATUS.lines().filter(|line| !line.starts_with(&format!("{name}:"))).collect();
            assert!(Status::parse(&without.join("\n")).is_err(), "{name}");
        }
        assert!(Status::parse(&STATUS.replace("27", "x")).is_err());
        assert!(Status::parse(&STATUS.replace("812\t7", "")).is_err());
    }

    #[test]
    fn the_start_is_found_behind_any_name() {
        let stat = "7 (a) b) (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20";
        assert_eq!(started(stat), Some(4711));
        assert_eq!(started("7 (x S"), None);
        let own = text("/proc/self/stat").unwrap();
        assert!(started(&own).is_some_and(|ticks| ticks > 0));
    }
}
