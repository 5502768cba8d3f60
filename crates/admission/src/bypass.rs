//! The glass to break: for a while nothing that is understood is denied. Root writes a file, the guard
//! reads it; every request is still decided on and recorded.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How long what the file said is believed.
const FRESH: Duration = Duration::from_millis(500);
/// The longest file.
const LONGEST: u64 = 8 << 10;
/// The longest time for which the guard can be bypassed at once.
pub const LONGEST_BYPASS: Duration = Duration::from_secs(24 * 60 * 60);

/// A bypass that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bypass {
    /// When it ends, by the wall clock.
    pub until: Timestamp,
    /// When it ends, in seconds since the machine started: a clock that is set back makes it no
    /// longer (clock_gettime(2), `CLOCK_BOOTTIME`).
    pub until_since_boot: u64,
    /// Why.
    pub reason: String,
    /// Who broke the glass.
    pub by: String,
}

/// The file that says so.
#[derive(Debug)]
pub struct Glass {
    path: PathBuf,
    seen: Mutex<Option<(Instant, Option<Bypass>)>>,
}

/// What changed since the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Turn {
    Began(Bypass),
    Ended(Bypass),
}

impl Glass {
    /// The glass whose file is at `path`, in a folder that only root can write.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path, seen: Mutex::new(None) }
    }

    /// Whether a bypass holds, and what changed since the last look.
    pub(crate) fn look(&self) -> (bool, Vec<Turn>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, bypass)) = &*seen
            && at.elapsed() < FRESH
            && bypass.as_ref().is_none_or(holds)
        {
            return (bypass.is_some(), Vec::new());
        }
        self.look_again(&mut seen)
    }

    #[inline(never)]
    fn look_again(&self, seen: &mut Option<(Instant, Option<Bypass>)>) -> (bool, Vec<Turn>) {
        let before = seen.take().and_then(|(_, bypass)| bypass);
        let now = read(&self.path).filter(holds);
        let turns = match (&before, &now) {
            (Some(a), Some(b)) if a == b => Vec::new(),
            _ => {
                let ended = before.map(Turn::Ended);
                ended.into_iter().chain(now.clone().map(Turn::Began)).collect()
            }
        };
        let is_bypassed = now.is_some();
        *seen = Some((Instant::now(), now));
        (is_bypassed, turns)
    }
}

fn holds(bypass: &Bypass) -> bool {
    Timestamp::now() < bypass.until && since_boot() < bypass.until_since_boot
}

/// Seconds since the machine started, those asleep included.
#[must_use]
pub fn since_boot() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    u64::try_from(now.tv_sec).unwrap_or(u64::MAX)
}

/// Only root's word counts: a file of root's that nobody else can write, and no link to one.
fn read(path: &Path) -> Option<Bypass> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(
            (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits().cast_signed(),
        )
        .open(path)
        .ok()?;
    is_roots(&file).then_some(())?;
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn is_roots(file: &File) -> bool {
    file.metadata()
        .is_ok_and(|facts| facts.is_file() && facts.uid() == 0 && facts.mode() & 0o022 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_testbed::Skip;
    use std::os::unix::fs::PermissionsExt as _;

    fn bypass(seconds: i64) -> Bypass {
        Bypass {
            until: Timestamp::now() + Duration::from_secs(3600),
            until_since_boot: since_boot().saturating_add_signed(seconds),
            reason: "the registry is down".into(),
            by: "root".into(),
        }
    }

    fn write(path: &Path, bypass: &Bypass, mode: u32) {
        std::fs::write(path, serde_json::to_string(bypass).unwrap()).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_bypass_holds_for_its_time_and_both_clocks_must_agree() {
        assert!(holds(&bypass(60)));
        assert!(!holds(&bypass(-1)), "the wall clock was set back");
        let over = Bypass { until: Timestamp::now() - Duration::from_secs(1), ..bypass(60) };
        assert!(!holds(&over));
    }

    #[test]
    fn only_roots_word_counts() {
        if !rustix::process::geteuid().is_root() {
            Skip::because("the file must be root's").announce("only_roots_word_counts");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bypass");
        assert_eq!(read(&path), None);
        let said = bypass(60);
        write(&path, &said, 0o644);
        assert_eq!(read(&path), Some(said.clone()));
        write(&path, &said, 0o666);
        assert_eq!(read(&path), None);
        write(&path, &said, 0o644);
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(read(&link), None);
        std::fs::write(&path, "{}").unwrap();
        assert_eq!(read(&path), None);
    }

    #[test]
    fn beginning_and_end_are_told_once() {
        if !rustix::process::geteuid().is_root() {
            Skip::because("the file must be root's").announce("beginning_and_end_are_told_once");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bypass");
        let glass = Glass::at(path.clone());
        assert_eq!(glass.look(), (false, Vec::new()));
        let said = bypass(60);
        write(&path, &said, 0o600);
        *glass.seen.lock().unwrap() = None;
        assert_eq!(glass.look(), (true, vec![Turn::Began(said.clone())]));
        assert_eq!(glass.look(), (true, Vec::new()));
        std::fs::remove_file(&path).unwrap();
        std::thread::sleep(FRESH);
        assert_eq!(glass.look(), (false, vec![Turn::Ended(said)]));
    }
}
