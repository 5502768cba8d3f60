//! From a byte in the text to the line that a person sees.

use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use crate::problems::Place;
use crate::shown;

/// How many characters of a line are quoted before the mistake, and from it on.
const BEFORE: usize = 30;
const FROM: usize = 50;

/// The text of a file, and where its lines start.
pub(crate) struct Source<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Source<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The line, counted from 1, of a byte.
    pub(crate) fn line(&self, byte: usize) -> u32 {
        u32::try_from(self.starts.partition_point(|&start| start <= byte)).unwrap_or(u32::MAX)
    }

    /// The line of the `[table]` or `[[table]]` that a byte stands below.
    pub(crate) fn header_above(&self, byte: usize) -> Option<u32> {
        let header = |start: &&usize| {
            let line = self.text.get(**start..).unwrap_or("");
            line.trim_start_matches([' ', '\t']).starts_with('[')
        };
        let mut above = self.starts.iter().rev().skip_while(|&&start| start > byte);
        above.find(header).map(|&start| self.line(start))
    }

    /// The line, the column and the quoted line of a span. A span beyond its line's end is cut
    /// there, one beyond the text is at its end.
    pub(crate) fn place(&self, span: &Range<usize>) -> Place {
        let at = self.text.floor_char_boundary(span.start);
        let line = self.starts.partition_point(|&start| start <= at);
        let start = self.starts.get(line.wrapping_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(start..at).unwrap_or("");
        let rest = self.text.get(at..).unwrap_or("");
        let rest = rest.split('\n').next().unwrap_or("").trim_end_matches('\r');
        let end = rest.floor_char_boundary(span.end.saturating_sub(at));
        let (before, rest) = (before.trim_start_matches('\u{feff}'), rest.split_at(end));
        let quote = Quote::new(before, rest.0, rest.1);
        Place {
            line: self.line(at),
            column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
            quote: quote.line,
            caret: quote.caret,
        }
    }
}

/// A line with the mistake in it, in terminal columns.
struct Quote {
    line: String,
    caret: Range<usize>,
}

impl Quote {
    fn new(before: &str, mistake: &str, after: &str) -> Self {
        let mut line = tail(before);
        let start = line.width();
        let left = head(&mut line, mistake, FROM);
        let end = line.width().max(start + 1);
        head(&mut line, after, left);
        line.truncate(line.trim_end().len());
        Self { line, caret: start..end }
    }
}

/// The last characters of what comes before a mistake.
fn tail(text: &str) -> String {
    let mut out = String::new();
    let skipped = text.chars().count().saturating_sub(BEFORE);
    if skipped > 0 {
        out.push('…');
    }
    text.chars().skip(skipped).for_each(|c| shown::push(&mut out, c));
    out
}

/// Appends at most `room` characters, and says how much room is left.
fn head(out: &mut String, text: &str, room: usize) -> usize {
    let mut left = room;
    for c in text.chars() {
        if left == 0 {
            if !out.ends_with('…') {
                out.push('…');
            }
            return 0;
        }
        shown::push(out, c);
        left -= 1;
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(text: &str, span: Range<usize>) -> Place {
        Source::new(text).place(&span)
    }

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let found = place("a = 1\r\nnaïve = 2\r\n", 17..18);
        assert_eq!((found.line, found.column), (2, 10));
        assert_eq!((found.quote.as_str(), found.caret), ("naïve = 2", 9..10));
    }

    #[test]
    fn the_end_of_the_text_is_a_place() {
        let found = place("a =", 3..3);
        assert_eq!((found.line, found.column, found.caret), (1, 4, 3..4));
        let beyond = place("a =\n", 90..99);
        assert_eq!((beyond.line, beyond.column, beyond.quote.as_str()), (2, 1, ""));
        assert_eq!((place("", 0..0).line, place("", 0..0).column), (1, 1));
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let found = place("\u{feff}a = 1", 3..4);
        assert_eq!((found.column, found.quote.as_str(), found.caret), (1, "a = 1", 0..1));
    }

    #[test]
    fn wide_characters_move_the_caret() {
        let text = "\"日本\" = 1";
        let found = place(text, 11..12);
        assert_eq!((found.column, found.caret), (8, 9..10));
    }

    #[test]
    fn of_a_long_line_only_the_surroundings_are_quoted() {
        let text = format!("{}wrong{}", "x".repeat(5000), "y".repeat(5000));
        let found = place(&text, 5000..5005);
        assert_eq!(found.quote, format!("…{}wrong{}…", "x".repeat(30), "y".repeat(45)));
        assert_eq!((found.column, found.caret), (5001, 31..36));
        let long = place(&text, 0..10_000);
        assert_eq!(long.quote, format!("{}…", "x".repeat(50)));
    }

    #[test]
    fn a_byte_stands_below_the_last_header_before_it() {
        let source = Source::new("a = 1\n  [b]\nc = 1\n\n[[d]]\ne = 1\n");
        assert_eq!(
            [0, 8, 12, 19, 25].map(|at| source.header_above(at)),
            [None, Some(2), Some(2), Some(5), Some(5)]
        );
    }

    proptest! {
        #[test]
        fn any_span_of_any_text_has_a_place(
            text in any::<String>(), start in 0_usize..200, length in 0_usize..200
        ) {
            let found = place(&text, start..start + length);
            prop_assert!(found.line >= 1 && found.column >= 1);
            prop_assert!(found.caret.start < found.caret.end);
            prop_assert!(!found.quote.chars().any(char::is_control));
        }
    }
}
