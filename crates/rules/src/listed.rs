//! Long lists in one line.

/// The first few of a list, and how many more there are.
pub(crate) fn few<T: ToString>(items: &[T]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = items.iter().take(SHOWN).map(ToString::to_string).collect();
    match items.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// `1 port`, `2 ports`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        assert_eq!(few(&["a", "b"]), "a, b");
        assert_eq!(few(&[1, 2, 3, 4, 5, 6]), "1, 2, 3, 4 and 2 more");
    }

    #[test]
    fn one_is_not_plural() {
        assert_eq!(
            (count(1, "port", "ports"), count(2, "port", "ports")),
            ("1 port".into(), "2 ports".into())
        );
    }
}
