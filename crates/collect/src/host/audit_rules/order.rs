//! The order in which augenrules(8) takes files: that of `ls -v` and `sort -V`, in which `9-x`
//! comes before `10-a` (GNU's version sort; coreutils manual, "Version sort ordering").

use std::cmp::Ordering;

/// Compares the names of two files that both end in `.rules`.
pub(super) fn by_version(one: &str, two: &str) -> Ordering {
    let (a, b) = (stem(one), stem(two));
    compare(a.as_bytes(), b.as_bytes()).then_with(|| one.cmp(two))
}

/// The end of a name, from a dot and a letter on, counts only between names that are else alike.
fn stem(name: &str) -> &str {
    let mut stem = name;
    while let Some((before, end)) = stem.rsplit_once('.') {
        let mut letters = end.bytes();
        let begins = letters.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'~');
        if before.is_empty() || !begins || !letters.all(|b| b.is_ascii_alphanumeric() || b == b'~')
        {
            break;
        }
        stem = before;
    }
    stem
}

fn compare(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        loop {
            let (one, two) = (text(a), text(b));
            if one.is_none() && two.is_none() {
                break;
            }
            match weight(one).cmp(&weight(two)) {
                Ordering::Equal => (a, b) = (rest(a), rest(b)),
                other => return other,
            }
        }
        let ((one, after_one), (two, after_two)) = (number(a), number(b));
        let by_size = one.len().cmp(&two.len()).then_with(|| one.cmp(two));
        if by_size != Ordering::Equal {
            return by_size;
        }
        (a, b) = (after_one, after_two);
    }
    Ordering::Equal
}

/// The first byte, unless a number begins there.
fn text(bytes: &[u8]) -> Option<u8> {
    bytes.first().copied().filter(|byte| !byte.is_ascii_digit())
}

/// `~` before the end, the end before letters, letters before all else.
fn weight(byte: Option<u8>) -> i32 {
    match byte {
        Some(b'~') => -1,
        None => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(byte),
        Some(byte) => i32::from(byte) + 256,
    }
}

fn rest(bytes: &[u8]) -> &[u8] {
    bytes.get(1..).unwrap_or_default()
}

/// The digits at the beginning, without zeros before them, and what follows.
fn number(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    let (digits, after) = bytes.split_at(end);
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    (digits.get(zeros..).unwrap_or_default(), after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_as_ls_v_lists_them() {
        let sorted = [
            "9-x.rules",
            "10-base.rules",
            "10-base-config.rules",
            "010-base-docker.rules",
            "30-a.rules",
            "30-a1.rules",
            "30-a2.rules",
            "30-a10.rules",
            "99-finalize.rules",
            "audit.rules",
            "docker.rules",
        ];
        let mut names = sorted.to_vec();
        names.reverse();
        names.sort_by(|a, b| by_version(a, b));
        assert_eq!(names, sorted);
    }

    #[test]
    fn ends_of_names_count_last() {
        assert_eq!(by_version("a.rules", "a.b.rules"), Ordering::Greater);
        assert_eq!(by_version("a~.rules", "a.rules"), Ordering::Less);
        assert_eq!(by_version("a.rules", "a.rules"), Ordering::Equal);
    }
}
