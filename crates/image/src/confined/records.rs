//! Records of packages in folders: the files are found and opened here, and read there.

use std::fs::File;
use std::os::fd::AsFd;
use std::time::Instant;

use dockward_confine::Launch;

use super::ask::{Fault, Reader};
use super::checked;
use super::protocol::{Reply, What};
use crate::layer::Record;
use crate::{Cataloger, Options};

/// How many processes may be lost over the records of one folder.
const MOST_LOST: usize = 4;

/// Who reads the records of one folder: a process for all, until one record ends it.
pub(crate) struct Records<'a> {
    launch: &'a Launch,
    deadline: Option<Instant>,
    reader: Option<Reader>,
    lost: usize,
}

impl<'a> Records<'a> {
    /// None where records are read in this process.
    pub(crate) fn of(options: &'a Options) -> Option<Self> {
        let launch = options.children.as_ref()?;
        Some(Self { launch, deadline: options.deadline, reader: None, lost: 0 })
    }

    /// Reads a record out of a file of so many bytes, and what lies beside it.
    pub(crate) fn read(
        &mut self,
        cataloger: &'static Cataloger,
        path: &str,
        from: &(u64, File),
        beside: Option<&(u64, File)>,
    ) -> Record {
        if self.lost >= MOST_LOST {
            let why = format!("{MOST_LOST} processes were lost over records of this folder");
            return Record::unread(cataloger, path, why);
        }
        self.ask(cataloger, path, from, beside).unwrap_or_else(|fault| {
            self.reader = None;
            self.lost += 1;
            Record::unread(cataloger, path, fault.why)
        })
    }

    fn ask(
        &mut self,
        cataloger: &Cataloger,
        path: &str,
        from: &(u64, File),
        beside: Option<&(u64, File)>,
    ) -> Result<Record, Fault> {
        let reader = match self.reader.take() {
            Some(reader) => self.reader.insert(reader),
            None => self.reader.insert(Reader::start(self.launch, self.deadline)?),
        };
        let what = What::Record {
            cataloger: cataloger.id.to_owned(),
            path: path.to_owned(),
            size: from.0,
            beside: beside.map(|(size, _)| *size),
        };
        let files = [Some(from), beside].into_iter().flatten();
        let files: Vec<_> = files.map(|(_, file)| file.as_fd()).collect();
        reader.ask(what, None, &files)?;
        match reader.hear()? {
            Reply::Record(mut record) if record.cataloger == cataloger.id => {
                record.problems = record.problems.into_iter().map(checked::problem).collect();
                Ok(record)
            }
            _ => Err(reader.failed(checked::ODD)),
        }
    }
}
