//! Where docker.service has the engine listen.

use std::collections::BTreeMap;

use dockward_collect::daemon_process::flags;
use dockward_collect::tree::{SMALL, Tree};
use dockward_model::facts::{Fact, Unit};
use serde_json::Value;

/// What a command of docker.service says that matters here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// The commands that it starts, as they stand there, each with the line.
    pub(super) commands: Vec<(String, String)>,
    /// Its `-H`, in order; none where it has none.
    pub(super) hosts: Option<Vec<String>>,
    /// Its `--config-file`.
    pub(super) config_file: Option<String>,
}

impl Told {
    pub(super) fn by(unit: &Unit, environment: &BTreeMap<String, String>) -> Self {
        let starts = unit.settings_of("ExecStart");
        let commands: Vec<_> =
            starts.map(|one| (one.value.clone(), one.origin.to_string())).collect();
        let words = commands.first().map(|(command, _)| expanded(command, environment));
        let words = words.unwrap_or_default();
        let mut said = flags(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let hosts = said.remove("hosts").map(|hosts| match hosts {
            Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            one => vec![one.to_string()],
        });
        let config_file =
            said.remove("config-file").and_then(|path| path.as_str().map(str::to_owned));
        Self { commands, hosts, config_file }
    }
}

/// A command's words with variables put in, as systemd does: `$NAME` as a word of its own is split
/// at spaces, `${NAME}` is put in as it is (systemd.service(5), "Command lines").
fn expanded(command: &str, environment: &BTreeMap<String, String>) -> Vec<String> {
    let value = |name: &str| environment.get(name).cloned().unwrap_or_default();
    let mut words = Vec::new();
    for word in command.split_whitespace() {
        match word.strip_prefix('$') {
            Some(name) if is_name(name) => {
                words.extend(value(name).split_whitespace().map(str::to_owned));
            }
            _ => words.push(braced(word, &value)),
        }
    }
    words
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn braced(word: &str, value: &dyn Fn(&str) -> String) -> String {
    let mut parts = word.split("${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((name, rest)) => out.extend([value(name).as_str(), rest]),
            None => out.extend(["${", part]),
        }
    }
    out
}

/// The variables of a service: `Environment=`, and over it the files of `EnvironmentFile=`.
pub(super) fn environment(tree: &dyn Tree, unit: &Unit) -> BTreeMap<String, String> {
    let pair = |line: &str| {
        let (name, value) = line.trim().split_once('=')?;
        is_name(name).then(|| (name.to_owned(), unquoted(value.trim()).to_owned()))
    };
    let mut all: BTreeMap<_, _> =
        unit.settings_of("Environment").filter_map(|one| pair(&one.value)).collect();
    for file in unit.settings_of("EnvironmentFile") {
        let path = file.value.trim_start_matches('-');
        if let Fact::Known(text) = tree.read_text(path, SMALL) {
            all.extend(
                text.lines()
                    .filter(|line| !line.trim_start().starts_with(['#', ';']))
                    .filter_map(pair),
            );
        }
    }
    all
}

fn unquoted(value: &str) -> &str {
    let within = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_in_as_systemd_does() {
        let environment = BTreeMap::from([
            ("OPTS".to_owned(), "-H tcp://0.0.0.0:2375 --debug".to_owned()),
            ("HOST".to_owned(), "unix:///a b".to_owned()),
        ]);
        let words = expanded("/usr/bin/dockerd $OPTS -H ${HOST} $NONE x${NONE}y $", &environment);
        assert_eq!(
            words,
            [
                "/usr/bin/dockerd",
                "-H",
                "tcp://0.0.0.0:2375",
                "--debug",
                "-H",
                "unix:///a b",
                "xy",
                "$"
            ]
        );
        assert_eq!(expanded("a ${b", &environment), ["a", "${b"]);
    }
}
