//! JSON into values, as Go's `encoding/json` would decode it into the engine's structs.
//!
//! The grammar is left to `serde_json`, which is as strict as Go about it, and stricter where Go
//! mends: text that is no UTF-8 and halves of surrogate pairs are errors. What a struct would do
//! with the tokens is here:
//!
//! - Keys of structs match without regard to case; a field that comes twice is refused, where Go
//!   would merge both or keep what the first left.
//! - A field that isn't known is refused; Go would drop it, or a newer engine not.
//! - Numbers must be of their field's kind and range: `1.0` and `1e3` are no whole numbers.
//! - `null` is kept, as what is absent and what is empty are.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use crate::fold::same;
use crate::shape::{Entry, Kind, Shape};

use crate::{Name, Refusal, Value, Version};

/// Decodes one document of a kind, and nothing behind it.
pub(crate) fn document(
    kind: &'static Kind,
    version: Version,
    json: &[u8],
) -> Result<Value, Refusal> {
    let told = RefCell::new(None);
    let place = Place { before: None, name: "" };
    let seed = Seed { kind, place: &place, version, told: &told };
    let mut from = serde_json::Deserializer::from_slice(json);
    let value = seed.deserialize(&mut from).and_then(|value| from.end().map(|()| value));
    value.map_err(|error| {
        told.take().unwrap_or_else(|| {
            Refusal::malformed(format!("the body is no JSON that is taken here: {error}"))
        })
    })
}

/// Where in the document: names, from the innermost out.
#[derive(Clone, Copy)]
struct Place<'a> {
    before: Option<&'a Place<'a>>,
    name: &'a str,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(before) = self.before else { return f.write_str("the body") };
        if before.before.is_some() {
            write!(f, "{before}.")?;
        }
        // A key of a map is the caller's own text.
        let mut shown = self.name.chars().filter(|c| !c.is_control());
        shown.by_ref().take(80).try_for_each(|c| write!(f, "{c}"))?;
        if shown.next().is_some() { f.write_str("…") } else { Ok(()) }
    }
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    kind: &'static Kind,
    place: &'a Place<'a>,
    version: Version,
    /// What to say, since the parser's errors can only hold text with a position behind it.
    told: &'a RefCell<Option<Refusal>>,
}

impl<'a> Seed<'a> {
    fn refuse<T, E: Error>(&self, refusal: Refusal) -> Result<T, E> {
        let error = E::custom(&refusal);
        *self.told.borrow_mut() = Some(refusal);
        Err(error)
    }

    fn not_a<T, E: Error>(&self, seen: &str) -> Result<T, E> {
        let expected = match self.kind {
            Kind::Flag => "true or false".to_owned(),
            Kind::Whole(low, high) => format!("a whole number from {low} to {high}"),
            Kind::Float => "a number".to_owned(),
            Kind::Text => "a text".to_owned(),
            Kind::Bytes => "a text in base64".to_owned(),
            Kind::Words => "a text or a list of texts".to_owned(),
            Kind::Pair => "a list of two numbers".to_owned(),
            Kind::Empty => "an empty object".to_owned(),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) | Kind::Object(_) => "an object".to_owned(),
            Kind::Unread => "anything".to_owned(),
        };
        self.refuse(Refusal::malformed(format!("{} is {seen}, not {expected}", self.place)))
    }

    fn of(self, kind: &'static Kind, place: &'a Place<'a>) -> Self {
        Self { kind, place, ..self }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of its field")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, on: bool) -> Result<Value, E> {
        if matches!(self.kind, Kind::Flag) {
            Ok(Value::Flag(on))
        } else {
            self.not_a("true or false")
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        match *self.kind {
            Kind::Whole(low, _) if number >= low => Ok(Value::Number(number.into())),
            Kind::Float => Ok(Value::Number(number.into())),
            _ => self.not_a(&number.to_string()),
        }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        match *self.kind {
            Kind::Whole(_, high) if number <= high => Ok(Value::Number(number.into())),
            Kind::Float => Ok(Value::Number(number.into())),
            _ => self.not_a(&number.to_string()),
        }
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        match Number::from_f64(number) {
            Some(number) if matches!(self.kind, Kind::Float) => Ok(Value::Number(number)),
            _ => self.not_a("a number with a fraction, an exponent, or out of range"),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        match self.kind {
            Kind::Text | Kind::Words => Ok(Value::Text(text.to_owned())),
            Kind::Bytes if is_base64(text) => Ok(Value::Text(text.to_owned())),
            _ => self.not_a("a text"),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let (of, most) = match self.kind {
            Kind::List(of) => (*of, usize::MAX),
            Kind::Words => (&crate::shape::TEXT, usize::MAX),
            Kind::Pair => (&crate::shape::UINT, 2),
            _ => return self.not_a("a list"),
        };
        let mut items = Vec::new();
        while let Some(item) = from.next_element_seed(self.of(of, self.place))? {
            items.push(item);
            if items.len() > most {
                return self.not_a("a longer list");
            }
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, from: A) -> Result<Value, A::Error> {
        match self.kind {
            Kind::Object(shape) => self.object(shape, from),
            Kind::Empty => self.object(&NOTHING, from),
            Kind::Map(of) => self.map(of, from),
            _ => self.not_a("an object"),
        }
    }
}

/// The field that a key means, and its place: clients write it as the engine does, nearly always.
fn field(shape: &'static Shape, key: &str) -> Option<(usize, &'static Entry)> {
    let mut fields = shape.fields().enumerate();
    let exact = fields.find(|(_, entry)| entry.name == key);
    exact.or_else(|| shape.fields().enumerate().find(|(_, entry)| same(entry.name, key)))
}

/// Which fields of an object came, by their place in its shape, which has at most
/// [`MOST_FIELDS`](crate::shape::MOST_FIELDS).
#[derive(Default)]
struct Came(u128);

impl Came {
    /// Whether this one came before. It has, from now on.
    fn before(&mut self, index: usize) -> bool {
        let bit = 1_u128.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or(0);
        let before = self.0 & bit != 0;
        self.0 |= bit;
        before
    }
}

static NOTHING: Shape = Shape::of(&[], None);

impl Seed<'_> {
    fn object<'de, A: MapAccess<'de>>(
        self,
        shape: &'static Shape,
        mut from: A,
    ) -> Result<Value, A::Error> {
        let mut entries: Vec<(Name, Value)> = Vec::new();
        let mut came = Came::default();
        while let Some((index, entry)) = from.next_key_seed(Key { of: &self, shape })? {
            if matches!(entry.kind, Kind::Unread) {
                from.next_value::<serde::de::IgnoredAny>()?;
                continue;
            }
            let place = Place { before: Some(self.place), name: entry.name };
            if came.before(index) {
                return self.refuse(Refusal::malformed(format!("{place} comes twice")));
            }
            let value = from.next_value_seed(self.of(&entry.kind, &place))?;
            self.in_time(entry, &place, &value)?;
            entries.push((Name::Borrowed(entry.name), value));
        }
        Ok(Value::Object(entries))
    }

    /// Clients send fields of newer versions with nothing in them; what says something would be
    /// honoured by some engines and dropped by others.
    fn in_time<E: Error>(&self, entry: &Entry, place: &Place<'_>, value: &Value) -> Result<(), E> {
        if self.version.has(entry.since) || value.says_nothing() {
            return Ok(());
        }
        let (since, version) = (Version::minor(entry.since), self.version);
        let what =
            format!("{place} came with version {since} of the API, and {version} was asked for");
        self.refuse(Refusal::unknown(what))
    }

    fn map<'de, A: MapAccess<'de>>(
        self,
        of: &'static Kind,
        mut from: A,
    ) -> Result<Value, A::Error> {
        let mut entries: Vec<(Name, Value)> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        while let Some(key) = from.next_key::<String>()? {
            let place = Place { before: Some(self.place), name: &key };
            if !seen.insert(key.clone()) {
                return self.refuse(Refusal::malformed(format!("{place} comes twice")));
            }
            let value = from.next_value_seed(self.of(of, &place))?;
            entries.push((Name::Owned(key), value));
        }
        Ok(Value::Object(entries))
    }
}

/// The key of a struct's field.
struct Key<'a, 'b> {
    of: &'a Seed<'b>,
    shape: &'static Shape,
}

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = (usize, &'static Entry);

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = (usize, &'static Entry);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        field(self.shape, key).map_or_else(
            || {
                let place = Place { before: Some(self.of.place), name: key };
                let what = format!("the field {place} is not known here");
                self.of.refuse(Refusal::unknown(what))
            },
            Ok,
        )
    }
}

/// Standard base64 with its padding (RFC 4648 section 4), as Go's `base64.StdEncoding` takes it; Go
/// drops line ends, which are refused here.
fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    text.len().is_multiple_of(4)
        && padding <= 2
        && body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

#[cfg(test)]
mod tests;
