//! Reading a layer that is a tar.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::LayerIndex;
use super::builder::{Builder, text};
use crate::blob::{Budget, Budgeted, Digest, Hash, Hashed, Packing, Unpacked};
use crate::tar::{Bytes, Entry, Kind, TarError, Walker, Window};
use crate::wanted::{Seen, Wanted};

/// How much of an unpacked stream is at hand: it stays in a core's own cache.
const AT_HAND: usize = 128 << 10;
/// How many entries are walked over between looks at the clock.
pub(crate) const ENTRIES: u32 = 4096;

/// Who is told how far reading is: where in bytes in the unpacked layer, and the record that is read
/// next, if one is.
pub(crate) type Tell<'a> = dyn FnMut(u64, &str) + 'a;

/// A part of a file that holds a layer.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    pub(crate) file: Arc<File>,
    pub(crate) start: u64,
    pub(crate) length: u64,
}

impl Blob {
    /// Its bytes.
    pub(crate) fn window(&self) -> Window {
        Window::new(Arc::clone(&self.file), self.start, self.length)
    }
}

/// A layer that was read.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct Layer {
    pub(crate) index: LayerIndex,
    /// The digest of the blob, where all of it was read.
    pub(crate) digest: Option<Digest>,
    /// Whether the blob is compressed: else its digest is the layer's `diff_id` too.
    pub(crate) is_packed: bool,
}

/// Reads a layer from a part of a file. One that is not compressed is walked over without reading
/// what is not looked for, and has no digest then, unless one is asked for.
///
/// # Errors
///
/// The file could not be read. What is wrong in the layer is in its index.
pub(crate) fn of_window(
    blob: &Blob,
    wanted: &Wanted,
    hash: Hash,
    hash_plain: bool,
    deadline: Option<Instant>,
) -> io::Result<Layer> {
    let mut window = blob.window();
    let is_packed = Packing::of(window.fill_buf()?) != Packing::None;
    if is_packed || hash_plain {
        return of_stream(window, blob.length, wanted, hash, deadline, &mut |_, _| {});
    }
    let index = of_part(blob, wanted, deadline, &mut |_, _| {});
    Ok(Layer { index, digest: None, is_packed })
}

/// Walks over a layer that is not compressed, in a part of a file.
pub(crate) fn of_part(
    blob: &Blob,
    wanted: &Wanted,
    deadline: Option<Instant>,
    tell: &mut Tell<'_>,
) -> LayerIndex {
    let budget = Budget::of(blob.length, deadline);
    walk(&mut Walker::new(blob.window()), wanted, budget, tell)
}

/// Reads a layer of so many bytes that somebody else hashes.
///
/// # Errors
///
/// Reading failed at once.
pub(crate) fn of_pipe(
    from: impl Read,
    size: u64,
    wanted: &Wanted,
    deadline: Option<Instant>,
    tell: &mut Tell<'_>,
) -> io::Result<LayerIndex> {
    let mut from = BufReader::with_capacity(AT_HAND, from);
    let packing = Packing::of(from.fill_buf()?);
    Ok(unpack(from, packing, wanted, Budget::of(size, deadline), tell))
}

/// Reads a layer of so many bytes as it goes past.
///
/// # Errors
///
/// Reading failed. What is wrong in the layer is in its index.
pub(crate) fn of_stream(
    blob: impl Read,
    size: u64,
    wanted: &Wanted,
    hash: Hash,
    deadline: Option<Instant>,
    tell: &mut Tell<'_>,
) -> io::Result<Layer> {
    within(blob, wanted, hash, Budget::of(size, deadline), tell)
}

/// The same within this budget.
pub(crate) fn within(
    blob: impl Read,
    wanted: &Wanted,
    hash: Hash,
    budget: Budget,
    tell: &mut Tell<'_>,
) -> io::Result<Layer> {
    let mut hashed = Hashed::new(blob, hash);
    let packing = Packing::of(hashed.fill_buf()?);
    let index = unpack(&mut hashed, packing, wanted, budget, tell);
    budget.check_time()?;
    let (digest, _) = hashed.finish()?;
    Ok(Layer { index, digest: Some(digest), is_packed: packing != Packing::None })
}

fn unpack(
    from: impl BufRead,
    packing: Packing,
    wanted: &Wanted,
    budget: Budget,
    tell: &mut Tell<'_>,
) -> LayerIndex {
    let unpacked = Budgeted::new(Unpacked::new(from, packing), budget);
    walk(&mut Walker::new(BufReader::with_capacity(AT_HAND, unpacked)), wanted, budget, tell)
}

fn walk<B: Bytes>(
    walker: &mut Walker<B>,
    wanted: &Wanted,
    budget: Budget,
    tell: &mut Tell<'_>,
) -> LayerIndex {
    let mut builder = Builder::default();
    let ended = steps(walker, wanted, budget, &mut builder, tell).err();
    let offset = ended.as_ref().map(|error| error.offset);
    let why = ended.map(|error| error.to_string());
    builder.end(offset, why, &mut |path| tell(walker.offset(), path))
}

fn steps<B: Bytes>(
    walker: &mut Walker<B>,
    wanted: &Wanted,
    budget: Budget,
    builder: &mut Builder,
    tell: &mut Tell<'_>,
) -> Result<(), TarError> {
    for number in 0_u32.. {
        if number % ENTRIES == 0 {
            budget.check_time().map_err(|error| walker.error(error))?;
            tell(walker.offset(), "");
        }
        if !step(walker, wanted, builder, tell)? {
            break;
        }
    }
    Ok(())
}

/// What is to be done once an entry is let go.
enum Next<'w> {
    Nothing,
    Read(String, Seen<'w>, u64),
}

fn step<B: Bytes>(
    walker: &mut Walker<B>,
    wanted: &Wanted,
    builder: &mut Builder,
    tell: &mut Tell<'_>,
) -> Result<bool, TarError> {
    let next = match walker.next()? {
        Some(entry) => take(&entry, wanted, builder),
        None => return Ok(false),
    };
    if let Next::Read(path, seen, size) = next {
        tell(walker.offset(), &format!("/{path}"));
        builder.file(&path, seen, size, walker.body());
    }
    Ok(true)
}

/// The prefix of whiteouts, and what hides all of a folder (image-spec, layer.md, "Whiteouts").
const WHITEOUT: &[u8] = b".wh.";
const META: &[u8] = b".wh..wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";

fn take<'w>(entry: &Entry<'_>, wanted: &'w Wanted, builder: &mut Builder) -> Next<'w> {
    let (folder, name) = split(entry.path);
    if name.starts_with(WHITEOUT) {
        hide(folder, name, wanted, builder);
        return Next::Nothing;
    }
    let Some(seen) = wanted.seen(entry.path).filter(|_| !entry.path.is_empty()) else {
        return Next::Nothing;
    };
    let Some(path) = text(entry.path) else {
        let shown: String = String::from_utf8_lossy(entry.path).chars().take(200).collect();
        builder.problem(
            &format!("/{shown}"),
            Some(entry.offset),
            "its name is too long or not UTF-8",
        );
        return Next::Nothing;
    };
    place(path, entry, seen, builder)
}

fn place<'w>(path: &str, entry: &Entry<'_>, seen: Seen<'w>, builder: &mut Builder) -> Next<'w> {
    use super::Node;
    let bad_link = "it is a link to a path that is too long or not UTF-8";
    match entry.kind {
        Kind::File => return Next::Read(path.to_owned(), seen, entry.size),
        Kind::Sparse => builder.unread(path, seen, "it is a sparse file, which is not read"),
        Kind::Folder => builder.insert(path, Node::Folder),
        Kind::Link(to) => match text(to) {
            Some(to) => builder.insert(path, Node::Link(to.to_owned())),
            None => builder.unread(path, seen, bad_link),
        },
        Kind::Hard(to) => match text(to) {
            Some(to) => builder.insert(path, Node::Hard(to.to_owned())),
            None => builder.unread(path, seen, bad_link),
        },
        Kind::Device(..) | Kind::Other => builder.insert(path, Node::Other),
    }
    Next::Nothing
}

fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
        None => (&[], path),
    }
}

fn hide(folder: &[u8], name: &[u8], wanted: &Wanted, builder: &mut Builder) {
    if name == OPAQUE {
        if let Some(folder) = wanted.seen(folder).and_then(|_| text(folder)) {
            builder.opaque(folder);
        }
        return;
    }
    // Others that begin with it are aufs' own and hide nothing.
    if name.starts_with(META) {
        return;
    }
    let hidden = name.strip_prefix(WHITEOUT).unwrap_or_default();
    let path = if folder.is_empty() { hidden.to_vec() } else { [folder, b"/", hidden].concat() };
    // A name of nothing or of dots would hide a folder by another name.
    if matches!(hidden, b"" | b"." | b"..") {
        return;
    }
    if let Some(path) = wanted.seen(&path).and_then(|_| text(&path)) {
        builder.whiteout(path);
    }
}
