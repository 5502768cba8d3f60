//! What a package's changelog says of weaknesses (deb-changelog(5), Debian Policy 4.4 and 12.7; the
//! changelog of rpm-spec(5)): security updates keep the upstream version and name what they mend.

use std::collections::BTreeMap;
use std::io::Read;

use dockward_model::facts::Change;
use flate2::read::GzDecoder;

use crate::rpm;

/// How much of a changelog is unpacked, in bytes; the newest entries come first.
const UNPACKED: u64 = 4 << 20;
/// How many weaknesses are kept.
const MOST: usize = 1024;
/// Words of an item that say something else than that it mends what it names.
const DOUBTS: [&str; 4] = ["revert", "not affected", "incomplete", "not fix"];

/// Where a package of dpkg may have its changelog, packed with gzip and without a leading `/`: where
/// it is not native to Debian, and where it is.
#[must_use]
pub fn places(package: &str) -> [String; 2] {
    ["changelog.Debian.gz", "changelog.gz"].map(|name| format!("usr/share/doc/{package}/{name}"))
}

/// The weaknesses that a changelog of dpkg's names, by number, each with the newest entry that does.
/// Of a long one the newest entries are read.
///
/// # Errors
/// The bytes are no gzip stream, or a cut one.
pub fn of_deb(packed: &[u8]) -> std::io::Result<BTreeMap<String, Change>> {
    let mut text = Vec::new();
    GzDecoder::new(packed).take(UNPACKED).read_to_end(&mut text)?;
    Ok(parse(&String::from_utf8_lossy(&text)))
}

/// Items of entries, each with the version of its entry. The newest entry that names a weakness
/// comes first, and decides.
fn parse(text: &str) -> BTreeMap<String, Change> {
    let mut changes = BTreeMap::new();
    let (mut version, mut item, mut begins) = ("", Vec::new(), 0);
    for (line, number) in text.lines().chain([""]).zip(1..) {
        let is_item = line.trim_start().starts_with(['*', '+', '-']);
        if is_item || line.trim().is_empty() || !line.starts_with(' ') {
            take(&mut changes, version, &item, begins);
            item.clear();
            begins = number;
        }
        if line.starts_with(' ') {
            item.push(line);
        } else if let Some(entry) = header(line) {
            version = entry;
        }
        if changes.len() > MOST {
            break;
        }
    }
    changes
}

/// The entries of an rpm, which was built as `version`: entries without a version of their own are
/// of it or of an earlier one. Lines are counted as `rpm -q --changelog` prints them: a line for who
/// wrote the entry, its own lines, an empty one.
#[must_use]
pub fn of_rpm<'a>(
    version: &str,
    entries: impl Iterator<Item = rpm::Entry<'a>>,
) -> BTreeMap<String, Change> {
    let (mut changes, mut number) = (BTreeMap::new(), 1);
    for entry in entries {
        let text = String::from_utf8_lossy(entry.text);
        let (mut item, mut begins) = (Vec::new(), number);
        for line in text.lines() {
            number += 1;
            if line.trim_start().starts_with(['*', '+', '-']) {
                take(&mut changes, entry.version().unwrap_or(version), &item, begins);
                (item, begins) = (Vec::new(), number);
            }
            item.push(line);
        }
        take(&mut changes, entry.version().unwrap_or(version), &item, begins);
        number += 2;
        if changes.len() > MOST {
            break;
        }
    }
    changes
}

/// The version in `docker.io (20.10.24+dfsg1-1+deb12u1) bookworm; urgency=high`.
fn header(line: &str) -> Option<&str> {
    Some(line.split_once(" (")?.1.split_once(')')?.0)
}

fn take(changes: &mut BTreeMap<String, Change>, version: &str, item: &[&str], begins: u32) {
    if version.is_empty() {
        return;
    }
    let doubtful = {
        let words = item.join(" ").to_ascii_lowercase();
        DOUBTS.iter().any(|doubt| words.contains(doubt))
    };
    for (line, number) in item.iter().zip(begins..) {
        for id in ids(line) {
            let change = || Change { version: version.to_owned(), line: number, doubtful };
            changes.entry(id.to_owned()).or_insert_with(change);
        }
    }
}

/// CVE numbers and GitHub's advisories in a line.
fn ids(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.map(|word| word.trim_matches('-')).filter(|word| {
        let is_number = |part: &str| part.len() >= 4 && part.bytes().all(|b| b.is_ascii_digit());
        let cve = word.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
        cve.is_some_and(|(year, number)| is_number(year) && is_number(number))
            || (word.len() == 19 && word.starts_with("GHSA-"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
runc (1.1.5+ds1-1+deb12u1) bookworm; urgency=high

  * Fix CVE-2024-21626: regression, leak of
    descriptors; see also GHSA-xr7r-f8xq-vfvv.
  * Revert the patch for CVE-2023-28642, it
    broke things (CVE-2023-99999).

 -- A Person <a@example.org>  Sat, 12 Oct 2024 15:19:49 +0000

runc (1.1.5+ds1-1) unstable; urgency=medium

  * New upstream release
    + CVE-2023-28642, CVE-2023-27561.
";

    #[test]
    fn each_weakness_has_the_newest_entry_that_names_it() {
        let changes = parse(TEXT);
        let of = |id: &str| {
            let change = &changes[id];
            (change.version.as_str(), change.line, change.doubtful)
        };
        assert_eq!(of("CVE-2024-21626"), ("1.1.5+ds1-1+deb12u1", 3, false));
        assert_eq!(of("GHSA-xr7r-f8xq-vfvv"), ("1.1.5+ds1-1+deb12u1", 4, false));
        assert_eq!(of("CVE-2023-28642"), ("1.1.5+ds1-1+deb12u1", 5, true));
        assert_eq!(of("CVE-2023-99999"), ("1.1.5+ds1-1+deb12u1", 6, true));
        assert_eq!(of("CVE-2023-27561"), ("1.1.5+ds1-1", 13, false));
        assert_eq!(changes.len(), 5);
    }

    #[test]
    fn an_rpms_entries_are_counted_as_rpm_prints_them() {
        let entry = |name: &'static str, text: &'static str| rpm::Entry {
            name: name.as_bytes(),
            text: text.as_bytes(),
        };
        let log = [
            entry("A <a@b> - 4:1.2.5-2", "- Fix CVE-2025-31133,\n  CVE-2025-52565\n- Other"),
            entry("b@suse.com", "- Revert the patch for CVE-2024-21626\n* CVE-2025-31133"),
        ];
        let changes = of_rpm("1.2.5-2.1", log.into_iter());
        let of = |id: &str| {
            let change = &changes[id];
            (change.version.as_str(), change.line, change.doubtful)
        };
        assert_eq!(of("CVE-2025-31133"), ("4:1.2.5-2", 2, false));
        assert_eq!(of("CVE-2025-52565"), ("4:1.2.5-2", 3, false));
        assert_eq!(of("CVE-2024-21626"), ("1.2.5-2.1", 7, true));
        assert_eq!(changes.len(), 3);
    }

    #[test]
    fn hostile_texts_are_cut_and_do_no_harm() {
        let many: String = (10_000..20_000).map(|n| format!("  * CVE-2024-{n}\n")).collect();
        let changes = parse(&format!("x (1)\n{many}"));
        assert!(changes.len() <= MOST + 1);
        for text in ["", "x (", "x ()\n  * CVE-2024-1234", "  CVE-2024-1234", "x (1)\n CVE-\n -"] {
            assert!(parse(text).is_empty(), "{text:?}");
        }
        assert!(of_deb(b"no gzip").is_err());
    }
}
