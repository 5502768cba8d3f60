//! CISA's catalogue and EPSS's scores: one file each.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use jiff::Timestamp;
use serde::Deserialize;

use super::osv::Done;
use super::place::{Got, Place, Reader};
use super::{Change, UpdateError};
use crate::mirror::{Kept, put};

/// The largest of the files, in bytes; the real ones have 2 MB.
const LARGEST: u64 = 128 << 20;
/// The longest first line of scores, in bytes.
const LONGEST_LINE: u64 = 1 << 10;

/// One of the two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// Its file in the mirror.
    pub(super) file: &'static str,
    /// When what is in it was made.
    pub(super) time: fn(&[u8]) -> Option<Timestamp>,
}

pub(super) const KEV: Kind =
    Kind { name: "KEV", file: "known_exploited_vulnerabilities.json", time: released };
pub(super) const EPSS: Kind =
    Kind { name: "EPSS", file: "epss_scores-current.csv.gz", time: scored };

pub(super) fn update(
    kind: Kind,
    place: &Place,
    folder: &Path,
    allow_older: bool,
    kept: &Kept,
    reader: &mut Reader<'_>,
) -> Result<Done, UpdateError> {
    let path = folder.join(kind.file);
    let here = path.is_file();
    let tag = kept.validators.get(kind.file).filter(|_| here).cloned().unwrap_or_default();
    let missing = || UpdateError::Missing { place: place.to_string(), what: kind.name.to_owned() };
    let same = |kept: &Kept| Done {
        change: Change::Same,
        newest: kept.newest,
        records: kept.records,
        validators: kept.validators.clone(),
    };
    let (bytes, now) = match reader.fetch(place, LARGEST, tag)?.ok_or_else(missing)? {
        Got::Same => return Ok(same(kept)),
        Got::Whole(bytes, now) => (bytes, now),
    };
    let odd = || UpdateError::Content {
        place: place.to_string(),
        why: format!("it is not {}", kind.name),
    };
    let has = (kind.time)(&bytes).ok_or_else(odd)?;
    if let Some(had) = kept.newest.filter(|had| here && has < *had && !allow_older) {
        return Err(UpdateError::Older { place: place.to_string(), had, has });
    }
    let write = |source| UpdateError::Folder { path: path.clone(), source };
    put(&path, &bytes).map_err(write)?;
    let validators = [(kind.file.to_owned(), now)].into();
    Ok(Done { change: Change::Whole, newest: Some(has), records: None, validators })
}

/// `dateReleased` of CISA's catalogue. All of it is read: half a file is none.
fn released(bytes: &[u8]) -> Option<Timestamp> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Catalogue {
        date_released: Timestamp,
        #[serde(rename = "vulnerabilities")]
        _vulnerabilities: Vec<serde::de::IgnoredAny>,
    }
    serde_json::from_slice::<Catalogue>(bytes).ok().map(|catalogue| catalogue.date_released)
}

/// `#model_version:v2025.03.14,score_date:2026-11-27T12:55:00Z` of EPSS. All of it is unpacked: half
/// a file is none.
fn scored(bytes: &[u8]) -> Option<Timestamp> {
    let mut lines = BufReader::new(GzDecoder::new(bytes).take(LARGEST * 8));
    let mut line = String::new();
    (&mut lines).take(LONGEST_LINE).read_line(&mut line).ok()?;
    std::io::copy(&mut lines, &mut std::io::sink()).ok()?;
    let time = line.trim().split(',').find_map(|part| part.strip_prefix("score_date:"))?;
    // FIRST writes the offset with and without a colon.
    let parsed = time.parse().ok();
    parsed.or_else(|| {
        jiff::fmt::strtime::parse("%Y-%m-%dT%H:%M:%S%z", time).ok()?.to_timestamp().ok()
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn scores_say_their_day_in_each_form_that_first_used() {
        for time in
            ["2024-10-25T00:00:00+0000", "2024-10-25T00:00:00Z", "2024-10-25T00:00:00+00:00"]
        {
            let text =
                format!("#model_version:v2023.03.01,score_date:{time}\ncve,epss,percentile\n");
            assert_eq!(scored(&packed(&text)).unwrap().to_string(), "2024-10-25T00:00:00Z");
        }
        let whole = packed("#model_version:v1,score_date:2024-10-25T00:00:00Z\nCVE-1,0.1,0.2\n");
        assert!(scored(&whole[..whole.len() - 9]).is_none(), "half a file");
        assert!(scored(&packed("cve,epss,percentile\n")).is_none());
    }

    #[test]
    fn a_catalogue_says_its_day_if_it_is_whole() {
        let text = br#"{"catalogVersion":"1","dateReleased":"2025-08-25T17:00:00.5Z","vulnerabilities":[{}]}"#;
        assert!(released(text).is_some());
        assert!(released(&text[..text.len() - 2]).is_none());
        assert!(released(b"<html>").is_none());
    }
}
