//! From what the engine answered to facts with their origins.

use std::borrow::Cow;
use std::sync::Arc;

use dockward_engine::Lenient;
use dockward_model::facts::{Fact, Field, Origin};

/// One answer of the engine, or one request to it, of which fields are made.
///
/// What makes the usual ones is not inlined: a container has sixty, and the guard meets this code cold.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    /// What was asked, without the API's version: `/containers/ID/json`. None for a request.
    endpoint: Option<Arc<str>>,
}

/// Why a value could not be understood, said after the field's name: `is the number 7, …`.
pub(crate) type Odd = String;

impl Answered {
    pub(crate) fn new(endpoint: &str) -> Self {
        Self { endpoint: Some(Arc::from(endpoint)) }
    }

    /// What stands in the body of a request.
    pub(crate) const fn request() -> Self {
        Self { endpoint: None }
    }

    /// Where a field stands in the answer.
    pub(crate) fn origin(&self, field: &'static str) -> Origin {
        self.at(Cow::Borrowed(field))
    }

    /// Where an element or another computed place stands in the answer.
    pub(crate) fn origin_at(&self, field: String) -> Origin {
        self.at(Cow::Owned(field))
    }

    fn at(&self, field: Cow<'static, str>) -> Origin {
        match &self.endpoint {
            Some(endpoint) => Origin::api(endpoint, field),
            None => Origin::Request { field },
        }
    }

    /// A yes or no.
    #[inline(never)]
    pub(crate) fn flag(&self, field: &'static str, value: Lenient<&bool>) -> Field<bool> {
        self.read(field, value, "true or false", |on| Ok(Some(*on)))
    }

    /// A text; the engine writes an empty one where nothing was set.
    #[inline(never)]
    pub(crate) fn text(&self, field: &'static str, value: Lenient<&String>) -> Field<String> {
        self.read(field, value, "a text", |text| Ok(filled(text)))
    }

    /// A number of which the engine writes 0 where nothing was set.
    #[inline(never)]
    pub(crate) fn number(&self, field: &'static str, value: Lenient<&i64>) -> Field<i64> {
        self.read(field, value, "a number", |n| Ok(Some(*n).filter(|n| *n != 0)))
    }

    /// A list of texts; an empty one counts as not set.
    #[inline(never)]
    pub(crate) fn texts(
        &self,
        field: &'static str,
        value: Lenient<&Vec<String>>,
    ) -> Field<Vec<String>> {
        self.read(field, value, "a list of texts", |list| Ok(not_empty(list.clone())))
    }

    /// A list of texts of which an empty one says something else than none.
    #[inline(never)]
    pub(crate) fn texts_even_none(
        &self,
        field: &'static str,
        value: Lenient<&Vec<String>>,
    ) -> Field<Vec<String>> {
        self.read(field, value, "a list of texts", |list| Ok(Some(list.clone())))
    }

    /// A list of things, each made by `make` of its place and itself; an empty one counts as not set. One that can't be
    /// made leaves the list unknown: a list that lacks something must not look whole.
    pub(crate) fn list<T, U>(
        &self,
        field: &'static str,
        value: Lenient<&Vec<T>>,
        make: impl Fn(usize, &T) -> Result<U, Odd>,
    ) -> Field<Vec<U>> {
        self.read(field, value, "a list", |list| {
            let all = list.iter().enumerate().map(|(at, one)| make(at, one));
            all.collect::<Result<Vec<_>, _>>().map(not_empty)
        })
    }

    /// The same for a list that is an answer of its own: an empty one says that there is nothing.
    pub(crate) fn whole<T, U>(
        &self,
        value: Lenient<&Vec<T>>,
        make: impl Fn(usize, &T) -> Result<U, Odd>,
    ) -> Field<Vec<U>> {
        let Field { fact, origin } = self.list("", value, make);
        let fact = if fact.is_absent() { Fact::Known(Vec::new()) } else { fact };
        Field { fact, origin }
    }

    /// Any value: what is missing or null is absent, what is of another type is unknown, and so is
    /// what `make` can't understand.
    pub(crate) fn read<T, U>(
        &self,
        field: &'static str,
        value: Lenient<&T>,
        expected: &str,
        make: impl FnOnce(&T) -> Result<Option<U>, Odd>,
    ) -> Field<U> {
        let fact = match value {
            Lenient::Known(value) => match make(value) {
                Ok(Some(made)) => Fact::Known(made),
                Ok(None) => Fact::Absent,
                Err(odd) => Fact::Unknown(not_made(field, &odd)),
            },
            Lenient::Missing | Lenient::Null => Fact::Absent,
            Lenient::Odd(odd) => Fact::Unknown(why(field, &odd, expected)),
        };
        Field { fact, origin: self.origin(field) }
    }
}

/// What a field of a record within a list holds, or why the record can't be used.
pub(crate) fn part<'a, T>(name: &str, value: &'a Lenient<T>) -> Result<Option<&'a T>, Odd> {
    match value {
        Lenient::Known(value) => Ok(Some(value)),
        Lenient::Missing | Lenient::Null => Ok(None),
        Lenient::Odd(odd) => Err(format!("holds one whose {}", why(name, odd, "as documented"))),
    }
}

/// The same for a text: empty where it is not there.
pub(crate) fn text_part(name: &str, value: &Lenient<String>) -> Result<String, Odd> {
    Ok(part(name, value)?.cloned().unwrap_or_default())
}

/// An empty text is the engine's way to say that nothing was set.
pub(crate) fn filled(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|t| !t.is_empty())
}

pub(crate) fn not_empty<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

/// Out of line, as [`why`] is: every field has its own copy of what surrounds it.
#[cold]
#[inline(never)]
fn not_made(field: &str, odd: &str) -> String {
    format!("{field} {odd}").trim_start().to_owned()
}

#[cold]
#[inline(never)]
fn why(field: &str, odd: &str, expected: &str) -> String {
    const KINDS: [&str; 6] = ["the number ", "a text", "a list", "an object", "true", "false"];
    if field.is_empty() {
        odd.to_owned()
    } else if KINDS.iter().any(|kind| odd.starts_with(kind)) {
        format!("{field} is {odd}, not {expected}")
    } else {
        format!("{field}: {odd}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered() -> Answered {
        Answered::new("/containers/x/json")
    }

    #[test]
    fn missing_null_and_empty_are_absent() {
        for value in [Lenient::Missing, Lenient::Null, Lenient::Known(&String::new())] {
            assert_eq!(answered().text("A.B", value).fact, Fact::Absent);
        }
        assert_eq!(answered().number("A.B", Lenient::Known(&0)).fact, Fact::Absent);
        assert_eq!(answered().texts("A.B", Lenient::Known(&Vec::new())).fact, Fact::Absent);
    }

    #[test]
    fn an_empty_list_can_say_something_of_its_own() {
        let none = Vec::new();
        let field = answered().texts_even_none("A.B", Lenient::Known(&none));
        assert_eq!(field.fact, Fact::Known(Vec::new()));
        assert_eq!(answered().texts_even_none("A.B", Lenient::Null).fact, Fact::Absent);
    }

    #[test]
    fn an_odd_type_is_unknown_and_says_which_and_where() {
        let field = answered().texts("HostConfig.CapAdd", Lenient::Odd("the number 7".into()));
        let why = "HostConfig.CapAdd is the number 7, not a list of texts";
        assert_eq!(field.fact, Fact::Unknown(why.into()));
        assert_eq!(field.origin.to_string(), "engine API /containers/x/json HostConfig.CapAdd");
        let field = answered().flag("X", Lenient::Odd("its whole section is missing".into()));
        assert_eq!(field.fact, Fact::Unknown("X: its whole section is missing".into()));
    }

    #[test]
    fn one_thing_that_cannot_be_made_leaves_the_list_unknown() {
        let make = |_, n: &i64| if *n < 3 { Ok(*n) } else { Err("holds a 3".to_owned()) };
        let field = answered().list("A", Lenient::Known(&vec![1, 2, 3]), make);
        assert_eq!(field.fact, Fact::Unknown("A holds a 3".into()));
    }
}
