//! Versions of rpm packages: `[epoch:]version[-release]` (rpm-version(7)).

use std::cmp::Ordering;

use super::digits;

/// A version that is ordered as rpm does it.
#[derive(Debug, Clone, Copy)]
pub struct Version<'a>(pub &'a str);

impl Ord for Version<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(self.0, other.0)
    }
}

impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version<'_> {}

/// Compares two versions. Without a release comes before with one, so that this is an order: rpm
/// takes them for equal when it asks whether a requirement is met.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let ((epoch_a, version_a, release_a), (epoch_b, version_b, release_b)) = (parts(a), parts(b));
    digits::compare(epoch_a, epoch_b).then_with(|| piece(version_a, version_b)).then_with(
        || match (release_a, release_b) {
            (Some(a), Some(b)) => piece(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        },
    )
}

fn parts(version: &str) -> (&[u8], &[u8], Option<&[u8]>) {
    let text = version.trim().as_bytes();
    let (epoch, rest) = match digits::cut(text, b':') {
        Some((epoch, rest)) if epoch.iter().all(u8::is_ascii_digit) => (epoch, rest),
        _ => (&[][..], text),
    };
    match rest.iter().rposition(|&b| b == b'-') {
        Some(at) => (epoch, &rest[..at], Some(&rest[at + 1..])),
        None => (epoch, rest, None),
    }
}

/// Runs of digits or letters, one after another; all else only parts them, but for `~` and `^`.
fn piece<'a>(mut a: &'a [u8], mut b: &'a [u8]) -> Ordering {
    loop {
        (a, b) = (unparted(a), unparted(b));
        match (a.first(), b.first()) {
            (Some(b'~'), Some(b'~')) | (Some(b'^'), Some(b'^')) => {
                (a, b) = (&a[1..], &b[1..]);
                continue;
            }
            // A tilde comes before everything, the end included.
            (Some(b'~'), _) => return Ordering::Less,
            (_, Some(b'~')) => return Ordering::Greater,
            // A caret comes after the end, and before everything else.
            (Some(b'^'), None) => return Ordering::Greater,
            (None, Some(b'^')) => return Ordering::Less,
            (Some(b'^'), _) => return Ordering::Less,
            (_, Some(b'^')) => return Ordering::Greater,
            (None, None) => return Ordering::Equal,
            (a, b) if a.is_none() || b.is_none() => return a.is_some().cmp(&b.is_some()),
            _ => {}
        }
        let order = run(&mut a, &mut b);
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn unparted(text: &[u8]) -> &[u8] {
    digits::split(text, |c| !c.is_ascii_alphanumeric() && c != b'~' && c != b'^').1
}

/// The next run of each: numbers come after letters.
fn run<'a>(a: &mut &'a [u8], b: &mut &'a [u8]) -> Ordering {
    let is_number = |text: &[u8]| text.first().is_some_and(u8::is_ascii_digit);
    if is_number(a) != is_number(b) {
        return is_number(a).cmp(&is_number(b));
    }
    let number = is_number(a);
    let take = |text: &mut &'a [u8]| {
        let (run, rest) = digits::split(text, |c| match number {
            true => c.is_ascii_digit(),
            false => c.is_ascii_alphabetic(),
        });
        *text = rest;
        run
    };
    let (run_a, run_b) = (take(a), take(b));
    if number { digits::compare(run_a, run_b) } else { run_a.cmp(run_b) }
}
