//! Brings feeds up to date and builds a database of them.
//!
//! What was had is kept beside the database, so that little has to be had the next time and a source
//! that fails loses nothing.

mod error;
mod osv;
pub(crate) mod place;
mod scores;
mod status;

use std::path::PathBuf;

use dockward_web::{Client, Step};
use jiff::Timestamp;

use crate::build::{Options, Summary, build};
use crate::mirror::{self, Kept, Mirror, State};
use osv::{Done, Ecosystem};
use place::Reader;

pub use error::UpdateError;
pub use place::Place;
pub use status::{SourceStatus, status};

/// Where feeds are published, for everybody.
pub const PUBLISHED: Published = Published {
    osv: "https://storage.googleapis.com/osv-vulnerabilities",
    kev: "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
    epss: "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
};

/// Addresses of feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// OSV's bucket: `NAME/all.zip`, `NAME/modified_id.csv`, `NAME/ID.json`.
    pub osv: &'static str,
    /// CISA's catalogue of known exploited vulnerabilities, JSON.
    pub kev: &'static str,
    /// EPSS scores of FIRST, CSV, gzip.
    pub epss: &'static str,
}

/// What is brought up to date, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The ecosystems that are needed, by their names in OSV without a release (`Debian`, `PyPI`).
    /// Those that are here already are brought up to date too.
    pub ecosystems: Vec<String>,
    /// Where OSV's records are had.
    pub osv: Place,
    /// Where CISA's catalogue is had; not at all where absent.
    pub kev: Option<Place>,
    /// Where EPSS scores are had; not at all where absent.
    pub epss: Option<Place>,
    /// The database. What was had is kept in `NAME.feeds` beside it.
    pub database: PathBuf,
    /// Whether a source may go back in time, or lose most of its records.
    pub allow_older: bool,
    /// The time now.
    pub now: Timestamp,
}

impl Plan {
    /// From where everybody has them.
    #[must_use]
    pub fn published(ecosystems: Vec<String>, database: PathBuf, now: Timestamp) -> Self {
        Self {
            ecosystems,
            osv: Place::of(PUBLISHED.osv),
            kev: Some(Place::of(PUBLISHED.kev)),
            epss: Some(Place::of(PUBLISHED.epss)),
            database,
            allow_older: false,
            now,
        }
    }
}

/// What an update came to.
#[derive(Debug)]
pub struct Updated {
    /// Each source, ecosystems by name first.
    pub outcomes: Vec<Outcome>,
    /// What was built; absent where nothing was another than before, or nothing is there.
    pub built: Option<Summary>,
}

impl Updated {
    /// Whether every source is as its publisher has it: exit code 3 otherwise, with the names of
    /// those that are not.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.failed().next().is_none()
    }

    /// Sources that could not be had, with why not. What was had of them before is still used.
    pub fn failed(&self) -> impl Iterator<Item = (&str, &UpdateError)> {
        self.outcomes.iter().filter_map(|one| match &one.change {
            Err(error) => Some((one.source.as_str(), error)),
            Ok(_) => None,
        })
    }
}

/// What an update came to for one source.
#[derive(Debug)]
pub struct Outcome {
    /// The source: an ecosystem, `KEV`, `EPSS`.
    pub source: String,
    /// Where it was had.
    pub from: String,
    /// What became of it.
    pub change: Result<Change, UpdateError>,
}

/// How a source changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is the same.
    Same,
    /// These records were had one by one, or are gone.
    Records {
        /// How many are new or changed.
        changed: usize,
        /// How many are gone.
        gone: usize,
    },
    /// It was had as a whole.
    Whole,
}

/// What happens while feeds are had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// This source is had now.
    Source(&'a str),
    /// Of the file that is had now.
    Step(Step<'a>),
    /// The database is built now.
    Building,
}

/// Brings all of a plan's sources up to date, each by itself, and builds the database where one of
/// them is another, or there is none.
///
/// # Errors
/// When the folder beside the database cannot be used, or the database not built. A source that
/// fails is no error of the whole: it is in [`Updated::failed`].
pub fn update(
    plan: &Plan,
    client: &Client,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Updated, UpdateError> {
    let mirror = Mirror::open(mirror::folder_of(&plan.database))?;
    // Where it cannot be read, nothing is done: it also holds what an old signed file is known by.
    let state = mirror::state(mirror.folder())?;
    let mut run = Run { plan, client, mirror, state, outcomes: Vec::new() };
    for name in run.ecosystems() {
        run.source(progress, &name, &plan.osv, |run, kept, reader| {
            let folder = run.ecosystem_folder(&name)?;
            let (base, allow_older) = (&plan.osv, plan.allow_older);
            Ecosystem { name: &name, base, folder, allow_older }.update(kept, reader)
        })?;
    }
    for (kind, place) in [(scores::KEV, &plan.kev), (scores::EPSS, &plan.epss)] {
        if let Some(place) = place {
            run.source(progress, kind.name, place, |run, kept, reader| {
                scores::update(kind, place, run.mirror.folder(), plan.allow_older, kept, reader)
            })?;
        }
    }
    run.build(progress)
}

struct Run<'a> {
    plan: &'a Plan,
    client: &'a Client,
    mirror: Mirror,
    state: State,
    outcomes: Vec<Outcome>,
}

impl<'a> Run<'a> {
    /// Those that are asked for, and those that are here.
    fn ecosystems(&self) -> Vec<String> {
        let scores = [scores::KEV.name, scores::EPSS.name];
        let here = self.state.sources.keys().filter(|name| !scores.contains(&name.as_str()));
        let mut names: Vec<String> = self.plan.ecosystems.iter().chain(here).cloned().collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn ecosystem_folder(&self, name: &str) -> Result<PathBuf, UpdateError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ' | '+');
        let is_name = !name.is_empty() && name.len() <= 64 && name.chars().all(fits);
        if !is_name || name.starts_with(['.', ' ']) {
            return Err(UpdateError::Name(crate::osv::line(name)));
        }
        let failed = |source| UpdateError::Folder { path: self.mirror.bucket(), source };
        self.mirror.ecosystem(name).map_err(failed)
    }

    /// One source by itself: what comes of it is written down at once.
    fn source(
        &mut self,
        progress: &mut dyn FnMut(Progress<'_>),
        name: &str,
        place: &Place,
        update: impl FnOnce(&Self, &Kept, &mut Reader<'_>) -> Result<Done, UpdateError>,
    ) -> Result<(), UpdateError> {
        progress(Progress::Source(name));
        let from = place.to_string();
        let mut kept = self.state.sources.get(name).cloned().unwrap_or_default();
        if kept.from != from {
            // At another place, what was told of its state says nothing.
            kept.validators.clear();
        }
        let mut step = |step: Step<'_>| progress(Progress::Step(step));
        let mut reader = Reader { client: self.client, step: &mut step };
        let done = update(self, &kept, &mut reader);
        let change = self.write_down(name, &from, kept, done)?;
        self.outcomes.push(Outcome { source: name.to_owned(), from, change });
        Ok(())
    }

    fn write_down(
        &mut self,
        name: &str,
        from: &str,
        kept: Kept,
        done: Result<Done, UpdateError>,
    ) -> Result<Result<Change, UpdateError>, UpdateError> {
        let now = Some(self.plan.now);
        let (kept, change) = match done {
            Ok(Done { change, newest, records, validators }) => {
                let changed = if change == Change::Same { kept.changed } else { now };
                let from = from.to_owned();
                let kept =
                    Kept { from, validators, newest, records, checked: now, changed, failed: None };
                (Some(kept), Ok(change))
            }
            // A name that can't be one is not written down: it would be asked for each time.
            Err(error @ UpdateError::Name(_)) => (None, Err(error)),
            Err(error) => {
                let failed = Some(crate::osv::line(&error.to_string()));
                (Some(Kept { failed, ..kept }), Err(error))
            }
        };
        if let Some(kept) = kept {
            self.state.sources.insert(name.to_owned(), kept);
            self.mirror.keep(&self.state)?;
        }
        Ok(change)
    }

    /// Builds of what is here, where something is another than in the database that is there.
    fn build(self, progress: &mut dyn FnMut(Progress<'_>)) -> Result<Updated, UpdateError> {
        let same = |one: &Outcome| matches!(one.change, Ok(Change::Same) | Err(_));
        let outcomes = self.outcomes;
        let bucket = self.mirror.bucket();
        let named = self.mirror.name_ecosystems();
        let named = named.map_err(|source| UpdateError::Folder { path: bucket.clone(), source })?;
        let mut feeds: Vec<PathBuf> = named.then_some(bucket).into_iter().collect();
        let scores = [scores::KEV, scores::EPSS].map(|kind| self.mirror.folder().join(kind.file));
        feeds.extend(scores.into_iter().filter(|path| path.is_file()));
        if feeds.is_empty() || (outcomes.iter().all(same) && is_usable(&self.plan.database)) {
            return Ok(Updated { outcomes, built: None });
        }
        progress(Progress::Building);
        // Each source was held to its time by itself, and may have had none of it until now.
        let options = Options { allow_older: true, ..Options::new(self.plan.now) };
        let built = build(&feeds, &self.plan.database, options)?;
        Ok(Updated { outcomes, built: Some(built) })
    }
}

/// What a catalogue and scores say of their time.
pub(crate) fn scores_times(bytes: &[u8]) {
    let _ = [scores::KEV, scores::EPSS].map(|kind| (kind.time)(bytes));
}

/// Whether there is a database that this Dockward can read.
fn is_usable(database: &std::path::Path) -> bool {
    crate::mapped::Mapped::open(database).is_ok()
}

#[cfg(test)]
mod tests;
