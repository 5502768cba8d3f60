//! The macro that turns a list of fields into a lenient struct and its reader.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

/// The key of a field, borrowed from the answer where it holds no escapes.
pub(crate) struct Key<'de>(Cow<'de, str>);

impl Key<'_> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(KeyReader)
    }
}

struct KeyReader;

impl<'de> Visitor<'de> for KeyReader {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Owned(key.to_owned())))
    }
}

/// Declares structs whose every field is [`Lenient`](crate::Lenient), with the key of the API
/// beside it. Unlike a derived reader, one field of a wrong type or given twice loses only itself,
/// and the answer is read in one pass.
macro_rules! record {
    ($(
        $(#[$about:meta])*
        $vis:vis struct $name:ident {
            $($(#[$field_about:meta])* $field:ident: $type:ty = $key:literal,)*
        }
    )*) => { $(
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq)]
        $vis struct $name {
            $($(#[$field_about])* pub $field: $crate::Lenient<$type>,)*
        }

        impl $crate::FromJson for $name {
            fn from_object<'de, A: serde::de::MapAccess<'de>>(
                mut object: A,
            ) -> Result<$crate::from_json::Taken<Self>, A::Error> {
                let mut this = Self::default();
                while let Some(key) = object.next_key::<$crate::record::Key<'de>>()? {
                    match key.as_str() {
                        $($key => this.$field.put(object.next_value()?),)*
                        _ => _ = object.next_value::<serde::de::IgnoredAny>()?,
                    }
                }
                Ok(Ok(this))
            }

            fn stand_in(why: &str) -> Option<Self> {
                Some(Self { $($field: $crate::Lenient::Odd(why.to_owned()),)* })
            }
        }
    )* };
}
pub(crate) use record;

#[cfg(test)]
mod tests {
    use crate::{FromJson, Lenient};

    record! {
        /// For the tests.
        struct Cup {
            /// A colour.
            colour: String = "Colour",
            /// A number of handles.
            handles: i64 = "handles",
        }
    }

    fn read<T: FromJson>(json: &str) -> Lenient<T> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_field_of_a_wrong_type_loses_only_itself() {
        let cup: Cup = read(r#"{"x":[{}],"Colour":7,"handles":2}"#).into_known().unwrap();
        assert_eq!(cup.colour.odd(), Some("the number 7"));
        assert_eq!(cup.handles, Lenient::Known(2));
    }

    #[test]
    fn a_field_given_twice_is_odd_and_its_neighbours_are_known() {
        let cup: Cup =
            read(r#"{"Colour":"red","handles":2,"\u0043olour":"blue"}"#).into_known().unwrap();
        assert_eq!(cup.colour.odd(), Some("given more than once"));
        assert_eq!(cup.handles, Lenient::Known(2));
    }

    #[test]
    fn an_odd_element_of_a_list_of_records_stays_with_every_field_odd() {
        let cups: Vec<Cup> = read(r#"[{"handles":1},null,5]"#).into_known().unwrap();
        assert_eq!(cups[0].handles, Lenient::Known(1));
        assert_eq!(cups[1].handles.odd(), Some("null"));
        assert_eq!(cups[2].colour.odd(), Some("the number 5"));
    }
}
