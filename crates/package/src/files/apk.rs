//! Files in apk's record (apk-package(5)): `F:folder` without a leading `/`, then `R:name` for each
//! file in it.

use std::borrow::Cow;

use super::{Owner, Visit};

pub(super) fn owners(record: &[u8], visit: &mut Visit<'_>) {
    for paragraph in paragraphs(record) {
        let value = |letter| lines(paragraph).find_map(|(l, value)| (l == letter).then_some(value));
        let text = |letter| std::str::from_utf8(value(letter).unwrap_or_default()).unwrap_or("");
        let owner = Owner { name: text(b'P'), architecture: text(b'A') };
        if !owner.name.is_empty() {
            visit(owner, &mut files(paragraph));
        }
    }
}

fn files(paragraph: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let mut folder: &[u8] = b"";
    lines(paragraph).filter_map(move |(letter, value)| match letter {
        b'F' => {
            folder = value;
            None
        }
        b'R' if folder.is_empty() => Some(Cow::Owned([b"/", value].concat())),
        b'R' => Some(Cow::Owned([b"/", folder, b"/", value].concat())),
        _ => None,
    })
}

/// Lines as their letter and what comes after its colon.
fn lines(paragraph: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    paragraph.split(|&byte| byte == b'\n').filter_map(|line| match line {
        [letter, b':', value @ ..] => Some((*letter, value)),
        _ => None,
    })
}

/// Parts between empty lines.
fn paragraphs(record: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(record);
    std::iter::from_fn(move || {
        let all = rest?;
        let end = all.windows(2).position(|two| two == b"\n\n");
        let (paragraph, next) = match end {
            Some(at) => (all.get(..at)?, all.get(at.checked_add(2)?..)),
            None => (all, None),
        };
        rest = next;
        Some(paragraph)
    })
}

#[cfg(test)]
mod tests {
    use super::super::Record;
    use super::super::tests::told;

    #[test]
    fn a_file_is_named_by_its_folder_and_its_own_line() {
        let record = b"C:Q1=\nP:musl\nV:1-r0\nA:x86_64\nF:\nR:.boot\nF:lib\nR:ld-musl.so.1\na:0:0:755\nZ:Q1=\n\n\n\
            P:busybox\nV:2-r0\nF:bin\nR:busybox\n";
        assert_eq!(
            told(Record::Apk(record)),
            ["musl x86_64: /.boot /lib/ld-musl.so.1", "busybox : /bin/busybox"]
        );
    }

    #[test]
    fn what_is_no_package_is_passed_over() {
        for odd in [&b""[..], b"\n\n\n\n", b"R:x\nF:y\n\n", b"P:\xff\nR:x", b"P", b"::\n\n:"] {
            assert_eq!(told(Record::Apk(odd)), [""; 0], "{odd:?}");
        }
    }
}
