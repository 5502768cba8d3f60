//! The settings of a unit's files, merged as systemd merges them.

use dockward_model::facts::{Origin, Sighting, UnitSetting};
use dockward_secret::redact_argv;

use super::syntax::{self, Assignment};
use crate::redacted;

/// Which settings are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Each adds to those before.
    Commands,
    Variables,
    Paths,
    Addresses,
    /// The last one counts.
    One,
}

fn kind(section: &str, key: &str) -> Option<Kind> {
    Some(match (section, key) {
        ("Service", "ExecStart") => Kind::Commands,
        ("Service", "Environment") => Kind::Variables,
        ("Service", "EnvironmentFile") => Kind::Paths,
        ("Socket", "ListenStream") => Kind::Addresses,
        ("Socket", "SocketMode" | "SocketUser" | "SocketGroup") => Kind::One,
        _ => return None,
    })
}

/// Adds a file's settings to those of the files before it.
pub(super) fn add(settings: &mut Vec<UnitSetting>, path: &str, text: &str) {
    for one in syntax::assignments(text) {
        if one.value.is_empty() {
            reset(settings, &one);
            continue;
        }
        let Some(kind) = kind(&one.section, &one.key) else { continue };
        if kind == Kind::One {
            settings.retain(|before| before.key != one.key);
        }
        let origin = Origin::file(path, Some(one.line));
        settings.extend(values(kind, &one).into_iter().map(|(value, secret)| UnitSetting {
            key: one.key.clone(),
            value,
            secret,
            origin: origin.clone(),
        }));
    }
}

/// An empty value takes back what was said; of `ListenDatagram=` and its kin all addresses
/// (systemd.socket(5)).
fn reset(settings: &mut Vec<UnitSetting>, one: &Assignment) {
    let any_address = one.section == "Socket" && one.key.starts_with("Listen");
    if any_address {
        settings.retain(|before| before.key != "ListenStream");
    } else if kind(&one.section, &one.key).is_some() {
        settings.retain(|before| before.key != one.key);
    }
}

type Value = (String, Option<Sighting>);

fn values(kind: Kind, one: &Assignment) -> Vec<Value> {
    match kind {
        Kind::Commands => syntax::commands(&one.value).into_iter().map(command).collect(),
        Kind::Variables => syntax::words(&one.value).iter().map(|word| variable(word)).collect(),
        Kind::Paths | Kind::Addresses | Kind::One => vec![redacted::text(&one.value)],
    }
}

fn command(words: Vec<String>) -> Value {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (words, secrets): (Vec<_>, Vec<_>) = redact_argv(&words).into_iter().unzip();
    (words.join(" "), secrets.into_iter().flatten().next())
}

fn variable(word: &str) -> Value {
    match word.split_once('=') {
        Some((name, value)) => {
            let (value, secret) = redacted::value_of(name, value);
            (format!("{name}={value}"), secret)
        }
        None => redacted::text(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(files: &[&str]) -> Vec<(String, String)> {
        let mut settings = Vec::new();
        files.iter().for_each(|text| add(&mut settings, "/u", text));
        settings.into_iter().map(|setting| (setting.key, setting.value)).collect()
    }

    fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_empty_value_takes_back_a_list_and_another_value_adds_to_it() {
        let stock = "[Service]\nExecStart=/usr/bin/dockerd -H fd://\n";
        assert_eq!(
            merged(&[stock, "[Service]\nExecStart=\nExecStart=/opt/dockerd\n"]),
            pairs(&[("ExecStart", "/opt/dockerd")])
        );
        let stock = "[Socket]\nListenStream=/run/docker.sock\nSocketMode=0660\n";
        assert_eq!(
            merged(&[stock, "[Socket]\nListenStream=2375\nSocketMode=0666\n"]),
            pairs(&[
                ("ListenStream", "/run/docker.sock"),
                ("ListenStream", "2375"),
                ("SocketMode", "0666")
            ])
        );
        assert_eq!(
            merged(&[stock, "[Socket]\nListenDatagram=\n"]),
            pairs(&[("SocketMode", "0660")])
        );
    }

    #[test]
    fn a_setting_in_a_foreign_section_is_none() {
        assert_eq!(merged(&["[Unit]\nExecStart=/a\n[X-Old]\nListenStream=1\n"]), pairs(&[]));
    }

    #[test]
    fn secrets_are_replaced_wherever_they_stand() {
        let mut settings = Vec::new();
        let text = "[Service]\nEnvironment=\"API_TOKEN=Zx9-kq27-Lm40\" LANG=C \
                    HTTP_PROXY=http://ann:hunter2-and-more@proxy\n\
                    ExecStart=/usr/bin/dockerd --http-proxy http://ann:hunter2-and-more@proxy\n";
        add(&mut settings, "/u", text);
        let shown = format!("{settings:?}");
        assert!(!shown.contains("Zx9-kq27") && !shown.contains("hunter2"), "{shown}");
        assert_eq!(settings.iter().filter(|setting| setting.secret.is_some()).count(), 3);
        assert_eq!(settings[1].value, "LANG=C");
    }
}
