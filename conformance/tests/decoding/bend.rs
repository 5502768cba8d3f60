//! Documents like one that is good, and not quite like it: what two decoders could read differently.

use serde_json::Value;

/// Numbers that are the same in each run: a linear congruence (Knuth's MMIX), so that a failure repeats.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next()).unwrap() % limit
    }

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// Values of every kind, good and bad ones.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "7",
    "1.0",
    "0.5",
    "1e2",
    "1E-2",
    "-1.5e3",
    "255",
    "256",
    "65536",
    "2147483647",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e400",
    "123456789012345678901234567890",
    r#""""#,
    r#""x""#,
    r#""AQ==""#,
    r#""AQ""#,
    r#""true""#,
    r#""1""#,
    r#""\u0000""#,
    r#""\ud83d\ude00""#,
    r#""\ud800""#,
    r#""\ude00\ud83d""#,
    r#""\/\b\f\n\r\t\"\\""#,
    r#""\u2028<>&""#,
    "\"é ſ K \u{10ffff}\"",
    "\"\u{7f}\u{80}\"",
    "[]",
    "[null]",
    r#"["x"]"#,
    "[1]",
    "[1,2]",
    "[1,2,3]",
    "[[]]",
    r#"[["x"]]"#,
    r#"["x",null]"#,
    "[true]",
    "{}",
    r#"{"x":"x"}"#,
    r#"{"x":null}"#,
    r#"{"x":{}}"#,
    r#"{"x":[]}"#,
    r#"{"x":1}"#,
    r#"{"X":"a","x":"b"}"#,
    r#"{"x":"a","x":"b"}"#,
    r#"{"":""}"#,
    r#"[{"x":"x"}]"#,
    r#"[{}]"#,
    r#"[{},null]"#,
];

/// A document near `good`, with keys out of `keys` here and there.
pub(crate) fn bent(dice: &mut Dice, good: &Value, keys: &[String]) -> Vec<u8> {
    let mut text = String::new();
    write(dice, good, keys, &mut text);
    let mut bytes = text.into_bytes();
    if dice.one_in(4) {
        for _ in 0..=dice.below(2) {
            bend_bytes(dice, &mut bytes);
        }
    }
    bytes
}

fn write(dice: &mut Dice, value: &Value, keys: &[String], out: &mut String) {
    space(dice, out);
    match value {
        _ if dice.one_in(24) => out.push_str(VALUES[dice.below(VALUES.len())]),
        Value::Object(map) => {
            out.push('{');
            let mut first = true;
            for (key, value) in map {
                // Small documents are accepted more often, and show as much.
                if dice.below(map.len().max(6)) > 2 {
                    continue;
                }
                let times = if dice.one_in(40) { 2 } else { 1 };
                for _ in 0..times {
                    if !std::mem::take(&mut first) {
                        out.push(',');
                    }
                    let key = if dice.one_in(60) { &keys[dice.below(keys.len())] } else { key };
                    write_key(dice, key, out);
                    out.push(':');
                    write(dice, value, keys, out);
                }
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for index in 0..dice.below(4) {
                if index > 0 {
                    out.push(',');
                }
                match items.first() {
                    Some(item) => write(dice, item, keys, out),
                    None => out.push_str(VALUES[dice.below(VALUES.len())]),
                }
            }
            out.push(']');
        }
        Value::String(text) => write_text(dice, text, out),
        other => out.push_str(&other.to_string()),
    }
    space(dice, out);
}

fn space(dice: &mut Dice, out: &mut String) {
    if dice.one_in(12) {
        out.push(
            [' ', '\t', '\n', '\r', '\u{b}', '\u{a0}']
                [dice.below(61) % 6 % 4 + dice.below(50) / 49],
        );
    }
}

/// The key, folded in one way or another.
fn write_key(dice: &mut Dice, key: &str, out: &mut String) {
    let folded: String = match dice.below(12) {
        0 => key.to_lowercase(),
        1 => key.to_uppercase(),
        2 => key.replace(['s', 'S'], "ſ").replace(['k', 'K'], "\u{212a}"),
        3 => key.replace('i', "ı"),
        _ => key.to_owned(),
    };
    write_text(dice, &folded, out);
}

fn write_text(dice: &mut Dice, text: &str, out: &mut String) {
    out.push('"');
    let escape = dice.one_in(10);
    for letter in text.chars() {
        if escape && dice.one_in(3) {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else if matches!(letter, '"' | '\\') || letter.is_control() {
            out.push_str(&format!("\\u{:04x}", u32::from(letter)));
        } else {
            out.push(letter);
        }
    }
    out.push('"');
}

/// One byte, or a few, changed, left out, repeated or put in.
fn bend_bytes(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let at = dice.below(bytes.len() + 1);
    let end = (at + dice.below(6)).min(bytes.len());
    match dice.below(5) {
        0 => drop(bytes.drain(at..end)),
        1 => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        2 => bytes.insert(
            at,
            [b'"', b'{', b'}', b'[', b',', b':', b'\\', b'0', b' ', 0, 0x80, 0xff][dice.below(12)],
        ),
        3 => bytes.extend_from_slice([&b"{}"[..], b" null", b"\0", b"\n"][dice.below(4)]),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
    }
}
