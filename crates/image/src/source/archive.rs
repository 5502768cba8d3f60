//! An archive in a file that can be read anywhere: its members are found by jumping from header to
//! header, and read where they lie.

use std::fs::File;
use std::sync::Arc;
use std::time::Instant;

use dockward_model::inventory::Problem;

use super::folder::read_document;
use super::members::{self, Keep, Member, Members};
use super::{Part, Parts};
use crate::blob::Budget;
use crate::layer::{Blob, ENTRIES, Tell};
use crate::tar::{Kind, TarError, Walker};
use crate::{Options, confined};

/// Where a member lies: its first byte and its length.
pub(crate) type Span = (u64, u64);

/// The members of an archive.
#[derive(Debug)]
pub(crate) struct Archive {
    file: Arc<File>,
    members: Members<Span>,
    /// Where the archive is damaged, and why; what comes before can be read.
    damage: Option<Problem>,
}

impl Archive {
    pub(crate) fn open(file: File, length: u64, options: &Options) -> Self {
        let blob = Blob { file: Arc::new(file), start: 0, length };
        let mut members = Members::default();
        let mut keep = |name, member| members.insert(name, member);
        let damage = match &options.children {
            Some(launch) => confined::archive(launch, &blob, options.deadline, &mut keep),
            None => list(&blob, options.deadline, &mut |_, _| {}, &mut keep),
        };
        Self { file: blob.file, members, damage }
    }

    pub(crate) fn damage(&self) -> Option<&Problem> {
        self.damage.as_ref()
    }
}

/// Lists the members of an archive; what is wrong with it.
pub(crate) fn list(
    archive: &Blob,
    deadline: Option<Instant>,
    tell: &mut Tell<'_>,
    keep: &mut Keep<'_, Span>,
) -> Option<Problem> {
    let mut walker = Walker::new(archive.window());
    let budget = Budget::of(archive.length, deadline);
    let mut list = || -> Result<(), TarError> {
        for number in 0_u32.. {
            if number % ENTRIES == 0 {
                budget.check_time().map_err(|error| walker.error(error))?;
                tell(walker.offset(), "");
            }
            let Some(entry) = walker.next()? else { break };
            let (kind, size) = (entry.kind, entry.size);
            let member = if kind == Kind::File {
                let name = String::from_utf8(entry.path.to_vec()).ok();
                name.map(|name| (name, Member::Here((walker.offset(), size))))
            } else {
                members::link(&entry).map(|(name, to)| (name, Member::Link(to)))
            };
            if member.is_some_and(|(name, member)| !keep(name, member)) {
                return Err(walker.error(members::full()));
            }
        }
        Ok(())
    };
    let error = list().err()?;
    let why = error.to_string();
    Some(Problem { place: String::new(), offset: Some(error.offset), why })
}

impl Parts for Archive {
    fn document(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        match self.layer(name)? {
            Some(Part::Blob(blob)) => read_document(blob.window()).map(Some),
            _ => Ok(None),
        }
    }

    fn layer(&self, name: &str) -> Result<Option<Part>, String> {
        let blob = |&(start, length): &Span| {
            Part::Blob(Blob { file: Arc::clone(&self.file), start, length })
        };
        Ok(self.members.get(name).map(blob))
    }
}
