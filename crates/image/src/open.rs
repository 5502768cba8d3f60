//! From a source to inventories.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use dockward_model::inventory::{Inventory, Problem, Target, TargetKind};

use crate::blob::Packing;
use crate::confined::{self, Records};
use crate::layer::{FolderKind, LayerIndex, of_folder};
use crate::merge::{Named, answer};
use crate::read::Reading;
use crate::source::{Archive, ContentImage, Folder, OverlayImage, Stream, images};
use crate::wanted::Wanted;
use crate::{Error, Options};

/// Where an image or a root is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An OCI layout, or an unpacked archive of `docker save`: a folder.
    Layout(PathBuf),
    /// An OCI layout or the output of `docker save` in a tar, compressed or not.
    Archive(PathBuf),
    /// The same on standard input: read once, as it comes.
    Stdin,
    /// A folder that is a root.
    Root(PathBuf),
    /// An image in an engine's store whose layers are folders.
    Overlay(OverlayImage),
    /// An image in containerd's store of content.
    Content(ContentImage),
}

impl Source {
    /// What a path is: `-` is standard input, a folder with `index.json` or `manifest.json` a
    /// layout, any other folder a root, a file an archive.
    ///
    /// # Errors
    ///
    /// Nothing that can be read is there.
    pub fn at(path: &Path) -> Result<Self, Error> {
        if path == Path::new("-") {
            return Ok(Self::Stdin);
        }
        let metadata = std::fs::metadata(path).map_err(|source| unreadable(path, source))?;
        if metadata.is_dir() {
            let folder = Folder::open(path).map_err(|source| unreadable(path, source))?;
            let path = path.to_owned();
            return Ok(if folder.is_layout() { Self::Layout(path) } else { Self::Root(path) });
        }
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_file() || kind.is_fifo() {
            return Ok(Self::Archive(path.to_owned()));
        }
        Err(Error::OddKind { path: path.to_owned() })
    }
}

pub(crate) fn unreadable(path: &Path, source: io::Error) -> Error {
    Error::Unreadable { path: path.to_owned(), source }
}

/// Reads what is inside of every image of a source, or of the root that it is.
///
/// # Errors
///
/// Nothing can be said of it at all. What can't be read of an image is a problem of its inventory.
pub fn open(source: &Source, options: &Options) -> Result<Vec<Inventory>, Error> {
    match source {
        Source::Root(path) => root(path, options).map(|root| vec![root]),
        Source::Stdin => descriptor("standard input", io::stdin().lock(), options),
        Source::Archive(path) => archive(path, options),
        Source::Overlay(image) => {
            let store = image.store().map_err(|source| unreadable(&image.root, source))?;
            let found = vec![Ok(image.image(&store))];
            Reading::new(&store, options).inventories(found)
        }
        Source::Content(image) => {
            let mut store = image.store().map_err(|source| unreadable(&image.root, source))?;
            let found = vec![Ok(image.image(&mut store, options.platform.as_ref())?)];
            Reading::new(&store, options).inventories(found)
        }
        Source::Layout(path) => {
            let folder = Folder::open(path).map_err(|source| unreadable(path, source))?;
            let place = path.display().to_string();
            let images = images(&folder, &place, options.platform.as_ref())?;
            Reading::new(&folder, options).inventories(images)
        }
    }
}

fn archive(path: &Path, options: &Options) -> Result<Vec<Inventory>, Error> {
    let file = File::open(path).map_err(|source| unreadable(path, source))?;
    let metadata = file.metadata().map_err(|source| unreadable(path, source))?;
    let place = path.display().to_string();
    if !metadata.is_file() {
        return descriptor(&place, file, options);
    }
    let mut start = [0; 4];
    let read = std::os::unix::fs::FileExt::read_at(&file, &mut start, 0);
    let read = read.map_err(|source| unreadable(path, source))?;
    if Packing::of(start.get(..read).unwrap_or_default()) != Packing::None {
        return descriptor(&place, file, options);
    }
    let archive = Archive::open(file, metadata.len(), options);
    let found = images(&archive, &place, options.platform.as_ref());
    let found = found.map_err(|error| damaged(error, &place, archive.damage()))?;
    Reading::new(&archive, options).damaged(archive.damage()).inventories(found)
}

/// Reads an archive as it goes past, compressed or not, in this process; see [`open`]. `place` is
/// what it is called in messages.
///
/// # Errors
///
/// As [`open`].
pub fn stream(place: &str, from: impl Read, options: &Options) -> Result<Vec<Inventory>, Error> {
    let stream = Stream::read(from, &Wanted::asked(options), options.deadline);
    past(place, &stream.map_err(|source| unreadable(Path::new(place), source))?, options)
}

/// The same of what is open already, where [`Options::children`] says so by one of these.
pub(crate) fn descriptor(
    place: &str,
    from: impl AsFd + Read,
    options: &Options,
) -> Result<Vec<Inventory>, Error> {
    let Some(launch) = &options.children else { return stream(place, from, options) };
    let stream = confined::stream(launch, from.as_fd(), &Wanted::asked(options), options.deadline);
    past(place, &stream, options)
}

fn past(place: &str, stream: &Stream, options: &Options) -> Result<Vec<Inventory>, Error> {
    let found = images(stream, place, options.platform.as_ref());
    let found = found.map_err(|error| damaged(error, place, stream.damage()))?;
    Reading::new(stream, options).damaged(stream.damage()).inventories(found)
}

/// Where there is no image in an archive since it is damaged, that is what is wrong with it.
fn damaged(
    error: Error,
    place: &str,
    damage: Option<&dockward_model::inventory::Problem>,
) -> Error {
    match (error, damage) {
        (Error::NoImage { .. }, Some(damage)) => Error::Damaged {
            place: place.to_owned(),
            offset: damage.offset.unwrap_or(0),
            why: damage.why.clone(),
        },
        (error, _) => error,
    }
}

/// How often a root is looked at again since links led elsewhere.
pub(crate) const ROUNDS: usize = 8;

fn root(path: &Path, options: &Options) -> Result<Inventory, Error> {
    let folder = Folder::open(path).map_err(|source| unreadable(path, source))?;
    rounds(&path.display().to_string(), options, |wanted| {
        let fd = folder.fd().try_clone().map_err(|source| unreadable(path, source))?;
        Ok(patiently(fd, wanted, options))
    })
}

/// How long a root may take: one that is on a disk takes some hundredths of a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads a root in a thread that is not waited for without end: in a container's root, and below a
/// network's, can lie file systems that never answer. Such a thread ends with this process.
fn patiently(root: OwnedFd, wanted: &Wanted, options: &Options) -> LayerIndex {
    let (send, receive) = mpsc::channel();
    let (wanted, children) = (wanted.clone(), options.children.clone());
    let left = options.deadline.map(|until| until.saturating_duration_since(Instant::now()));
    let left = left.unwrap_or(PATIENCE).min(PATIENCE);
    let options = Options { deadline: Some(Instant::now() + left), children, ..Options::default() };
    let read = move || {
        let records = Records::of(&options);
        // Nobody waits any more where it took too long.
        let _ = send.send(of_folder(root.as_fd(), &wanted, FolderKind::Root, records));
    };
    let why = match std::thread::Builder::new().name("root".into()).spawn(read) {
        // What reads the records has until then, and says so itself.
        Ok(_) => match receive.recv_timeout(left + GRACE) {
            Ok(index) => return index,
            Err(_) => "a file system in there does not answer".to_owned(),
        },
        Err(error) => error.to_string(),
    };
    let problem = Problem { place: "/".to_owned(), offset: None, why };
    LayerIndex { problems: vec![problem], ..LayerIndex::default() }
}

/// How much longer whoever reads the records may take to say that they are late.
const GRACE: Duration = Duration::from_secs(3);

/// What is in a root that is read as one index: again while links lead to where nothing was looked
/// for.
pub(crate) fn rounds(
    name: &str,
    options: &Options,
    mut read: impl FnMut(&Wanted) -> Result<LayerIndex, Error>,
) -> Result<Inventory, Error> {
    let mut wanted = Wanted::asked(options);
    for round in 1.. {
        let named = Named { index: read(&wanted)?.into(), name: String::new() };
        let mut answer = answer(&[named], &wanted);
        let is_more = answer.extras.iter().filter(|extra| wanted.add(extra)).count() > 0;
        if is_more && round < ROUNDS {
            continue;
        }
        // A root has no layers that packages could come from.
        answer.contents.packages.iter_mut().for_each(|package| package.layer = None);
        let target = Target { kind: TargetKind::Root, name: name.to_owned(), ..Target::default() };
        return Ok(Inventory { target, layers: Vec::new(), contents: answer.contents });
    }
    Err(Error::OddKind { path: name.into() })
}
