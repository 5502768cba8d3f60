//! Patterns with `*` (any text) and `?` (any one character); upper and lower case differ.

use std::fmt;

/// A pattern over a whole text: `*` is any text, also none, `?` is any one character, all else is
/// itself. There are no escapes, brackets or braces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glob(String);

impl Glob {
    /// A pattern. Every text is one.
    #[must_use]
    pub fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has no `*` and no `?`, so that it matches itself only.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        !self.0.contains(['*', '?'])
    }

    /// Whether it matches the whole of `text`.
    ///
    /// Only the last `*` is ever tried again: one that comes before it has taken the shortest
    /// text it could, and a longer one would only leave less for what follows. So the time is
    /// that of one pass over `text`, at worst times the longest piece between two `*`.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let (mut pattern, mut rest) = (self.0.chars(), text.chars());
        let mut last_star = None;
        loop {
            let (mut next_pattern, mut next_rest) = (pattern.clone(), rest.clone());
            match (next_pattern.next(), next_rest.next()) {
                (None, None) => return true,
                (Some('*'), _) => {
                    last_star = Some((next_pattern.clone(), rest.clone()));
                    pattern = next_pattern;
                }
                (Some(p), Some(c)) if p == '?' || p == c => {
                    (pattern, rest) = (next_pattern, next_rest);
                }
                (Some(_), None) => return false,
                (_, Some(_)) => {
                    let Some((after, from)) = &mut last_star else { return false };
                    from.next();
                    (pattern, rest) = (after.clone(), from.clone());
                }
            }
        }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The meaning of a pattern, written as simply as possible and as slow as that is.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', after @ ..], _) => (0..=text.len()).any(|n| naive(after, &text[n..])),
            (['?', after @ ..], [_, rest @ ..]) => naive(after, rest),
            ([p, after @ ..], [c, rest @ ..]) => p == c && naive(after, rest),
            _ => false,
        }
    }

    #[test]
    fn stars_and_question_marks_match_what_they_say() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("web-?", "web-1", true),
            ("web-?", "web-", false),
            ("web-*", "web-", true),
            ("*-web-*", "shop-web-1", true),
            ("*web", "web-web", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("Web", "web", false),
            ("caf?", "café", true),
            ("[ab]", "a", false),
        ] {
            assert_eq!(Glob::new(pattern).matches(text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn many_stars_over_a_long_text_do_not_blow_up() {
        let glob = Glob::new("*a".repeat(100) + "b");
        assert!(!glob.matches(&"a".repeat(100_000)));
    }

    #[test]
    fn only_a_pattern_without_wildcards_is_literal() {
        assert!(Glob::new("web").is_literal());
        assert!(!Glob::new("web-*").is_literal());
        assert!(!Glob::new("web-?").is_literal());
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_naive_matcher(pattern in "[abé*?]{0,8}", text in "[abé]{0,10}") {
            let chars: (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(Glob::new(pattern).matches(&text), naive(&chars.0, &chars.1));
        }

        #[test]
        fn a_text_with_some_of_it_starred_out_still_matches(
            head in "\\PC{0,20}", middle in "\\PC{0,20}", tail in "\\PC{0,20}"
        ) {
            let glob = Glob::new(format!("{}*{}", head.replace('*', "?"), tail.replace('*', "?")));
            let text = format!("{head}{middle}{tail}");
            prop_assert!(glob.matches(&text));
        }
    }
}
