use unicode_width::UnicodeWidthStr as _;

use super::*;
use crate::{Format, sample};

fn text(report: &Report, style: Style) -> String {
    let mut out = Vec::new();
    crate::write(report, Format::Text, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const ALL: Style = Style { all: true, color: false, width: 80, only_news: false };

#[test]
fn the_sample_reads_so() {
    insta::assert_snapshot!(text(&sample::report(), Style::default()));
}

#[test]
fn the_sample_reads_so_with_everything() {
    insta::assert_snapshot!(text(&sample::report(), ALL));
}

#[test]
fn a_sound_host_reads_so() {
    insta::assert_snapshot!(text(&sample::nothing_found(), Style::default()));
}

#[test]
fn where_nothing_was_seen_it_reads_so() {
    insta::assert_snapshot!(text(&sample::nothing_seen(), Style::default()));
}

#[test]
fn a_benchmarks_table_reads_so() {
    insta::assert_snapshot!(text(&sample::audited(), Style::default()));
}

#[test]
fn what_is_new_reads_so() {
    insta::assert_snapshot!(text(&sample::with_news(), Style::default()));
}

#[test]
fn only_what_is_new_is_shown_where_that_is_asked_for() {
    let style = Style { only_news: true, ..Style::default() };
    let text = text(&sample::with_news(), style);
    assert!(text.contains("SINCE 2026-11-21") && !text.contains("WORST FIRST"), "{text}");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [40, 80, 120] {
        for all in [false, true] {
            let style = Style { width, all, ..Style::default() };
            for line in text(&sample::report(), style).lines() {
                assert!(line.width() <= width, "{width}: {line:?}");
            }
        }
    }
}

#[test]
fn nothing_hostile_reaches_the_terminal() {
    for style in [Style::default(), ALL] {
        let text = text(&sample::hostile(), style);
        let control = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(control) && !text.contains('\u{202e}'), "{text}");
        assert!(text.lines().all(|l| !l.trim_start().starts_with("::")), "{text}");
        assert!(!text.contains("##["));
        assert!(text.contains("\\u{1b}[2J"), "it is shown, not hidden");
    }
}

#[test]
fn colours_are_the_only_escapes_and_all_are_closed() {
    let text = text(&sample::hostile(), Style { color: true, ..ALL });
    let escapes: Vec<_> = text.match_indices('\u{1b}').map(|(i, _)| i).collect();
    assert!(!escapes.is_empty());
    for line in text.lines() {
        let opened = line.matches('\u{1b}').count() - line.matches("\u{1b}[0m").count();
        assert!(
            opened == 0 || line.ends_with("\u{1b}[0m") || line.contains("\u{1b}[0m"),
            "{line:?}"
        );
        assert!(!line.contains("\u{1b}]"), "{line:?}");
    }
}

#[test]
fn an_example_says_so_first_and_last() {
    let mut report = sample::report();
    report.example = true;
    let text = text(&report, Style::default());
    assert!(text.lines().next().is_some_and(|line| line.contains("EXAMPLE")));
    assert!(text.lines().last().is_some_and(|line| line.contains("EXAMPLE")));
}

#[test]
fn a_page_reads_so() {
    let mut out = Vec::new();
    explain(&sample::rule(), Style::default(), &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}
