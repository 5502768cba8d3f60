//! What a system calls itself (os-release(5)).

use serde::{Deserialize, Serialize};

/// A distribution of Linux (os-release(5)).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// `ID`, such as `debian`.
    pub id: String,
    /// `VERSION_ID`, such as `12`; empty where it has none (Debian sid, Arch).
    pub version: String,
    /// `PRETTY_NAME`.
    pub name: String,
}

impl Distribution {
    /// What the bytes of an os-release file say; none where they give neither `ID`, `VERSION_ID` nor
    /// `PRETTY_NAME`. The last assignment counts, as it does to a shell. Bytes that are not UTF-8
    /// are replaced.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut found = None;
        for line in bytes.split(|&byte| byte == b'\n') {
            let line = String::from_utf8_lossy(line);
            let Some((key, value)) = line.trim_start().split_once('=') else { continue };
            let Self { id, version, name } = match key {
                "ID" | "VERSION_ID" | "PRETTY_NAME" => found.get_or_insert_default(),
                _ => continue,
            };
            let place = match key {
                "ID" => id,
                "VERSION_ID" => version,
                _ => name,
            };
            *place = unquoted(value.trim());
        }
        found
    }
}

/// A word of a shell without expansions: quotes are taken away, and `\` keeps what follows it. In
/// double quotes it does so before `$`, `"`, `` ` `` and `\` only, in single quotes never. An
/// unquoted blank ends the word.
fn unquoted(value: &str) -> String {
    let (mut word, mut quote, mut chars) = (String::new(), None, value.chars().peekable());
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('\\', None) => word.extend(chars.next()),
            ('\\', Some('"')) => {
                word.push(chars.next_if(|next| "$\"`\\".contains(*next)).unwrap_or(c));
            }
            (c, None) if c.is_whitespace() => break,
            (c, _) => word.push(c),
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes_are_a_shells() {
        let text = "# ID=comment\nNAME=x\nID=debian\nVERSION_ID='12'\r\n\
            PRETTY_NAME=\"A \\\"small\\\" \\$ystem \\n's\"\nID_LIKE=other\n";
        let found = Distribution::parse(text.as_bytes()).unwrap();
        assert_eq!((&*found.id, &*found.version), ("debian", "12"));
        assert_eq!(found.name, "A \"small\" $ystem \\n's");
        let parts = Distribution::parse(b"ID=al\\pine\"-\"'x' # trailing\nID_VERSION=3").unwrap();
        assert_eq!(parts.id, "alpine-x");
    }

    #[test]
    fn the_last_assignment_counts() {
        assert_eq!(Distribution::parse(b"ID=a\nID=b").unwrap().id, "b");
    }

    #[test]
    fn a_file_that_names_nothing_is_no_distribution() {
        for bytes in [&b""[..], b"ID", b"VERSION=12\nFOO=bar", b"\xff\xff=\xff", b"\0\0"] {
            assert_eq!(Distribution::parse(bytes), None, "{bytes:?}");
        }
        let odd = Distribution::parse(b"ID=\"de\xffbian\nVERSION_ID=\\").unwrap();
        assert_eq!((&*odd.id, &*odd.version), ("de\u{fffd}bian", ""));
    }
}
