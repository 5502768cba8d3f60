//! A procfs, by a handle on its root.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use dockward_model::facts::Fact;
use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, PROC_SUPER_MAGIC, StatxFlags, fstatfs, openat, statx,
};
use rustix::io::Errno;

use super::Live;
use super::beneath::{link_text, read_capped};
use super::refusal::{Refusal, into_fact};
use crate::kernel::status;

const NO_PROCFS: &str = "is no procfs";
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// A procfs: ours, or the one in a daemon's own root, where its containers have the pids that it
/// tells of. Only paths made of numbers and fixed words are looked up in it.
#[derive(Debug, Clone)]
pub struct Proc {
    dir: Arc<OwnedFd>,
    shown: Arc<str>,
}

impl Proc {
    /// The procfs that Dockward itself sees. Unknown where there is none at `/proc`.
    #[must_use]
    pub fn host() -> Fact<Self> {
        let opened = openat(CWD, "/proc", FOLDER, Mode::empty())
            .map_err(|errno| Refusal::from_kernel(errno, "/proc"));
        into_fact(opened.and_then(|dir| Self::checked(dir, "/proc".into())), "/proc")
    }

    /// The procfs of a host that is mounted below a folder. Absent where what stands at `/proc` of
    /// `tree` is no procfs: no kernel runs that host, or it is not in sight.
    #[must_use]
    pub fn below(tree: &Live) -> Fact<Self> {
        let shown = tree.show("/proc");
        let opened = tree.folder("/proc").and_then(|dir| Self::checked(dir, shown.clone()));
        match opened {
            Ok(proc) => Fact::Known(proc),
            Err(Refusal::Because(why)) if !why.ends_with(NO_PROCFS) => Fact::Unknown(why),
            Err(_) => Fact::Absent,
        }
    }

    /// Whether it counts processes as we do ourselves, so that a pid that the kernel told us means
    /// the same process in it.
    pub(crate) fn counts_as_we_do(&self) -> bool {
        let Ok(own) = i32::try_from(std::process::id()) else { return false };
        self.link("self").known().is_some_and(|link| *link == own.to_string())
            && matches!(status::pids(self, own).as_slice(), [only] if *only == own)
    }

    /// Whether the namespace of this kind (`net`, `uts`) that we are in is also that of process 1.
    pub(crate) fn shares_with_first(&self, kind: &str) -> bool {
        let (own, first) = (format!("self/ns/{kind}"), format!("1/ns/{kind}"));
        let own = self.link(&own);
        own.known().is_some() && own == self.link(&first)
    }

    /// The procfs that a process sees: for one in our own pid namespace, this one. Unknown where
    /// what is mounted there is no procfs, or one that counts processes in yet another namespace.
    #[must_use]
    pub fn of(&self, pid: i32) -> Fact<Self> {
        let (own, its) = (self.link("self/ns/pid"), self.link(&format!("{pid}/ns/pid")));
        match (own, its) {
            (Fact::Known(own), Fact::Known(its)) if own == its => Fact::Known(self.clone()),
            (_, Fact::Unknown(why)) | (Fact::Unknown(why), _) => Fact::Unknown(why),
            (_, Fact::Absent) | (Fact::Absent, _) => {
                Fact::Unknown(format!("process {pid} has ended"))
            }
            (_, Fact::Known(namespace)) => self.inside(pid, &namespace),
        }
    }

    fn inside(&self, pid: i32, namespace: &str) -> Fact<Self> {
        let name = format!("{pid}/root/proc");
        let shown = self.show(&name);
        let inner = self.open(&name, FOLDER).and_then(|dir| Self::checked(dir, shown.clone()));
        match into_fact(inner, &shown) {
            Fact::Known(inner) if inner.counts_like(self, pid, namespace) => Fact::Known(inner),
            Fact::Known(_) => {
                Fact::Unknown(format!("{shown} counts processes in another pid namespace"))
            }
            Fact::Absent => Fact::Unknown(format!("{shown} is not there")),
            Fact::Unknown(why) => Fact::Unknown(why),
        }
    }

    /// Whether this procfs belongs to the pid namespace of a process that `outer` calls `pid`: the
    /// process is in it by its innermost number, and is no deeper than its surface.
    fn counts_like(&self, outer: &Self, pid: i32, namespace: &str) -> bool {
        let Some(innermost) = status::pids(outer, pid).last().copied() else { return false };
        let its = self.link(&format!("{innermost}/ns/pid"));
        its.known().is_some_and(|its| its == namespace)
            && status::pids(self, innermost) == [innermost]
    }

    fn checked(dir: OwnedFd, shown: String) -> Result<Self, Refusal> {
        let file_system = fstatfs(&dir).map_err(|errno| Refusal::from_kernel(errno, &shown))?;
        if file_system.f_type != PROC_SUPER_MAGIC {
            return Err(Refusal::Because(format!("{shown} {NO_PROCFS}")));
        }
        Ok(Self { dir: Arc::new(dir), shown: shown.into() })
    }

    /// A folder that a test filled as if it were a procfs.
    pub fn pretended(folder: &std::path::Path) -> Fact<Self> {
        let opened = openat(CWD, folder, FOLDER, Mode::empty())
            .map_err(|errno| Refusal::from_kernel(errno, "/proc"));
        let pretended = opened.map(|dir| Self { dir: Arc::new(dir), shown: "/proc".into() });
        into_fact(pretended, "/proc")
    }

    /// The name under which a file of this procfs is shown to people.
    #[must_use]
    pub fn show(&self, name: &str) -> String {
        format!("{}/{name}", self.shown)
    }

    pub(crate) fn open(&self, name: &str, flags: OFlags) -> Result<OwnedFd, Refusal> {
        openat(&*self.dir, name, flags, Mode::empty())
            .map_err(|errno| Refusal::from_kernel(errno, &self.show(name)))
    }

    fn open_file(&self, name: &str) -> Result<OwnedFd, Refusal> {
        self.open(name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC)
    }

    /// The folder of one process: of that one for good, since a number may come to mean another.
    /// Absent where it has ended.
    pub(crate) fn within(&self, pid: i32) -> Fact<Self> {
        let name = pid.to_string();
        let shown = self.show(&name);
        let opened = self.open(&name, FOLDER);
        into_fact(opened.map(|dir| Self { dir: Arc::new(dir), shown: shown.into() }), &name)
    }

    /// The first `limit` bytes of a file, and whether that was all.
    pub(crate) fn read_start(&self, name: &str, limit: usize) -> Fact<(Vec<u8>, bool)> {
        const CHUNK: usize = 64 * 1024;
        let read = |file: OwnedFd| {
            let mut bytes = Vec::new();
            loop {
                let start = bytes.len();
                bytes.resize(start + CHUNK, 0);
                let space = bytes.get_mut(start..).unwrap_or_default();
                let count = rustix::io::retry_on_intr(|| rustix::io::read(&file, &mut *space))
                    .map_err(|errno| Refusal::from_kernel(errno, &self.show(name)))?;
                bytes.truncate(start + count);
                if count == 0 || bytes.len() >= limit {
                    return Ok((bytes, count == 0));
                }
            }
        };
        into_fact(self.open_file(name).and_then(read), name)
    }

    /// Whether a link leads to a regular file. No file system is asked anew that another host or a
    /// user's process answers for.
    pub(crate) fn is_file(&self, name: &str) -> bool {
        let found = statx(&*self.dir, name, AtFlags::STATX_DONT_SYNC, StatxFlags::TYPE);
        found.is_ok_and(|found| {
            FileType::from_raw_mode(u32::from(found.stx_mode)) == FileType::RegularFile
        })
    }

    /// The content of a file, at most `limit` bytes.
    pub(crate) fn read(&self, name: &str, limit: usize) -> Fact<Vec<u8>> {
        let read = |file: OwnedFd| read_capped(file.as_fd(), limit, &self.show(name));
        into_fact(self.open_file(name).and_then(read), name)
    }

    /// The content as text; bytes that are not UTF-8 are replaced.
    pub(crate) fn read_text(&self, name: &str, limit: usize) -> Fact<String> {
        self.read(name, limit).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// The first `limit` bytes of a table of the kernel's as text, and whether that was all. Its
    /// lines are shorter than 512 bytes: a read that leaves room for another came to the end, and
    /// the kernel need not go through the table once more to say so.
    pub(crate) fn read_table(&self, name: &str, limit: usize) -> Fact<(String, bool)> {
        const ROOM: usize = 512;
        let read = |file: OwnedFd| {
            let mut table = Vec::new();
            loop {
                // Where a page is larger than this, so is what one read brings.
                let mut page = [0; 4096];
                let count = rustix::io::read(&file, &mut page)
                    .map_err(|errno| Refusal::from_kernel(errno, &self.show(name)))?;
                table.extend_from_slice(page.get(..count).unwrap_or_default());
                if count + ROOM < page.len() {
                    return Ok((table, true));
                }
                if table.len() > limit {
                    return Ok((table, false));
                }
            }
        };
        let read = into_fact(self.open_file(name).and_then(read), name);
        read.map(|(bytes, whole)| (String::from_utf8_lossy(bytes).into_owned(), *whole))
    }

    /// A security module's label, as text; absent where no module answers.
    pub(crate) fn read_label(&self, name: &str) -> Fact<String> {
        let read = |file: OwnedFd| {
            let mut label = [0; 4096];
            match rustix::io::read(&file, &mut label) {
                Ok(count) => Ok(label.get(..count).unwrap_or_default().to_vec()),
                Err(Errno::INVAL | Errno::OPNOTSUPP) => Err(Refusal::Absent),
                Err(errno) => Err(Refusal::from_kernel(errno, &self.show(name))),
            }
        };
        let label = into_fact(self.open_file(name).and_then(read), name);
        label.map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// The text of a link, magic ones included: they are not followed.
    pub(crate) fn link(&self, name: &str) -> Fact<String> {
        into_fact(link_text(self.dir.as_fd(), name, &self.show(name)), name)
    }

    /// The numbers among the names in a folder (processes, open files), at most `max`.
    pub(crate) fn numbers(&self, name: &str, max: usize) -> Fact<Vec<i32>> {
        into_fact(self.try_numbers(name, max), name)
    }

    fn try_numbers(&self, name: &str, max: usize) -> Result<Vec<i32>, Refusal> {
        let refused = |errno| Refusal::from_kernel(errno, &self.show(name));
        let mut numbers = Vec::new();
        for entry in Dir::new(self.open(name, FOLDER)?).map_err(refused)? {
            let entry = entry.map_err(refused)?;
            let Some(number) = entry.file_name().to_str().ok().and_then(|n| n.parse().ok()) else {
                continue;
            };
            if numbers.len() == max {
                return Err(Refusal::Because(format!("{} holds more than {max}", self.show(name))));
            }
            numbers.push(number);
        }
        Ok(numbers)
    }

    /// Every process, at most as many as the kernel allows (`kernel.pid_max`).
    pub(crate) fn pids(&self) -> Fact<Vec<i32>> {
        self.numbers(".", 1 << 22)
    }
}
