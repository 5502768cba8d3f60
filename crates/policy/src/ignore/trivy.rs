//! Trivy's forms (its documentation, "Filtering"): a list of ids, or YAML.

use jiff::civil::Date;
use serde::Deserialize;

use super::{Ignores, id, waiver};
use crate::glob::Glob;
use crate::selector::Selector;

/// A line an id, with `exp:2027-01-31` behind it where it ends; `#` begins a comment.
pub(super) fn lines(text: &str, file: &str) -> Ignores {
    let mut read = Ignores::default();
    for (line, number) in text.lines().zip(1..) {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { continue };
        let mut problem = |what: String| read.problems.push(format!("{file}:{number}: {what}"));
        let Some(glob) = id(first) else {
            problem("this is no id of a weakness: it ignores nothing".to_owned());
            continue;
        };
        let ends = words.find_map(|word| word.strip_prefix("exp:"));
        let until = match ends.map(last_day) {
            Some(None) => {
                problem("`exp:` is not followed by a day: it ignores nothing".to_owned());
                continue;
            }
            Some(until) => until,
            None => None,
        };
        let selectors = vec![Selector::Vulnerability(glob)];
        read.waivers.push(waiver(file, Some(number), selectors, None, until));
    }
    read
}

/// The last day on which an entry holds: from the start of the day that is written it does not.
fn last_day(text: &str) -> Option<Date> {
    text.parse::<Date>().ok()?.yesterday().ok()
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    vulnerabilities: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    id: String,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    purls: Vec<String>,
    #[serde(default)]
    statement: Option<String>,
    #[serde(default)]
    expired_at: Option<String>,
}

/// Misconfigurations, secrets and licences are for other scans, and are passed over.
pub(super) fn yaml(text: &str, file: &str) -> Result<Ignores, String> {
    let parsed: File = serde_saphyr::from_str(text).map_err(|error| format!("{file}: {error}"))?;
    let mut read = Ignores::default();
    for (entry, number) in parsed.vulnerabilities.iter().zip(1..) {
        match selectors(entry) {
            Ok(all) => {
                let until = entry.expired_at.as_deref().map(last_day);
                if until == Some(None) {
                    let what = "`expired_at` is no day: it ignores nothing";
                    read.problems.push(format!("{file}: vulnerability {number}: {what}"));
                    continue;
                }
                let said = entry.statement.as_deref();
                let waivers = all.into_iter().map(|s| waiver(file, None, s, said, until.flatten()));
                read.waivers.extend(waivers);
            }
            Err(what) => {
                read.problems.push(format!("{file}: vulnerability {number}: {what}"));
            }
        }
    }
    Ok(read)
}

/// What an entry selects: each of its package URLs on its own, or the weakness in any package.
fn selectors(entry: &Entry) -> Result<Vec<Vec<Selector>>, String> {
    let glob = id(&entry.id).ok_or("it has no id of a weakness: it ignores nothing")?;
    let weakness = Selector::Vulnerability(glob);
    if !entry.paths.is_empty() {
        return Err("`paths` is for files of languages, not for packages of a system: it ignores \
                    nothing here"
            .to_owned());
    }
    if entry.purls.is_empty() {
        return Ok(vec![vec![weakness]]);
    }
    let of = |purl: &String| {
        let mut all = package(purl).ok_or_else(|| format!("`{purl}` is no package URL"))?;
        all.push(weakness.clone());
        Ok(all)
    };
    entry.purls.iter().map(of).collect()
}

/// The name, and the version where it is there, of `pkg:deb/debian/openssl@1.1.1`.
fn package(purl: &str) -> Option<Vec<Selector>> {
    let path = purl.strip_prefix("pkg:")?.split(['?', '#']).next()?;
    let (path, version) = match path.split_once('@') {
        Some((path, version)) => (path, Some(version)),
        None => (path, None),
    };
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    let mut all = vec![Selector::Package(literal(name)?)];
    if let Some(version) = version {
        all.push(Selector::Version(literal(version)?));
    }
    Some(all)
}

/// A percent-encoded piece (RFC 3986), as exactly that text.
fn literal(piece: &str) -> Option<Glob> {
    let mut bytes = piece.bytes();
    let mut text = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let value = digit(bytes.next()?)? * 16 + digit(bytes.next()?)?;
            text.push(u8::try_from(value).ok()?);
        } else {
            text.push(byte);
        }
    }
    let text = String::from_utf8(text).ok()?;
    (!text.contains(['*', '?'])).then(|| Glob::new(text))
}
