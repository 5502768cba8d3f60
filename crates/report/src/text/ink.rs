//! Lines of a given width, in colour where that is wanted, safe whatever they are made of.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style as Ansi};
use dockward_model::facts::Origin;
use dockward_model::verdict::Severity;
use unicode_width::UnicodeWidthStr as _;

use crate::{Style, plain};

/// A writer of lines.
pub(crate) struct Ink<'a> {
    color: bool,
    pub(crate) width: usize,
    out: &'a mut dyn Write,
}

pub(crate) const BOLD: Ansi = Ansi::new().bold();
pub(crate) const DIM: Ansi = Ansi::new().dimmed();
pub(crate) const PLAIN: Ansi = Ansi::new();

/// The colour of a severity.
pub(crate) fn severity(severity: Severity) -> Ansi {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Blue.on_default(),
        Severity::Info => DIM,
    }
}

impl<'a> Ink<'a> {
    pub(crate) fn new(style: Style, out: &'a mut dyn Write) -> Self {
        Self { color: style.color, width: style.width.clamp(40, 140), out }
    }

    /// An empty line.
    pub(crate) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// `text` in a style, where colours are wanted. It must have been made safe.
    fn styled(&self, style: Ansi, text: &str) -> String {
        if self.color && style != PLAIN && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// One line of pieces; cut at the width.
    pub(crate) fn line(&mut self, pieces: &[(Ansi, &str)]) -> io::Result<()> {
        let (mut line, mut left) = (String::new(), self.width);
        for (style, text) in pieces {
            let safe = plain(text);
            let piece = cut(&safe, left);
            left -= piece.width();
            line.push_str(&self.styled(*style, &harmless_start(&piece, line.is_empty())));
        }
        writeln!(self.out, "{}", line.trim_end())
    }

    /// Text of any length, wrapped; the first line after `first`, the others after as many blanks.
    pub(crate) fn wrapped(&mut self, first: &str, style: Ansi, text: &str) -> io::Result<()> {
        let indent = " ".repeat(first.width());
        let room = self.width.saturating_sub(indent.len()).max(20);
        let safe = plain(text);
        for (i, part) in textwrap::wrap(&safe, wrapping(room)).iter().enumerate() {
            let lead = if i == 0 { first } else { &indent };
            let part = harmless_start(part, lead.trim().is_empty());
            let line = format!("{lead}{}", self.styled(style, &part));
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// A label in a style of its own, and text that is wrapped beside it.
    pub(crate) fn labelled(&mut self, (style, label): (Ansi, &str), text: &str) -> io::Result<()> {
        let indent = " ".repeat(label.width());
        let safe = plain(text);
        let room = self.width.saturating_sub(indent.len()).max(20);
        for (i, part) in textwrap::wrap(&safe, wrapping(room)).iter().enumerate() {
            let lead = if i == 0 { self.styled(style, label) } else { indent.clone() };
            writeln!(self.out, "{lead}{}", harmless_start(part, i > 0))?;
        }
        Ok(())
    }

    /// Text with a note at the right edge; the note has its own line where both don't fit.
    pub(crate) fn with_note(
        &mut self,
        first: &str,
        (style, text): (Ansi, &str),
        (note_style, note): (Ansi, &str),
    ) -> io::Result<()> {
        let (text, note) = (plain(text), plain(note));
        let room = self.width.saturating_sub(first.width()).max(20);
        let lines = textwrap::wrap(&text, wrapping(room));
        let (last, before) = lines.split_last().map_or(("", &[][..]), |(l, b)| (&**l, b));
        let mut lead = first.to_owned();
        for line in before {
            let line = harmless_start(line, lead.trim().is_empty());
            writeln!(self.out, "{lead}{}", self.styled(style, &line))?;
            lead = " ".repeat(first.width());
        }
        let last = harmless_start(last, lead.trim().is_empty());
        let used = lead.width() + last.width() + 2 + note.width();
        if used <= self.width {
            let gap = " ".repeat(self.width - used + 2);
            let (last, note) = (self.styled(style, &last), self.styled(note_style, &note));
            return writeln!(self.out, "{lead}{last}{gap}{note}");
        }
        writeln!(self.out, "{lead}{}", self.styled(style, &last))?;
        let note = cut_left(&note, room);
        let gap = " ".repeat(self.width.saturating_sub(note.width()));
        let note = self.styled(note_style, &harmless_start(&note, true));
        writeln!(self.out, "{gap}{note}")
    }
}

/// Words are kept whole: an id or a path that is broken at a hyphen can't be copied.
fn wrapping(room: usize) -> textwrap::Options<'static> {
    textwrap::Options::new(room)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .break_words(true)
}

/// A line that begins with `::` is a command to some CI systems.
fn harmless_start(text: &str, at_start: bool) -> String {
    match text.trim_start().strip_prefix("::") {
        Some(rest) if at_start => format!("\\::{rest}"),
        _ => text.to_owned(),
    }
}

/// At most `room` columns of `text`, with an ellipsis where something is left out.
pub(crate) fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if kept.width() + unicode_width::UnicodeWidthChar::width(c).unwrap_or(0) + 1 > room {
            break;
        }
        kept.push(c);
    }
    if room > 0 {
        kept.push('…');
    }
    kept
}

/// The same, keeping the end: of a path, that tells most.
fn cut_left(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let turned: String = text.chars().rev().collect();
    let cut = cut(&turned, room);
    cut.chars().rev().collect()
}

/// Where something was read, as short as it stays clear.
pub(crate) fn place(origin: &Origin) -> String {
    match origin {
        Origin::Api { endpoint, field } if endpoint.starts_with("/containers/") => {
            format!("inspect {field}")
        }
        Origin::Api { endpoint, field } => format!("{} {field}", endpoint.trim_start_matches('/')),
        Origin::Default { .. } => "the engine's default".into(),
        Origin::Nowhere => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_columns_not_by_bytes() {
        assert_eq!(cut("größer", 4), "grö…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(
            cut_left("/a/b/compose.yaml:21", 10),
            "…yaml:21".to_owned().replace("…yaml", "…e.yaml")
        );
    }

    #[test]
    fn a_line_never_begins_as_a_workflow_command() {
        let mut out = Vec::new();
        let mut ink = Ink::new(Style::default(), &mut out);
        ink.wrapped("", PLAIN, "::error::x").unwrap();
        ink.line(&[(PLAIN, "  ::set-output::x")]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|line| !line.trim_start().starts_with("::")), "{text}");
    }
}
