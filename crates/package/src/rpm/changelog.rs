//! What a package's changelog says: three lists of the header, the newest entry first.

use super::header::Header;

const CHANGELOGNAME: u32 = 1081;
const CHANGELOGTEXT: u32 = 1082;

/// An entry of a changelog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Who wrote it and by custom the version that it is of: `A Person <a@example.org> - 1.2-3`.
    pub name: &'a [u8],
    /// Its lines.
    pub text: &'a [u8],
}

impl<'a> Entry<'a> {
    /// The version that it is of, where its name ends with one.
    #[must_use]
    pub fn version(&self) -> Option<&'a str> {
        let name = std::str::from_utf8(self.name).ok()?.trim_end();
        let (_, version) = name.rsplit_once('>').unwrap_or(("", name));
        let version = version.trim_start_matches([' ', '-']);
        let is_one = version.starts_with(|c: char| c.is_ascii_digit());
        (is_one && !version.contains(char::is_whitespace)).then_some(version)
    }
}

/// The entries of a package's changelog, the newest first. Packages are built with those of some
/// years only.
pub fn changelog<'a>(header: &Header<'a>) -> impl Iterator<Item = Entry<'a>> + use<'a> {
    let texts = header.texts(CHANGELOGTEXT);
    header.texts(CHANGELOGNAME).zip(texts).map(|(name, text)| Entry { name, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_stands_behind_the_address() {
        let version =
            |name: &str| Entry { name: name.as_bytes(), text: b"" }.version().map(str::to_owned);
        assert_eq!(version("A Person <a@b> - 4:1.2.5-2"), Some("4:1.2.5-2".into()));
        assert_eq!(version("A Person <a@b> 1.2-3"), Some("1.2-3".into()));
        assert_eq!(version("A Person <a@b> -1.2-3 "), Some("1.2-3".into()));
        for none in ["A Person <a@b>", "a@b.org", "", "A <a@b> - see 1.2"] {
            assert_eq!(version(none), None, "{none}");
        }
    }
}
