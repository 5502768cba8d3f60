//! Texts without the secrets in them.

use dockward_model::facts::{SecretKind, Sighting};

use crate::command::{self, Command, Where};
use crate::name::{self, Class};
use crate::span::{Span, merge};
use crate::value::{self, PLACEHOLDERS, Writing};
use crate::{head, pair, shape, sighting};

/// A text without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The text; in the place of each secret stands what it was, such as `[token]`. What lies beyond
    /// [`crate::LOOKED_AT`] is left out, and the text says so.
    pub text: String,
    /// The secrets, in order.
    pub secrets: Vec<Sighting>,
}

/// Takes the secrets out of a value with a name, such as a label: all of it where the name says that
/// it is a secret. It holds one exactly where [`crate::in_value`] sees one.
#[must_use]
pub fn redact_value(name: &str, value: &str) -> Redacted {
    match crate::named(name, head(value)) {
        Some(seen) => {
            let known = shape::all(head(value)).into_iter().map(|span| span.kind).min();
            let seen = Sighting { kind: known.unwrap_or(seen.kind), ..seen };
            Redacted { text: placeholder(seen.kind).to_owned(), secrets: vec![seen] }
        }
        None => redact(value),
    }
}

/// How often a text is gone over; all but hostile ones need one round.
const MOST_ROUNDS: usize = 8;

/// Takes the secrets out of a free text: a shell command, a line of an image's history, an option,
/// a setting.
#[must_use]
pub fn redact(text: &str) -> Redacted {
    let looked_at = head(text);
    let mut redacted = in_rounds(looked_at);
    if looked_at.len() < text.len() {
        let left = text.len() - looked_at.len();
        redacted.text.push_str(&format!(" [{left} more bytes were not looked at]"));
    }
    redacted
}

/// In a text with odd quotes, what is left of it can read as another secret: so until there is none.
fn in_rounds(text: &str) -> Redacted {
    let mut redacted = Redacted { text: text.to_owned(), secrets: Vec::new() };
    for _ in 0..MOST_ROUNDS {
        let found = merge(spans(&redacted.text));
        if found.is_empty() {
            break;
        }
        let round = without(&redacted.text, found);
        redacted.text = round.text;
        redacted.secrets.extend(round.secrets);
    }
    redacted
}

/// Takes the secrets out of a command line: word by word, a secret may be in the word after its
/// flag. At most one sighting is given a word, the most telling.
#[must_use]
pub fn redact_argv(words: &[&str]) -> Vec<(String, Option<Sighting>)> {
    let mut redacted: Vec<_> = words.iter().map(|word| ((*word).to_owned(), None)).collect();
    for _ in 0..MOST_ROUNDS {
        let words: Vec<&str> = redacted.iter().map(|(word, _)| word.as_str()).collect();
        let round = argv_round(&words);
        if round.iter().all(|(_, seen)| seen.is_none()) {
            break;
        }
        for ((word, seen), (again, found)) in redacted.iter_mut().zip(round) {
            *word = again;
            *seen = seen.take().or(found);
        }
    }
    redacted
}

fn argv_round(words: &[&str]) -> Vec<(String, Option<Sighting>)> {
    let mut command = Command::default();
    let mut expected = None;
    let mut redacted = Vec::with_capacity(words.len());
    for word in words {
        let whole = expected.take().and_then(|place| argument(word, place));
        let place = command.see(word);
        let here = place.filter(|place| matches!(place, Where::Here(_)));
        let secret = whole.or_else(|| here.and_then(|place| argument(word, place)));
        let secret = secret.or_else(|| assignment(word));
        expected = place.filter(|place| !matches!(place, Where::Here(_)));
        redacted.push(one(word, secret));
    }
    redacted
}

/// A word, of which `secret` is known to be one.
fn one(word: &str, secret: Option<Span>) -> (String, Option<Sighting>) {
    let looked_at = head(word);
    let redacted = match secret {
        Some(span) if looked_at.len() == word.len() => {
            let kind = shape::all(span.text(word)).iter().map(|found| found.kind).min();
            without(word, vec![Span { kind: kind.unwrap_or(span.kind), ..span }])
        }
        _ => redact(word),
    };
    let telling = redacted.secrets.into_iter().min_by_key(|seen| seen.kind);
    (redacted.text, telling)
}

fn spans(text: &str) -> Vec<Span> {
    [shape::all(text), pair::all(text), command::all(text)].concat()
}

/// The secret in a word that a flag points at.
fn argument(word: &str, place: Where) -> Option<Span> {
    let (class, start) = match place {
        Where::Here(offset) => (Class::Password, offset),
        Where::Next(class) if !word.starts_with('-') => (class, 0),
        Where::NextAfterColon => (Class::Password, word.find(':')? + 1),
        Where::Next(_) => return None,
    };
    of_class(word, class, start)
}

/// `--password=x` and `PASSWORD=x`: no shell ends the value, it is the rest of the word.
fn assignment(word: &str) -> Option<Span> {
    let (name, _) = word.split_once('=')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let class = name.bytes().all(plain).then(|| name::class(name))??;
    (class != Class::Header).then(|| of_class(word, class, name.len() + 1))?
}

fn of_class(word: &str, class: Class, start: usize) -> Option<Span> {
    let value = word.get(start..)?;
    value::is_secret(class, value, Writing::Literal)
        .then(|| Span::new(start, word.len(), SecretKind::NamedSecret))
}

/// The text with each of these places, in order and apart, replaced.
fn without(text: &str, spans: Vec<Span>) -> Redacted {
    let (mut kept, mut from) = (String::with_capacity(text.len()), 0);
    let mut secrets = Vec::with_capacity(spans.len());
    for span in spans {
        kept.push_str(text.get(from..span.start).unwrap_or_default());
        kept.push_str(placeholder(span.kind));
        secrets.push(sighting::of(span.kind, span.text(text)));
        from = span.end;
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    Redacted { text: kept, secrets }
}

fn placeholder(kind: SecretKind) -> &'static str {
    let index = match kind {
        SecretKind::PrivateKey => 0,
        SecretKind::CloudKey => 1,
        SecretKind::Token => 2,
        SecretKind::JsonWebToken => 3,
        SecretKind::UrlPassword => 4,
        SecretKind::NamedSecret => 5,
    };
    PLACEHOLDERS.get(index).copied().unwrap_or("[secret]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(words: &[&str]) -> Vec<String> {
        redact_argv(words).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn what_stands_around_a_secret_is_kept() {
        let redacted = redact("curl -H 'Authorization: Bearer abcdef123' https://u:pw@h/x");
        assert_eq!(
            redacted.text,
            "curl -H 'Authorization: Bearer [secret]' https://u:[password]@h/x"
        );
        let kinds: Vec<_> = redacted.secrets.iter().map(|seen| seen.kind).collect();
        assert_eq!(kinds, [SecretKind::NamedSecret, SecretKind::UrlPassword]);
        assert_eq!(redacted.secrets[0].length, 9);
    }

    #[test]
    fn a_secret_may_be_in_the_next_word() {
        assert_eq!(
            argv(&["app", "--password", "a;b c", "x"]),
            ["app", "--password", "[secret]", "x"]
        );
        assert_eq!(
            argv(&["app", "--password", "--port", "1"]),
            ["app", "--password", "--port", "1"]
        );
        assert_eq!(argv(&["mysql", "-pa b", "shop"]), ["mysql", "-p[secret]", "shop"]);
        assert_eq!(argv(&["curl", "-u", "me:a b"]), ["curl", "-u", "me:[secret]"]);
    }

    #[test]
    fn a_value_that_no_shell_reads_goes_to_the_end_of_its_word() {
        assert_eq!(argv(&["app", "--db-password=a;b c"]), ["app", "--db-password=[secret]"]);
        assert_eq!(argv(&["env", "TOKEN=abcdefgh&i"]), ["env", "TOKEN=[secret]"]);
    }

    #[test]
    fn a_value_whose_name_says_secret_goes_whole_and_any_other_keeps_the_rest() {
        let text = |name, value| redact_value(name, value).text;
        assert_eq!(text("api-token", "k3Vq9tR7, Password=x y"), "[secret]");
        assert_eq!(text("proxy", "http://a:b@proxy:3128"), "http://a:[password]@proxy:3128");
        assert_eq!(text("maintainer", "Jane <jane@example.com>"), "Jane <jane@example.com>");
    }

    #[test]
    fn a_shell_script_in_a_word_is_a_text() {
        let words = ["sh", "-c", "mysql -p$password; sleep 1; : shop --db-password=k3Vq"];
        assert_eq!(argv(&words)[2], "mysql -p$password; sleep 1; : shop --db-password=[secret]");
    }

    #[test]
    fn a_known_form_is_named_by_what_it_is() {
        let token = format!("ghp_{}", "a1".repeat(18));
        let words = redact_argv(&["app", "--token", &token]);
        assert_eq!(words[2].0, "[token]");
        assert_eq!(words[2].1.as_ref().map(|seen| seen.kind), Some(SecretKind::Token));
    }

    #[test]
    fn of_a_text_that_is_too_long_the_head_is_judged_and_the_rest_is_left_out() {
        let text = format!("PASSWORD=hunter2 {}", "word ".repeat(20_000));
        let redacted = redact(&text);
        assert!(redacted.text.starts_with("PASSWORD=[secret] word"));
        assert!(redacted.text.ends_with("more bytes were not looked at]"));
        assert!(redacted.text.len() < crate::LOOKED_AT + 64);
    }
}
