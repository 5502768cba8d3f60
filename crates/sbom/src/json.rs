//! Lists in JSON, one element at a time: what a list takes in memory is what its longest element
//! takes, however many elements somebody wrote into it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::Error;

/// Calls `take` with every element of a list. What is no list is an error of its own.
pub(crate) fn each<'a>(
    list: &'a RawValue,
    what: &'static str,
    take: &mut dyn FnMut(&'a RawValue) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut failed = None;
    let mut json = serde_json::Deserializer::from_str(list.get());
    let each = Each { take, failed: &mut failed };
    let read = each.deserialize(&mut json);
    match (failed, read) {
        (Some(error), _) => Err(error),
        (None, Err(source)) => Err(Error::Json { what, source }),
        (None, Ok(())) => Ok(()),
    }
}

struct Each<'f, 'a> {
    take: &'f mut dyn FnMut(&'a RawValue) -> Result<(), Error>,
    failed: &'f mut Option<Error>,
}

impl<'a> DeserializeSeed<'a> for Each<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for Each<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element::<&'a RawValue>()? {
            if let Err(error) = (self.take)(element) {
                *self.failed = Some(error);
                return Err(serde::de::Error::custom("ended"));
            }
        }
        Ok(())
    }
}
