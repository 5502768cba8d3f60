//! Commands that a person can copy: nothing of what an engine says gets into one unless it is what
//! it should be.

/// `docker image rm A B C`, at most `most` of the words; none where no word is left.
pub(crate) fn command(start: &str, words: &[String], most: usize) -> Option<String> {
    let shown = words.get(..most).unwrap_or(words);
    let left = words.len() - shown.len();
    let more = if left > 0 { format!(" (and {left} more)") } else { String::new() };
    (!shown.is_empty()).then(|| format!("`{start} {}`{more}", shown.join(" ")))
}

/// The first twelve digits of an id, as the engine's own programs show it; none where it is no id.
pub(crate) fn short(id: &str) -> Option<&str> {
    let digits = id.strip_prefix("sha256:").unwrap_or(id);
    let is_id = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.get(..12).filter(|_| is_id)
}

/// Whether a name is one of an image or a container, and nothing that a shell or the engine's
/// program would take for something else.
pub(crate) fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:/@".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut_and_an_empty_one_is_no_command() {
        let words = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(command("rm", &words, 3).unwrap(), "`rm a b c`");
        assert_eq!(command("rm", &words, 2).unwrap(), "`rm a b` (and 1 more)");
        assert!(command("rm", &[], 2).is_none());
    }

    #[test]
    fn only_ids_and_names_get_into_a_command() {
        assert_eq!(short(&format!("sha256:{}", "ab".repeat(32))), Some("abababababab"));
        assert_eq!(short(&"4f".repeat(32)), Some("4f4f4f4f4f4f"));
        for odd in ["", "sha256:", "4f4f", "$(reboot)", &"zz".repeat(32)] {
            assert_eq!(short(odd), None, "{odd}");
        }
        assert!(is_plain("registry.example.com:5000/a/b:1.2") && is_plain("a@sha256:00"));
        for odd in ["-f", "", "a;reboot", "a b", "$(x)", "a\n", "`x`"] {
            assert!(!is_plain(odd), "{odd}");
        }
    }
}
