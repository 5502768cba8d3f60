//! What a body may look like: fields, and the kind of each.

/// How many fields an object has at most, embedded ones among them: those that came are kept as bits.
pub(crate) const MOST_FIELDS: usize = u128::BITS as usize;

/// An object with fields that are known.
#[derive(Debug)]
pub(crate) struct Shape {
    fields: &'static [Entry],
    /// A struct that is embedded in it: its fields are this one's too.
    embeds: Option<&'static Shape>,
}

impl Shape {
    /// A shape of at most [`MOST_FIELDS`] fields: one with more is not compiled.
    pub(crate) const fn of(fields: &'static [Entry], embeds: Option<&'static Self>) -> Self {
        let embedded = match embeds {
            Some(shape) => shape.fields.len(),
            None => 0,
        };
        assert!(fields.len() + embedded <= MOST_FIELDS, "more fields than bits");
        Self { fields, embeds }
    }

    /// The fields, those of embedded structs last.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'static Entry> {
        let embedded = self.embeds.map_or(&[][..], |shape| shape.fields);
        self.fields.iter().chain(embedded)
    }
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its name as the engine writes it.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// The version of the API that it came with, the number after `1.`; 0 where it was always there.
    pub(crate) since: u16,
}

/// What a field holds. Go takes `null` for each of them.
#[derive(Debug)]
pub(crate) enum Kind {
    /// `bool`.
    Flag,
    /// A whole number between these.
    Whole(i64, u64),
    /// `float32`.
    Float,
    /// `string`.
    Text,
    /// `[]byte`: a text in base64.
    Bytes,
    /// `strslice.StrSlice`: a list of texts, or one text.
    Words,
    /// `[2]uint`.
    Pair,
    /// `struct{}`.
    Empty,
    /// A list.
    List(&'static Kind),
    /// A map with texts for keys.
    Map(&'static Kind),
    /// A struct.
    Object(&'static Shape),
    /// Anything: clients send it, no engine has such a field, and it stays here.
    Unread,
}

pub(crate) const FLAG: Kind = Kind::Flag;
pub(crate) const INT: Kind = Kind::Whole(i64::MIN, i64::MAX as u64);
pub(crate) const UINT: Kind = Kind::Whole(0, u64::MAX);
pub(crate) const UINT32: Kind = Kind::Whole(0, u32::MAX as u64);
pub(crate) const UINT16: Kind = Kind::Whole(0, u16::MAX as u64);
pub(crate) const FLOAT: Kind = Kind::Float;
pub(crate) const TEXT: Kind = Kind::Text;
pub(crate) const BYTES: Kind = Kind::Bytes;
pub(crate) const WORDS: Kind = Kind::Words;
pub(crate) const PAIR: Kind = Kind::Pair;
pub(crate) const UNREAD: Kind = Kind::Unread;
pub(crate) const EMPTY: Kind = Kind::Empty;
pub(crate) const TEXTS: Kind = Kind::List(&TEXT);
pub(crate) const MAP: Kind = Kind::Map(&TEXT);
pub(crate) const SET: Kind = Kind::Map(&EMPTY);

/// Declares an object: `shape! { NAME: "Field": KIND; "Younger": KIND, since 44; }`, or
/// `NAME, with EMBEDDED:`.
macro_rules! shape {
    ($name:ident $(, with $embeds:ident)?: $($field:literal: $kind:expr $(, since $since:literal)?;)*) => {
        pub(crate) static $name: $crate::shape::Shape = $crate::shape::Shape::of(
            &[$($crate::shape::Entry {
                name: $field,
                kind: $kind,
                since: shape!(@since $($since)?),
            }),*],
            shape!(@embeds $($embeds)?),
        );
    };
    (@embeds) => { None };
    (@embeds $embeds:ident) => { Some(&$embeds) };
    (@since) => { 0 };
    (@since $since:literal) => { $since };
}
pub(crate) use shape;
