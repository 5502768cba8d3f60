//! Who a package is from, in SPDX's form: `Organization: name (address)` (2.3, 7.5).

use super::model::NOASSERTION;

/// A vendor or a maintainer, `name <address>`, in SPDX's form.
pub(super) fn write(vendor: &str) -> String {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match vendor.trim().strip_suffix('>').and_then(|it| it.split_once('<')) {
        _ if vendor.trim().is_empty() => NOASSERTION.to_owned(),
        Some((name, address)) if !name.trim().is_empty() => {
            format!("Organization: {} ({})", plain(name), plain(address))
        }
        _ => format!("Organization: {}", plain(vendor)),
    }
}

/// What SPDX's form says, as package managers write it: `name <address>`.
pub(super) fn read(supplier: &str) -> String {
    let who = ["Organization:", "Person:"].iter().find_map(|kind| supplier.strip_prefix(kind));
    let Some(who) = who.map(str::trim) else { return String::new() };
    match who.strip_suffix(')').and_then(|it| it.rsplit_once(" (")) {
        Some((name, address)) if address.contains('@') => format!("{name} <{address}>"),
        _ => who.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_maintainer_is_read_as_it_was() {
        for (vendor, written) in [
            ("Red Hat, Inc.", "Organization: Red Hat, Inc."),
            ("A Team <a@example.org>", "Organization: A Team (a@example.org)"),
            ("", NOASSERTION),
        ] {
            assert_eq!(write(vendor), written);
            assert_eq!(read(written), vendor);
        }
    }

    #[test]
    fn what_others_write_is_a_name_and_an_address() {
        assert_eq!(read("Person: A B (a@example.org)"), "A B <a@example.org>");
        assert_eq!(read("Organization: A B <a@example.org>"), "A B <a@example.org>");
        assert_eq!(read("Organization: A (the first)"), "A (the first)");
        assert_eq!(write("a\nb\u{85} <>"), "Organization: a b ()");
    }
}
