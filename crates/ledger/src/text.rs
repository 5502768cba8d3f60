//! Text that others wrote, made fit to be kept: short, and nothing in it that is not seen.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest text, in bytes.
pub const LONGEST: usize = 256;
/// How many texts a list has at most.
pub const MOST: usize = 32;

/// Whether a character is not seen, or changes how others are: control characters, directions,
/// joiners, separators of lines, tags (Unicode's `Cc`, and what of `Cf`, `Zl` and `Zp` does harm).
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A text of at most [`LONGEST`] bytes without hidden characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String")]
pub struct Text(String);

impl Text {
    /// Takes any text: what is hidden becomes U+FFFD, and what is too long ends with `…`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if text.len() <= LONGEST && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Self(text.to_owned());
        }
        let end = text.floor_char_boundary(LONGEST);
        let (kept, rest) = text.split_at_checked(end).unwrap_or_default();
        let mut clean = String::with_capacity(kept.len());
        let mut whole = rest.is_empty();
        for c in kept.chars() {
            let c = if is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c };
            if clean.len() + c.len_utf8() > LONGEST {
                whole = false;
                break;
            }
            clean.push(c);
        }
        if !whole {
            clean.truncate(clean.floor_char_boundary(LONGEST - '…'.len_utf8()));
            clean.push('…');
        }
        Self(clean)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl TryFrom<String> for Text {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() > LONGEST {
            Err("a text is too long")
        } else if text.contains(is_hidden) {
            Err("a text has characters that are not seen")
        } else {
            Ok(Self(text))
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// At most [`MOST`] texts. Of more the last one says how many were left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "Vec<Text>")]
pub struct Texts(Vec<Text>);

impl Texts {
    /// Takes any texts.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut kept, mut left) = (Vec::new(), 0_u64);
        for text in texts {
            if kept.len() < MOST { kept.push(Text::new(text)) } else { left += 1 }
        }
        if left > 0 {
            kept.pop();
            kept.push(Text(format!("… and {} more", left + 1)));
        }
        Self(kept)
    }

    /// The texts.
    #[must_use]
    pub fn as_slice(&self) -> &[Text] {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<Vec<Text>> for Texts {
    type Error = &'static str;

    fn try_from(texts: Vec<Text>) -> Result<Self, Self::Error> {
        if texts.len() > MOST { Err("a list is too long") } else { Ok(Self(texts)) }
    }
}

impl fmt::Display for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<_> = self.0.iter().map(Text::as_str).collect();
        f.write_str(&texts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_or_too_long_is_replaced_and_then_read_again() {
        assert_eq!(Text::new("a\u{1b}[31m\nb\u{202e}").as_str(), "a\u{fffd}[31m\u{fffd}b\u{fffd}");
        let long = [
            Text::new(&"ü".repeat(200)),
            Text::new(&"\0".repeat(256)),
            "x".repeat(999).as_str().into(),
        ];
        for text in long {
            assert!(text.as_str().len() <= LONGEST && text.as_str().ends_with('…'), "{text}");
            assert_eq!(Text::try_from(text.as_str().to_owned()), Ok(text));
        }
        assert_eq!(Text::new(&"x".repeat(256)).as_str(), "x".repeat(256));
    }

    #[test]
    fn a_list_says_how_many_it_left_out() {
        let texts = Texts::new((0..40).map(|_| "a"));
        assert_eq!(texts.as_slice().len(), MOST);
        assert_eq!(texts.as_slice().last().unwrap().as_str(), "… and 9 more");
        assert_eq!(Texts::new(["a", "b"]).to_string(), "a, b");
    }

    #[test]
    fn a_text_that_nobody_could_have_made_is_refused() {
        assert!(serde_json::from_str::<Text>(r#""a\u001b""#).is_err());
        assert!(serde_json::from_str::<Text>(&format!("{:?}", "x".repeat(257))).is_err());
        assert!(serde_json::from_str::<Texts>(&format!("{:?}", vec!["a"; 33])).is_err());
    }
}
