use std::collections::BTreeSet;

use super::*;

fn known() -> BTreeSet<&'static str> {
    let rules = dockward_rules::RULES.iter().map(|rule| rule.meta.id);
    rules.chain(CHECKS.iter().map(|check| check.meta.id)).collect()
}

#[test]
fn the_benchmark_has_118_recommendations_and_its_elders_117() {
    let count = |name| Profile::named(name).expect("a profile").asked().len();
    assert_eq!(count("cis-1.8-l2"), 118);
    assert_eq!(count("cis-1.7-l2"), 117);
    assert!(count("cis-1.8-l1") < 118);
}

#[test]
fn every_rule_that_a_section_names_exists() {
    for profile in PROFILES {
        for id in profile.rules() {
            assert!(known().contains(id), "{}: {id}", profile.name());
        }
    }
}

#[test]
fn no_number_on_a_rule_is_unknown_to_its_benchmark() {
    let numbers = |name| -> BTreeSet<&str> {
        let asked = Profile::named(name).expect("a profile").asked();
        asked.iter().map(|(asked, _)| asked.number).collect()
    };
    let (old, new) = (numbers("cis-1.6-l2"), numbers("cis-1.8-l2"));
    let rules = dockward_rules::RULES.iter().map(|rule| &rule.meta);
    for meta in rules.chain(CHECKS.iter().map(|check| &check.meta)) {
        for map in meta.maps {
            let of = if map.framework == Framework::Cis18 { &new } else { &old };
            assert!(of.contains(map.number), "{}: {}", meta.id, map.number);
        }
    }
}

fn counts(fail: usize, unknown: usize, review: usize, waived: usize, pass: usize) -> RowCounts {
    RowCounts { fail, unknown, review, waived, pass, not_applicable: 1 }
}

#[test]
fn the_worst_of_the_subjects_answers_for_all() {
    assert_eq!(answer(&counts(1, 1, 1, 1, 1), true), Answer::Fail);
    assert_eq!(answer(&counts(0, 1, 1, 1, 1), true), Answer::Unknown);
    assert_eq!(answer(&counts(0, 0, 1, 1, 1), true), Answer::Review);
    assert_eq!(answer(&counts(0, 0, 0, 1, 1), true), Answer::Waived);
    assert_eq!(answer(&counts(0, 0, 0, 0, 1), true), Answer::Pass);
    assert_eq!(answer(&counts(0, 0, 0, 0, 0), true), Answer::NotApplicable);
}

#[test]
fn a_rule_that_was_left_out_leaves_the_question_open() {
    assert_eq!(answer(&counts(0, 0, 0, 0, 3), false), Answer::NotJudged);
    assert_eq!(answer(&counts(1, 0, 0, 0, 3), false), Answer::Fail);
}
