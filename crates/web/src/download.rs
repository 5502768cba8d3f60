//! Large files, into a file: what is cut is gone on with, now or in a later run.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ureq::http::HeaderMap;

use crate::address::shown;
use crate::client::{Client, Request, Step, Try, Validators, length, read, text};
use crate::error::WebError;

/// What a download came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Downloaded {
    /// It is the same as what is had: no file was written.
    Same,
    /// It is in the file.
    Whole {
        /// Its length, in bytes.
        length: u64,
        /// How much of it was there from an earlier try, in bytes.
        resumed: u64,
        /// What tells this state of it from others.
        validators: Validators,
    },
}

impl Client {
    /// A file, into `to`. What an earlier try left there is gone on with where the server still has
    /// the same (`Range` and `If-Range`, RFC 9110, section 14); which state that was stands in a file
    /// beside it, of the same name and `.etag`.
    ///
    /// # Errors
    /// When no try gets all of it. What came is kept for the next time.
    pub fn download(
        &self,
        request: &Request,
        to: &Path,
        step: &mut dyn FnMut(Step<'_>),
    ) -> Result<Downloaded, WebError> {
        let part = Part { path: to, tag: beside(to) };
        let done = self.patiently(step, |step| self.go_on(request, &part, step))?;
        part.forget_tag();
        Ok(done)
    }

    fn go_on(
        &self,
        request: &Request,
        part: &Part<'_>,
        step: &mut dyn FnMut(Step<'_>),
    ) -> Result<Downloaded, Try> {
        let (mut have, tag) = part.left();
        let mut more = Vec::new();
        let mut asked = request.clone();
        if have > 0 {
            // Asking for a part of what we don't have whole: it can't be the same.
            asked.had = Validators::default();
            more = vec![("Range", format!("bytes={have}-")), ("If-Range", tag.clone())];
        }
        let mut answer = match self.ask(&asked, &more) {
            Err(Try { why: WebError::Status { status: 416, .. }, .. }) if have > 0 => {
                // There is no such part: what we have is all of it, or of another.
                part.start_over()?;
                have = 0;
                self.ask(request, &[])?
            }
            other => other?,
        };
        if answer.status() == 304 {
            return Ok(Downloaded::Same);
        }
        let validators = Validators::of(answer.headers());
        let size = if answer.status() == 206 {
            if validators.strong().is_some_and(|now| now != tag) {
                let what = "it sends a part of another state than was asked for";
                return Err(WebError::Odd { url: shown(&request.url), what }.into());
            }
            Some(rest(request, answer.headers(), have)?)
        } else {
            part.start_over()?;
            have = 0;
            length(answer.headers())
        };
        part.keep_tag(validators.strong().or(Some(&*tag).filter(|_| have > 0)))?;
        let whole = size.map(|size| size.saturating_add(have));
        let mut file = part.open()?;
        let mut done = have;
        let mut limited = asked;
        limited.most = request.most.saturating_sub(have);
        read(&mut answer, &limited, size, &mut |piece| {
            file.write_all(piece).map_err(|source| part.failed(source))?;
            done += piece.len() as u64;
            step(Step::Bytes { done, of: whole });
            Ok(())
        })?;
        file.sync_all().map_err(|source| part.failed(source))?;
        Ok(Downloaded::Whole { length: done, resumed: have, validators })
    }
}

/// How long the rest is that a 206 brings, if it is the rest that was asked for: from `have` to the
/// end (`bytes FROM-TO/LENGTH`, RFC 9110, section 14.4).
fn rest(request: &Request, headers: &HeaderMap, have: u64) -> Result<u64, WebError> {
    let range = || {
        let text = text(headers, "content-range")?;
        let (span, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
        let (from, to) = span.split_once('-')?;
        let (from, to, whole): (u64, u64, u64) =
            (from.parse().ok()?, to.parse().ok()?, whole.parse().ok()?);
        let is_rest = from == have && to.checked_add(1) == Some(whole) && have < whole;
        is_rest.then(|| whole - have)
    };
    let what = "it sends another part than was asked for";
    range().filter(|_| have > 0).ok_or_else(|| WebError::Odd { url: shown(&request.url), what })
}

/// What is there of a file.
struct Part<'a> {
    path: &'a Path,
    tag: PathBuf,
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".etag");
    name.into()
}

impl Part<'_> {
    /// How much is there, in bytes, and the tag of its state; nothing without a tag.
    fn left(&self) -> (u64, String) {
        let tag = fs::read_to_string(&self.tag).unwrap_or_default();
        let length = fs::symlink_metadata(self.path).map_or(0, |facts| facts.len());
        let usable = tag.len() > 1 && tag.len() < 1 << 10 && tag.starts_with('"');
        if usable { (length, tag) } else { (0, String::new()) }
    }

    fn start_over(&self) -> Result<(), WebError> {
        self.forget_tag();
        match fs::remove_file(self.path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(self.failed(source)),
            _ => Ok(()),
        }
    }

    fn keep_tag(&self, tag: Option<&str>) -> Result<(), WebError> {
        match tag {
            Some(tag) => fs::write(&self.tag, tag).map_err(|source| self.failed(source)),
            None => {
                self.forget_tag();
                Ok(())
            }
        }
    }

    fn forget_tag(&self) {
        // What is not there need not be forgotten.
        let _ = fs::remove_file(&self.tag);
    }

    fn open(&self) -> Result<File, WebError> {
        let opened = OpenOptions::new().create(true).append(true).open(self.path);
        opened.map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> WebError {
        WebError::Write { path: self.path.to_owned(), source }
    }
}
