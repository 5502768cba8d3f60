//! What waivers say, and every mistake in one as a person reads it.

use jiff::civil::date;

use super::*;
use crate::sample::{config, problems, told, waiver};

const RULE: &str = "rule = \"daemon-tls\"";

fn until(written: &str) -> String {
    waiver(&format!("{RULE}\ndaemon = true")).replace("2027-12-31", written)
}

#[test]
fn a_waiver_keeps_what_was_written_and_where() {
    let text = "# ours\n\n".to_owned() + &waiver("rule = \"container-*\"\ncontainer = \"web-?\"");
    let read = config(&text).waivers;
    let expected = Waiver {
        rule: Glob::new("container-*"),
        selectors: vec![Selector::Container(Glob::new("web-?"))],
        owner: "ops".to_owned(),
        reason: "planned".to_owned(),
        until: Some(date(2027, 12, 31)),
        origin: Origin::file("dockward.toml", Some(3)),
    };
    assert_eq!(read, [expected]);
}

#[test]
fn every_selector_is_read() {
    let text = waiver(
        "rule = \"*\"\ncontainer = \"a*\"\nlabel = \"tier=fr=nt*\"\nimage = \"b\"\ncompose = \"p/s\"",
    );
    let read = &config(&text).waivers[0].selectors;
    let label = Selector::Label { key: "tier".to_owned(), value: Some(Glob::new("fr=nt*")) };
    let compose = Selector::Compose { project: Some(Glob::new("p")), service: Glob::new("s") };
    let (container, image) =
        (Selector::Container(Glob::new("a*")), Selector::Image(Glob::new("b")));
    assert_eq!(read, &[container, label, image, compose]);
    let one = |line: &str| config(&waiver(&format!("{RULE}\n{line}"))).waivers[0].selectors.clone();
    assert_eq!(one("label = \"tier\""), [Selector::Label { key: "tier".to_owned(), value: None }]);
    assert_eq!(
        one("compose = \"s\""),
        [Selector::Compose { project: None, service: Glob::new("s") }]
    );
    assert_eq!(one("resource = \"data\""), [Selector::Resource(Glob::new("data"))]);
    assert_eq!(one("host = true"), [Selector::Host]);
    assert_eq!(one("daemon = true"), [Selector::Daemon]);
}

#[test]
fn a_day_may_be_bare_or_in_quotes() {
    for written in ["2028-02-29", "\"2028-02-29\"", "'2028-02-29'"] {
        assert_eq!(config(&until(written)).waivers[0].until, Some(date(2028, 2, 29)));
    }
}

#[test]
fn a_permanent_waiver_has_no_day() {
    let permanent = until("2027-12-31").replace("until = 2027-12-31", "permanent = true");
    assert_eq!(config(&permanent).waivers[0].until, None);
    let no = until("2027-12-31") + "permanent = false\n";
    assert_eq!(config(&no).waivers[0].until, Some(date(2027, 12, 31)));
    let neither = permanent.replace("true\n", "false\n").replace("daemon = false", "daemon = true");
    assert!(told(&neither).contains("this waiver has no `until`"));
}

#[test]
fn an_empty_waiver_is_told_all_that_it_lacks() {
    assert_eq!(
        told("[[waiver]]\n"),
        "\
dockward.toml:1:1: this waiver has no `rule`
  |
1 | [[waiver]]
  | ^^^^^^^^^^
  = add `rule = \"…\"`: the id of a rule, or a pattern

dockward.toml:1:1: this waiver doesn't say what it is for
  |
1 | [[waiver]]
  | ^^^^^^^^^^
  = add at least one of `container`, `label`, `image`, `compose`, `resource`, `package`, `vulnerability`, `host`, `daemon`

dockward.toml:1:1: this waiver has no `owner`
  |
1 | [[waiver]]
  | ^^^^^^^^^^
  = add `owner = \"…\"`: who answers for it: a person, a team, an address

dockward.toml:1:1: this waiver has no `reason`
  |
1 | [[waiver]]
  | ^^^^^^^^^^
  = add `reason = \"…\"`: why it is accepted

dockward.toml:1:1: this waiver has no `until`
  |
1 | [[waiver]]
  | ^^^^^^^^^^
  = add the last day on which it holds, such as `until = 2027-03-31`, or `permanent = true`"
    );
}

#[test]
fn fields_that_say_nothing_are_told() {
    let text = "[[waiver]]\nrule = \"\"\ncontainer = \" \"\nowner = \"\"\nreason = \"  \"\n\
                permanent = true\n";
    assert_eq!(
        told(text),
        "\
dockward.toml:2:8: `rule` is empty
  |
2 | rule = \"\"
  |        ^^
  = say the id of a rule, or a pattern

dockward.toml:3:13: an empty selector matches nothing
  |
3 | container = \" \"
  |             ^^^
  = write a name or a pattern; `*` matches any name

dockward.toml:4:9: `owner` is empty
  |
4 | owner = \"\"
  |         ^^
  = say who answers for it: a person, a team, an address

dockward.toml:5:10: `reason` is empty
  |
5 | reason = \"  \"
  |          ^^^^
  = say why it is accepted"
    );
}

#[test]
fn a_mistyped_field_or_rule_is_told_with_the_one_that_was_meant() {
    let text = waiver("rule = \"container-engine-sockets\"\ncontainer = \"a\"\ncontainr = \"a\"");
    assert_eq!(
        told(&text),
        "\
dockward.toml:2:8: no rule has the id `container-engine-sockets`
  |
2 | rule = \"container-engine-sockets\"
  |        ^^^^^^^^^^^^^^^^^^^^^^^^^^
  = did you mean `container-engine-socket`?

dockward.toml:4:1: `containr` is no field of a waiver
  |
4 | containr = \"a\"
  | ^^^^^^^^
  = did you mean `container`?"
    );
}

#[test]
fn a_setting_below_a_waiver_is_told_where_it_belongs() {
    assert_eq!(
        told(&(until("2027-12-31") + "fail-on = \"low\"\n")),
        "\
dockward.toml:7:1: `fail-on` is no field of a waiver
  |
7 | fail-on = \"low\"
  | ^^^^^^^
  = the setting `fail-on` has to stand above the first line in brackets"
    );
}

#[test]
fn fields_of_the_wrong_type_are_told_and_not_called_missing() {
    let text = "[[waiver]]\nrule = [\"daemon-tls\"]\nhost = \"true\"\nowner = 7\nreason = true\n\
                until = 20271231\npermanent = 1\n";
    assert_eq!(
        told(text),
        "\
dockward.toml:2:8: `rule` is a list, but has to be a string
  |
2 | rule = [\"daemon-tls\"]
  |        ^^^^^^^^^^^^^^

dockward.toml:3:8: `host` is a string, but has to be true or false
  |
3 | host = \"true\"
  |        ^^^^^^
  = leave out the quotes

dockward.toml:4:9: `owner` is a number, but has to be a string
  |
4 | owner = 7
  |         ^
  = put it in quotes

dockward.toml:5:10: `reason` is true or false, but has to be a string
  |
5 | reason = true
  |          ^^^^
  = put it in quotes

dockward.toml:6:9: `until` is a number, but has to be a date
  |
6 | until = 20271231
  |         ^^^^^^^^
  = write year, month and day: 2027-03-31

dockward.toml:7:13: `permanent` is a number, but has to be true or false
  |
7 | permanent = 1
  |             ^"
    );
}

#[test]
fn days_in_another_form_are_told() {
    for written in [
        "\"31.12.2027\"",
        "\"2027-1-1\"",
        "\"20271231\"",
        "\"2027-12-31T00:00:00Z\"",
        "\"+027-12-31\"",
        "\"never\"",
        "\"\"",
        "2027-12-31T10:00:00Z",
        "2027-12-31 10:00:00",
        "10:00:00",
    ] {
        let all = problems(&until(written));
        let only = all.iter().next().unwrap();
        assert_eq!((all.count(), only.kind), (1, Kind::BadDate), "{written}");
        assert_eq!(only.hint.as_deref(), Some("write year, month and day: 2027-03-31"));
    }
    assert_eq!(
        told(&until("\"31.12.2027\"")),
        "\
dockward.toml:6:9: `31.12.2027` is not a day
  |
6 | until = \"31.12.2027\"
  |         ^^^^^^^^^^^^
  = write year, month and day: 2027-03-31"
    );
}

#[test]
fn days_that_no_calendar_has_are_told() {
    assert_eq!(
        told(&until("\"2027-02-29\"")),
        "\
dockward.toml:6:9: the calendar has no day `2027-02-29`
  |
6 | until = \"2027-02-29\"
  |         ^^^^^^^^^^^^"
    );
    assert_eq!(
        told(&until("2027-02-29")),
        "\
dockward.toml:6:9: this is not TOML: invalid date, expected day between 01 and 28
  |
6 | until = 2027-02-29
  |         ^^^^^^^^^^"
    );
}

#[test]
fn a_day_and_permanent_contradict_each_other() {
    assert_eq!(
        told(&(until("2027-12-31") + "permanent = true\n")),
        "\
dockward.toml:7:13: a waiver that has `until` is not permanent
  |
7 | permanent = true
  |             ^^^^
  = leave out one of the two"
    );
}

#[test]
fn selectors_that_never_match_the_same_thing_are_told() {
    assert_eq!(
        told(&waiver(&format!("{RULE}\nhost = true\nimage = \"nginx\""))),
        "\
dockward.toml:3:8: nothing matches both `image` and `host`
  |
3 | host = true
  |        ^^^^
  = all selectors of a waiver have to match; write one waiver for each"
    );
}

#[test]
fn selectors_that_say_nothing_are_told() {
    let first = |line: &str| {
        let all = problems(&waiver(&format!("{RULE}\n{line}")));
        assert_eq!(all.count(), 1, "{all}");
        let problem = all.iter().next().unwrap();
        (problem.kind, problem.message.clone())
    };
    for (line, message) in [
        ("host = false", "`host = false` selects nothing"),
        ("daemon = false", "`daemon = false` selects nothing"),
        ("image = \"\"", "an empty selector matches nothing"),
        ("resource = \"\"", "an empty selector matches nothing"),
        ("label = \"=x\"", "`=x` names no label"),
        ("label = \"com.example.*\"", "`com.example.*` names no label"),
        ("compose = \"/web\"", "`/web` is no Compose service"),
        ("compose = \"shop/\"", "`shop/` is no Compose service"),
        ("compose = \"a/b/c\"", "`a/b/c` is no Compose service"),
    ] {
        assert_eq!(first(line), (Kind::Empty, message.to_owned()));
    }
}

#[test]
fn the_same_waiver_twice_is_told_with_the_first_one() {
    let one = until("2027-12-31");
    assert_eq!(
        told(&(one.clone() + &one.replace("planned", "other").replace("2027", "2028"))),
        "\
dockward.toml:7:1: this waiver is for the same as the one in line 1
  |
7 | [[waiver]]
  | ^^^^^^^^^^
  = keep one of them, with the later day"
    );
    let other = one.replace("daemon = true", "container = \"a\"");
    assert_eq!(config(&(one + &other)).waivers.len(), 2);
}

#[test]
fn duplicates_on_one_line_are_told_too() {
    let one = "{rule='daemon-tls', daemon=true, owner='a', reason='b', permanent=true}";
    let all = problems(&format!("waiver = [{one}, {one}]\n"));
    assert_eq!(all.iter().map(|p| p.kind).collect::<Vec<_>>(), [Kind::Duplicate]);
}

#[test]
fn mistakes_of_many_waivers_are_told_in_the_order_of_the_file() {
    let text = until("2027-12-31").replace("owner = \"ops\"\n", "")
        + &until("\"soon\"")
        + "\n[severity]\ndaemon-tls = \"worst\"\n\n"
        + &waiver("rule = \"nothing\"\nhost = true");
    let all = problems(&text);
    let found: Vec<_> = all.iter().map(|p| (p.place.as_ref().unwrap().line, p.kind)).collect();
    assert_eq!(
        found,
        [(1, Kind::Missing), (11, Kind::BadDate), (14, Kind::BadSeverity), (17, Kind::UnknownRule)]
    );
}

#[test]
fn a_file_may_have_a_thousand_waivers_and_no_more() {
    let some = |count: usize| -> String {
        let each = |n| waiver(&format!("{RULE}\nresource = \"v{n}\""));
        (0..count).map(each).collect()
    };
    assert_eq!(config(&some(MAX_WAIVERS)).waivers.len(), MAX_WAIVERS);
    let all = problems(&some(MAX_WAIVERS + 1));
    let only = all.iter().next().unwrap();
    assert_eq!((all.count(), only.kind), (1, Kind::TooMuch));
    assert_eq!(only.message, "there are more than 1000 waivers");
    assert_eq!(only.place.as_ref().map(|place| place.line), Some(6001));
}
