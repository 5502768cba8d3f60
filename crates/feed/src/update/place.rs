//! Where feeds are had: below an address of HTTP or HTTPS, or below a folder.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use dockward_web::{Client, Downloaded, Fetched, Request, Step, Validators, WebError};

use super::UpdateError;

/// Where feeds are had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An address of HTTP or HTTPS.
    Web(String),
    /// A file or folder of this machine.
    Disk(PathBuf),
}

impl Place {
    /// An address if it begins as one does, else a path.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text.split_once("://") {
            Some(("http" | "https", _)) => Self::Web(text.trim_end_matches('/').to_owned()),
            _ => Self::Disk(text.into()),
        }
    }

    /// What lies below, by the parts of its path.
    pub(crate) fn below(&self, parts: &[&str]) -> Self {
        match self {
            Self::Web(base) => {
                let escaped = parts.iter().map(|part| format!("/{}", escaped(part)));
                Self::Web(base.clone() + &escaped.collect::<String>())
            }
            Self::Disk(base) => {
                Self::Disk(parts.iter().fold(base.clone(), |path, part| path.join(part)))
            }
        }
    }

    /// What lies beside it under a longer name.
    pub(crate) fn beside(&self, ending: &str) -> Self {
        match self {
            Self::Web(url) => {
                let end = url.find(['?', '#']).unwrap_or(url.len());
                let (path, query) = url.split_at_checked(end).unwrap_or((url, ""));
                Self::Web(format!("{path}{ending}{query}"))
            }
            Self::Disk(path) => {
                let mut name = path.as_os_str().to_owned();
                name.push(ending);
                Self::Disk(name.into())
            }
        }
    }
}

impl std::fmt::Display for Place {
    /// Without credentials and query, which may hold a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Web(url) => f.write_str(&dockward_web::shown(url)),
            Self::Disk(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A part of a path, with all but unreserved characters escaped (RFC 3986, section 2.3).
fn escaped(part: &str) -> String {
    let plain =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~' | b':' | b'+');
    part.bytes()
        .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// What tells one state of a file from another.
pub(crate) type Kept = [Option<String>; 2];

/// A file in memory, or that it is the same as before.
#[derive(Debug)]
pub(crate) enum Got {
    Same,
    Whole(Vec<u8>, Kept),
}

/// Has files.
pub(crate) struct Reader<'a> {
    pub(crate) client: &'a Client,
    pub(crate) step: &'a mut dyn FnMut(Step<'_>),
}

impl Reader<'_> {
    /// A file in memory; none where there is no such file.
    pub(crate) fn fetch(
        &mut self,
        place: &Place,
        most: u64,
        had: Kept,
    ) -> Result<Option<Got>, UpdateError> {
        match place {
            Place::Web(url) => match self.client.fetch(&request(url, most, had), self.step) {
                Ok(Fetched::Same) => Ok(Some(Got::Same)),
                Ok(Fetched::Body(body)) => Ok(Some(Got::Whole(body.bytes, kept(body.validators)))),
                Err(error) => absent(error),
            },
            Place::Disk(path) => {
                let Some((file, facts)) = open(path, most)? else { return Ok(None) };
                if facts == had {
                    return Ok(Some(Got::Same));
                }
                let mut bytes = Vec::new();
                file.take(most).read_to_end(&mut bytes).map_err(|source| read(path, source))?;
                Ok(Some(Got::Whole(bytes, facts)))
            }
        }
    }

    /// A large file, into `to`: what tells its state; none where there is no such file, or it is the
    /// same.
    pub(crate) fn download(
        &mut self,
        place: &Place,
        most: u64,
        had: Kept,
        to: &Path,
    ) -> Result<Option<Option<Kept>>, UpdateError> {
        match place {
            Place::Web(url) => {
                match self.client.download(&request(url, most, had), to, self.step) {
                    Ok(Downloaded::Same) => Ok(Some(None)),
                    Ok(Downloaded::Whole { validators, .. }) => Ok(Some(Some(kept(validators)))),
                    Err(error) => absent(error),
                }
            }
            Place::Disk(path) => {
                let Some((mut file, facts)) = open(path, most)? else { return Ok(None) };
                if facts == had {
                    return Ok(Some(None));
                }
                let copied = File::create(to).and_then(|mut to| io::copy(&mut file, &mut to));
                copied.map_err(|source| read(path, source))?;
                Ok(Some(Some(facts)))
            }
        }
    }
}

fn request(url: &str, most: u64, [etag, modified]: Kept) -> Request {
    Request { url: url.to_owned(), most, had: Validators { etag, modified }, ..Request::default() }
}

fn kept(validators: Validators) -> Kept {
    [validators.etag, validators.modified]
}

fn absent<T>(error: WebError) -> Result<Option<T>, UpdateError> {
    match error {
        WebError::Status { status: 404 | 410, .. } => Ok(None),
        error => Err(error.into()),
    }
}

fn read(path: &Path, source: io::Error) -> UpdateError {
    UpdateError::Folder { path: path.to_owned(), source }
}

/// A file with its length and the time of its last change.
fn open(path: &Path, most: u64) -> Result<Option<(File, Kept)>, UpdateError> {
    let facts = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        facts => facts.map_err(|source| read(path, source))?,
    };
    if !facts.is_file() {
        return Err(read(path, io::Error::other("it is no regular file")));
    }
    if facts.len() > most {
        return Err(read(path, io::Error::other(format!("it is longer than {most} bytes"))));
    }
    let file = File::open(path).map_err(|source| read(path, source))?;
    let time = format!("{}.{:09}", facts.mtime(), facts.mtime_nsec());
    Ok(Some((file, [Some(facts.len().to_string()), Some(time)])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_in_addresses() {
        let base = Place::of("https://feeds.example/osv/");
        let url = base.below(&["Red Hat", "RHSA-2024:1?#.json"]);
        assert_eq!(
            url,
            Place::Web("https://feeds.example/osv/Red%20Hat/RHSA-2024:1%3F%23.json".into())
        );
        let path = Place::of("/srv/osv").below(&["Red Hat", "all.zip"]);
        assert_eq!(path, Place::Disk("/srv/osv/Red Hat/all.zip".into()));
    }
}
