//! A body that is understood.

use std::borrow::Cow;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Number;

/// The name of a field, or a key of a map: fields are named by the tables.
pub type Name = Cow<'static, str>;

/// A value of a body: of the kind that its field has, under the field's own name.
///
/// Null, absent and empty are three things here, as they are to the engine.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number, in the range of its field.
    Number(Number),
    /// A text.
    Text(String),
    /// A list, in its order.
    List(Vec<Value>),
    /// An object, each name once: a field's own name, or a key of a map as it came.
    Object(Vec<(Name, Value)>),
}

impl Value {
    /// The field or key `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(entries) = self else { return None };
        entries.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// What lies at the end of a path of fields.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, name| value.get(name))
    }

    /// Sets the field `name`, which stays where it is or comes last. Nothing happens to what is no
    /// object.
    pub fn set(&mut self, name: &str, value: Self) {
        let Self::Object(entries) = self else { return };
        match entries.iter_mut().find(|(key, _)| key == name) {
            Some(entry) => entry.1 = value,
            None => entries.push((Name::Owned(name.to_owned()), value)),
        }
    }

    /// The text that it is.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The flag that it is.
    #[must_use]
    pub const fn flag(&self) -> Option<bool> {
        if let Self::Flag(on) = self { Some(*on) } else { None }
    }

    /// The items of the list that it is; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// The entries of the object that it is; none of anything else.
    #[must_use]
    pub fn entries(&self) -> &[(Name, Self)] {
        if let Self::Object(entries) = self { entries } else { &[] }
    }

    /// Whether it says nothing: null, false, zero, or empty all the way down.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Flag(on) => !on,
            Self::Number(number) => number.as_f64() == Some(0.0),
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.iter().all(Self::says_nothing),
            Self::Object(entries) => entries.is_empty(),
        }
    }

    /// As JSON.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // Texts, numbers and texts for keys: nothing that could fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => to.serialize_unit(),
            Self::Flag(on) => to.serialize_bool(*on),
            Self::Number(number) => number.serialize(to),
            Self::Text(text) => to.serialize_str(text),
            Self::List(items) => {
                let mut list = to.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Object(entries) => {
                let mut object = to.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| object.serialize_entry(key, value))?;
                object.end()
            }
        }
    }
}
