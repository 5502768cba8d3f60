//! From feeds to a database.
//!
//! Records are sorted by source and id, so that each advisory gets its place once and its newest form
//! wins; what they say of packages is then sorted by package, and their names by name. Each sort keeps
//! a bounded part in memory.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use dockward_advisory::database::write::{
    Kind, ecosystem_bytes, name_hash, package_hash, put_block, put_row, sources_bytes,
};
use dockward_advisory::database::{AdvisoryAt, Built, Ecosystem, Source};
use jiff::Timestamp;

use crate::collector::{Collector, Problems, part};
use crate::error::BuildError;
use crate::input;
use crate::mapped::{Mapped, OpenError};
use crate::sorter::{Sorted, Sorter};
use crate::write::{Entries, Section, publish};

/// How a database is built.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The time now: it is written down as that of the build, and records of a time to come are refused.
    pub now: Timestamp,
    /// Whether a source may be older than in the database that is there, or be gone.
    pub allow_older: bool,
    /// About how much memory sorting may take, in bytes.
    pub memory: usize,
}

impl Options {
    /// As of `now`, with 64 MiB for sorting, and never back in time.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self { now, allow_older: false, memory: 64 << 20 }
    }
}

/// What was built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// When and from what.
    pub built: Built,
    /// How many advisories are in it.
    pub advisories: u64,
    /// How many packages have rows, counted for each release of an ecosystem.
    pub packages: u64,
    /// How many rows.
    pub rows: u64,
    /// How many records were there more than once; the newest form was taken.
    pub repeated: u64,
    /// How many updates mend no weakness, and were left out.
    pub no_weakness: u64,
    /// How many packages were named without versions that could be compared.
    pub unusable: u64,
    /// What could not be understood.
    pub problems: Problems,
    /// The length of the file, in bytes.
    pub length: u64,
}

/// Builds a database of feeds and puts it in the place of `target`.
///
/// # Errors
/// When a feed cannot be read or is none, when a source would go back in time, when nothing can be
/// written. What is in the target's place stays then as it is.
pub fn build(feeds: &[PathBuf], target: &Path, options: Options) -> Result<Summary, BuildError> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let write = |source| BuildError::Write { path: target.to_owned(), source };
    let mut collector = Collector::new(folder, options.memory, options.now).map_err(write)?;
    for feed in feeds {
        input::read(feed, &mut collector)?;
    }
    if collector.sources.is_empty() {
        return Err(BuildError::Empty);
    }
    if !options.allow_older {
        not_back_in_time(target, &collector.sources)?;
    }
    let mut builder = Builder::new(folder, options.memory).map_err(write)?;
    builder.finish(collector, target, options.now).map_err(write)
}

pub(crate) fn not_back_in_time(
    target: &Path,
    sources: &BTreeMap<String, Source>,
) -> Result<(), BuildError> {
    let there = match Mapped::open(target) {
        Ok(mapped) => mapped,
        Err(OpenError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            return Ok(());
        }
        // What cannot be read any more is to be replaced.
        Err(OpenError::NoDatabase { .. }) => return Ok(()),
        Err(other) => return Err(BuildError::There(Box::new(other))),
    };
    let had = there.database().ok().and_then(|database| database.built().ok()).unwrap_or_default();
    for had in had.sources {
        let Some(newest) = had.newest else { continue };
        let now = sources.get(&had.name);
        let has = now.and_then(|source| source.newest);
        if has.is_none_or(|has| has < newest) {
            let has = has.map_or("nothing".to_owned(), |has| has.to_string());
            return Err(BuildError::BackInTime { source_name: had.name, had: newest, has });
        }
    }
    Ok(())
}

struct Builder<'a> {
    folder: &'a Path,
    advisories: Section,
    rows: Sorter,
    names: Sorter,
    ecosystems: BTreeMap<String, (u64, Option<Timestamp>)>,
    summary: Summary,
}

impl<'a> Builder<'a> {
    fn new(folder: &'a Path, memory: usize) -> io::Result<Self> {
        Ok(Self {
            folder,
            advisories: Section::new(Kind::Advisories, folder)?,
            rows: Sorter::new(folder, memory / 4)?,
            names: Sorter::new(folder, memory / 8)?,
            ecosystems: BTreeMap::new(),
            summary: Summary::default(),
        })
    }

    fn finish(
        &mut self,
        collector: Collector,
        target: &Path,
        now: Timestamp,
    ) -> io::Result<Summary> {
        let Collector { records, exploited, likely, mut sources, .. } = collector;
        self.records(records.sorted()?, &mut sources)?;
        let [package_directory, package_entries, rows] = self.packages()?;
        let [name_directory, name_entries] = self.names()?;
        let exploited = self.scores(Kind::Exploited, exploited, "KEV", &mut sources)?;
        let likely = self.scores(Kind::Likely, likely, "EPSS", &mut sources)?;
        let built = Built { at: Some(now), sources: sources.into_values().collect() };
        let mut about = Section::new(Kind::Sources, self.folder)?;
        about.put(&sources_bytes(&built))?;
        let ecosystems = self.ecosystems()?;
        let advisories =
            std::mem::replace(&mut self.advisories, Section::new(Kind::Advisories, self.folder)?);
        let sections = vec![
            about,
            ecosystems,
            package_directory,
            package_entries,
            rows,
            advisories,
            name_directory,
            name_entries,
            exploited,
            likely,
        ];
        let length = publish(sections, target, self.folder)?;
        Ok(Summary {
            built,
            no_weakness: collector.no_weakness,
            unusable: collector.unusable,
            problems: collector.problems,
            length,
            ..self.summary.clone()
        })
    }

    /// Each advisory once, in its newest form.
    fn records(
        &mut self,
        mut records: Sorted,
        sources: &mut BTreeMap<String, Source>,
    ) -> io::Result<()> {
        let mut last = Vec::new();
        while let Some((mut key, value)) = records.next()? {
            key.truncate(key.len().saturating_sub(size_of::<i64>()));
            if key == last {
                self.summary.repeated += 1;
                continue;
            }
            last = key;
            self.record(&value, sources).ok_or_else(broken)??;
        }
        Ok(())
    }

    fn record(
        &mut self,
        mut value: &[u8],
        sources: &mut BTreeMap<String, Source>,
    ) -> Option<io::Result<()>> {
        let (withdrawn, rest) = value.split_first()?;
        let (modified, rest) = rest.split_first_chunk()?;
        value = rest;
        let modified = Timestamp::from_second(i64::from_le_bytes(*modified)).ok();
        let source = std::str::from_utf8(part(&mut value)?).ok()?;
        let source = sources.get_mut(source)?;
        if *withdrawn == 1 {
            source.withdrawn += 1;
            return Some(Ok(()));
        }
        source.records += 1;
        let at = self.advisories.length;
        let names = [part(&mut value)?, part(&mut value)?, part(&mut value)?];
        let advisory = part(&mut value)?;
        Some(self.put(at, names, advisory, value, modified))
    }

    fn put(
        &mut self,
        at: u64,
        names: [&[u8]; 3],
        advisory: &[u8],
        mut rows: &[u8],
        modified: Option<Timestamp>,
    ) -> io::Result<()> {
        self.summary.advisories += 1;
        self.advisories.put(advisory)?;
        for mut list in names {
            while let Some(name) = part(&mut list) {
                let hash = name_hash(&String::from_utf8_lossy(name));
                let key = [hash.to_be_bytes(), at.to_be_bytes()].concat();
                self.names.push(key, Vec::new())?;
            }
        }
        while let (Some(ecosystem), Some(name), Some(body)) =
            (part(&mut rows), part(&mut rows), part(&mut rows))
        {
            let (ecosystem, name) =
                (String::from_utf8_lossy(ecosystem), String::from_utf8_lossy(name));
            let (count, newest) = self.ecosystems.entry(ecosystem.clone().into()).or_default();
            *count += 1;
            *newest = (*newest).max(modified);
            let mut key = package_hash(&ecosystem, &name).to_be_bytes().to_vec();
            for text in [&ecosystem, &name] {
                key.extend((text.len() as u32).to_be_bytes());
                key.extend(text.bytes());
            }
            key.extend(at.to_be_bytes());
            self.rows.push(key, body.to_vec())?;
        }
        Ok(())
    }

    /// Directory, entries and blocks of packages.
    fn packages(&mut self) -> io::Result<[Section; 3]> {
        let mut sorted = self.take_rows()?.sorted()?;
        let mut entries = Entries::new(Kind::PackageEntries, self.folder)?;
        let mut blocks = Section::new(Kind::Rows, self.folder)?;
        let (mut package, mut rows, mut last) = (Vec::new(), Vec::new(), None);
        while let Some((mut key, body)) = sorted.next()? {
            let at = key.split_off(key.len().saturating_sub(8));
            let at = u64::from_be_bytes(*at.first_chunk().ok_or_else(broken)?);
            if key != package {
                self.block(&package, &rows, &mut entries, &mut blocks)?;
                (package, last) = (key, None);
                rows.clear();
            }
            // An advisory that says the same twice of a package says it once.
            if last.as_ref().is_some_and(|had| *had == (at, body.clone())) {
                continue;
            }
            self.summary.rows += 1;
            put_row(&mut rows, AdvisoryAt(at), &body);
            last = Some((at, body));
        }
        self.block(&package, &rows, &mut entries, &mut blocks)?;
        let [directory, entries] = entries.finish(Kind::PackageDirectory, self.folder)?;
        Ok([directory, entries, blocks])
    }

    fn take_rows(&mut self) -> io::Result<Sorter> {
        Ok(std::mem::replace(&mut self.rows, Sorter::new(self.folder, 0)?))
    }

    fn block(
        &mut self,
        package: &[u8],
        rows: &[u8],
        entries: &mut Entries,
        blocks: &mut Section,
    ) -> io::Result<()> {
        let Some((hash, rest)) = package.split_first_chunk() else { return Ok(()) };
        let text = |rest: &[u8]| {
            let (length, tail) = rest.split_first_chunk()?;
            let (text, tail) = tail.split_at_checked(u32::from_be_bytes(*length) as usize)?;
            Some((String::from_utf8_lossy(text).into_owned(), tail.to_vec()))
        };
        let (ecosystem, rest) = text(rest).ok_or_else(broken)?;
        let (name, _) = text(&rest).ok_or_else(broken)?;
        self.summary.packages += 1;
        entries.put(u64::from_be_bytes(*hash), blocks.length)?;
        let mut block = Vec::new();
        put_block(&mut block, &ecosystem, &name, rows);
        blocks.put(&block)
    }

    /// Directory and entries of names.
    fn names(&mut self) -> io::Result<[Section; 2]> {
        let names = std::mem::replace(&mut self.names, Sorter::new(self.folder, 0)?);
        let mut sorted = names.sorted()?;
        let mut entries = Entries::new(Kind::NameEntries, self.folder)?;
        let mut last = Vec::new();
        while let Some((key, _)) = sorted.next()? {
            if key == last {
                continue;
            }
            let (numbers, _) = key.as_chunks::<8>();
            let [hash, at] = *numbers else { return Err(broken()) };
            entries.put(u64::from_be_bytes(hash), u64::from_be_bytes(at))?;
            last = key;
        }
        entries.finish(Kind::NameDirectory, self.folder)
    }

    /// Records of one length, each number once.
    fn scores(
        &mut self,
        kind: Kind,
        sorter: Sorter,
        name: &str,
        sources: &mut BTreeMap<String, Source>,
    ) -> io::Result<Section> {
        let mut section = Section::new(kind, self.folder)?;
        let mut sorted = sorter.sorted()?;
        let (mut last, mut count) = (Vec::new(), 0);
        while let Some((key, record)) = sorted.next()? {
            if key != last {
                section.put(&record)?;
                count += 1;
                last = key;
            }
        }
        if let Some(source) = sources.get_mut(name) {
            source.records = count;
        }
        Ok(section)
    }

    fn ecosystems(&self) -> io::Result<Section> {
        let mut section = Section::new(Kind::Ecosystems, self.folder)?;
        for (name, (rows, newest)) in &self.ecosystems {
            let ecosystem = Ecosystem { name, rows: *rows, newest: *newest };
            section.put(&ecosystem_bytes(ecosystem))?;
        }
        Ok(section)
    }
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a temporary file is not as it was written")
}
