//! A row's values (fileformat2, 2.1): a head with the type of each, then each.

/// A value, as far as headers and tables of tables have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A text or a blob.
    Bytes(&'a [u8]),
    /// An integer.
    Number(i64),
    /// None, or a number with a point.
    Other,
}

/// A number of one to nine bytes (fileformat2, 1.6), and how many it takes.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0_u64;
    for (at, &byte) in bytes.iter().enumerate().take(9) {
        if at == 8 {
            return Some(((number << 8) | u64::from(byte), 9));
        }
        number = (number << 7) | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((number, at + 1));
        }
    }
    None
}

/// The values of a row, up to the first that is cut.
pub(super) fn values(row: &[u8]) -> impl Iterator<Item = Value<'_>> {
    let head = varint(row).and_then(|(length, taken)| {
        let length = usize::try_from(length).ok()?;
        Some((row.get(taken..length)?, row.get(length..)?))
    });
    let (mut types, mut body) = head.unwrap_or_default();
    std::iter::from_fn(move || {
        let (kind, taken) = varint(types)?;
        types = types.get(taken..)?;
        let length = match kind {
            0 | 8..=11 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            _ => (kind - 12) / 2,
        };
        let (value, rest) = body.split_at_checked(usize::try_from(length).ok()?)?;
        body = rest;
        Some(match kind {
            1..=6 => Value::Number(number(value)),
            8 | 9 => Value::Number(i64::from(kind == 9)),
            12.. => Value::Bytes(value),
            _ => Value::Other,
        })
    })
}

/// Big endian, with a sign.
fn number(bytes: &[u8]) -> i64 {
    let sign = bytes.first().is_some_and(|first| *first >= 0x80);
    bytes.iter().fold(-i64::from(sign), |number, &byte| (number << 8) | i64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_one_to_nine_bytes() {
        assert_eq!(varint(&[0x7f, 0xff]), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0x00]), Some((128, 2)));
        assert_eq!(varint(&[0xff; 10]), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0xff; 8]), None);
        assert_eq!(varint(&[]), None);
    }

    #[test]
    fn values_are_read_up_to_where_they_are_cut() {
        let row =
            [7, 1, 23, 9, 0, 6, 16, 0x80, b'h', b'e', b'l', b'l', b'o', 0, 0, 0, 0, 0, 0, 1, 2];
        let all: Vec<_> = values(&row).collect();
        use Value::{Bytes, Number, Other};
        assert_eq!(all, [Number(-128), Bytes(b"hello"), Number(1), Other, Number(258)]);
        assert_eq!(values(&[0]).count() + values(&[]).count() + values(&[0xff; 20]).count(), 0);
    }
}
