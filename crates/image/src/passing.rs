//! What goes past and is no file: the tars that an engine makes.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;

use dockward_model::inventory::{Inventory, Problem};
use rustix::pipe::{PipeFlags, pipe_with};

use crate::layer::{LayerIndex, of_pipe};
use crate::open::{descriptor, rounds, stream, unreadable};
use crate::wanted::Wanted;
use crate::{Error, Options, confined};

/// How many bytes are handed on at once.
const PIECE: usize = 64 << 10;

/// Reads an archive of images as it goes past, as [`crate::open`] reads one on standard input.
/// `place` is what it is called in messages.
///
/// # Errors
///
/// As [`crate::open`].
pub fn passing(
    place: &str,
    from: impl Read + Send,
    options: &Options,
) -> Result<Vec<Inventory>, Error> {
    if options.children.is_none() {
        return stream(place, from, options);
    }
    let (found, cut) = piped(from, |end| descriptor(place, end, options))
        .map_err(|source| unreadable(Path::new(place), source))?;
    let mut found = found?;
    if let Some(why) = cut {
        let place = place.to_owned();
        let cut = Problem { place, offset: None, why: why.to_string() };
        found.iter_mut().for_each(|one| one.contents.problems.push(cut.clone()));
    }
    Ok(found)
}

/// Reads a root that goes past as one tar, compressed or not. `again` begins it: once, or once more
/// where links lead to what was not looked for.
///
/// # Errors
///
/// It can't be begun. What is wrong with the tar is a problem of the inventory.
pub fn exported<R: Read + Send>(
    place: &str,
    mut again: impl FnMut() -> io::Result<R>,
    options: &Options,
) -> Result<Inventory, Error> {
    rounds(place, options, |wanted| {
        let from = again().map_err(|source| unreadable(Path::new(place), source))?;
        Ok(root_tar(from, wanted, options))
    })
}

fn root_tar(from: impl Read + Send, wanted: &Wanted, options: &Options) -> LayerIndex {
    let Some(launch) = &options.children else {
        let read = of_pipe(from, u64::MAX, wanted, options.deadline, &mut |_, _| {});
        return read.unwrap_or_else(|error| failed(error.to_string(), None));
    };
    let deadline = options.deadline;
    let read = piped(from, |end| confined::past(launch, end.as_fd(), wanted, deadline));
    match read {
        Err(error) => failed(error.to_string(), None),
        Ok((Err(fault), _)) => failed(fault.why, fault.offset),
        Ok((Ok(mut index), cut)) => {
            index.problems.extend(cut.map(|why| problem(why.to_string(), None)));
            index
        }
    }
}

fn failed(why: String, offset: Option<u64>) -> LayerIndex {
    LayerIndex { problems: vec![problem(why, offset)], ..LayerIndex::default() }
}

fn problem(why: String, offset: Option<u64>) -> Problem {
    Problem { place: String::new(), offset, why }
}

/// Hands what comes on through a pipe, to whoever takes its other end; what they make of it, and why
/// the reader ended early, if it did.
fn piped<T>(
    from: impl Read + Send,
    take: impl FnOnce(File) -> T,
) -> io::Result<(T, Option<io::Error>)> {
    let (end, to) = pipe_with(PipeFlags::CLOEXEC)?;
    std::thread::scope(|scope| {
        let pump = move || pump(from, File::from(to));
        let pump = std::thread::Builder::new().name("tar".into()).spawn_scoped(scope, pump)?;
        let taken = take(File::from(end));
        let cut = pump.join().unwrap_or_else(|_| Err(io::Error::other("it was given up"))).err();
        Ok((taken, cut))
    })
}

fn pump(mut from: impl Read, mut to: File) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let read = from.read(&mut piece)?;
        let Some(some) = piece.get(..read).filter(|some| !some.is_empty()) else { return Ok(()) };
        // Who takes it has seen enough, or is gone and says so.
        if to.write_all(some).is_err() {
            return Ok(());
        }
    }
}
