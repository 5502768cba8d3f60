//! The walk from entry to entry.

use std::io::{self, Read};

use super::header::{Block, Header, until_nul};
use super::pax::{self, Extended};
use super::{BLOCK, Bytes, path};

/// The longest extended header and long name, in bytes: Go's archive/tar takes no longer one.
const LONGEST_EXTRA: u64 = 1 << 20;

/// An entry, as long as the walker stands at it.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    /// Its path in the root: no leading `/`, no `.`, `..` or empty parts; empty for the root itself.
    pub(crate) path: &'a [u8],
    /// What it is.
    pub(crate) kind: Kind<'a>,
    /// The size of its body in the archive, in bytes.
    pub(crate) size: u64,
    /// Where its header is, in bytes from the start of the tar.
    pub(crate) offset: u64,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    /// A regular file, whose body follows.
    File,
    /// A regular file with holes: what follows is a map and pieces, not its content.
    Sparse,
    Folder,
    /// A symbolic link, with its text.
    Link(&'a [u8]),
    /// Another name of the file at this path, which is cleaned.
    Hard(&'a [u8]),
    /// A character device, with its numbers where they can be read.
    Device(Option<u64>, Option<u64>),
    /// Anything else.
    Other,
}

/// Why a walk can't go on.
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
pub(crate) struct TarError {
    /// Where, in bytes from the start of the tar.
    pub(crate) offset: u64,
    pub(crate) fault: Fault,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the tar ends in the middle of an entry")]
    Truncated,
    #[error("no tar header is here: the checksum is wrong")]
    Checksum,
    #[error("a block of zeros stands between entries")]
    Zeros,
    #[error("the size of an entry is no number")]
    Size,
    #[error("an extended header is not well formed")]
    Extended,
    #[error("a name or an extended header is longer than {LONGEST_EXTRA} bytes")]
    TooLong,
    #[error("{0}")]
    Read(#[from] io::Error),
}

/// A walk over a tar. Memory is what the longest name takes, whatever is in the tar.
#[derive(Debug)]
pub(crate) struct Walker<B> {
    from: B,
    offset: u64,
    /// What of the body and of its padding is still to come.
    body: u64,
    padding: u64,
    block: [u8; BLOCK],
    path: Vec<u8>,
    link: Vec<u8>,
    ended: bool,
}

/// What the headers before an entry's own say of it.
#[derive(Default)]
struct Before {
    extended: Extended,
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
}

impl<B: Bytes> Walker<B> {
    /// A walk from the first byte of a tar.
    pub(crate) fn new(from: B) -> Self {
        let (path, link) = (Vec::new(), Vec::new());
        Self { from, offset: 0, body: 0, padding: 0, block: [0; BLOCK], path, link, ended: false }
    }

    /// How far the walk is, in bytes from the start of the tar.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next entry; none at the end. After an error there is nothing more.
    ///
    /// # Errors
    ///
    /// The tar is damaged or cut, or reading failed.
    pub(crate) fn next(&mut self) -> Result<Option<Entry<'_>>, TarError> {
        if self.ended {
            return Ok(None);
        }
        self.ended = true;
        self.skip_body()?;
        let mut before = Before::default();
        loop {
            let offset = self.offset;
            let Some(flag) = self.header()? else { return Ok(None) };
            match flag {
                b'x' => {
                    let text = self.extra()?;
                    let found = pax::parse(&text).ok_or(self.error_at(offset, Fault::Extended))?;
                    before.extended = found;
                }
                b'g' => self.skip_body()?,
                b'L' => before.long_name = Some(until_nul(&self.extra()?).to_vec()),
                b'K' => before.long_link = Some(until_nul(&self.extra()?).to_vec()),
                _ => return self.entry(offset, flag, &before).map(Some),
            }
        }
    }

    /// The body of the entry that the walk stands at.
    pub(crate) fn body(&mut self) -> Body<'_, B> {
        Body(self)
    }

    fn error_at(&self, offset: u64, fault: impl Into<Fault>) -> TarError {
        TarError { offset, fault: fault.into() }
    }

    /// What is wrong where the walk is.
    pub(crate) fn error(&self, fault: impl Into<Fault>) -> TarError {
        self.error_at(self.offset, fault)
    }

    fn skip_body(&mut self) -> Result<(), TarError> {
        let count = self.body.saturating_add(self.padding);
        (self.body, self.padding) = (0, 0);
        if count == 0 {
            return Ok(());
        }
        let skipped = self.from.skip(count).map_err(|error| self.error(error))?;
        self.offset = self.offset.saturating_add(skipped);
        if skipped < count { Err(self.error(Fault::Truncated)) } else { Ok(()) }
    }

    /// Reads a block; false at the end of the input.
    fn read_block(&mut self) -> Result<bool, TarError> {
        let mut filled = 0;
        while let Some(space) = self.block.get_mut(filled..).filter(|space| !space.is_empty()) {
            match self.from.read(space) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.error(error)),
            }
        }
        match filled {
            0 => Ok(false),
            BLOCK => {
                self.offset = self.offset.saturating_add(BLOCK as u64);
                Ok(true)
            }
            _ => Err(self.error(Fault::Truncated)),
        }
    }

    /// Reads a header and how long its body is; its type. None at the end of the tar.
    fn header(&mut self) -> Result<Option<u8>, TarError> {
        let offset = self.offset;
        if !self.read_block()? {
            return Ok(None);
        }
        let header = match Block::of(&self.block) {
            Block::Header(header) => header,
            Block::Damaged => return Err(self.error_at(offset, Fault::Checksum)),
            Block::Zeros => return self.end(offset),
        };
        let flag = header.type_flag();
        let size = header.size().ok_or(TarError { offset, fault: Fault::Size })?;
        self.set_body(size);
        Ok(Some(flag))
    }

    /// After one block of zeros: the end needs two, or the end of the input.
    fn end(&mut self, offset: u64) -> Result<Option<u8>, TarError> {
        if !self.read_block()? || matches!(Block::of(&self.block), Block::Zeros) {
            return Ok(None);
        }
        Err(self.error_at(offset, Fault::Zeros))
    }

    fn set_body(&mut self, size: u64) {
        self.body = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
    }

    /// The body of a header that tells of the next one.
    fn extra(&mut self) -> Result<Vec<u8>, TarError> {
        if self.body > LONGEST_EXTRA {
            return Err(self.error(Fault::TooLong));
        }
        let (mut text, size) = (Vec::new(), self.body);
        let read = self.body().read_to_end(&mut text);
        read.map_err(|error| self.error(error))?;
        if (text.len() as u64) < size {
            return Err(self.error(Fault::Truncated));
        }
        self.skip_body()?;
        Ok(text)
    }

    fn entry(&mut self, offset: u64, flag: u8, before: &Before) -> Result<Entry<'_>, TarError> {
        if let Some(size) = before.extended.size {
            self.set_body(size);
        }
        if matches!(flag, b'1'..=b'6') {
            // Whatever the size says, no engine takes a body of these.
            self.set_body(0);
        }
        if flag == b'S' {
            self.skip_sparse_map()?;
        }
        let header = Header::known(&self.block);
        self.path.clear();
        let (prefix, name) = header.name();
        let long = before.long_name.as_deref().or(before.extended.path.as_deref());
        let is_folder_by_name = long.unwrap_or(name).ends_with(b"/");
        match long {
            Some(name) => path::clean(name, &mut self.path),
            None => {
                path::clean(prefix, &mut self.path);
                // Cleaned apart, `..` in the name goes up into the prefix, as it should.
                path::clean(name, &mut self.path);
            }
        }
        let link = before.long_link.as_deref().or(before.extended.link.as_deref());
        self.link.clear();
        match flag {
            b'1' => path::clean(link.unwrap_or(header.link()), &mut self.link),
            b'2' => self.link.extend_from_slice(link.unwrap_or(header.link())),
            _ => {}
        }
        let kind = match flag {
            b'0' | 0 | b'7' if before.extended.sparse => Kind::Sparse,
            b'0' | 0 if is_folder_by_name => Kind::Folder,
            b'0' | 0 | b'7' => Kind::File,
            b'S' => Kind::Sparse,
            b'1' => Kind::Hard(&self.link),
            b'2' => Kind::Link(&self.link),
            b'3' => {
                let (major, minor) = header.device();
                Kind::Device(major, minor)
            }
            b'5' => Kind::Folder,
            _ => Kind::Other,
        };
        self.ended = false;
        Ok(Entry { path: &self.path, kind, size: self.body, offset })
    }

    /// The map of an old GNU sparse file goes on in blocks of its own before the body.
    fn skip_sparse_map(&mut self) -> Result<(), TarError> {
        let header = self.block;
        let mut goes_on = Header::known(&header).sparse_goes_on();
        while goes_on {
            if !self.read_block()? {
                return Err(self.error(Fault::Truncated));
            }
            goes_on = self.block.get(504).is_some_and(|byte| *byte != 0);
        }
        self.block = header;
        Ok(())
    }
}

/// The body of the entry that a walk stands at: what is left of it.
#[derive(Debug)]
pub(crate) struct Body<'a, B>(&'a mut Walker<B>);

impl<B: Bytes> Read for Body<'_, B> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let walker = &mut *self.0;
        let most = usize::try_from(walker.body).unwrap_or(usize::MAX).min(out.len());
        let Some(out) = out.get_mut(..most).filter(|out| !out.is_empty()) else { return Ok(0) };
        let count = walker.from.read(out)?;
        walker.body = walker.body.saturating_sub(count as u64);
        walker.offset = walker.offset.saturating_add(count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
