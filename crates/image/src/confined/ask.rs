//! The side of who asks.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dockward_confine::{Child, Launch, Lost};
use dockward_model::inventory::Problem;

use super::checked;
use super::protocol::{Reply, Request, What, left};
use crate::blob::{Digest, Hash, Packing};
use crate::layer::{Blob, Layer, LayerIndex};
use crate::source::{Keep, Span, Stream, full};
use crate::wanted::Wanted;

/// How long anything may take where nobody said so.
const LONGEST: Duration = Duration::from_secs(600);
/// How much longer a process may take to say what it has by then.
const GRACE: Duration = Duration::from_secs(2);
/// How many bytes of a blob are handed over at once, and how many may wait.
const PIECE: usize = 256 << 10;
const WAITING: usize = 1 << 20;

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// How far reading had got, in bytes unpacked, where that is known.
    pub(crate) offset: Option<u64>,
    pub(crate) why: String,
}

impl From<String> for Fault {
    fn from(why: String) -> Self {
        Self { offset: None, why }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self { offset: None, why: error.to_string() }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self { place: String::new(), offset: fault.offset, why: fault.why }
    }
}

/// A process that reads, and how far it says that it is.
pub(super) struct Reader {
    child: Child,
    at: Option<(u64, String)>,
    until: Instant,
    deadline: Instant,
}

impl Reader {
    pub(super) fn start(launch: &Launch, deadline: Option<Instant>) -> Result<Self, Fault> {
        let child = launch.start().map_err(|lost| fault(&lost, None))?;
        let deadline = deadline.unwrap_or_else(|| Instant::now() + LONGEST);
        Ok(Self { child, at: None, until: deadline + GRACE, deadline })
    }

    pub(super) fn ask(
        &mut self,
        what: What,
        wanted: Option<&Wanted>,
        from: &[BorrowedFd<'_>],
    ) -> Result<(), Fault> {
        let extras = wanted.map(Wanted::extras).unwrap_or_default();
        let request = Request { left: left(Some(self.deadline)), extras, what };
        self.at = None;
        self.child.ask(&request, from, self.until).map_err(|lost| fault(&lost, None))
    }

    /// What it answers, beside how far it is.
    pub(super) fn hear(&mut self) -> Result<Reply, Fault> {
        loop {
            match self.child.hear(self.until) {
                Ok(Reply::At(offset, path)) => self.at = Some((offset, path)),
                Ok(Reply::Failed(why)) => return Err(self.failed(checked::shown(&why))),
                Ok(reply) => return Ok(reply),
                Err(lost) => return Err(fault(&lost, self.at.as_ref())),
            }
        }
    }

    /// Something is wrong with what it answers.
    pub(super) fn failed(&self, why: impl Into<String>) -> Fault {
        Fault { offset: self.at.as_ref().map(|(offset, _)| *offset), why: why.into() }
    }

    fn index(&mut self) -> Result<LayerIndex, Fault> {
        match self.hear()? {
            Reply::Index(index) => checked::index(index).map_err(|why| self.failed(why)),
            _ => Err(self.failed(checked::ODD)),
        }
    }
}

fn fault(lost: &Lost, at: Option<&(u64, String)>) -> Fault {
    let path = at.map(|(_, path)| checked::shown(path)).filter(|path| !path.is_empty());
    let place = path.map(|path| format!(", at {path}")).unwrap_or_default();
    Fault { offset: at.map(|(offset, _)| *offset), why: format!("{lost}{place}") }
}

/// Reads a layer by a process of its own. One whose digest is wanted is read and hashed here, and
/// goes there through a pipe.
pub(crate) fn layer(
    launch: &Launch,
    blob: &Blob,
    wanted: &Wanted,
    (hash, hash_plain): (Hash, bool),
    deadline: Option<Instant>,
) -> Result<Layer, Fault> {
    let mut start = [0; 4];
    let read = blob.window().read(&mut start)?;
    let is_packed = Packing::of(start.get(..read).unwrap_or_default()) != Packing::None;
    let mut reader = Reader::start(launch, deadline)?;
    let (start, length) = (blob.start, blob.length);
    if !is_packed && !hash_plain {
        reader.ask(What::Part { start, length }, Some(wanted), &[blob.file.as_fd()])?;
        return Ok(Layer { index: reader.index()?, digest: None, is_packed });
    }
    let (from, to) =
        rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(io::Error::from)?;
    // A larger one only saves time.
    let _ = rustix::pipe::fcntl_setpipe_size(&to, WAITING);
    reader.ask(What::Pipe { length }, Some(wanted), &[from.as_fd()])?;
    drop(from);
    let (is_lost, until) = (AtomicBool::new(false), reader.deadline);
    std::thread::scope(|scope| {
        let pump = || pump(blob, hash, to, until, &is_lost);
        let pump = std::thread::Builder::new().name("digest".into()).spawn_scoped(scope, pump)?;
        let index = reader.index();
        is_lost.store(index.is_err(), Ordering::Relaxed);
        // The pipe has no reader from here on, so nothing waits for it.
        drop(reader);
        let digest = pump.join().unwrap_or_else(|_| Err(io::Error::other("it was given up")));
        let mut index = index?;
        let digest = digest.map_err(|error| {
            let why = format!("its digest could not be made: {error}");
            index.problems.push(Problem { place: String::new(), offset: None, why });
        });
        Ok(Layer { index, digest: digest.ok(), is_packed })
    })
}

/// Reads a layer that goes past, of nobody knows how many bytes, by a process of its own.
pub(crate) fn past(
    launch: &Launch,
    from: BorrowedFd<'_>,
    wanted: &Wanted,
    deadline: Option<Instant>,
) -> Result<LayerIndex, Fault> {
    let mut reader = Reader::start(launch, deadline)?;
    reader.ask(What::Pipe { length: u64::MAX }, Some(wanted), &[from])?;
    reader.index()
}

/// Hands a blob on and makes its digest, whether or not all of it is taken.
fn pump(
    blob: &Blob,
    hash: Hash,
    to: OwnedFd,
    until: Instant,
    is_lost: &AtomicBool,
) -> io::Result<Digest> {
    let (mut from, mut piece) = (blob.window(), vec![0; PIECE]);
    let (mut context, mut to) = (hash.start(), Some(File::from(to)));
    loop {
        if is_lost.load(Ordering::Relaxed) || Instant::now() >= until {
            return Err(io::Error::other("the time for it is over"));
        }
        let read = from.read(&mut piece)?;
        let read = piece.get(..read).filter(|read| !read.is_empty());
        let Some(read) = read else { return Ok(hash.end(context)) };
        context.update(read);
        // Nobody takes what comes after the end of a tar.
        if to.as_mut().is_some_and(|to| to.write_all(read).is_err()) {
            to = None;
        }
    }
}

/// Lists the members of an archive by a process of its own; what is wrong with it.
pub(crate) fn archive(
    launch: &Launch,
    archive: &Blob,
    deadline: Option<Instant>,
    keep: &mut Keep<'_, Span>,
) -> Option<Problem> {
    let mut list = || -> Result<Option<Problem>, Fault> {
        let mut reader = Reader::start(launch, deadline)?;
        let what = What::Archive { length: archive.length };
        reader.ask(what, None, &[archive.file.as_fd()])?;
        loop {
            match reader.hear()? {
                Reply::End(damage) => return Ok(damage.map(checked::problem)),
                Reply::Member(name, member) => {
                    if !keep(name, member) {
                        return Err(reader.failed(full().to_string()));
                    }
                }
                _ => return Err(reader.failed(checked::ODD)),
            }
        }
    };
    list().unwrap_or_else(|fault| Some(fault.into()))
}

/// Reads an archive that goes past by a process of its own.
pub(crate) fn stream(
    launch: &Launch,
    from: BorrowedFd<'_>,
    wanted: &Wanted,
    deadline: Option<Instant>,
) -> Stream {
    let mut stream = Stream::default();
    let mut budget = checked::Budget::default();
    let mut take = || -> Result<Option<Problem>, Fault> {
        let mut reader = Reader::start(launch, deadline)?;
        reader.ask(What::Stream, Some(wanted), &[from])?;
        loop {
            match reader.hear()? {
                Reply::End(damage) => return Ok(damage.map(checked::problem)),
                Reply::Kept(name, member) => {
                    let kept = budget.kept(member).map_err(|why| reader.failed(why))?;
                    if !stream.members.insert(name, kept) {
                        return Err(reader.failed(full().to_string()));
                    }
                }
                _ => return Err(reader.failed(checked::ODD)),
            }
        }
    };
    let damage = take();
    stream.damage = damage.unwrap_or_else(|fault| Some(fault.into()));
    stream
}
