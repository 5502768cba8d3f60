//! Versions of Bitnami's packages: a semantic version of the program, and maybe a number behind it
//! that counts how often it was packaged (`16.2.0-5`; bitnami/go-version).

use std::cmp::Ordering;

use super::{digits, semver};

/// Compares two versions. Any text has its place.
///
/// A number alone behind a hyphen comes after the version without it: `16.2.0-5` has what `16.2.0`
/// has. Anything else there is on the way to it, as in semantic versions.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (semver::Parts::of(a), semver::Parts::of(b));
    semver::numbers(a.numbers, b.numbers).then_with(|| {
        match (semver::is_number(a.before), semver::is_number(b.before)) {
            (true, true) => digits::compare(a.before, b.before),
            (false, false) => semver::before(a.before, b.before),
            (a, b) => a.cmp(&b),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::ascending;

    #[test]
    fn a_packaging_comes_after_the_version_that_is_packaged() {
        ascending(
            compare,
            "16.1.9-12 16.2.0-rc.1 16.2.0-rc.2 16.2.0 16.2.0-0 16.2.0-5 16.2.0-10 16.2.1",
        );
    }
}
