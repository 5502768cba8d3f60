//! Names that say that their value is a secret.

/// How much a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// A password or a secret: any value of its own counts.
    Password,
    /// A token or a key: the value must be long enough for one.
    Token,
    /// Something about authentication: the value must look like a credential.
    Credential,
    /// Where a secret is kept: the value must not look like a path, but like a credential.
    Place,
    /// The `Authorization` header: a scheme stands before the credential.
    Header,
}

/// What these words hold is a password, wherever they stand in a word.
const PASSWORDS: &[&str] = &["password", "passwd", "passphrase", "secret"];
/// Words that contain one of those and mean something else.
const NO_PASSWORDS: &[&str] = &["passwordless", "htpasswd", "secretless", "secretary"];
/// Whole words.
const PASSWORD_WORDS: &[&str] =
    &["pass", "passin", "passout", "pwd", "requirepass", "masterauth", "dbpass", "dbpwd"];
/// The word before `key` that makes it a secret.
const SECRET_KEYS: &[&str] = &[
    "access",
    "account",
    "admin",
    "api",
    "app",
    "auth",
    "cookie",
    "encryption",
    "encrypt",
    "hmac",
    "jwt",
    "license",
    "master",
    "private",
    "secret",
    "service",
    "session",
    "shared",
    "signing",
    "storage",
    "unseal",
];
/// A last word that makes the name one of something about the secret.
#[rustfmt::skip]
const ABOUT: &[&str] = &[
    "age", "alg", "algo", "algorithm", "arn", "attempts", "attribute", "audience", "backend", "bytes", "char",
    "chars", "charset", "check", "class", "cost", "count", "days", "disabled", "driver", "duration",
    "enable", "enabled", "encoding", "endpoint", "encryption", "enforced", "engine", "env", "expiration", "expire",
    "expires", "expiry", "field", "format", "grace", "header", "helper", "history", "host", "hours",
    "id", "ids", "interval", "issuer", "length", "len", "lifetime", "limit", "location", "manager",
    "max", "method", "min", "minutes", "mode", "ms", "name", "names", "namespace", "param",
    "pattern", "policy", "port", "prefix", "prompt", "provider", "realm", "ref", "refresh", "regex",
    "region", "required", "reset", "retries", "rotation", "rounds", "scope", "scopes", "sec",
    "seconds", "service", "size", "sock", "source", "stdin", "store", "strength", "suffix",
    "timeout", "ttl", "type", "uri", "url", "usage", "username", "validation", "verify", "version",
];

/// A last word that makes the name one of the place where the secret is.
const PLACES: &[&str] = &["dir", "directory", "file", "filename", "folder", "mount", "path"];

/// What the name says of its value; nothing, for most names.
pub(crate) fn class(name: &str) -> Option<Class> {
    if matches!(name, "PWD" | "OLDPWD") || !may_be(name) {
        return None;
    }
    let words = words(name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    if ABOUT.contains(&last) {
        return None;
    }
    if PLACES.contains(&last) {
        return Some(Class::Place);
    }
    if words.iter().any(|word| is_password(word)) {
        return Some(Class::Password);
    }
    if last == "authorization" {
        return Some(Class::Header);
    }
    if words.iter().any(|word| is_token(word)) || has_secret_key(&words) {
        return Some(Class::Token);
    }
    words.iter().any(|word| is_credential(word)).then_some(Class::Credential)
}

/// Whether any of these stands in it, which all names of secrets have: spares the rest the work.
fn may_be(name: &str) -> bool {
    const STEMS: [&[u8]; 7] =
        [b"pass", b"pwd", b"secret", b"token", b"key", b"auth", b"credential"];
    let bytes = name.as_bytes();
    (0..bytes.len()).any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        let first = rest.first().map(u8::to_ascii_lowercase);
        STEMS.iter().any(|stem| {
            stem.first().copied() == first
                && rest.get(..stem.len()).is_some_and(|head| head.eq_ignore_ascii_case(stem))
        })
    })
}

/// Whether it is what AWS calls the secret half of an access key.
pub(crate) fn is_aws_secret(name: &str) -> bool {
    words(name).concat().contains("secretaccesskey")
}

fn is_password(word: &str) -> bool {
    let holds = |part: &&str| word.contains(*part);
    PASSWORD_WORDS.contains(&word)
        || (PASSWORDS.iter().any(holds) && !NO_PASSWORDS.iter().any(holds))
}

fn is_token(word: &str) -> bool {
    word.ends_with("token") || word == "tokens" || word == "apikey" || word == "apikeys"
}

fn is_credential(word: &str) -> bool {
    matches!(word, "auth" | "basicauth" | "authkey")
        || word.strip_suffix('s').unwrap_or(word) == "credential"
}

/// `API_KEY`, `api-keys`, `APIKey`, `privatekey`.
fn has_secret_key(words: &[String]) -> bool {
    let is_key = |word: &str| matches!(word, "key" | "keys");
    let joined = |word: &String| {
        let bare = word.strip_suffix('s').unwrap_or(word);
        bare.strip_suffix("key").is_some_and(|kind| SECRET_KEYS.contains(&kind))
    };
    words.iter().any(joined)
        || words.windows(2).any(|pair| match pair {
            [kind, key] => is_key(key) && SECRET_KEYS.contains(&kind.as_str()),
            _ => false,
        })
}

/// The words of a name in lower case: split at all that is no letter or digit, and where a capital
/// letter begins a word (`clientSecret`, `DBPassword`).
fn words(name: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let letters: Vec<char> = name.chars().collect();
    for (i, &letter) in letters.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| letters.get(i)).copied().unwrap_or(' ');
        let after = letters.get(i + 1).copied().unwrap_or(' ');
        let begins = letter.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || (before.is_ascii_uppercase() && after.is_ascii_lowercase()));
        if (begins || !letter.is_ascii_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_ascii_alphanumeric() {
            word.push(letter.to_ascii_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_signs_and_at_capitals() {
        assert_eq!(words("DB_PASSWORD"), ["db", "password"]);
        assert_eq!(words("com.example.apiToken"), ["com", "example", "api", "token"]);
        assert_eq!(words("MyAPIKey-2"), ["my", "api", "key", "2"]);
    }

    #[test]
    fn passwords_are_known_in_every_spelling() {
        for name in ["DB_PASS", "dbPassword", "PGPASSWORD", "mysql_pwd", "requirepass", "X-Secret"]
        {
            assert_eq!(class(name), Some(Class::Password), "{name}");
        }
    }

    #[test]
    fn keys_and_tokens_are_known_in_every_spelling() {
        for name in ["API_KEY", "apikey", "accessKey", "PRIVATE_KEYS", "AUTH_TOKEN", "authtoken"] {
            assert_eq!(class(name), Some(Class::Token), "{name}");
        }
    }

    #[test]
    fn words_that_only_contain_such_a_word_say_nothing() {
        for name in [
            "PWD",
            "OLDPWD",
            "COMPASS_URL",
            "BYPASS_CACHE",
            "PASSENGER_APP_ENV",
            "TOKENIZERS_X",
            "KEYCLOAK_HOME",
            "GPG_KEY",
            "SSH_PUBLIC_KEY",
            "AUTHOR",
            "MONKEY",
            "REGISTRY_HTPASSWD",
        ] {
            assert_eq!(class(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_about_a_secret_is_none() {
        for name in ["TOKEN_URL", "TOKEN_TTL", "TOKEN_EXPIRY", "PASSWORD_MIN_LENGTH", "SECRET_NAME"]
        {
            assert_eq!(class(name), None, "{name}");
        }
    }
}
