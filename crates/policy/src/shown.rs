//! Text that others wrote, made fit for a terminal.

/// How many characters of a name are shown.
const LONGEST: usize = 60;

/// Appends `c`, or its escape where a terminal would act on it or show nothing: control
/// characters, formatting and direction marks, combining marks.
pub(crate) fn push(out: &mut String, c: char) {
    match c {
        '"' | '\'' | '\\' => out.push(c),
        '\t' => out.push_str("    "),
        _ if c.escape_debug().len() > 1 => out.extend(c.escape_unicode()),
        _ => out.push(c),
    }
}

/// A line as it may be shown: escaped, however long it is.
pub(crate) fn line(text: &str) -> String {
    let mut out = String::new();
    text.chars().for_each(|c| push(&mut out, c));
    out
}

/// A name as it may be shown: escaped, and cut where it is long.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => line(text.split_at(cut).0) + "…",
        None => line(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_would_act_on_is_shown_as_its_escape() {
        assert_eq!(shown("a\u{1b}[31m\r\n"), "a\\u{1b}[31m\\u{d}\\u{a}");
        assert_eq!(shown("a\u{202e}b\u{200b}"), "a\\u{202e}b\\u{200b}");
        assert_eq!(shown("\u{9b}31m"), "\\u{9b}31m");
    }

    #[test]
    fn ordinary_text_of_any_language_is_left_alone() {
        assert_eq!(shown("naïve \"quotes\" 'and' 日本 \\"), "naïve \"quotes\" 'and' 日本 \\");
    }

    #[test]
    fn a_long_name_is_cut() {
        assert_eq!(shown(&"a".repeat(61)), "a".repeat(60) + "…");
        assert_eq!(shown(&"a".repeat(60)), "a".repeat(60));
    }

    proptest! {
        #[test]
        fn nothing_that_is_shown_has_control_characters(text in any::<String>()) {
            prop_assert!(!shown(&text).chars().any(char::is_control));
        }
    }
}
