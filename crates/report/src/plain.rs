//! Text that others wrote, made safe to show on a terminal and in a CI log.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Shows control characters (ECMA-48), characters that turn the direction of writing or take no
/// room (Unicode UAX #9, UTS #39), and the `##[` and `##vso[` of CI workflow commands as escapes.
/// All else stays as it is.
///
/// ```
/// assert_eq!(dockward_report::plain("web\u{1b}[2J"), "web\\u{1b}[2J");
/// ```
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) {
            // Writing to a String can't fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
        } else if c == '#' && safe.ends_with('#') {
            safe.push_str("\\#");
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in ["web-07", "größe", "日本", "[::]:8443", "# one", "a → b"] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn escapes_newlines_and_bidi_marks_are_shown_not_obeyed() {
        assert_eq!(
            plain("a\u{1b}]0;x\u{7}b\n\r\t\u{9b}"),
            "a\\u{1b}]0;x\\u{7}b\\u{a}\\u{d}\\u{9}\\u{9b}"
        );
        assert_eq!(plain("\u{202e}txt\u{2066}\u{200b}"), "\\u{202e}txt\\u{2066}\\u{200b}");
    }

    #[test]
    fn workflow_commands_are_broken() {
        assert!(!plain("##[error]x ##vso[task] ####[x").contains("##"));
    }
}
