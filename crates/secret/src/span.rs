//! Where secrets stand in a text.

use dockward_model::facts::SecretKind;

/// A secret's place in a text, in bytes; both ends are at characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: SecretKind,
}

impl Span {
    pub(crate) const fn new(start: usize, end: usize, kind: SecretKind) -> Self {
        Self { start, end, kind }
    }

    /// The secret itself.
    pub(crate) fn text(self, of: &str) -> &str {
        of.get(self.start..self.end).unwrap_or_default()
    }
}

/// The same places in order, those that overlap made one; the more telling kind holds.
pub(crate) fn merge(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.start, span.end));
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start < last.end => {
                last.end = last.end.max(span.end);
                last.kind = last.kind.min(span.kind);
            }
            _ => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_overlap_are_one_place_of_the_more_telling_kind() {
        let token = Span::new(4, 9, SecretKind::Token);
        let named = Span::new(2, 9, SecretKind::NamedSecret);
        let other = Span::new(9, 12, SecretKind::NamedSecret);
        let merged = merge(vec![other, token, named]);
        assert_eq!(merged, [Span::new(2, 9, SecretKind::Token), other]);
    }
}
