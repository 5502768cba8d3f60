//! One ecosystem of OSV's: a few records where a few were changed, the whole zip otherwise.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::place::{Got, Kept as Tag, Place, Reader};
use super::{Change, UpdateError};
use crate::listing::{Changes, Listing};
use crate::mirror::{Kept, LONGEST_LISTING, Mirror, readable};
use crate::repack::{self, LARGEST_RECORD, Stamp};

/// How many records are had one by one; above that the zip is.
const FEW: usize = 250;
/// The largest zip, in bytes; the largest of the real ones has some 250 MB.
const LARGEST_ZIP: u64 = 2 << 30;
/// Below this share of the records that are here, a list is not believed.
const LEAST: usize = 2;

/// An ecosystem that is brought up to date.
pub(super) struct Ecosystem<'a> {
    pub(super) name: &'a str,
    /// The place of the bucket.
    pub(super) base: &'a Place,
    /// Its folder in the mirror.
    pub(super) folder: PathBuf,
    pub(super) allow_older: bool,
}

/// What is had beside a change: what is written down of it.
pub(super) struct Done {
    pub(super) change: Change,
    pub(super) newest: Option<Timestamp>,
    pub(super) records: Option<u64>,
    pub(super) validators: BTreeMap<String, Tag>,
}

impl Ecosystem<'_> {
    pub(super) fn update(&self, kept: &Kept, reader: &mut Reader<'_>) -> Result<Done, UpdateError> {
        let had = Mirror::held(&self.folder);
        // What was told of another state of things says nothing: then all is asked for.
        let kept = if had.is_some() { kept.clone() } else { Kept::default() };
        let tag = |file: &str| kept.validators.get(file).cloned().unwrap_or_default();
        let list = self.base.below(&[self.name, "modified_id.csv"]);
        match reader.fetch(&list, LONGEST_LISTING, tag("modified_id.csv"))? {
            Some(Got::Same) => Ok(Done {
                change: Change::Same,
                newest: kept.newest,
                records: kept.records,
                validators: kept.validators,
            }),
            Some(Got::Whole(text, now)) => {
                let odd = |why| UpdateError::Content { place: list.to_string(), why };
                let wanted = Listing::parse(&text).map_err(odd)?;
                self.not_back(&list, had.as_ref(), &kept, &wanted)?;
                let change = self.to(&wanted, had, reader)?;
                Ok(done(change, &wanted, [("modified_id.csv".to_owned(), now)].into()))
            }
            None => self.zip_alone(had.as_ref(), &kept, tag("all.zip"), reader),
        }
    }

    /// A place without a list of changes: the zip, where it is another one.
    fn zip_alone(
        &self,
        had: Option<&Listing>,
        kept: &Kept,
        tag: Tag,
        reader: &mut Reader<'_>,
    ) -> Result<Done, UpdateError> {
        let Some((staged, holds, now)) = self.zip(tag, reader)? else {
            let (newest, records, validators) =
                (kept.newest, kept.records, kept.validators.clone());
            return Ok(Done { change: Change::Same, newest, records, validators });
        };
        self.not_back(&self.place_of_zip(), had, kept, &holds)?;
        self.replace(&staged, &holds)?;
        Ok(done(Change::Whole, &holds, [("all.zip".to_owned(), now)].into()))
    }

    /// Makes the zip that is here hold what is listed.
    fn to(
        &self,
        wanted: &Listing,
        had: Option<Listing>,
        reader: &mut Reader<'_>,
    ) -> Result<Change, UpdateError> {
        if let Some(had) = &had {
            let changes = wanted.since(had, self.allow_older);
            if changes.is_empty() {
                return Ok(Change::Same);
            }
            if changes.changed.len() <= FEW {
                // Without records of their own, there is the zip.
                if let Some(fresh) = self.records(&changes, wanted, reader)? {
                    return self.put(&self.folder.join("all.zip"), had, &changes, fresh);
                }
            }
        }
        self.whole(wanted, reader)
    }

    /// The zip, and then what it lacks of what is listed: it is made less often than the list.
    fn whole(&self, wanted: &Listing, reader: &mut Reader<'_>) -> Result<Change, UpdateError> {
        let Some((staged, holds, _)) = self.zip(Tag::default(), reader)? else {
            return Err(self.odd("it is the same as nothing".to_owned()));
        };
        let records = wanted.0.len();
        let changes = wanted.since(&holds, false);
        if changes.changed.is_empty() {
            // Records of the zip alone are newer than the list: they stay until the next one.
            self.replace(&staged, &holds)?;
            return Ok(Change::Whole);
        }
        if changes.changed.len() > FEW {
            let why =
                format!("it lacks {} records of {records} that are listed", changes.changed.len());
            return Err(self.odd(why));
        }
        let Some(fresh) = self.records(&changes, wanted, reader)? else {
            return Err(self
                .odd(format!("it lacks records that are listed: {}", changes.changed.join(", "))));
        };
        let changes = Changes { gone: Vec::new(), ..changes };
        self.put(&staged, &holds, &changes, fresh)?;
        remove(&staged);
        Ok(Change::Whole)
    }

    /// Each of the records that were changed; none where the place has no records of their own.
    fn records(
        &self,
        changes: &Changes,
        wanted: &Listing,
        reader: &mut Reader<'_>,
    ) -> Result<Option<BTreeMap<String, Vec<u8>>>, UpdateError> {
        let mut fresh = BTreeMap::new();
        for id in &changes.changed {
            let place = self.base.below(&[self.name, &format!("{id}.json")]);
            let odd =
                |why: &str| UpdateError::Content { place: place.to_string(), why: why.to_owned() };
            let Some(Got::Whole(json, _)) =
                reader.fetch(&place, LARGEST_RECORD as u64, Tag::default())?
            else {
                return Ok(None);
            };
            let (own, time) = Stamp::read(&json).ok_or_else(|| odd("it is no record"))?;
            if own != *id {
                return Err(odd("it is another record"));
            }
            if wanted.0.get(id).is_some_and(|listed| time < *listed) {
                return Err(odd("it is older than it is listed"));
            }
            fresh.insert(own, json);
        }
        Ok(Some(fresh))
    }

    /// Puts the records of `zip` with these changes into the place of what is here.
    fn put(
        &self,
        zip: &Path,
        had: &Listing,
        changes: &Changes,
        fresh: BTreeMap<String, Vec<u8>>,
    ) -> Result<Change, UpdateError> {
        let staged = self.folder.join("all.zip.repacked");
        let write = |source| UpdateError::Folder { path: staged.clone(), source };
        repack::repack(zip, &fresh, &changes.gone, &staged).map_err(write)?;
        let mut holds = had.clone();
        holds.0.retain(|id, _| !changes.gone.contains(id));
        for (id, json) in &fresh {
            holds.0.extend(Stamp::read(json).map(|(_, time)| (id.clone(), time)));
        }
        self.replace(&staged, &holds)?;
        Ok(Change::Records { changed: fresh.len(), gone: changes.gone.len() })
    }

    /// The zip beside the one that is here, with what it holds, every record of it read. None where
    /// it is the same.
    fn zip(
        &self,
        tag: Tag,
        reader: &mut Reader<'_>,
    ) -> Result<Option<(PathBuf, Listing, Tag)>, UpdateError> {
        let (place, staged) = (self.place_of_zip(), self.folder.join("all.zip.part"));
        let mut last = None;
        // What was gone on with may not fit together, whatever the server said: then all anew.
        for _ in 0..2 {
            let got = reader.download(&place, LARGEST_ZIP, tag.clone(), &staged)?;
            let got = got.ok_or_else(|| UpdateError::Missing {
                place: self.base.to_string(),
                what: format!("{}/all.zip", self.name),
            })?;
            let Some(now) = got else { return Ok(None) };
            match repack::held(&staged) {
                Ok(holds) => return Ok(Some((staged, holds, now))),
                Err(error) => last = Some(error.to_string()),
            }
            remove(&staged);
        }
        Err(self.odd(last.unwrap_or_default()))
    }

    fn not_back(
        &self,
        place: &Place,
        had: Option<&Listing>,
        kept: &Kept,
        now: &Listing,
    ) -> Result<(), UpdateError> {
        let place = || place.to_string();
        if now.0.is_empty() {
            return Err(UpdateError::Content {
                place: place(),
                why: "it has no records".to_owned(),
            });
        }
        if self.allow_older {
            return Ok(());
        }
        let here = had.and_then(Listing::newest).max(kept.newest);
        if let (Some(had), Some(has)) = (here, now.newest())
            && has < had
        {
            return Err(UpdateError::Older { place: place(), had, has });
        }
        let (had, has) = (had.map_or(0, |had| had.0.len()), now.0.len());
        if has < had / LEAST {
            return Err(UpdateError::Shrunk { place: place(), had, has });
        }
        Ok(())
    }

    fn replace(&self, staged: &Path, holds: &Listing) -> Result<(), UpdateError> {
        let write = |source| UpdateError::Folder { path: self.folder.clone(), source };
        readable(staged).and_then(|()| Mirror::replace(&self.folder, staged, holds)).map_err(write)
    }

    fn place_of_zip(&self) -> Place {
        self.base.below(&[self.name, "all.zip"])
    }

    fn odd(&self, why: String) -> UpdateError {
        UpdateError::Content { place: self.place_of_zip().to_string(), why }
    }
}

fn done(change: Change, list: &Listing, validators: BTreeMap<String, Tag>) -> Done {
    Done { change, newest: list.newest(), records: Some(list.0.len() as u64), validators }
}

fn remove(path: &Path) {
    // One that stays is written over the next time.
    let _ = fs::remove_file(path);
}
