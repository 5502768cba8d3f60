//! An archive in a file that can be read anywhere: its members are found by jumping from header to
//! header, and read where they lie.

use std::fs::File;
use std::sync::Arc;

use dockward_model::inventory::Problem;

use super::folder::read_document;
use super::members::Members;
use super::{Part, Parts};
use crate::layer::Blob;
use crate::tar::{Kind, TarError, Walker, Window};

/// The members of an archive.
#[derive(Debug)]
pub(crate) struct Archive {
    file: Arc<File>,
    members: Members<(u64, u64)>,
    /// Where the archive is damaged, and why; what comes before can be read.
    damage: Option<Problem>,
}

impl Archive {
    pub(crate) fn open(file: File, length: u64) -> Self {
        let file = Arc::new(file);
        let mut archive = Self { file, members: Members::default(), damage: None };
        if let Err(error) = archive.list(length) {
            let why = error.to_string();
            archive.damage =
                Some(Problem { place: String::new(), offset: Some(error.offset), why });
        }
        archive
    }

    fn list(&mut self, length: u64) -> Result<(), TarError> {
        let mut walker = Walker::new(Window::new(Arc::clone(&self.file), 0, length));
        while self.members.has_room() {
            let Some(entry) = walker.next()? else { break };
            let (kind, size) = (entry.kind, entry.size);
            if kind != Kind::File {
                self.members.insert_link(&entry);
            } else if let Ok(name) = String::from_utf8(entry.path.to_vec()) {
                self.members.insert(name, (walker.offset(), size));
            }
        }
        Ok(())
    }

    pub(crate) fn damage(&self) -> Option<&Problem> {
        self.damage.as_ref()
    }
}

impl Parts for Archive {
    fn document(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let Some((start, length)) = self.members.get(name).copied() else { return Ok(None) };
        read_document(Window::new(Arc::clone(&self.file), start, length)).map(Some)
    }

    fn layer(&self, name: &str) -> Result<Option<Part>, String> {
        let blob = |&(start, length): &(u64, u64)| {
            Part::Blob(Blob { file: Arc::clone(&self.file), start, length })
        };
        Ok(self.members.get(name).map(blob))
    }
}
