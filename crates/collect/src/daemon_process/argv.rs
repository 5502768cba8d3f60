//! The command line of a dockerd, read as its own flag library reads it (spf13/pflag).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::flags::{self, Flag, Kind};

/// What the flags say, by daemon.json's keys, each with the flag as it was written.
pub(super) type Said = BTreeMap<&'static str, (Value, String)>;

/// One use of a flag.
#[derive(Debug, PartialEq, Eq)]
struct Use<'a> {
    flag: &'static Flag,
    value: Option<&'a str>,
}

/// Reads a command line; `words` begins with the program's own name.
pub(super) fn read(words: &[&str]) -> Said {
    let mut said = Said::new();
    for one in uses(words) {
        let spelled = format!("--{}", one.flag.name);
        let (value, _) = said.entry(one.flag.key).or_insert((Value::Null, spelled));
        add(value, &one);
    }
    said
}

/// The words between the NULs of `/proc/PID/cmdline`.
pub(super) fn words(cmdline: &str) -> Vec<&str> {
    cmdline.trim_end_matches('\0').split('\0').collect()
}

fn uses<'a>(words: &[&'a str]) -> Vec<Use<'a>> {
    let mut uses = Vec::new();
    let mut words = words.iter().copied().skip(1).peekable();
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        }
        let next = words.peek().copied();
        let took_next = match word.strip_prefix("--") {
            Some(long) => read_long(long, next, &mut uses),
            None => match word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                Some(letters) => read_letters(letters, next, &mut uses),
                None => false,
            },
        };
        if took_next {
            words.next();
        }
    }
    uses
}

/// `--name`, `--name=value` or `--name value`. Tells whether the next word was the value.
fn read_long<'a>(long: &'a str, next: Option<&'a str>, uses: &mut Vec<Use<'a>>) -> bool {
    let (name, value) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (long, None),
    };
    let Some(flag) = flags::by_name(name) else {
        // Dockerd takes no words of its own: what follows a flag that is newer than we know and is
        // none itself, is its value.
        return value.is_none() && next.is_some_and(|next| !next.starts_with('-'));
    };
    let takes_next = value.is_none() && flag.kind != Kind::Bool;
    uses.push(Use { flag, value: if takes_next { next } else { value } });
    takes_next
}

/// `-D`, `-H value`, `-Hvalue`, `-H=value`, or several letters of which the last may have a value.
fn read_letters<'a>(letters: &'a str, next: Option<&'a str>, uses: &mut Vec<Use<'a>>) -> bool {
    let mut rest = letters.chars();
    while let Some(letter) = rest.next() {
        let Some(flag) = flags::by_letter(letter) else { return false };
        let after = rest.as_str();
        if let Some(value) = after.strip_prefix('=') {
            uses.push(Use { flag, value: Some(value) });
            return false;
        }
        if flag.kind != Kind::Bool {
            let takes_next = after.is_empty();
            uses.push(Use { flag, value: if takes_next { next } else { Some(after) } });
            return takes_next;
        }
        uses.push(Use { flag, value: None });
    }
    false
}

/// Adds one use to what was said of its key before, in daemon.json's form.
fn add(before: &mut Value, one: &Use<'_>) {
    let text = one.value.unwrap_or_default();
    match one.flag.kind {
        Kind::Bool => *before = one.value.map_or(Value::Bool(true), boolean),
        Kind::Text => *before = text.into(),
        Kind::Number => *before = text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
        Kind::List => push(before, text.into()),
        Kind::CommaList => text.split(',').for_each(|part| push(before, part.into())),
        Kind::Map => {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            insert(before, name, value.into());
        }
        Kind::Switches => {
            let (name, value) = text.split_once('=').unwrap_or((text, "true"));
            insert(before, name, boolean(value));
        }
        Kind::Ulimits => {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            insert(before, name, ulimit(name, value));
        }
        Kind::Runtimes => {
            let (name, path) = text.split_once('=').unwrap_or((text, ""));
            insert(before, name, json!({ "path": path }));
        }
        Kind::Pools => push(before, pool(text)),
        Kind::MapOfMaps => {
            let (network, rest) = text.split_once('=').unwrap_or((text, ""));
            let (name, value) = rest.split_once('=').unwrap_or((rest, ""));
            let mut inner = before.get(network).cloned().unwrap_or(Value::Null);
            insert(&mut inner, name, value.into());
            insert(before, network, inner);
        }
        Kind::Proxy => insert(before, one.flag.name, text.into()),
    }
}

/// Go's strconv.ParseBool; what it would refuse stays a text, which no reader takes for either.
fn boolean(text: &str) -> Value {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => true.into(),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => false.into(),
        other => other.into(),
    }
}

fn ulimit(name: &str, value: &str) -> Value {
    let (soft, hard) = value.split_once(':').unwrap_or((value, value));
    match (soft.parse::<i64>(), hard.parse::<i64>()) {
        (Ok(soft), Ok(hard)) => json!({ "Name": name, "Soft": soft, "Hard": hard }),
        _ => value.into(),
    }
}

fn pool(text: &str) -> Value {
    let mut pool = Map::new();
    for (name, value) in text.split(',').filter_map(|part| part.split_once('=')) {
        let value = value.parse::<i64>().map_or_else(|_| value.into(), Value::from);
        pool.insert(name.to_owned(), value);
    }
    Value::Object(pool)
}

fn push(list: &mut Value, entry: Value) {
    match list {
        Value::Array(entries) => entries.push(entry),
        other => *other = Value::Array(vec![entry]),
    }
}

fn insert(object: &mut Value, name: &str, value: Value) {
    match object {
        Value::Object(members) => {
            members.insert(name.to_owned(), value);
        }
        other => *other = Value::Object(Map::from_iter([(name.to_owned(), value)])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(line: &str) -> Value {
        let words: Vec<_> = line.split(' ').collect();
        read(&words).into_iter().map(|(key, (value, _))| (key.to_owned(), value)).collect()
    }

    #[test]
    fn every_spelling_of_a_flag_is_read() {
        let hosts = json!({"hosts": ["unix:///run/docker.sock"]});
        for line in [
            "dockerd -H unix:///run/docker.sock",
            "dockerd -Hunix:///run/docker.sock",
            "dockerd -H=unix:///run/docker.sock",
            "dockerd --host unix:///run/docker.sock",
            "dockerd --host=unix:///run/docker.sock",
        ] {
            assert_eq!(values(line), hosts, "{line}");
        }
        assert_eq!(values("dockerd -DH fd://"), json!({"debug": true, "hosts": ["fd://"]}));
        assert_eq!(values("dockerd -lwarn"), json!({"log-level": "warn"}));
    }

    #[test]
    fn booleans_stand_alone_or_have_a_value_after_an_equals_sign() {
        assert_eq!(values("dockerd --icc=false --debug"), json!({"icc": false, "debug": true}));
        assert_eq!(values("dockerd --icc=F -D=0"), json!({"icc": false, "debug": false}));
        assert_eq!(values("dockerd --icc false"), json!({"icc": true}), "as dockerd reads it");
        assert_eq!(values("dockerd --icc=no"), json!({"icc": "no"}), "dockerd refuses that");
    }

    #[test]
    fn lists_and_maps_gather_all_their_uses() {
        let line = "dockerd --insecure-registry a:5000 --insecure-registry=b --label x=y \
            --log-opt max-size=10m --log-opt max-file=3 --default-ulimit nofile=64:128 \
            --dns 1.1.1.1,8.8.8.8 --add-runtime own=/opt/own --feature containerd-snapshotter \
            --default-address-pool base=10.9.0.0/16,size=24 --storage-opt dm.basesize=10G \
            --http-proxy http://p:1 --default-network-opt bridge=mtu=1400 --mtu 1400";
        assert_eq!(
            values(line),
            json!({
                "insecure-registries": ["a:5000", "b"], "labels": ["x=y"],
                "log-opts": {"max-size": "10m", "max-file": "3"},
                "default-ulimits": {"nofile": {"Name": "nofile", "Soft": 64, "Hard": 128}},
                "dns": ["1.1.1.1", "8.8.8.8"], "runtimes": {"own": {"path": "/opt/own"}},
                "features": {"containerd-snapshotter": true},
                "default-address-pools": [{"base": "10.9.0.0/16", "size": 24}],
                "storage-opts": ["dm.basesize=10G"], "proxies": {"http-proxy": "http://p:1"},
                "default-network-opts": {"bridge": {"mtu": "1400"}}, "mtu": 1400
            })
        );
    }

    #[test]
    fn a_flag_that_is_newer_than_we_know_does_not_hide_the_next_one() {
        let line = "dockerd --from-the-future value --icc=false -Z --tls";
        assert_eq!(values(line), json!({"icc": false, "tls": true}));
        assert_eq!(values("dockerd --from-the-future --icc=false"), json!({"icc": false}));
    }

    #[test]
    fn odd_command_lines_do_no_harm() {
        for line in ["", "dockerd", "dockerd -", "dockerd -- --icc=false", "dockerd - = == -é"] {
            assert_eq!(values(line), json!({}), "{line:?}");
        }
        assert_eq!(values("dockerd --host"), json!({"hosts": [""]}));
        assert_eq!(words("dockerd\0-H\0fd://\0"), ["dockerd", "-H", "fd://"]);
    }
}
