//! Records of a pax extended header (POSIX.1-2001): `LENGTH key=value\n`, LENGTH of the whole record.

/// What of an extended header changes how the next entry is read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Extended {
    /// In the place of the header's name.
    pub(super) path: Option<Vec<u8>>,
    /// In the place of the header's link.
    pub(super) link: Option<Vec<u8>>,
    /// In the place of the header's size: of what lies in the archive.
    pub(super) size: Option<u64>,
    /// Whether the body is a sparse file of GNU tar's (0.0, 0.1, 1.0): a map and pieces.
    pub(super) sparse: bool,
}

/// Reads all records. None: they are not well formed.
pub(super) fn parse(mut text: &[u8]) -> Option<Extended> {
    let mut found = Extended::default();
    let mut sparse_name = None;
    while !text.is_empty() {
        let (key, value, rest) = record(text)?;
        match key {
            // An empty value takes the record back.
            b"path" => found.path = filled(value),
            b"linkpath" => found.link = filled(value),
            b"size" if value.is_empty() => found.size = None,
            b"size" => found.size = Some(decimal(value)?),
            b"GNU.sparse.name" => sparse_name = filled(value),
            b"GNU.sparse.major" | b"GNU.sparse.map" | b"GNU.sparse.numblocks" => {
                found.sparse = true;
            }
            _ => {}
        }
        text = rest;
    }
    if found.sparse && sparse_name.is_some() {
        found.path = sparse_name;
    }
    Some(found)
}

fn record(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = text.iter().take(20).position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(text.get(..space)?)?).ok()?;
    let (record, rest) = text.split_at_checked(length)?;
    let pair = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = pair.iter().position(|byte| *byte == b'=').filter(|at| *at > 0)?;
    let (key, value) = pair.split_at_checked(equals)?;
    let value = value.get(1..)?;
    // A NUL in a path would be its end for some readers and not for others.
    let is_path = matches!(key, b"path" | b"linkpath" | b"GNU.sparse.name");
    (!is_path || !value.contains(&0)).then_some((key, value, rest))
}

fn filled(value: &[u8]) -> Option<Vec<u8>> {
    (!value.is_empty()).then(|| value.to_vec())
}

fn decimal(text: &[u8]) -> Option<u64> {
    let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    is_number.then(|| std::str::from_utf8(text).ok()?.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(all: &[(&str, &str)]) -> Vec<u8> {
        let record = |(key, value): &(&str, &str)| {
            let rest = key.len() + value.len() + 3;
            let mut length = rest + 1;
            while length != rest + length.to_string().len() {
                length += 1;
            }
            format!("{length} {key}={value}\n").into_bytes()
        };
        all.iter().flat_map(record).collect()
    }

    #[test]
    fn path_link_and_size_are_taken_and_other_keys_are_left() {
        let found = parse(&records(&[
            ("path", "a/b"),
            ("linkpath", "c=d\n8 e=f"),
            ("size", "123"),
            ("atime", "1.0"),
            ("SCHILY.xattr.user.x", "a\0b"),
        ]));
        let found = found.unwrap();
        assert_eq!(found.path.as_deref(), Some(&b"a/b"[..]));
        assert_eq!(found.link.as_deref(), Some(&b"c=d\n8 e=f"[..]));
        assert_eq!((found.size, found.sparse), (Some(123), false));
    }

    #[test]
    fn an_empty_value_takes_a_record_back() {
        let found = parse(&records(&[("path", "a"), ("size", "1"), ("path", ""), ("size", "")]));
        assert_eq!(found, Some(Extended::default()));
    }

    #[test]
    fn a_sparse_file_is_known_by_its_map_and_has_its_own_name() {
        let found = parse(&records(&[
            ("GNU.sparse.major", "1"),
            ("GNU.sparse.name", "x"),
            ("path", "GNUSparseFile.0/x.1"),
        ]));
        let found = found.unwrap();
        assert!(found.sparse);
        assert_eq!(found.path.as_deref(), Some(&b"x"[..]));
    }

    #[test]
    fn what_is_not_well_formed_is_none() {
        for text in [
            &b"99 path=a\n"[..],
            b"0 path=a\n",
            b"3 path=a\n",
            b"8 path=a\n",
            b"x path=a\n",
            b"-9 path=a\n",
            b"9 =aaaa\n",
            b"99999999999999999999 path=a\n",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        for record in [("size", "x"), ("size", "-1"), ("path", "a\0b"), ("linkpath", "\0")] {
            assert_eq!(parse(&records(&[record])), None, "{record:?}");
        }
    }
}
