//! `hosts` in daemon.json, changed without touching anything else in the file.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// What a daemon.json says of where to listen.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hosts {
    /// In order; none where the file says nothing.
    pub(super) hosts: Option<Vec<String>>,
    /// Where the list stands in the text, in bytes.
    span: std::ops::Range<usize>,
}

/// An object's members in order, those that are there twice too.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(member) = map.next_entry()? {
                    all.push(member);
                }
                Ok(Members(all))
            }
        }
        from.deserialize_map(Reader)
    }
}

/// Reads the file as dockerd does.
pub(super) fn read(text: &str) -> Result<Hosts, String> {
    let Members(members) =
        serde_json::from_str(text).map_err(|why| format!("it is no JSON object: {why}"))?;
    // Go would take a key of other case for it, and join lists that are given twice.
    let named: Vec<_> = members.iter().filter(|(key, _)| is_alike(key)).collect();
    let list = match named.as_slice() {
        [] => return Ok(Hosts { hosts: None, span: 0..0 }),
        [(key, list)] if key == "hosts" => list,
        _ => return Err("what it says of `hosts` can be read in more than one way".to_owned()),
    };
    let hosts: Vec<String> = serde_json::from_str(list.get())
        .map_err(|why| format!("its `hosts` is no list of addresses: {why}"))?;
    let start = list.get().as_ptr().addr().saturating_sub(text.as_ptr().addr());
    Ok(Hosts { hosts: Some(hosts), span: start..start.saturating_add(list.get().len()) })
}

/// Whether Go's encoding/json takes it for `hosts`: it folds case, and `ſ` (U+017F) is an `s` to it.
fn is_alike(key: &str) -> bool {
    key.to_lowercase().replace('\u{17f}', "s") == "hosts"
}

/// The text with these hosts in place of those that are there.
pub(super) fn with_hosts(text: &str, read: &Hosts, hosts: &[String]) -> Result<String, String> {
    let list = serde_json::to_string(hosts).map_err(|why| why.to_string())?;
    let changed = match &read.hosts {
        Some(_) => {
            let (before, after) = (text.get(..read.span.start), text.get(read.span.end..));
            format!("{}{list}{}", before.unwrap_or_default(), after.unwrap_or_default())
        }
        None => with_key(text, &list),
    };
    // It is read again: what is written is what was meant.
    match self::read(&changed)?.hosts {
        Some(now) if now == hosts => Ok(changed),
        _ => Err("its `hosts` could not be changed".to_owned()),
    }
}

fn with_key(text: &str, list: &str) -> String {
    let Some((before, after)) = text.split_once('{') else {
        return format!("{{\n  \"hosts\": {list}\n}}\n");
    };
    let comma = if after.trim_start().starts_with('}') { "\n" } else { "," };
    format!("{before}{{\n  \"hosts\": {list}{comma}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str) -> String {
        let fd = ["fd://".to_owned()];
        with_hosts(text, &read(text).unwrap(), &fd).unwrap()
    }

    #[test]
    fn only_the_list_changes() {
        let text =
            "{\n\t\"icc\":false,\n\t\"hosts\" : [ \"unix:///var/run/docker.sock\" ],\n\t\"x\": 1 }";
        assert_eq!(
            changed(text),
            text.replace("[ \"unix:///var/run/docker.sock\" ]", "[\"fd://\"]")
        );
        assert_eq!(changed("{\"icc\": false}\n"), "{\n  \"hosts\": [\"fd://\"],\"icc\": false}\n");
        assert_eq!(changed("{}"), "{\n  \"hosts\": [\"fd://\"]\n}");
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for text in [
            r#"{"hosts": [], "hosts": ["fd://"]}"#,
            r#"{"hosts": [], "Hosts": ["fd://"]}"#,
            r#"{"HOSTS": []}"#,
            r#"{"hosts": "fd://"}"#,
            r#"{"hosts": null}"#,
            r#"{"hosts": [1]}"#,
            r#"{"\u0068osts": [], "hosts": []}"#,
            r#"{"ho\u017Fts": []}"#,
            r"[]",
            r"",
            r"{,}",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
