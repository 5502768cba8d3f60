//! What is said of CVE numbers alone: CISA's catalogue of known exploited vulnerabilities, and EPSS of
//! FIRST.

use std::io::{self, BufRead};

use dockward_advisory::database::cve_number;
use dockward_advisory::database::write::{exploited_record, likely_record};
use dockward_model::inventory::Exploited;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use crate::collector::Collector;
use crate::osv::line;

/// The longest line of a list of scores, in bytes.
const LONGEST_LINE: u64 = 1 << 10;
/// The most lines of one: there are some 300,000 CVE numbers.
const MOST_LINES: u64 = 20_000_000;

/// CISA's catalogue (`known_exploited_vulnerabilities.json`).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Catalogue {
    date_released: String,
    vulnerabilities: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vulnerability {
    #[serde(rename = "cveID")]
    cve: String,
    date_added: Date,
    #[serde(default)]
    due_date: Option<Date>,
    #[serde(default)]
    known_ransomware_campaign_use: String,
}

/// Whether a JSON object is CISA's catalogue.
pub(crate) fn is_kev(json: &[u8]) -> bool {
    let head = json.get(..json.len().min(4 << 10)).unwrap_or_default();
    let has = |key: &[u8]| head.windows(key.len()).any(|bytes| bytes == key);
    has(b"\"catalogVersion\"") || has(b"\"cveID\"")
}

/// Takes CISA's catalogue.
pub(crate) fn kev(place: &str, json: &[u8], into: &mut Collector) -> io::Result<()> {
    let catalogue: Catalogue = match serde_json::from_slice(json) {
        Ok(catalogue) => catalogue,
        Err(error) => {
            into.refuse(place, error.to_string());
            return Ok(());
        }
    };
    let released = catalogue.date_released.parse::<Timestamp>().ok();
    if !begin("KEV", place, released, into) {
        return Ok(());
    }
    for one in catalogue.vulnerabilities {
        let read = serde_json::from_value::<Vulnerability>(one).map_err(|error| error.to_string());
        let numbered = read.and_then(|vulnerability| {
            let number = cve_number(&vulnerability.cve);
            number.map(|n| (n, vulnerability)).ok_or_else(|| "no CVE number".to_owned())
        });
        match numbered {
            Ok((number, vulnerability)) => {
                let facts = Exploited {
                    added: vulnerability.date_added,
                    due: vulnerability.due_date,
                    ransomware: vulnerability.known_ransomware_campaign_use == "Known",
                };
                let record = exploited_record(number, &facts);
                into.exploited.push(number.to_be_bytes().to_vec(), record.to_vec())?;
            }
            Err(why) => into.refuse(place, why),
        }
    }
    Ok(())
}

/// Whether a text is EPSS scores: a comment with model and day, then the names of columns.
pub(crate) fn is_epss(text: &[u8]) -> bool {
    text.starts_with(b"#model_version:") || text.starts_with(b"cve,epss,percentile")
}

/// Takes EPSS scores.
pub(crate) fn epss(place: &str, mut reader: impl BufRead, into: &mut Collector) -> io::Result<()> {
    let mut begun = false;
    let mut bytes = Vec::new();
    for number in 1..=MOST_LINES {
        bytes.clear();
        let limit = LONGEST_LINE;
        let read = io::Read::take(&mut reader, limit).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(());
        }
        if read as u64 == limit && !bytes.ends_with(b"\n") {
            into.refuse(format!("{place}: line {number}"), "the line is too long");
            return Ok(());
        }
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim();
        if text.is_empty() || text.starts_with("cve,") {
            continue;
        }
        if !begun && !begin("EPSS", place, day(text), into) {
            return Ok(());
        }
        begun = true;
        if text.starts_with('#') {
            continue;
        }
        match score(text) {
            Some((number, record)) => into.likely.push(number, record)?,
            None => {
                into.refuse(format!("{place}: line {number}"), format!("no score: {}", line(text)))
            }
        }
    }
    into.refuse(place, format!("it has more than {MOST_LINES} lines"));
    Ok(())
}

/// Makes the source, unless its time is one to come.
fn begin(name: &str, place: &str, newest: Option<Timestamp>, into: &mut Collector) -> bool {
    if newest.is_some_and(|time| into.is_ahead(time)) {
        into.refuse(place, "it is of a time to come");
        return false;
    }
    into.seen(name, newest);
    true
}

/// The day in `#model_version:v2023.03.01,score_date:2024-10-25T00:00:00+0000`.
fn day(comment: &str) -> Option<Timestamp> {
    let (_, rest) = comment.split_once("score_date:")?;
    let day: Date = rest.get(..10)?.parse().ok()?;
    day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|time| time.timestamp())
}

fn score(text: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut fields = text.split(',');
    let number = cve_number(fields.next()?)?;
    let mut share = || {
        let value: f32 = fields.next()?.trim().parse().ok()?;
        (0.0..=1.0).contains(&value).then_some(value)
    };
    let record = likely_record(number, share()?, share()?);
    Some((number.to_be_bytes().to_vec(), record.to_vec()))
}
