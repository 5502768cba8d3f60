//! On which lines the top-level keys of a JSON file stand.

use std::collections::BTreeMap;

/// Lines, counted from 1.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lines {
    keys: BTreeMap<String, u32>,
    hosts: Vec<u32>,
}

impl Lines {
    /// The line of a top-level key; of the last one where it is there twice, as that one counts.
    pub(super) fn of(&self, key: &str) -> Option<u32> {
        self.keys.get(key).copied()
    }

    /// The line of an entry of `hosts`.
    pub(super) fn of_host(&self, at: usize) -> Option<u32> {
        self.hosts.get(at).copied()
    }
}

/// Where the scan is.
#[derive(Default)]
struct Scan {
    line: u32,
    depth: usize,
    /// The top-level key whose value is being read.
    key: Option<String>,
    /// At top level: whether the next text is a key.
    expects_key: bool,
    found: Lines,
}

/// Scans a text that is known to be a JSON object; of any other the result means nothing.
pub(super) fn scan(json: &str) -> Lines {
    let mut scan = Scan { line: 1, ..Scan::default() };
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' => scan.line += 1,
            b'"' => {
                let text = text(&mut bytes);
                scan.see(&text);
            }
            b'{' | b'[' => {
                scan.depth += 1;
                scan.expects_key = scan.depth == 1;
            }
            b'}' | b']' => scan.depth = scan.depth.saturating_sub(1),
            b',' if scan.depth == 1 => scan.expects_key = true,
            _ => {}
        }
    }
    scan.found
}

/// The bytes up to the closing quote, quotes included, escapes as they are.
fn text(bytes: &mut std::str::Bytes<'_>) -> Vec<u8> {
    let mut text = vec![b'"'];
    while let Some(byte) = bytes.next() {
        text.push(byte);
        match byte {
            b'"' => break,
            b'\\' => text.extend(bytes.next()),
            _ => {}
        }
    }
    text
}

impl Scan {
    fn see(&mut self, text: &[u8]) {
        if self.depth == 1 && self.expects_key {
            self.expects_key = false;
            self.key = serde_json::from_slice(text).ok();
            if let Some(key) = &self.key {
                self.found.keys.insert(key.clone(), self.line);
                if key == "hosts" {
                    self.found.hosts.clear();
                }
            }
        } else if self.depth == 2 && self.key.as_deref() == Some("hosts") {
            self.found.hosts.push(self.line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_hosts_have_their_lines() {
        let lines = scan(
            "{\n  \"icc\": false,\n  \"log-opts\": {\n    \"icc\": \"a, \\\"b\\\": {\"\n  },\n  \"hosts\": [\n    \
             \"fd://\",\n    \"tcp://0.0.0.0:2375\"\n  ], \"tls\": true\n}\n",
        );
        assert_eq!(lines.of("icc"), Some(2));
        assert_eq!(lines.of("log-opts"), Some(3));
        assert_eq!((lines.of("hosts"), lines.of("tls")), (Some(6), Some(9)));
        assert_eq!(
            (lines.of_host(0), lines.of_host(1), lines.of_host(2)),
            (Some(7), Some(8), None)
        );
    }

    #[test]
    fn of_a_key_that_is_there_twice_the_last_counts() {
        let lines = scan("{\"hosts\": [\"a\"],\n\"i\\u0063c\": true,\n\"hosts\": [\n\"b\"]}");
        assert_eq!(
            (lines.of("hosts"), lines.of_host(0), lines.of("icc")),
            (Some(3), Some(4), Some(2))
        );
    }

    #[test]
    fn broken_text_does_no_harm() {
        for text in ["", "\"", "{\"a\\", "]]]]{\"a\":1}", "{\"\\ud800\":1}", "\0\0"] {
            scan(text);
        }
        assert_eq!(scan(&"[".repeat(1 << 16)), Lines::default());
    }
}
