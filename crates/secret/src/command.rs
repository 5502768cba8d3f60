//! Secrets in the arguments of programs: `--password x`, `mysql -px`, `curl -u user:x`.

use dockward_model::facts::SecretKind;

use crate::held::Held;
use crate::name::{self, Class};
use crate::pair::{Place, ends_word};
use crate::span::Span;
use crate::value::{self, Writing};

/// How a program takes a secret after a short flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// In the same word only: `-px`.
    Attached,
    /// In the same word or in the next one.
    Either,
    /// In the next word, after the colon: `-u user:x`.
    AfterColon,
}

/// Programs, all that begin alike with a star, their flag, and how they take the secret.
const PROGRAMS: &[(&str, &str, Takes)] = &[
    ("mysql*", "-p", Takes::Attached),
    ("mariadb*", "-p", Takes::Attached),
    ("sshpass", "-p", Takes::Either),
    ("mongo*", "-p", Takes::Either),
    ("redis-cli", "-a", Takes::Either),
    ("ldap*", "-w", Takes::Either),
    ("sqlcmd", "-P", Takes::Either),
    ("cqlsh", "-p", Takes::Either),
    ("login", "-p", Takes::Either),
    ("curl", "-u", Takes::AfterColon),
    ("curl", "--user", Takes::AfterColon),
];

/// Where a word says that a secret stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where {
    /// In the word itself, from this byte on.
    Here(usize),
    /// The whole next word, under a name of this class.
    Next(Class),
    /// In the next word, after its first colon.
    NextAfterColon,
}

/// The words of a command so far.
#[derive(Debug, Default)]
pub(crate) struct Command {
    takes: Vec<(&'static str, Takes)>,
    sets: bool,
}

impl Command {
    /// Takes in the next word of the command.
    pub(crate) fn see(&mut self, word: &str) -> Option<Where> {
        let found = self.place(word);
        let base = word.rsplit(['/', '=']).next().unwrap_or(word);
        let flags = PROGRAMS.iter().filter(|(program, ..)| match program.strip_suffix('*') {
            Some(beginning) => base.starts_with(beginning),
            None => base == *program,
        });
        self.takes.extend(flags.map(|(_, flag, takes)| (*flag, *takes)));
        self.takes.truncate(8);
        self.sets = word == "set";
        found
    }

    fn place(&self, word: &str) -> Option<Where> {
        let short = self.takes.iter().find_map(|(flag, takes)| {
            let rest = word.strip_prefix(flag)?;
            match (takes, rest.is_empty()) {
                (Takes::AfterColon, true) => Some(Where::NextAfterColon),
                (Takes::AfterColon, false) => None,
                (Takes::Either, true) => Some(Where::Next(Class::Password)),
                (Takes::Attached, true) | (_, false) => Some(Where::Here(flag.len())),
            }
        });
        short.or_else(|| {
            let named = (word.starts_with('-') || self.sets) && !word.contains('=');
            let class = named.then(|| name::class(word))??;
            (class != Class::Header).then_some(Where::Next(class))
        })
    }
}

/// What stands between words.
const APART: Held = Held::of(" \t\n\r\u{c}\"'");
const DASH: Held = Held::of("-");
const SET: Held = Held::of("set");
const CHPASSWD: Held = Held::of("chpasswd");

/// Every secret in the arguments of the commands of a shell text, in order.
pub(crate) fn all(text: &str) -> Vec<Span> {
    let (mut spans, mut command) = (Vec::new(), Command::default());
    let held = Held::of(text);
    if !(held.any(APART) && (held.any(DASH) || held.all(SET) || held.all(CHPASSWD))) {
        return spans;
    }
    let mut at = 0;
    while at < text.len() {
        let word = Place::at(text, at, |byte| ends_word(byte) || byte == b'(');
        let end = word.end.max(at);
        if end == at || word.start > at {
            if text.as_bytes().get(at).is_some_and(|byte| b";&|(`".contains(byte)) {
                command = Command::default();
            }
            at = text.ceil_char_boundary(at + 1);
            continue;
        }
        if let Some(span) = command.see(word_text(text, word)).and_then(|w| secret(text, word, w)) {
            spans.push(span);
        }
        at = end;
    }
    if held.all(CHPASSWD) {
        spans.extend(chpasswd(text));
    }
    spans
}

fn word_text(text: &str, word: Place) -> &str {
    text.get(word.start..word.end).unwrap_or_default()
}

/// The secret that `found` points at, if it is one.
fn secret(text: &str, word: Place, found: Where) -> Option<Span> {
    let (class, place) = match found {
        Where::Here(offset) => (Class::Password, Place::at(text, word.start + offset, ends_word)),
        Where::Next(class) => (class, next_word(text, word)?),
        Where::NextAfterColon => {
            let next = next_word(text, word)?;
            let colon = word_text(text, next).find(':')?;
            (Class::Password, Place { start: next.start + colon + 1, end: next.end })
        }
    };
    judge(text, class, place)
}

fn judge(text: &str, class: Class, place: Place) -> Option<Span> {
    value::is_secret(class, word_text(text, place), Writing::Shell)
        .then(|| Span::new(place.start, place.end, SecretKind::NamedSecret))
}

/// The word after `word`, if it is no flag and belongs to the same command. Words in quotes may
/// stand in a list: `["app", "--password", "x"]`.
fn next_word(text: &str, word: Place) -> Option<Place> {
    let bytes = text.as_bytes();
    let quote = |byte: Option<&u8>| byte.copied().filter(|byte| matches!(byte, b'"' | b'\''));
    let opened = quote(word.start.checked_sub(1).and_then(|i| bytes.get(i)));
    let closed = quote(bytes.get(word.end));
    let quoted = usize::from(closed.is_some() && closed == opened);
    let after = bytes.get(word.end + quoted..)?;
    let between = |byte: &u8| byte.is_ascii_whitespace() || (quoted > 0 && *byte == b',');
    let blanks = after.iter().take(16).take_while(|byte| between(byte)).count();
    let next = Place::at(text, word.end + quoted + blanks, ends_word);
    let apart = blanks > 0 || (closed.is_some() && quoted == 0);
    (apart && next.end > next.start && !word_text(text, next).starts_with('-')).then_some(next)
}

/// `echo user:password | chpasswd`.
fn chpasswd(text: &str) -> Vec<Span> {
    const NEAR: usize = 1024;
    let mut spans = Vec::new();
    for (at, _) in text.match_indices("chpasswd") {
        let from = text.floor_char_boundary(at.saturating_sub(NEAR));
        let before = text.get(from..at).unwrap_or_default();
        let command = before.rfind([';', '&']).map_or(0, |i| i + 1);
        let start = from + command;
        for (colon, _) in text.get(start..at).unwrap_or_default().match_indices(':') {
            let user = text.as_bytes().get(..start + colon).and_then(<[u8]>::last);
            let place = Place::at(text, start + colon + 1, ends_word);
            if user.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'}') && place.end <= at {
                spans.extend(judge(text, Class::Password, place));
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        all(text).into_iter().map(|span| span.text(text)).collect()
    }

    #[test]
    fn a_flag_named_as_a_secret_is_followed_by_one() {
        assert_eq!(found("app --db-password hunter2 --port 1"), ["hunter2"]);
        assert_eq!(found("app --password 'two words'"), ["two words"]);
        assert_eq!(found("npm config set //r/:_authToken abcdef123"), ["abcdef123"]);
        assert_eq!(found(r#"CMD ["app", "--password","two words", "--port"]"#), ["two words"]);
        assert_eq!(found("app --password --port 1"), [""; 0]);
        assert_eq!(found("docker login --password-stdin < f"), [""; 0]);
    }

    #[test]
    fn short_flags_are_those_of_their_program() {
        assert_eq!(found("mysql -u root -phunter2 shop"), ["hunter2"]);
        assert_eq!(found("/usr/bin/mysqldump -p'hunter 2' shop"), ["hunter 2"]);
        assert_eq!(found("sshpass -p hunter2 ssh host"), ["hunter2"]);
        assert_eq!(found("sshpass -p'hunter 2' ssh host"), ["hunter 2"]);
        assert_eq!(found("docker login -u a -p hunter2 r"), ["hunter2"]);
        assert_eq!(found("curl -u admin:hunter2 http://h"), ["hunter2"]);
        for text in
            ["mkdir -pv /x", "docker run -p 80:80 x", "mysql -p shop", "mysql x; cp -pr a b"]
        {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_password_that_is_piped_to_chpasswd_is_found() {
        assert_eq!(found("useradd a && echo 'root:hunter2' | chpasswd"), ["hunter2"]);
        assert_eq!(found("echo \"$USER:$PASS\" | chpasswd"), [""; 0]);
    }
}
