//! One field of an answer: known, missing, null, or of a type nobody expected.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::from_json::FromJson;

/// One field as the engine gave it.
///
/// Reading never fails on a field of the wrong type: the field becomes [`Lenient::Odd`], its
/// neighbours stay known. The raw text stays in [`Answer::raw`](crate::Answer::raw).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Lenient<T> {
    /// The field was there and of the expected type.
    Known(T),
    /// The field was not in the answer.
    #[default]
    Missing,
    /// The field was `null`: for most lists and maps the engine's way to say "empty".
    Null,
    /// The field was of another type, or given twice. The text says so in at most 80 characters
    /// and never repeats text that the engine sent, which could be a secret.
    Odd(String),
}

impl<T> Lenient<T> {
    /// The value, where it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// The value, where it is known, by value.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the field was missing or null.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Missing | Self::Null)
    }

    /// What is odd about the field, where something is.
    pub fn odd(&self) -> Option<&str> {
        match self {
            Self::Odd(why) => Some(why),
            _ => None,
        }
    }

    /// The same with a reference inside.
    pub fn as_ref(&self) -> Lenient<&T> {
        match self {
            Self::Known(value) => Lenient::Known(value),
            Self::Missing => Lenient::Missing,
            Self::Null => Lenient::Null,
            Self::Odd(why) => Lenient::Odd(copied(why)),
        }
    }

    /// Changes a known value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Lenient<U> {
        match self {
            Self::Known(value) => Lenient::Known(change(value)),
            Self::Missing => Lenient::Missing,
            Self::Null => Lenient::Null,
            Self::Odd(why) => Lenient::Odd(why),
        }
    }

    /// A field of an optional section: where the section is missing, so is the field.
    pub fn get<U>(&self, field: impl FnOnce(&T) -> &Lenient<U>) -> Lenient<&U> {
        match self {
            Self::Known(section) => field(section).as_ref(),
            Self::Missing => Lenient::Missing,
            Self::Null => Lenient::Null,
            Self::Odd(why) => Lenient::Odd(copied(why)),
        }
    }

    /// A field of a section that every engine sends: where the section itself is missing or
    /// null, nothing is known of the field, so that no default may be assumed for it.
    pub fn within<U>(&self, field: impl FnOnce(&T) -> &Lenient<U>) -> Lenient<&U> {
        match self {
            Self::Known(section) => field(section).as_ref(),
            Self::Missing => Lenient::Odd(copied("its whole section is missing")),
            Self::Null => Lenient::Odd(copied("its whole section is null")),
            Self::Odd(why) => Lenient::Odd(copied(why)),
        }
    }

    /// Stores a value that was read. A second one for the same field makes it odd: readers
    /// disagree on which of two counts.
    pub(crate) fn put(&mut self, read: Self) {
        *self = match self {
            Self::Missing => read,
            _ => Self::Odd(copied("given more than once")),
        };
    }
}

/// Out of line, since every field has its own copy of what surrounds it.
#[cold]
#[inline(never)]
fn copied(why: &str) -> String {
    why.to_owned()
}

impl<'de, T: FromJson> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader(PhantomData))
    }
}

/// Takes whatever JSON brings.
struct Reader<T>(PhantomData<T>);

impl<'de, T: FromJson> Visitor<'de> for Reader<T> {
    type Value = Lenient<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(T::from_null().map_or(Lenient::Null, Lenient::Known))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(known_or(T::from_bool(value), || value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(known_or(T::from_int(value), || format!("the number {value}")))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        let read = i64::try_from(value).ok().and_then(T::from_int);
        Ok(known_or(read, || format!("the number {value}")))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(known_or(T::from_float(value), || format!("the number {value:e}")))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(known_or(T::from_text(value), || format!("a text of {} bytes", value.len())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Ok(T::from_list(list)?.map_or_else(Lenient::Odd, Lenient::Known))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        Ok(T::from_object(object)?.map_or_else(Lenient::Odd, Lenient::Known))
    }
}

fn known_or<T>(read: Option<T>, what: impl FnOnce() -> String) -> Lenient<T> {
    read.map_or_else(|| Lenient::Odd(what()), Lenient::Known)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn read<T: FromJson>(json: &str) -> Lenient<T> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_value_of_the_expected_type_is_known() {
        assert_eq!(read::<bool>("true"), Lenient::Known(true));
        assert_eq!(read::<i64>("-7"), Lenient::Known(-7));
        assert_eq!(read::<i64>("2.0"), Lenient::Known(2));
        assert_eq!(read::<String>(r#""a\nb""#), Lenient::Known("a\nb".into()));
        assert_eq!(read::<Vec<i64>>("[1,2]"), Lenient::Known(vec![1, 2]));
    }

    #[test]
    fn a_value_of_another_type_is_odd_and_never_repeats_the_text() {
        assert_eq!(read::<bool>(r#""hunter2""#), Lenient::Odd("a text of 7 bytes".into()));
        assert_eq!(read::<String>("[1,{}]"), Lenient::Odd("a list".into()));
        assert_eq!(read::<i64>(r#"{"a":[null]}"#), Lenient::Odd("an object".into()));
        assert_eq!(
            read::<i64>("18446744073709551615"),
            Lenient::Odd("the number 18446744073709551615".into())
        );
        assert_eq!(read::<i64>("1.5"), Lenient::Odd("the number 1.5e0".into()));
    }

    #[test]
    fn null_and_a_second_value_are_told_apart_from_known() {
        assert_eq!(read::<bool>("null"), Lenient::Null);
        let mut field = Lenient::Known(true);
        field.put(Lenient::Known(false));
        assert_eq!(field.odd(), Some("given more than once"));
    }

    #[test]
    fn one_odd_element_makes_a_list_of_texts_odd() {
        assert_eq!(
            read::<Vec<String>>(r#"["a",3,null]"#),
            Lenient::Odd("a list whose element 2 is the number 3".into())
        );
    }

    #[test]
    fn a_map_may_hold_lenient_values() {
        let map: Lenient<BTreeMap<String, Lenient<Vec<String>>>> =
            read(r#"{"80/tcp":null,"81/tcp":["x"],"82/tcp":5}"#);
        let map = map.into_known().unwrap();
        assert_eq!(map.get("80/tcp"), Some(&Lenient::Null));
        assert_eq!(map.get("81/tcp"), Some(&Lenient::Known(vec!["x".to_owned()])));
        assert!(map.get("82/tcp").unwrap().odd().is_some());
    }

    #[test]
    fn a_key_given_twice_makes_a_map_odd() {
        let map: Lenient<BTreeMap<String, String>> = read(r#"{"a":"1","a":"2"}"#);
        assert_eq!(map.odd(), Some("an object that gives a key more than once"));
    }

    #[test]
    fn a_field_of_a_missing_section_is_missing_or_unknown_as_asked() {
        let none: Lenient<Lenient<bool>> = Lenient::Missing;
        assert_eq!(none.get(|inner| inner), Lenient::Missing);
        assert!(none.within(|inner| inner).odd().is_some());
        let some = Lenient::Known(Lenient::Known(true));
        assert_eq!(some.within(|inner| inner), Lenient::Known(&true));
    }
}
