//! Parameters of a query, as the engine's handlers read them.

use crate::Refusal;
use crate::target::encode;

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// True unless it is empty, `0`, `no`, `false` or `none` (moby `httputils.BoolValue`).
    Flag,
    /// A whole number, or nothing.
    Whole,
    /// A text.
    Text,
    /// Texts: it may come several times.
    Texts,
    /// Anything: no engine reads it, clients send it all the same, and it stays here.
    Nothing,
}

/// A parameter that a route knows.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) holds: Holds,
}

/// The parameters of a request, each one known to its route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(&'static str, String)>);

impl Parameters {
    /// Takes what came, in its order.
    ///
    /// # Errors
    /// For a parameter that the route doesn't know, that comes twice, or is not of its kind.
    pub(crate) fn read(known: &[Parameter], came: Vec<(String, String)>) -> Result<Self, Refusal> {
        let mut read = Self::default();
        for (name, value) in came {
            let Some(parameter) = known.iter().find(|one| one.name == name) else {
                return Err(Refusal::unknown(format!(
                    "the parameter `{}` is not known here",
                    brief(&name)
                )));
            };
            if parameter.holds == Holds::Nothing {
                continue;
            }
            if parameter.holds != Holds::Texts && read.get(parameter.name).is_some() {
                return Err(Refusal::malformed(format!("the parameter `{name}` comes twice")));
            }
            if !parameter.holds.takes(&value) {
                return Err(Refusal::malformed(format!(
                    "the parameter `{name}` is `{}`",
                    brief(&value)
                )));
            }
            read.0.push((parameter.name, value));
        }
        Ok(read)
    }

    /// The value of a parameter that came, be it empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a parameter that may come several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0.iter().filter(move |(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a flag is set, as the engine understands it.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        let value = self.get(name).unwrap_or_default().to_ascii_lowercase();
        !matches!(value.as_str(), "" | "0" | "no" | "false" | "none")
    }

    /// Sets a parameter that the route knows.
    pub fn set(&mut self, name: &'static str, value: String) {
        self.0.retain(|(key, _)| *key != name);
        self.0.push((name, value));
    }

    /// Writes them behind a path.
    pub(crate) fn write(&self, to: &mut String) {
        for (at, (name, value)) in self.0.iter().enumerate() {
            to.push(if at == 0 { '?' } else { '&' });
            to.push_str(name);
            to.push('=');
            encode(value, "/,", to);
        }
    }
}

impl Holds {
    fn takes(self, value: &str) -> bool {
        match self {
            // The engine trims and lowers by Unicode; nobody needs more than these.
            Self::Flag => value.len() <= 5 && value.bytes().all(|b| b.is_ascii_alphanumeric()),
            Self::Whole => {
                let digits = value.strip_prefix('-').unwrap_or(value);
                digits.len() <= 20 && digits.bytes().all(|b| b.is_ascii_digit())
            }
            Self::Text | Self::Texts | Self::Nothing => true,
        }
    }
}

/// A caller's own words, short.
fn brief(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Parameter] = &[
        Parameter { name: "t", holds: Holds::Texts },
        Parameter { name: "q", holds: Holds::Flag },
        Parameter { name: "limit", holds: Holds::Whole },
        Parameter { name: "trunc_cmd", holds: Holds::Nothing },
    ];

    fn read(came: &[(&str, &str)]) -> Result<Parameters, Refusal> {
        let came = came.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Parameters::read(KNOWN, came.collect())
    }

    #[test]
    fn only_what_may_come_twice_does() {
        let read_twice = read(&[("t", "a"), ("t", "b")]).unwrap();
        assert_eq!(read_twice.all("t").collect::<Vec<_>>(), ["a", "b"]);
        assert!(read(&[("q", "0"), ("q", "1")]).unwrap_err().to_string().contains("comes twice"));
    }

    #[test]
    fn what_no_engine_reads_stays_here() {
        let read = read(&[("trunc_cmd", "0"), ("q", "1"), ("trunc_cmd", "\u{0}")]).unwrap();
        let mut target = String::new();
        read.write(&mut target);
        assert_eq!((target.as_str(), read.get("trunc_cmd")), ("?q=1", None));
    }

    #[test]
    fn names_are_exact_and_known() {
        assert!(read(&[("Q", "1")]).unwrap_err().to_string().contains("`Q` is not known"));
        assert!(read(&[("limit", "1.5")]).is_err() && read(&[("limit", "-1")]).is_ok());
        assert!(read(&[("q", " 0")]).is_err());
    }

    #[test]
    fn flags_are_what_the_engine_takes_for_them() {
        for (value, on) in [
            ("", false),
            ("0", false),
            ("No", false),
            ("FALSE", false),
            ("none", false),
            ("1", true),
            ("x", true),
        ] {
            assert_eq!(read(&[("q", value)]).unwrap().flag("q"), on, "{value}");
        }
        assert!(!read(&[]).unwrap().flag("q"));
    }

    #[test]
    fn they_are_written_as_they_were_read() {
        let mut target = "/build".to_owned();
        read(&[("t", "a/b:c&d"), ("q", ""), ("t", "é ")]).unwrap().write(&mut target);
        assert_eq!(target, "/build?t=a/b:c%26d&q=&t=%C3%A9%20");
    }
}
