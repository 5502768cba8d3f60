//! What a file says, and every mistake outside waivers as a person reads it.

use dockward_model::verdict::Severity;
use proptest::prelude::*;

use super::*;
use crate::sample::{RULES, config, problems, told, waiver};

fn kinds(text: &str) -> Vec<Kind> {
    problems(text).iter().map(|problem| problem.kind).collect()
}

#[test]
fn every_setting_is_read() {
    let text = "fail-on = 'never'\nonly = ['container-*', 'daemon-tls']\nskip = ['*-io-*']\n\
                [severity]\ncontainer-root-user = 'low'\n\"daemon-tls\" = 'critical'\n";
    let read = config(text);
    assert_eq!(read.fail_on, FailOn::Never);
    assert_eq!(read.only, [Glob::new("container-*"), Glob::new("daemon-tls")]);
    assert_eq!(read.skip, [Glob::new("*-io-*")]);
    assert_eq!(read.severity.get("container-root-user"), Some(&Severity::Low));
    assert_eq!(read.severity.get("daemon-tls"), Some(&Severity::Critical));
    assert_eq!(read.waivers, []);
}

#[test]
fn an_empty_file_is_the_same_as_none() {
    assert_eq!(config(""), Config::default());
    assert_eq!(config("\u{feff}# nothing\r\n"), Config::default());
    assert_eq!(Config::default().fail_on, FailOn::At(Severity::High));
}

#[test]
fn the_example_is_a_valid_file_that_shows_every_setting() {
    let read = config(crate::EXAMPLE);
    assert_eq!((read.only.len(), read.skip.len()), (3, 1));
    assert_eq!((read.severity.len(), read.waivers.len()), (2, 4));
    for setting in SETTINGS {
        assert!(
            crate::EXAMPLE.contains(&format!("\n{setting} = ")) || {
                crate::EXAMPLE.contains(&format!("[{setting}]"))
            }
        );
    }
}

#[test]
fn a_mistyped_setting_is_told_with_the_one_that_was_meant() {
    assert_eq!(
        told("# ours\nfail_on = \"high\"\n"),
        "\
dockward.toml:2:1: `fail_on` is no setting
  |
2 | fail_on = \"high\"
  | ^^^^^^^
  = did you mean `fail-on`?"
    );
}

#[test]
fn a_setting_like_none_is_told_with_all_of_them() {
    assert_eq!(
        told("colour = true\n"),
        "\
dockward.toml:1:1: `colour` is no setting
  |
1 | colour = true
  | ^^^^^^
  = the settings are `fail-on`, `only`, `skip`, `severity`, `images`, `scan`, `guard`, `waiver`, `webhook`"
    );
}

#[test]
fn a_field_of_a_waiver_that_stands_alone_is_told_where_it_belongs() {
    assert_eq!(
        told("owner = \"ops\"\n"),
        "\
dockward.toml:1:1: `owner` is no setting
  |
1 | owner = \"ops\"
  | ^^^^^
  = `owner` belongs below a `[[waiver]]` line"
    );
}

#[test]
fn values_of_the_wrong_type_are_told_with_the_right_one() {
    assert_eq!(
        told(
            "fail-on = 3\nonly = \"container-*\"\nskip = [true]\nseverity = \"low\"\nwaiver = [1]\n"
        ),
        "\
dockward.toml:1:11: `fail-on` is a number, but has to be a string
  |
1 | fail-on = 3
  |           ^
  = put it in quotes

dockward.toml:2:8: `only` is a string, but has to be a list of strings
  |
2 | only = \"container-*\"
  |        ^^^^^^^^^^^^^
  = put it in brackets: `[\"container-*\"]`

dockward.toml:3:9: a pattern in `skip` is true or false, but has to be a string
  |
3 | skip = [true]
  |         ^^^^
  = put it in quotes

dockward.toml:4:12: `severity` is a string, but has to be a table of rules
  |
4 | severity = \"low\"
  |            ^^^^^
  = write `[severity]` on a line of its own, and `\"RULE\" = \"low\"` below it

dockward.toml:5:11: a waiver is a number, but has to be a table
  |
5 | waiver = [1]
  |           ^
  = write `[[waiver]]` on a line of its own above each waiver"
    );
}

#[test]
fn a_single_waiver_table_is_told_how_a_list_is_written() {
    assert_eq!(
        told("[waiver]\nrule = \"daemon-tls\"\n"),
        "\
dockward.toml:1:1: `waiver` is a table, but has to be a list of tables
  |
1 | [waiver]
  | ^^^^^^^^
  = write `[[waiver]]` on a line of its own above each waiver"
    );
}

#[test]
fn rules_that_nobody_knows_are_told_wherever_they_stand() {
    assert_eq!(
        told(
            "only = [\"contaner-io-limit\"]\nskip = [\"network-*\"]\n[severity]\nhost-kernl = \"low\"\n"
        ),
        "\
dockward.toml:1:9: no rule has the id `contaner-io-limit`
  |
1 | only = [\"contaner-io-limit\"]
  |         ^^^^^^^^^^^^^^^^^^^
  = did you mean `container-io-limit`?

dockward.toml:2:9: no rule matches `network-*`
  |
2 | skip = [\"network-*\"]
  |         ^^^^^^^^^^^

dockward.toml:4:1: no rule has the id `host-kernl`
  |
4 | host-kernl = \"low\"
  | ^^^^^^^^^^
  = did you mean `host-kernel`?"
    );
}

#[test]
fn severities_are_set_for_one_rule_and_settings_stand_above_them() {
    assert_eq!(
        told("[severity]\n\"container-*\" = \"low\"\nfail-on = \"low\"\n"),
        "\
dockward.toml:2:1: no rule has the id `container-*`
  |
2 | \"container-*\" = \"low\"
  | ^^^^^^^^^^^^^
  = a severity is set for one rule at a time, by its whole id

dockward.toml:3:1: no rule has the id `fail-on`
  |
3 | fail-on = \"low\"
  | ^^^^^^^
  = the setting `fail-on` has to stand above the first line in brackets"
    );
}

#[test]
fn words_that_are_no_severity_are_told_with_those_that_are() {
    assert_eq!(
        told("fail-on = \"High\"\n[severity]\ndaemon-tls = \"never\"\n"),
        "\
dockward.toml:1:11: `High` is no severity
  |
1 | fail-on = \"High\"
  |           ^^^^^^
  = did you mean `high`?

dockward.toml:3:14: `never` is no severity
  |
3 | daemon-tls = \"never\"
  |              ^^^^^^^
  = it is one of critical, high, medium, low, info"
    );
}

#[test]
fn an_empty_only_is_a_mistake_since_it_could_mean_all_or_nothing() {
    assert_eq!(
        told("only = []\n"),
        "\
dockward.toml:1:8: `only` names no rule
  |
1 | only = []
  |        ^^
  = leave it out to judge all rules"
    );
    assert_eq!(config("skip = []\n").skip, []);
}

#[test]
fn images_are_trusted_by_their_whole_name() {
    let config = config("[images]\ntrusted = [\"docker.io/library/*\", \"r.example/*\"]\n");
    for (name, trusted) in [
        ("docker.io/library/nginx:1.29", true),
        ("docker.io/me/nginx:1.29", false),
        ("r.example/a/b:2", true),
        ("evil.example/r.example/a:1", false),
    ] {
        assert_eq!(config.trusts_image(name), Some(trusted), "{name}");
    }
    assert_eq!(Config::default().trusts_image("docker.io/library/nginx:1.29"), None);
}

#[test]
fn mistakes_about_images_are_told() {
    assert_eq!(kinds("[images]\ntrusted = []\n"), [Kind::Empty]);
    assert_eq!(kinds("[images]\ntrusted = [\"nginx*\"]\n"), [Kind::Empty]);
    assert_eq!(kinds("[images]\ntrust = [\"a/*\"]\n"), [Kind::UnknownKey]);
    assert_eq!(kinds("images = [\"a/*\"]\n"), [Kind::WrongType]);
}

#[test]
fn syntax_errors_are_told_all_at_once_and_in_order() {
    assert_eq!(
        told("fail-on = high high\nonly = [\"container-*\"]\nskip = []\nskip = []\nseverity\n"),
        "\
dockward.toml:1:11: this is not TOML: string values must be quoted, expected literal string
  |
1 | fail-on = high high
  |           ^^^^^^^^^

dockward.toml:4:1: this is not TOML: duplicate key
  |
4 | skip = []
  | ^^^^

dockward.toml:5:9: this is not TOML: key with no value, expected `=`
  |
5 | severity
  |         ^"
    );
}

#[test]
fn what_a_syntax_error_may_have_swallowed_is_not_called_missing() {
    let text = waiver("rule = \"daemon-tls\"\ndaemon = true").replace("\"ops\"", "ops\" #");
    assert_eq!(kinds(&text), [Kind::Syntax]);
    assert_eq!(kinds("[[waiver]\nrule = \"x\"\nfoo = 1\n"), [Kind::Syntax]);
    assert_eq!(kinds("[severity\ndaemon-tls = \"low\"\n"), [Kind::Syntax]);
}

#[test]
fn what_has_nothing_to_do_with_a_syntax_error_is_still_told() {
    let text = "fail-on = high\ncolour = 1\n[severity]\ndaemon-tls = \"hi\"\n";
    assert_eq!(kinds(text), [Kind::Syntax, Kind::UnknownKey, Kind::BadSeverity]);
}

#[test]
fn problems_can_be_read_by_a_program() {
    let all = problems("fail_on = \"high\"\nskip = [\"nothing\"]\n");
    assert_eq!((all.file(), all.count()), ("dockward.toml", 2));
    let second = all.iter().nth(1).unwrap();
    assert_eq!(second.kind, Kind::UnknownRule);
    assert_eq!((second.message.as_str(), &second.hint), ("no rule has the id `nothing`", &None));
    let place = second.place.as_ref().unwrap();
    assert_eq!((place.line, place.column, place.caret.clone()), (2, 9, 8..17));
}

#[test]
fn the_last_line_counts_the_mistakes() {
    assert!(problems("a = 1\n").to_string().ends_with("\n\n1 mistake in dockward.toml"));
    let many: String = (0..150).map(|n| format!("key-{n} = 1\n")).collect();
    let all = problems(&many);
    assert_eq!((all.count(), all.iter().count()), (150, 100));
    let lines = all.iter().flat_map(|problem| &problem.place).map(|place| place.line);
    assert!(lines.eq(1..=100), "the first ones are shown");
    assert!(all.to_string().ends_with("\n150 mistakes in dockward.toml, of which 100 are shown"));
}

#[test]
fn hostile_names_are_shown_escaped() {
    let text = "\"\\u001b[2J\\u202e\" = 1\nfail-on = \"\\u001b]0;pwned\\u0007\"\n";
    let all = parse(text, "a\u{1b}[1m\n.toml", &RULES).unwrap_err().to_string();
    assert!(all.starts_with("a\\u{1b}[1m\\u{a}.toml:1:1: `\\u{1b}[2J\\u{202e}` is no setting\n"));
    assert!(all.contains("`\\u{1b}]0;pwned\\u{7}` is no severity"));
    let raw = problems("# \u{9b}31m\nfail-on = \"\u{202e}hgih\"\n").to_string();
    assert!(raw.contains("2 | fail-on = \"\\u{202e}hgih\"\n  |           ^^^^^^^^^^^^^^"), "{raw}");
}

#[test]
fn a_file_that_is_too_long_is_not_looked_at() {
    let text = "#".repeat(MAX_BYTES);
    assert_eq!(config(&text), Config::default());
    let all = problems(&(text + "#"));
    assert_eq!(
        all.to_string(),
        "dockward.toml: the file has 1048577 bytes, at most 1048576 are read\n\n\
         1 mistake in dockward.toml"
    );
    assert_eq!(all.iter().next().map(|p| (p.kind, p.place.clone())), Some((Kind::TooMuch, None)));
}

#[test]
fn a_file_full_of_mistakes_neither_hangs_nor_overflows_the_stack() {
    let deep = "a = ".to_owned() + &"[".repeat(500_000);
    assert!(problems(&deep).count() >= 1);
    let lines = "[[waiver]]\nx=1\n".repeat(MAX_BYTES / 16);
    assert!(problems(&lines).count() > 1000);
    let garbage = "=".repeat(MAX_BYTES);
    assert!(problems(&garbage).count() >= 1);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_or_print_control_characters(text in any::<String>()) {
        if let Err(problems) = parse(&text, "dockward.toml", &RULES) {
            prop_assert!(problems.count() > 0);
            prop_assert!(!problems.to_string().chars().any(|c| c.is_control() && c != '\n'));
        }
    }

    #[test]
    fn mistakes_are_told_in_the_order_of_the_file(
        lines in proptest::collection::vec(
            prop::sample::select(vec![
                "only = ['x']", "skip = 1", "[[waiver]]", "[severity]", "fail-on = 'x'", "foo = 1",
                "rule = 'daemon-tls'", "host = true", "until = 2020-01-01", "owner = ''", "only = [",
                "until = '1.1.2020'", "permanent = true", "daemon-tls = 'lo'", "]", "x = \"\\q\"",
            ]),
            0..12,
        )
    ) {
        if let Err(problems) = parse(&lines.join("\n"), "dockward.toml", &RULES) {
            let places: Vec<_> =
                problems.iter().flat_map(|p| &p.place).map(|p| (p.line, p.column)).collect();
            prop_assert!(places.is_sorted());
            prop_assert_eq!(places.len(), problems.count());
        }
    }
}
