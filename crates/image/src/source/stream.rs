//! An archive that goes past once: a pipe. Which members are layers is known only from documents
//! that may come last, so each that looks like a layer is read as one, and documents are kept.

use std::io::{BufReader, Read};
use std::sync::Arc;
use std::time::Instant;

use dockward_model::inventory::Problem;

use super::folder::read_document;
use super::members::Members;
use super::{LARGEST_DOCUMENT, Part, Parts};
use crate::blob::{Hash, Packing};
use crate::layer::{self, Layer};
use crate::tar::{Bytes, Kind, TarError, Walker, is_header};
use crate::wanted::Wanted;

/// How many bytes of documents, and how many layers, are kept.
const MOST_DOCUMENTS: u64 = 64 << 20;
const MOST_LAYERS: usize = 4096;

/// How much of a member tells what it is.
const START: usize = 512;

/// What is kept of an archive that went past.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    members: Members<Kept>,
    documents: u64,
    layers: usize,
    damage: Option<Problem>,
}

#[derive(Debug)]
enum Kept {
    Document(Vec<u8>),
    Layer(Arc<Layer>),
    /// It could not be read, or there was no room for it.
    Lost(String),
}

impl Stream {
    /// Reads an archive to its end.
    pub(crate) fn read(from: impl Read, wanted: &Wanted, deadline: Option<Instant>) -> Self {
        let mut stream = Self::default();
        let mut walker = Walker::new(BufReader::with_capacity(128 << 10, from));
        if let Err(error) = stream.take_all(&mut walker, wanted, deadline) {
            let why = error.to_string();
            stream.damage = Some(Problem { place: String::new(), offset: Some(error.offset), why });
        }
        stream
    }

    fn take_all<B: Bytes>(
        &mut self,
        walker: &mut Walker<B>,
        wanted: &Wanted,
        deadline: Option<Instant>,
    ) -> Result<(), TarError> {
        while self.members.has_room() {
            let Some(entry) = walker.next()? else { break };
            if entry.kind != Kind::File {
                self.members.insert_link(&entry);
                continue;
            }
            let size = entry.size;
            let Ok(name) = String::from_utf8(entry.path.to_vec()) else { continue };
            if let Some(kept) = self.take(walker.body(), size, wanted, deadline) {
                self.members.insert(name, kept);
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        mut body: impl Read,
        size: u64,
        wanted: &Wanted,
        deadline: Option<Instant>,
    ) -> Option<Kept> {
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
            let read = layer::of_stream(body, size, wanted, Hash::Sha256, deadline);
            return Some(match read {
                Ok(layer) => Kept::Layer(Arc::new(layer)),
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
        Some(read_document(body).map_or_else(Kept::Lost, Kept::Document))
    }

    pub(crate) fn damage(&self) -> Option<&Problem> {
        self.damage.as_ref()
    }
}

impl Parts for Stream {
    fn document(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Kept::Document(text)) => Ok(Some(text.clone())),
            Some(Kept::Layer(_)) => Err("it is no document".to_owned()),
            Some(Kept::Lost(why)) => Err(why.clone()),
        }
    }

    fn layer(&self, name: &str) -> Result<Option<Part>, String> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Kept::Layer(layer)) => Ok(Some(Part::Read(Arc::clone(layer)))),
            Some(Kept::Document(_)) => Err("it is no layer".to_owned()),
            Some(Kept::Lost(why)) => Err(why.clone()),
        }
    }
}
