//! What was read of all feeds so far: sorted outside of memory, and counted.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use dockward_advisory::database::Source;
use dockward_advisory::database::write::advisory_bytes;
use jiff::{SignedDuration, Timestamp};

use crate::osv::{self, Understood};
use crate::sorter::Sorter;

/// How many that were refused are named.
const NAMED: usize = 20;
/// How far a record may be ahead of us: clocks differ.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// What could not be understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Vec<Refused>,
}

/// A record or a file that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Where: a path, and the entry in it.
    pub place: String,
    /// Why, in a person's words.
    pub why: String,
}

/// What is known while feeds are read.
pub(crate) struct Collector {
    pub(crate) records: Sorter,
    pub(crate) exploited: Sorter,
    pub(crate) likely: Sorter,
    pub(crate) sources: BTreeMap<String, Source>,
    pub(crate) problems: Problems,
    /// Updates that mend no weakness.
    pub(crate) no_weakness: u64,
    /// Packages that a record names without versions that could be compared.
    pub(crate) unusable: u64,
    now: Timestamp,
    from: String,
    current: String,
}

impl Collector {
    pub(crate) fn new(folder: &Path, memory: usize, now: Timestamp) -> io::Result<Self> {
        Ok(Self {
            records: Sorter::new(folder, memory / 2)?,
            exploited: Sorter::new(folder, memory / 16)?,
            likely: Sorter::new(folder, memory / 16)?,
            sources: BTreeMap::new(),
            problems: Problems::default(),
            no_weakness: 0,
            unusable: 0,
            now,
            from: String::new(),
            current: String::new(),
        })
    }

    /// What follows is of this feed.
    pub(crate) fn begin(&mut self, from: &Path) {
        self.from = from.display().to_string();
        self.current.clear();
    }

    /// What follows is of this ecosystem, as far as is known.
    pub(crate) fn expect(&mut self, ecosystem: &str) {
        ecosystem.clone_into(&mut self.current);
    }

    pub(crate) fn refuse(&mut self, place: impl Into<String>, why: impl Into<String>) {
        self.problems.count += 1;
        if let Some(source) = self.sources.get_mut(&self.current) {
            source.refused += 1;
        }
        if self.problems.first.len() < NAMED {
            self.problems.first.push(Refused { place: place.into(), why: why.into() });
        }
    }

    /// The source, made where it is not there yet.
    fn source(&mut self, name: &str) -> &mut Source {
        if self.current != name {
            name.clone_into(&mut self.current);
        }
        let from = &self.from;
        self.sources.entry(name.to_owned()).or_insert_with(|| Source {
            name: name.to_owned(),
            from: from.clone(),
            ..Source::default()
        })
    }

    /// A source has a record that was changed then. A database keeps times to the second.
    pub(crate) fn seen(&mut self, name: &str, modified: Option<Timestamp>) {
        let whole = modified.and_then(|time| Timestamp::from_second(time.as_second()).ok());
        let source = self.source(name);
        source.newest = source.newest.max(whole);
    }

    pub(crate) fn is_ahead(&self, time: Timestamp) -> bool {
        time.duration_since(self.now) > AHEAD
    }

    /// Takes an OSV record.
    pub(crate) fn record(&mut self, place: &str, json: &[u8]) -> io::Result<()> {
        match osv::understand(json) {
            Ok(understood) => self.understood(place, &understood),
            Err(why) => {
                self.refuse(place, why);
                Ok(())
            }
        }
    }

    pub(crate) fn understood(&mut self, place: &str, understood: &Understood) -> io::Result<()> {
        let Understood { advisory, rows, unusable, withdrawn } = understood;
        if advisory.modified.is_some_and(|time| self.is_ahead(time)) {
            // A time to come would make each later state of the source look older.
            self.refuse(place, "it was changed at a time to come");
            return Ok(());
        }
        self.unusable += unusable;
        if osv::is_no_weakness(advisory) {
            self.no_weakness += 1;
            return Ok(());
        }
        let modified = advisory.modified;
        self.seen(&advisory.source, modified);
        let mut key = Vec::new();
        for text in [&advisory.source, &advisory.id] {
            key.extend(text.bytes());
            key.push(0);
        }
        // The newest form of a record comes first.
        let age = i64::MAX - modified.map_or(0, Timestamp::as_second);
        key.extend(age.to_be_bytes());
        let mut value = vec![u8::from(*withdrawn)];
        value.extend(modified.map_or(i64::MIN, Timestamp::as_second).to_le_bytes());
        put_part(&mut value, advisory.source.as_bytes());
        for names in [std::slice::from_ref(&advisory.id), &advisory.cves, &advisory.aliases] {
            let mut all = Vec::new();
            names.iter().for_each(|name| put_part(&mut all, name.as_bytes()));
            put_part(&mut value, &all);
        }
        put_part(&mut value, &advisory_bytes(advisory));
        for row in rows {
            put_part(&mut value, row.ecosystem.as_bytes());
            put_part(&mut value, row.name.as_bytes());
            put_part(&mut value, &row.body());
        }
        self.records.push(key, value)
    }
}

/// A run of bytes with its length before it, as records are kept while they are sorted.
pub(crate) fn put_part(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// The next run of bytes.
pub(crate) fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, tail) = rest.split_first_chunk()?;
    let (part, tail) = tail.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = tail;
    Some(part)
}
