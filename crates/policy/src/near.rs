//! What somebody may have meant who mistyped a name.

use crate::shown::shown;

/// A name longer than this is no typing mistake, and comparing it would only cost time.
const LONGEST: usize = 64;

/// How many names are suggested at most.
const MOST: usize = 3;

/// A question that names what `given` comes closest to: `` did you mean `fail-on`? ``. Wildcards
/// in `given` are left out of the comparison, and the start of a name is enough to be near then.
#[must_use]
pub fn question<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let near = near(given, known);
    let quoted: Vec<String> = near.iter().map(|name| format!("`{}`", shown(name))).collect();
    let (last, before) = quoted.split_last()?;
    if before.is_empty() {
        return Some(format!("did you mean {last}?"));
    }
    Some(format!("did you mean {} or {last}?", before.join(", ")))
}

/// The nearest names, and those that are one slip further away.
fn near<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<&'k str> {
    if given.len() > LONGEST {
        return Vec::new();
    }
    let starred = given.contains(['*', '?']);
    let word = given.replace(['*', '?'], "").to_lowercase();
    if word.is_empty() {
        return Vec::new();
    }
    let mut ranked: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|name| Some((distance(&word, name, starred)?, name)))
        .collect();
    ranked.sort_unstable();
    let nearest = ranked.first().map_or(0, |(edits, _)| *edits);
    ranked.retain(|(edits, _)| *edits <= nearest + 1);
    ranked.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// How far `name` is from `word`, if it is near at all: a third of the word may be mistyped, or
/// the word is a part of the name, which is further than any typing mistake.
fn distance(word: &str, name: &str, starred: bool) -> Option<usize> {
    let length = word.chars().count();
    let mut edits = strsim::osa_distance(word, name);
    if starred {
        let start: String = name.chars().take(length).collect();
        edits = edits.min(strsim::osa_distance(word, &start));
    }
    if edits <= (length / 3).max(1) {
        return Some(edits);
    }
    (length >= 3 && name.contains(word)).then_some(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 4] =
        ["container-privileged", "container-root-user", "container-seccomp", "daemon-tls"];

    fn asked(given: &str) -> Option<String> {
        question(given, IDS)
    }

    #[test]
    fn a_slip_finds_the_name() {
        assert_eq!(asked("container-priviledged").unwrap(), "did you mean `container-privileged`?");
        assert_eq!(asked("Daemon-TLS").unwrap(), "did you mean `daemon-tls`?");
    }

    #[test]
    fn a_part_of_the_name_finds_it() {
        assert_eq!(asked("seccomp").unwrap(), "did you mean `container-seccomp`?");
        let both = "did you mean `container-root-user` or `container-seccomp`?";
        assert_eq!(question("container-", ["daemon-tls", IDS[1], IDS[2]]).as_deref(), Some(both));
    }

    #[test]
    fn a_pattern_finds_names_that_start_alike() {
        assert_eq!(
            asked("contaner-*").unwrap(),
            "did you mean `container-privileged`, `container-root-user` or `container-seccomp`?"
        );
    }

    #[test]
    fn something_else_altogether_finds_nothing() {
        assert_eq!(asked("kubernetes"), None);
        assert_eq!(asked(""), None);
        assert_eq!(asked("*"), None);
        assert_eq!(asked(&"container-privileged".repeat(10)), None);
    }
}
