//! Values that can be a secret, and values that stand for one.

use crate::name::Class;
use crate::sighting::entropy;

/// How a value is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    /// As it is: a variable of the environment, a word of a command line.
    Literal,
    /// For a shell, which puts variables in.
    Shell,
}

/// What secrets are replaced by.
pub(crate) const PLACEHOLDERS: &[&str] =
    &["[private-key]", "[cloud-key]", "[token]", "[web-token]", "[password]", "[secret]"];

/// Values that say that there is none, or that one is wanted.
#[rustfmt::skip]
const NO_SECRETS: &[&str] = &[
    "true", "false", "yes", "no", "on", "off", "0", "1", "null", "none", "nil", "undefined",
    "enabled", "disabled", "required", "optional", "redacted", "[redacted]", "hidden", "masked", "unset",
];

/// Least length of a token or a key, in bytes.
const SHORTEST_TOKEN: usize = 8;

/// Whether a value under a name of this class is a secret.
pub(crate) fn is_secret(class: Class, value: &str, writing: Writing) -> bool {
    if !is_text_of_its_own(value, writing) || is_path(value) || is_plain_url(value) {
        return false;
    }
    match class {
        Class::Password => true,
        Class::Token | Class::Header => {
            value.len() >= SHORTEST_TOKEN && !value.bytes().all(|byte| byte.is_ascii_digit())
        }
        Class::Credential => looks_random(value) || is_pair(value),
        Class::Place => !value.contains(['/', '\\', '.']) && looks_random(value),
    }
}

/// Whether a value has letters or digits, and is neither a reference to something else, nor a placeholder, nor a
/// word that means "none".
pub(crate) fn is_text_of_its_own(value: &str, writing: Writing) -> bool {
    let lower = value.to_ascii_lowercase();
    !(!value.contains(char::is_alphanumeric)
        || NO_SECRETS.contains(&lower.as_str())
        || is_placeholder(&lower)
        || is_reference(value, writing))
}

fn is_placeholder(lower: &str) -> bool {
    let all = |wanted: &[u8]| lower.bytes().all(|byte| wanted.contains(&byte));
    let enclosed = |open: char, close: char| lower.starts_with(open) && lower.ends_with(close);
    enclosed('<', '>')
        || all(b"x")
        || lower.contains('\u{2022}')
        || PLACEHOLDERS.iter().any(|placeholder| lower.contains(placeholder.trim_end_matches(']')))
        || ["your-", "your_"].iter().any(|your| lower.starts_with(your))
}

/// A variable, a command's output, a template's field, a secret store's entry.
fn is_reference(value: &str, writing: Writing) -> bool {
    const SCHEMES: &[&str] = &[
        "vault:",
        "op://",
        "arn:aws:",
        "ref+",
        "secretref:",
        "keyvault:",
        "file:",
        "env:",
        "id=",
        "src=",
    ];
    let enclosed = |open: &str, close: &str| value.starts_with(open) && value.ends_with(close);
    if let Some(inner) = value.strip_prefix("${").map(|rest| rest.trim_end_matches('}')) {
        return !has_default(inner);
    }
    value.starts_with("$(")
        || value.starts_with('`')
        || value.starts_with("$$(")
        || value.strip_prefix('$').is_some_and(|name| is_variable(name, writing))
        || enclosed("{{", "}}")
        || value == "{{"
        || enclosed("{", "}") && !value.contains(['"', ':', ' '])
        || enclosed("%", "%") && value.len() > 2
        || value.starts_with("%(")
        || value == "%s"
        || value.starts_with(".*")
        || SCHEMES.iter().any(|scheme| value.starts_with(scheme))
}

/// `NAME:-text` and `NAME-text`: the text is what a variable holds when nobody set it.
fn has_default(inner: &str) -> bool {
    let name = inner.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let rest = inner.get(name..).unwrap_or_default();
    let default = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-'));
    default.is_some_and(|text| is_text_of_its_own(text, Writing::Literal))
}

/// A literal `$ecret` is a secret; in a shell it is the value of `ecret`.
fn is_variable(name: &str, writing: Writing) -> bool {
    let capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let starts = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    starts
        && match writing {
            Writing::Literal => name.bytes().all(capital),
            Writing::Shell => name.bytes().all(letter),
        }
}

/// An absolute path whose first folder is a plain word, or a path that says where it begins.
fn is_path(value: &str) -> bool {
    if value.starts_with("./") || value.starts_with("~/") || value.starts_with("../") {
        return true;
    }
    let Some((first, rest)) = value.strip_prefix('/').and_then(|path| path.split_once('/')) else {
        return is_file_name(value);
    };
    let part = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/@:{}$".contains(&byte);
    first.len() >= 2
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && rest.bytes().all(part)
}

/// `server.key`, `token.txt`: a word and an ending that files have.
fn is_file_name(value: &str) -> bool {
    const ENDINGS: &[&str] =
        &["conf", "crt", "env", "json", "key", "p12", "pem", "pfx", "txt", "yaml", "yml"];
    value.rsplit_once('.').is_some_and(|(stem, ending)| {
        ENDINGS.contains(&ending)
            && stem.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-' | b'/'))
    })
}

/// A URL; a password in it was looked for already.
fn is_plain_url(value: &str) -> bool {
    ["http://", "https://", "unix://", "tcp://"].iter().any(|scheme| value.starts_with(scheme))
}

/// Long, of a token's alphabet, letters and digits mixed.
pub(crate) fn looks_random(value: &str) -> bool {
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-.:~".contains(&byte);
    value.len() >= 16
        && value.bytes().all(alphabet)
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
        && entropy(value.as_bytes()) >= 300
}

/// `user:password`, also in base64, as registries' logins are kept.
fn is_pair(value: &str) -> bool {
    let is_pair = |text: &str| {
        text.split_once(':').is_some_and(|(user, password)| {
            let number = password.bytes().all(|byte| byte.is_ascii_digit());
            !user.is_empty() && password.len() >= 4 && !number && !text.contains(['/', ' ', '='])
        })
    };
    is_pair(value) || decoded(value).is_some_and(|text| is_pair(&text))
}

/// Printable text in base64 (RFC 4648, section 4).
fn decoded(value: &str) -> Option<String> {
    const LONGEST: usize = 512;
    let value = value.trim_end_matches('=');
    if value.len() < 8 || value.len() > LONGEST {
        return None;
    }
    let (mut bits, mut held, mut text) = (0_u32, 0_u32, String::new());
    for byte in value.bytes() {
        bits = (bits << 6 | sextet(byte)?) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            let letter = char::from_u32(bits >> held & 0xff).filter(char::is_ascii_graphic)?;
            text.push(letter);
        }
    }
    Some(text)
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_that_is_written_down_is_a_secret() {
        assert!(is_secret(Class::Password, "${DB_PASSWORD:-hunter2}", Writing::Shell));
        for reference in ["${DB_PASSWORD}", "${DB_PASSWORD:?set it}", "${A:-$B}", "${A:-}"] {
            assert!(!is_secret(Class::Password, reference, Writing::Shell), "{reference}");
        }
    }

    #[test]
    fn a_dollar_is_a_reference_in_a_shell_only() {
        assert!(is_secret(Class::Password, "$ecret", Writing::Literal));
        assert!(!is_secret(Class::Password, "$ecret", Writing::Shell));
        assert!(!is_secret(Class::Password, "$SECRET", Writing::Literal));
    }

    #[test]
    fn a_login_is_known_in_base64() {
        assert_eq!(decoded("dXNlcjpzM2NyZXQ="), Some("user:s3cret".into()));
        assert!(is_secret(Class::Credential, "dXNlcjpzM2NyZXQ=", Writing::Literal));
        assert!(!is_secret(Class::Credential, "scram-sha-256", Writing::Literal));
    }

    #[test]
    fn a_key_that_begins_with_a_slash_is_no_path() {
        assert!(!is_path("/w3x+9Kd/AbCz=="));
        assert!(is_path("/run/secrets/db_password"));
        assert!(is_path("tls/server.key"));
    }
}
