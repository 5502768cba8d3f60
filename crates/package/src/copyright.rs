//! The licences of a package of Debian's, out of its `copyright` file (Debian Policy 12.5): by name where
//! it is written for machines (DEP 5), else those texts of `/usr/share/common-licenses` that it refers
//! to.

use std::collections::BTreeSet;

/// How many licences of one package are kept; Debian's largest name some 60.
const MOST: usize = 256;
/// The longest name, in bytes.
const LONGEST: usize = 256;
/// Where the texts of common licences lie.
const COMMON: &str = "/usr/share/common-licenses/";

/// The licences that a `copyright` file names, in order, each once; none where it names none that
/// could be told from prose.
#[must_use]
pub fn licences(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let is_for_machines = text.trim_start().starts_with("Format:");
    let named: Vec<&str> = if is_for_machines { fields(&text) } else { references(&text) };
    let mut seen = BTreeSet::new();
    let sound = |name: &&str| !name.is_empty() && name.len() <= LONGEST;
    let each = named.into_iter().filter(sound).filter(|name| seen.insert(*name));
    each.take(MOST).map(str::to_owned).collect()
}

/// The first line of each field `License`: its short name.
fn fields(text: &str) -> Vec<&str> {
    let named = text.lines().filter_map(|line| line.split_once(':'));
    named
        .filter(|(field, _)| field.eq_ignore_ascii_case("license"))
        .map(|(_, name)| name.trim())
        .collect()
}

fn references(text: &str) -> Vec<&str> {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '+'));
    let rest = text.split(COMMON).skip(1);
    rest.map(|rest| rest.split(ends).next().unwrap_or_default().trim_end_matches('.')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_for_machines_names_licences_in_fields() {
        let text = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n\
                    Files: *\nCopyright: A\nLicense: GPL-2+ and MIT\n Text, see\n License: no field\n\n\
                    Files: debian/*\nLicense: BSD-3-clause\n\nlicense: GPL-2+ and MIT\n";
        assert_eq!(licences(text.as_bytes()), ["GPL-2+ and MIT", "BSD-3-clause"]);
    }

    #[test]
    fn prose_names_the_common_texts_that_it_refers_to() {
        let text = "It is free. See /usr/share/common-licenses/GPL-2.\nAlso\n\
                    `/usr/share/common-licenses/LGPL-2.1', /usr/share/common-licenses/GPL-2\n\
                    License: this is prose\n";
        assert_eq!(licences(text.as_bytes()), ["GPL-2", "LGPL-2.1"]);
        assert!(licences(b"Public domain.").is_empty());
    }

    #[test]
    fn hostile_texts_are_cut() {
        let many: String = (0..1000).map(|n| format!("License: x{n}\n")).collect();
        assert_eq!(licences(format!("Format: x\n{many}").as_bytes()).len(), MOST);
        let long = format!("Format: x\nLicense: {}\nLicense:\n", "a".repeat(LONGEST + 1));
        assert!(licences(long.as_bytes()).is_empty());
        assert!(licences(b"\xff/usr/share/common-licenses/").is_empty());
    }
}
