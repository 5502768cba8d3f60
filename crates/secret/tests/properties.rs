//! What holds for every text.

use dockward_secret::{in_value, redact, redact_argv, redact_value};
use proptest::prelude::*;

/// Texts out of pieces that the finders look for, so that they meet in every order.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "PASSWORD",
        "token",
        "API_KEY",
        "=",
        ":",
        " ",
        "\"",
        "'",
        "\\\"",
        "\n",
        "://",
        "@",
        "@tcp(",
        "/",
        "--password",
        "-p",
        "mysql",
        "curl",
        "-u",
        "Authorization",
        "Bearer ",
        "eyJ",
        ".",
        "-----BEGIN ",
        "PRIVATE KEY-----",
        "-----END ",
        "AKIAIOSFODNN7ABCDEFG",
        "chpasswd",
        "|",
        "${",
        "}",
        "$",
        "[secret]",
        "[password]",
        "hunter2",
        "ä",
        "\u{2022}",
        "{",
        ",",
        ";",
        "set",
        "AccountKey=",
        "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
        "k3Vq9tR7mX2pLw8ZbN4cHs6Jk3Vq9tR7mX2pLw8Z",
    ]);
    let piece = prop_oneof![6 => pieces.prop_map(String::from), 1 => any::<String>()];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// A secret that can stand unquoted anywhere, and that no placeholder has a part of.
fn secret() -> impl Strategy<Value = String> {
    "[A-Z][a-zA-Z0-9]{10,30}[0-9][Q-Z]{2}"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nothing_panics(name in text(), value in text()) {
        let _ = in_value(&name, &value);
        let _ = redact_argv(&[name.as_str(), value.as_str()]);
    }

    #[test]
    fn redacting_again_changes_nothing(text in text()) {
        let once = redact(&text);
        let again = redact(&once.text);
        prop_assert_eq!(&again.text, &once.text);
        prop_assert_eq!(again.secrets, vec![]);
    }

    #[test]
    fn redacting_a_command_line_again_changes_nothing(a in text(), b in text(), c in text()) {
        let once = redact_argv(&[a.as_str(), b.as_str(), c.as_str()]);
        let words: Vec<&str> = once.iter().map(|(word, _)| word.as_str()).collect();
        for (again, first) in redact_argv(&words).iter().zip(&words) {
            prop_assert_eq!(again, &((*first).to_owned(), None));
        }
    }

    #[test]
    fn a_value_is_redacted_exactly_where_a_secret_is_seen_in_it(name in text(), value in text()) {
        let redacted = redact_value(&name, &value);
        prop_assert_eq!(redacted.secrets.is_empty(), in_value(&name, &value).is_none());
        let again = redact_value(&name, &redacted.text);
        prop_assert_eq!(again.text, redacted.text);
    }

    #[test]
    fn no_secret_is_left(secret in secret(), before in "[a-z ]{0,20}", after in "[a-z ]{0,20}") {
        for written in [
            format!("DB_PASSWORD={secret}"),
            format!("DB_PASSWORD='{secret}'"),
            format!("--api-key={secret}"),
            format!("--api-key {secret}"),
            format!("\"client_secret\": \"{secret}\""),
            format!("mysql -p{secret}"),
            format!("postgres://app:{secret}@db/shop"),
            format!("curl -H 'Authorization: Bearer {secret}'"),
            format!("-----BEGIN PRIVATE KEY-----\n{secret}{secret}\n-----END PRIVATE KEY-----"),
            format!("ghp_{}", secret.repeat(3)),
        ] {
            let redacted = redact(&format!("{before} {written} {after}"));
            prop_assert!(!redacted.text.contains(&secret), "{}", redacted.text);
            prop_assert_eq!(redacted.secrets.len(), 1, "{}", redacted.text);
            prop_assert!(redacted.text.starts_with(&before) && redacted.text.ends_with(&after));
        }
    }

    #[test]
    fn no_secret_is_left_in_a_command_line(secret in "[a-zA-Z][!-~]{7,29}[Q-Z]") {
        let flag = format!("--password={secret}");
        for words in [["app", "--password", secret.as_str()], ["app", "-x", flag.as_str()]] {
            let redacted = redact_argv(&words);
            prop_assert!(redacted.iter().all(|(word, _)| !word.contains(&secret)), "{:?}", redacted);
        }
    }
}

#[test]
fn time_is_linear_on_texts_made_to_be_slow() {
    for piece in
        ["a://", "PASSWORD=", "password:\"", "eyJ", "-----BEGIN ", "--token ", "'", "=", "@tcp(x:"]
    {
        let text = piece.repeat(64 * 1024 / piece.len());
        let started = std::time::Instant::now();
        let _ = redact(&text);
        let _ = in_value("x", &text);
        assert!(started.elapsed().as_secs() < 10, "{piece}: {:?}", started.elapsed());
    }
}
