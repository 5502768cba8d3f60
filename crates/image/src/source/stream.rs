//! An archive that goes past once: a pipe. Which members are layers is known only from documents
//! that may come last, so each that looks like a layer is read as one, and documents are kept.

use std::io::{self, BufRead, BufReader, Read};
use std::time::Instant;

use dockward_model::inventory::Problem;
use serde::{Deserialize, Serialize};

use super::folder::read_document;
use super::members::{self, Keep, Member, Members};
use super::{LARGEST_DOCUMENT, Part, Parts};
use crate::blob::{Budget, Budgeted, Hash, Packing, Unpacked};
use crate::layer::{self, Layer, Tell};
use crate::tar::{Bytes, Kind, TarError, Walker, is_header};
use crate::wanted::Wanted;

/// How many bytes of documents, and how many layers, are kept.
const MOST_DOCUMENTS: u64 = 64 << 20;
const MOST_LAYERS: usize = 4096;

/// How much of a member tells what it is.
const START: usize = 512;
/// How much of the archive is at hand.
const AT_HAND: usize = 128 << 10;

/// What is kept of an archive that went past.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    pub(crate) members: Members<Kept>,
    pub(crate) damage: Option<Problem>,
}

/// What is kept of a member.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Kept {
    Document(String),
    Layer(Box<Layer>),
    /// It could not be read, or there was no room for it.
    Lost(String),
}

impl Stream {
    /// Reads an archive, compressed or not, to its end.
    ///
    /// # Errors
    ///
    /// Nothing of it can be read.
    pub(crate) fn read(
        from: impl Read,
        wanted: &Wanted,
        deadline: Option<Instant>,
    ) -> io::Result<Self> {
        let mut members = Members::default();
        let mut keep = |name, member| members.insert(name, member);
        let damage = take_all(from, wanted, deadline, &mut |_, _| {}, &mut keep)?;
        Ok(Self { members, damage })
    }

    pub(crate) fn damage(&self) -> Option<&Problem> {
        self.damage.as_ref()
    }
}

/// Reads an archive to its end, and hands on what is to be kept of it; what is wrong with it.
///
/// # Errors
///
/// Nothing of it can be read.
pub(crate) fn take_all(
    from: impl Read,
    wanted: &Wanted,
    deadline: Option<Instant>,
    tell: &mut Tell<'_>,
    keep: &mut Keep<'_, Kept>,
) -> io::Result<Option<Problem>> {
    let mut from = BufReader::with_capacity(AT_HAND, from);
    let packing = Packing::of(from.fill_buf()?);
    let mut past = Past { wanted, deadline, tell, documents: 0, layers: 0 };
    let ended = if packing == Packing::None {
        past.walk(&mut Walker::new(from), keep)
    } else {
        // How long it is, is not known; each layer in it has a budget of its own.
        let budget = Budget::of(u64::MAX, deadline);
        let unpacked = Budgeted::new(Unpacked::new(from, packing), budget);
        past.walk(&mut Walker::new(BufReader::with_capacity(AT_HAND, unpacked)), keep)
    };
    let damage = |error: TarError| {
        let why = error.to_string();
        Problem { place: String::new(), offset: Some(error.offset), why }
    };
    Ok(ended.err().map(damage))
}

/// An archive that goes past.
struct Past<'a, 't> {
    wanted: &'a Wanted,
    deadline: Option<Instant>,
    tell: &'a mut Tell<'t>,
    documents: u64,
    layers: usize,
}

impl Past<'_, '_> {
    fn walk<B: Bytes>(
        &mut self,
        walker: &mut Walker<B>,
        keep: &mut Keep<'_, Kept>,
    ) -> Result<(), TarError> {
        while let Some(entry) = walker.next()? {
            (self.tell)(entry.offset, "");
            let size = entry.size;
            let member = if entry.kind == Kind::File {
                let Ok(name) = String::from_utf8(entry.path.to_vec()) else { continue };
                let kept = self.take(&name, walker.body(), size);
                kept.map(|kept| (name, Member::Here(kept)))
            } else {
                members::link(&entry).map(|(name, to)| (name, Member::Link(to)))
            };
            if member.is_some_and(|(name, member)| !keep(name, member)) {
                return Err(walker.error(members::full()));
            }
        }
        Ok(())
    }

    fn take(&mut self, name: &str, mut body: impl Read, size: u64) -> Option<Kept> {
        let mut start = Vec::with_capacity(START);
        if let Err(error) = body.by_ref().take(START as u64).read_to_end(&mut start) {
            return Some(Kept::Lost(error.to_string()));
        }
        let is_layer = Packing::of(&start) != Packing::None || is_header(&start);
        let is_document = matches!(start.trim_ascii_start().first(), Some(b'{' | b'['));
        let body = start.as_slice().chain(body);
        if is_layer {
            self.layers += 1;
            if self.layers > MOST_LAYERS {
                return Some(Kept::Lost(format!("more than {MOST_LAYERS} layers went past")));
            }
            let mut tell =
                |offset, path: &str| (self.tell)(offset, format!("{name} {path}").trim_end());
            let (hash, deadline) = (Hash::Sha256, self.deadline);
            let read = layer::of_stream(body, size, self.wanted, hash, deadline, &mut tell);
            return Some(match read {
                Ok(layer) => Kept::Layer(Box::new(layer)),
                Err(error) => Kept::Lost(error.to_string()),
            });
        }
        if !is_document || size > LARGEST_DOCUMENT {
            return None;
        }
        self.documents += size;
        if self.documents > MOST_DOCUMENTS {
            return Some(Kept::Lost(format!("more than {MOST_DOCUMENTS} bytes of documents")));
        }
        let text = read_document(body).map(String::from_utf8);
        Some(match text {
            Ok(Ok(text)) => Kept::Document(text),
            Ok(Err(_)) => Kept::Lost("it is not UTF-8".to_owned()),
            Err(why) => Kept::Lost(why),
        })
    }
}

impl Parts for Stream {
    fn document(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Kept::Document(text)) => Ok(Some(text.clone().into_bytes())),
            Some(Kept::Layer(_)) => Err("it is no document".to_owned()),
            Some(Kept::Lost(why)) => Err(why.clone()),
        }
    }

    fn layer(&self, name: &str) -> Result<Option<Part>, String> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Kept::Layer(layer)) => Ok(Some(Part::Read(layer.clone()))),
            Some(Kept::Document(_)) => Err("it is no layer".to_owned()),
            Some(Kept::Lost(why)) => Err(why.clone()),
        }
    }
}
