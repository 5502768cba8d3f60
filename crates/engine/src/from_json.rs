//! What a type makes of each kind of JSON value, without ever failing on the wrong one.

use std::collections::BTreeMap;

use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use crate::budget;
use crate::lenient::Lenient;

/// What became of a list or an object: the value, or what is odd about it.
pub type Taken<T> = Result<T, String>;

/// A type that can be read from an answer of the engine.
///
/// Each method says what the type makes of one kind of JSON value; the defaults accept nothing.
/// Only broken JSON is an error, a wrong type is not.
pub trait FromJson: Sized {
    /// What `null` means, where it is a value of its own.
    fn from_null() -> Option<Self> {
        None
    }
    /// What `true` and `false` mean.
    fn from_bool(_: bool) -> Option<Self> {
        None
    }
    /// What a whole number means.
    fn from_int(_: i64) -> Option<Self> {
        None
    }
    /// What a number with a fraction or an exponent means: a whole one counts as such.
    fn from_float(value: f64) -> Option<Self> {
        Self::from_int(whole(value)?)
    }
    /// What a text means.
    fn from_text(_: &str) -> Option<Self> {
        None
    }
    /// What a list means.
    ///
    /// # Errors
    /// Broken JSON.
    fn from_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Taken<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Err("a list".to_owned()))
    }
    /// What an object means.
    ///
    /// # Errors
    /// Broken JSON.
    fn from_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Taken<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Err("an object".to_owned()))
    }
    /// What stands in a list for an element that is odd: a record whose every field is odd, so
    /// that one element loses neither itself nor its neighbours.
    fn stand_in(_why: &str) -> Option<Self> {
        None
    }
    /// What an answer means that is `null` as a whole: an empty list.
    fn from_null_answer() -> Option<Self> {
        None
    }
}

/// Whole numbers up to 2^53, which a float holds exactly.
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i64)
}

impl FromJson for bool {
    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl FromJson for i64 {
    fn from_int(value: i64) -> Option<Self> {
        Some(value)
    }
}

impl FromJson for String {
    fn from_text(value: &str) -> Option<Self> {
        Some(value.to_owned())
    }
}

/// For what is large: a value is moved from hand to hand while it is read.
impl<T: FromJson> FromJson for Box<T> {
    fn from_null() -> Option<Self> {
        T::from_null().map(Self::new)
    }

    fn from_bool(value: bool) -> Option<Self> {
        T::from_bool(value).map(Self::new)
    }

    fn from_int(value: i64) -> Option<Self> {
        T::from_int(value).map(Self::new)
    }

    fn from_float(value: f64) -> Option<Self> {
        T::from_float(value).map(Self::new)
    }

    fn from_text(value: &str) -> Option<Self> {
        T::from_text(value).map(Self::new)
    }

    fn from_list<'de, A: SeqAccess<'de>>(list: A) -> Result<Taken<Self>, A::Error> {
        Ok(T::from_list(list)?.map(Self::new))
    }

    fn from_object<'de, A: MapAccess<'de>>(object: A) -> Result<Taken<Self>, A::Error> {
        Ok(T::from_object(object)?.map(Self::new))
    }

    fn stand_in(why: &str) -> Option<Self> {
        T::stand_in(why).map(Self::new)
    }

    fn from_null_answer() -> Option<Self> {
        T::from_null_answer().map(Self::new)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Taken<Self>, A::Error> {
        let mut all = Self::new();
        let mut odd = None;
        let mut at = 0_usize;
        while let Some(element) = list.next_element::<Lenient<T>>()? {
            at += 1;
            match element_or_stand_in(element) {
                Ok(element) => {
                    budget::spend::<T, A::Error>()?;
                    all.push(element);
                }
                Err(what) => _ = odd.get_or_insert((at, what)),
            }
        }
        Ok(match odd {
            None => Ok(all),
            Some((at, what)) => Err(short(format!("a list whose element {at} is {what}"))),
        })
    }

    fn from_null_answer() -> Option<Self> {
        Some(Self::new())
    }
}

impl<T: FromJson> FromJson for BTreeMap<String, T> {
    fn from_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Taken<Self>, A::Error> {
        let mut all = Self::new();
        let mut odd = None;
        while let Some((key, value)) = object.next_entry::<String, Lenient<T>>()? {
            budget::spend::<(String, T), A::Error>()?;
            match element_or_stand_in(value) {
                Err(what) => odd = Some(short(format!("an object with a value that is {what}"))),
                Ok(value) => {
                    if all.insert(key, value).is_some() {
                        odd = Some("an object that gives a key more than once".to_owned());
                    }
                }
            }
        }
        Ok(odd.map_or(Ok(all), Err))
    }
}

/// The element, or what stands for it, or what is odd about it.
fn element_or_stand_in<T: FromJson>(element: Lenient<T>) -> Taken<T> {
    let what = match element {
        Lenient::Known(element) => return Ok(element),
        Lenient::Odd(what) => what,
        Lenient::Null | Lenient::Missing => "null".to_owned(),
    };
    T::stand_in(&what).ok_or(what)
}

/// Nested oddities name each other: 80 characters are enough to find them in the raw JSON.
fn short(text: String) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}

impl<T: FromJson> FromJson for Lenient<T> {
    fn from_null() -> Option<Self> {
        Some(Self::Null)
    }
    fn from_bool(value: bool) -> Option<Self> {
        T::from_bool(value).map(Self::Known)
    }
    fn from_int(value: i64) -> Option<Self> {
        T::from_int(value).map(Self::Known)
    }
    fn from_float(value: f64) -> Option<Self> {
        T::from_float(value).map(Self::Known)
    }
    fn from_text(value: &str) -> Option<Self> {
        T::from_text(value).map(Self::Known)
    }
    fn from_list<'de, A: SeqAccess<'de>>(list: A) -> Result<Taken<Self>, A::Error> {
        Ok(Ok(T::from_list(list)?.map_or_else(Self::Odd, Self::Known)))
    }
    fn from_object<'de, A: MapAccess<'de>>(object: A) -> Result<Taken<Self>, A::Error> {
        Ok(Ok(T::from_object(object)?.map_or_else(Self::Odd, Self::Known)))
    }
    fn stand_in(why: &str) -> Option<Self> {
        Some(Self::Odd(why.to_owned()))
    }
}

/// Something of which only the presence counts: the `{}` in `ExposedPorts` and `Volumes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Present;

impl FromJson for Present {
    fn from_null() -> Option<Self> {
        Some(Self)
    }
    fn from_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Taken<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Ok(Self))
    }
}
