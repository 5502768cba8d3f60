//! Paragraphs of fields (deb822(5)).

use std::collections::BTreeMap;

/// The fields that are kept; others may be long (`Conffiles`, `Description`).
const KEPT: [&str; 7] =
    ["package", "status", "version", "config-version", "architecture", "source", "maintainer"];
/// How long a field may become by continued lines, in bytes.
const LONGEST: usize = 64 << 10;

/// The fields of a paragraph that packages are told by, by their names in lower case.
#[derive(Debug, Default)]
pub(super) struct Paragraph<'a> {
    /// The line of `Package`, or its first one, counted from 1.
    pub(super) line: u32,
    /// What is no field, or stands there twice: its line, and what is wrong with it.
    pub(super) odd: Vec<(u32, &'static str)>,
    fields: BTreeMap<&'static str, Vec<&'a [u8]>>,
    /// The kept field that a continued line belongs to.
    last: Option<&'static str>,
    /// Whether it has any field, kept or not.
    any: bool,
}

/// A value that is not UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotUtf8;

impl<'a> Paragraph<'a> {
    /// Whether it has no field at all.
    pub(super) const fn is_empty(&self) -> bool {
        !self.any
    }

    /// A field's value, its lines joined by blanks.
    pub(super) fn text(&self, name: &str) -> Option<Result<String, NotUtf8>> {
        let bytes = self.bytes(name)?;
        Some(String::from_utf8(bytes).map_err(|_| NotUtf8))
    }

    /// A field's value, what is not UTF-8 in it replaced; empty where there is none.
    pub(super) fn lossy(&self, name: &str) -> String {
        self.bytes(name).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default()
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let lines = self.fields.get(name)?;
        Some(lines.join(&b' ').trim_ascii().to_vec())
    }

    fn field(&mut self, number: u32, name: &[u8], value: &'a [u8]) {
        self.any = true;
        self.last = KEPT.into_iter().find(|kept| name.eq_ignore_ascii_case(kept.as_bytes()));
        let Some(kept) = self.last else { return };
        if kept == "package" {
            self.line = number;
        }
        // dpkg refuses a field that stands twice; the first is what it would have told by then.
        if self.fields.contains_key(kept) {
            self.odd.push((number, "repeats a field"));
            self.last = None;
        } else {
            self.fields.insert(kept, vec![value]);
        }
    }

    fn continued(&mut self, line: &'a [u8]) {
        let Some(lines) = self.last.and_then(|last| self.fields.get_mut(last)) else { return };
        if lines.iter().map(|line| line.len() + 1).sum::<usize>() + line.len() <= LONGEST {
            lines.push(line);
        }
    }
}

/// Every paragraph. A second `Package` begins a new one: the blank line between was lost.
pub(super) fn paragraphs(record: &[u8]) -> impl Iterator<Item = Paragraph<'_>> {
    let mut lines = record.split(|&byte| byte == b'\n').zip(1_u32..).peekable();
    std::iter::from_fn(move || {
        let (_, line) = lines.peek()?;
        let mut paragraph = Paragraph { line: *line, ..Paragraph::default() };
        while let Some((line, number)) = lines.next_if(|(line, _)| !begins(&paragraph, line)) {
            if line.trim_ascii().is_empty() {
                break;
            }
            take(&mut paragraph, line, number);
        }
        Some(paragraph)
    })
}

/// Whether a line can't belong to a paragraph that has its `Package` already.
fn begins(paragraph: &Paragraph<'_>, line: &[u8]) -> bool {
    let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
    name.len() < line.len()
        && name.trim_ascii_end().eq_ignore_ascii_case(b"package")
        && paragraph.fields.contains_key("package")
}

fn take<'a>(paragraph: &mut Paragraph<'a>, line: &'a [u8], number: u32) {
    if line.first().is_some_and(u8::is_ascii_whitespace) {
        return paragraph.continued(line.trim_ascii());
    }
    match line.iter().position(|&byte| byte == b':') {
        Some(colon) => {
            let (name, value) = (line.get(..colon), line.get(colon + 1..));
            let name = name.unwrap_or_default().trim_ascii_end();
            paragraph.field(number, name, value.unwrap_or_default().trim_ascii());
        }
        None => paragraph.odd.push((number, "is no field")),
    }
}
