//! Wrong use, help, and the pages of rules.

use crate::run::dockward;

#[test]
fn nothing_said_shows_what_there_is_and_is_wrong_use() {
    let run = dockward(&[]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("check") && run.err.contains("explain"), "{}", run.err);
    assert!(run.out.is_empty());
}

#[test]
fn help_and_version_are_answers() {
    for words in [vec!["--help"], vec!["check", "--help"], vec!["--version"]] {
        let run = dockward(&words);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{words:?}");
        assert!(!run.out.is_empty());
    }
}

#[test]
fn a_mistyped_word_is_named_with_what_was_meant() {
    for (words, told) in [
        (vec!["chek"], "check"),
        (vec!["check", "--fail-on", "severe"], "critical"),
        (vec!["check", "--format", "xml"], "sarif"),
        (vec!["check", "--output", "report.json"], "FORMAT=FILE"),
        (vec!["check", "--output", "xml=report.xml"], "one of text, json, sarif"),
        (vec!["check", "--only", "container-privilegd"], "container-privileged"),
        (vec!["check", "--only", "nothing-of-the-kind"], "`dockward explain` lists all rules"),
        (vec!["explain", "container-privilegd"], "container-privileged"),
    ] {
        let run = dockward(&words);
        assert_eq!(run.code, 2, "{words:?}");
        assert!(run.err.contains(told), "{words:?}: {}", run.err);
        assert!(run.out.is_empty(), "{words:?}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for words in [["check", "--snapshot", "none.json"], ["check", "--config", "none.toml"]] {
        let run = dockward(&words);
        assert_eq!(run.code, 2);
        assert!(run.err.contains(words[2]), "{}", run.err);
    }
}

#[test]
fn every_rule_has_a_page() {
    let list = dockward(&["explain"]);
    assert_eq!(list.code, 0);
    let ids: Vec<_> = list.out.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(ids.len() > 70, "{} rules", ids.len());
    for id in [ids[0], ids[ids.len() / 2], ids[ids.len() - 1], "container-engine-socket"] {
        let page = dockward(&["explain", id]);
        assert_eq!(page.code, 0, "{id}");
        for heading in ["Why", "Fix", "References"] {
            assert!(page.out.lines().any(|line| line == heading), "{id} lacks {heading}");
        }
    }
}

#[test]
fn a_cause_is_told_once() {
    let run = dockward(&["record", "-H", "unix:///nowhere.sock", "--output", "/nowhere/x.json"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.err.matches("No such file").count(), 1, "{}", run.err);
}
