//! How old each source is.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::UpdateError;
use crate::mirror;

/// A source beside a database, and how old it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceStatus {
    /// Its name: an ecosystem, `KEV`, `EPSS`.
    pub name: String,
    /// Where it was had the last time.
    pub from: String,
    /// How many records it has; absent where nobody counted.
    pub records: Option<u64>,
    /// When its newest record was changed; absent where it was never had.
    pub newest: Option<Timestamp>,
    /// When it was last known to be as its publisher has it; absent where it never was.
    pub checked: Option<Timestamp>,
    /// When it was last another than before.
    pub changed: Option<Timestamp>,
    /// Why it could not be had the last time; absent where it could.
    pub failed: Option<String>,
}

impl SourceStatus {
    /// How long ago it was known to be as its publisher has it; absent where it never was.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        self.checked.map(|checked| now.duration_since(checked))
    }

    /// Whether it was never had, or is older than `limit`.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp, limit: SignedDuration) -> bool {
        self.age(now).is_none_or(|age| age > limit)
    }
}

/// The sources beside a database, as the last updates left them; none where it was never updated.
/// What is in a database that was built of feeds by hand is in the database itself.
///
/// # Errors
/// When what is known of them cannot be read.
pub fn status(database: &Path) -> Result<Vec<SourceStatus>, UpdateError> {
    let state = mirror::state(&mirror::folder_of(database))?;
    let sources = state.sources.into_iter().map(|(name, kept)| SourceStatus {
        name,
        from: kept.from,
        records: kept.records,
        newest: kept.newest,
        checked: kept.checked,
        changed: kept.changed,
        failed: kept.failed,
    });
    Ok(sources.collect())
}
