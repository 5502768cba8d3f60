//! Feeds as they lie on disk, recognised by what is in them.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::GzDecoder;
use serde_json::value::RawValue;

use crate::collector::Collector;
use crate::error::BuildError;
use crate::zip::{self, Zip};
use crate::{scores, statements};

/// The largest record, in bytes; the largest of the real ones has some 10 MB.
const LARGEST_RECORD: usize = 64 << 20;
/// The largest file that is read as a whole, in bytes.
const LARGEST_LIST: u64 = 256 << 20;
/// How far below a folder is looked, and how many files are read.
const DEEPEST: usize = 6;
const MOST_FILES: usize = 5_000_000;
/// The file that names the folders of a bucket of OSV's.
const ECOSYSTEMS: &str = "ecosystems.txt";
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads one feed, whatever it is.
pub(crate) fn read(path: &Path, into: &mut Collector) -> Result<(), BuildError> {
    into.begin(path);
    let feed = |source| BuildError::Feed { path: path.to_owned(), source };
    let facts = fs::metadata(path).map_err(feed)?;
    if facts.is_dir() {
        let mut files = 0;
        return folder(path, into, DEEPEST, &mut files).map_err(feed);
    }
    match file(path, into).map_err(feed)? {
        true => Ok(()),
        false => Err(BuildError::NotAFeed(path.to_owned())),
    }
}

fn folder(path: &Path, into: &mut Collector, depth: usize, files: &mut usize) -> io::Result<()> {
    if path.join(ECOSYSTEMS).is_file() {
        return bucket(path, into);
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    entries.sort_unstable();
    for entry in entries {
        let facts = fs::symlink_metadata(&entry)?;
        let kind = entry.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        if facts.is_dir() && depth > 0 {
            folder(&entry, into, depth - 1, files)?;
        } else if facts.is_file() && ["json", "zip", "csv", "gz"].contains(&kind) {
            *files += 1;
            if *files > MOST_FILES {
                return Err(io::Error::other(format!("more than {MOST_FILES} files")));
            }
            // A list of changes lies beside each zip of the bucket: it is no feed.
            if !file(&entry, into)? && kind != "csv" {
                into.refuse(entry.display().to_string(), "it is no feed that is known");
            }
        }
    }
    Ok(())
}

/// The layout of OSV's bucket: `ecosystems.txt`, and `NAME/all.zip` for each line of it.
fn bucket(path: &Path, into: &mut Collector) -> io::Result<()> {
    let names = fs::read_to_string(path.join(ECOSYSTEMS))?;
    for name in names.lines().map(str::trim).filter(|name| !name.is_empty()) {
        let zip = path.join(name).join("all.zip");
        // Releases have folders of their own in the bucket (`Debian:11`); they are in the whole.
        let whole = name.split(':').next().unwrap_or_default();
        let inside = name.split('/').all(|part| !part.is_empty() && part != "..");
        if !inside {
            into.refuse(path.join(ECOSYSTEMS).display().to_string(), "a name leads elsewhere");
        } else if zip.is_file() {
            into.expect(name);
            file(&zip, into)?;
        } else if !names.lines().any(|line| line.trim() == whole && line.trim() != name) {
            into.refuse(zip.display().to_string(), "it is named in ecosystems.txt and not there");
        }
    }
    Ok(())
}

/// Reads a file; false where it is no feed.
fn file(path: &Path, into: &mut Collector) -> io::Result<bool> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Ok(false);
    }
    let place = path.display().to_string();
    let mut reader = BufReader::new(file);
    let head = reader.fill_buf()?;
    if head.starts_with(&zip::MAGIC) {
        return entries(&place, reader.into_inner(), into);
    }
    if head.starts_with(&GZIP) {
        return content(&place, BufReader::new(GzDecoder::new(reader)), into);
    }
    content(&place, reader, into)
}

fn entries(place: &str, file: File, into: &mut Collector) -> io::Result<bool> {
    let mut zip = Zip::open(file, LARGEST_RECORD)?;
    while let Some(entry) = zip.entry()? {
        let name = || format!("{place}: {}", crate::osv::line(&entry.name));
        match entry.bytes {
            Ok(bytes) => into.record(&name(), &bytes)?,
            Err(why) => into.refuse(name(), why.to_string()),
        }
    }
    Ok(true)
}

fn content(place: &str, mut reader: impl BufRead, into: &mut Collector) -> io::Result<bool> {
    let head = reader.fill_buf()?;
    let text = head.trim_ascii_start();
    if scores::is_epss(text) {
        return scores::epss(place, reader, into).map(|()| true);
    }
    let list = text.starts_with(b"[");
    if !list && !text.starts_with(b"{") {
        return Ok(false);
    }
    let mut json = Vec::new();
    reader.take(LARGEST_LIST + 1).read_to_end(&mut json)?;
    if json.len() as u64 > LARGEST_LIST {
        into.refuse(place, format!("it is longer than {LARGEST_LIST} bytes"));
    } else if list {
        elements(place, &json, into)?;
    } else if scores::is_kev(&json) {
        scores::kev(place, &json, into)?;
    } else {
        into.record(place, &json)?;
    }
    Ok(true)
}

/// A list of records or of statements.
fn elements(place: &str, json: &[u8], into: &mut Collector) -> io::Result<()> {
    let list: Vec<&RawValue> = match serde_json::from_slice(json) {
        Ok(list) => list,
        Err(error) => {
            into.refuse(place, error.to_string());
            return Ok(());
        }
    };
    for (element, at) in list.into_iter().zip(1..) {
        let place = format!("{place}: element {at}");
        match statements::Statement::read(element.get()) {
            Some(statement) => statement.take(&place, into)?,
            None => into.record(&place, element.get().as_bytes())?,
        }
    }
    Ok(())
}
