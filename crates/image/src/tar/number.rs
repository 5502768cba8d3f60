//! Numbers in tar headers: octal text, or big-endian bytes where the first bit is set (GNU, STAR).

/// Reads a number field. None: it is none, or it is negative or too large for a size.
pub(super) fn parse(field: &[u8]) -> Option<u64> {
    match field.first() {
        Some(first) if first & 0x80 != 0 => base_256(field),
        _ => octal(field),
    }
}

/// Octal text between spaces and NULs; empty means zero, as every tar takes it.
fn octal(field: &[u8]) -> Option<u64> {
    let text = field.trim_ascii_start();
    let end = text.iter().position(|byte| matches!(byte, 0 | b' ')).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    if rest.iter().any(|byte| !matches!(byte, 0 | b' ')) {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, digit| {
        let value = digit.checked_sub(b'0').filter(|value| *value < 8)?;
        sum.checked_mul(8)?.checked_add(value.into())
    })
}

/// Two's complement with the highest bit taken for the mark; the second highest is the sign.
fn base_256(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if first & 0x40 != 0 {
        return None;
    }
    let start = u64::from(first & 0x3f);
    rest.iter().try_fold(start, |sum, byte| sum.checked_mul(256)?.checked_add((*byte).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_numbers_may_be_padded_on_both_sides() {
        for (field, value) in [
            (&b"00000000017\0"[..], 15),
            (b"      17 \0\0\0", 15),
            (b"77777777777 ", 0o77_777_777_777),
            (b"777777777777", 0o777_777_777_777),
            (b"\0\0\0\0", 0),
            (b"    ", 0),
            (b"", 0),
        ] {
            assert_eq!(parse(field), Some(value), "{field:?}");
        }
    }

    #[test]
    fn what_is_no_octal_number_is_none() {
        for field in [&b"18"[..], b"-7", b"7x", b"7\x007", b"0x1", b"\x7f"] {
            assert_eq!(parse(field), None, "{field:?}");
        }
    }

    #[test]
    fn large_numbers_are_bytes_and_negative_ones_are_none() {
        assert_eq!(parse(b"\x80\0\0\0\0\0\0\x02\0\0\0\0"), Some(0x2_0000_0000));
        assert_eq!(parse(b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"), Some(u64::MAX));
        assert_eq!(parse(b"\x80\0\0\x01\0\0\0\0\0\0\0\0"), None, "more than 64 bits");
        assert_eq!(parse(&[0xff; 12]), None, "minus one");
    }
}
