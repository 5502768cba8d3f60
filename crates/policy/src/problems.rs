//! Every mistake in `dockward.toml`, with its place and what to do about it.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use crate::shown::shown;
use crate::source::Source;

/// How many mistakes are kept; the rest is only counted.
const MOST: usize = 100;

/// What kind of mistake it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The text isn't TOML.
    Syntax,
    /// The file is longer than it may be, or has more waivers than it may.
    TooMuch,
    /// A key that means nothing there.
    UnknownKey,
    /// A value of the wrong type.
    WrongType,
    /// An id of no rule, or a pattern that matches none.
    UnknownRule,
    /// A word that is no severity.
    BadSeverity,
    /// Something that is no day of the calendar.
    BadDate,
    /// Something that has to be there and isn't.
    Missing,
    /// Something that is there and says nothing.
    Empty,
    /// Two things that can't both be meant.
    Conflict,
    /// The same waiver a second time.
    Duplicate,
}

/// Where a mistake is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The line, counted from 1.
    pub line: u32,
    /// The character in the line, counted from 1.
    pub column: u32,
    /// The line, or the part of it around the mistake, escaped so that it may be printed.
    pub quote: String,
    /// What is wrong in [`Self::quote`], in terminal columns counted from 0; never empty.
    pub caret: Range<usize>,
}

/// A mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of mistake it is.
    pub kind: Kind,
    /// Where it is, unless it is the whole file.
    pub place: Option<Place>,
    /// What is wrong, in one line that may be printed.
    pub message: String,
    /// What to do about it, in one line that may be printed.
    pub hint: Option<String>,
}

/// All mistakes of a file, by place. Its `Display` is what a person reads: many lines, without
/// one at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    file: String,
    list: Vec<Problem>,
    more: usize,
}

impl Problems {
    /// The file's name, as it was handed over.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The mistakes, by place: at most 100.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    /// How many there are, with those beyond the first 100.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.list.len() + self.more
    }
}

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = shown(&self.file);
        for problem in &self.list {
            problem.write(&file, f)?;
        }
        let plural = if self.count() == 1 { "mistake" } else { "mistakes" };
        write!(f, "{} {plural} in {file}", self.count())?;
        if self.more > 0 {
            write!(f, ", of which {} are shown", self.list.len())?;
        }
        Ok(())
    }
}

impl Problem {
    fn write(&self, file: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(place) = &self.place else {
            writeln!(f, "{file}: {}", self.message)?;
            return self.write_hint(1, f).and_then(|()| writeln!(f));
        };
        let gutter = place.line.to_string().len();
        writeln!(f, "{file}:{}:{}: {}", place.line, place.column, self.message)?;
        writeln!(f, "{:gutter$} |", "")?;
        writeln!(f, "{} | {}", place.line, place.quote)?;
        let (skip, long) = (place.caret.start, place.caret.len());
        writeln!(f, "{:gutter$} | {:skip$}{:^<long$}", "", "", "")?;
        self.write_hint(gutter, f)?;
        writeln!(f)
    }

    fn write_hint(&self, gutter: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hint.iter().try_for_each(|hint| writeln!(f, "{:gutter$} = {hint}", ""))
    }
}

/// Gathers mistakes while a file is read.
pub(crate) struct Found<'t> {
    pub(crate) source: Source<'t>,
    file: &'t str,
    list: Vec<(usize, Problem)>,
    more: usize,
}

impl<'t> Found<'t> {
    pub(crate) fn new(text: &'t str, file: &'t str) -> Self {
        Self { source: Source::new(text), file, list: Vec::new(), more: 0 }
    }

    /// Notes a mistake. What goes into `message` from the file has gone through [`shown`]; `hint`
    /// is only asked where the mistake is kept.
    pub(crate) fn add(
        &mut self,
        kind: Kind,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl FnOnce() -> Option<String>,
    ) {
        if self.list.len() == MOST {
            self.more += 1;
            return;
        }
        let place = Some(self.source.place(&span));
        self.list
            .push((span.start, Problem { kind, place, message: message.into(), hint: hint() }));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Drops what may only be the consequence of a syntax error: whatever else is said of its
    /// line, or below a table's broken header, and whatever is missing, since the error may have
    /// swallowed it.
    pub(crate) fn drop_consequences(&mut self) {
        let line = |start: usize| self.source.line(start);
        let of_syntax = |problem: &Problem| problem.kind == Kind::Syntax;
        let broken: BTreeSet<u32> =
            self.list.iter().filter(|(_, p)| of_syntax(p)).map(|(at, _)| line(*at)).collect();
        if broken.is_empty() {
            return;
        }
        let consequence = |at: usize, problem: &Problem| {
            problem.kind == Kind::Missing
                || broken.contains(&line(at))
                || self.source.header_above(at).is_some_and(|header| broken.contains(&header))
        };
        self.list.retain(|(at, problem)| of_syntax(problem) || !consequence(*at, problem));
    }

    pub(crate) fn into_problems(mut self) -> Problems {
        self.list.sort_by_key(|(start, _)| *start);
        let list = self.list.into_iter().map(|(_, problem)| problem).collect();
        Problems { file: self.file.to_owned(), list, more: self.more }
    }
}

/// The one mistake of a file that is too long to be looked at.
pub(crate) fn too_long(file: &str, message: String) -> Problems {
    let problem = Problem { kind: Kind::TooMuch, place: None, message, hint: None };
    Problems { file: file.to_owned(), list: vec![problem], more: 0 }
}
