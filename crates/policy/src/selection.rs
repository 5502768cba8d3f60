//! Which rules are judged.

use crate::config::Config;
use crate::glob::Glob;
use crate::near;
use crate::shown::shown;

/// Which rules are judged.
///
/// The command line comes before `dockward.toml`: where it says `--only`, the file's `only` and
/// `skip` are both set aside, so a rule that somebody asks for by name is always judged. Without
/// `--only` the file's lists hold, and `--skip` takes away more. Within one place `skip` wins over
/// `only`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The known rules that are judged, sorted; never empty.
    chosen: Vec<String>,
}

/// A selection that can't be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// A word on the command line that matches no rule.
    #[error("`{flag} {}` matches no rule", shown(word))]
    NoRule {
        /// `--only` or `--skip`.
        flag: &'static str,
        /// The word.
        word: String,
        /// A question that names rules which were perhaps meant.
        near: Option<String>,
    },
    /// No rule is left: nothing to judge would otherwise look like nothing found.
    #[error("there is nothing to judge: no rule is left after `only`, `skip` and the profile")]
    Nothing,
}

impl SelectionError {
    /// What to do about it, in one line that may be printed.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::NoRule { near, .. } => {
                Some(near.as_deref().unwrap_or("`dockward explain` lists all rules"))
            }
            Self::Nothing => Some("`skip` wins over `only`, on the command line and in the file"),
        }
    }
}

impl Selection {
    /// The selection out of the words after `--only` and `--skip`, which are ids or patterns, and
    /// of the file. `known` are the ids of all rules.
    ///
    /// # Errors
    /// Where a word matches no rule, or no rule is left.
    pub fn new(
        only: &[String],
        skip: &[String],
        config: &Config,
        known: &[&str],
    ) -> Result<Self, SelectionError> {
        let only = globs("--only", only, known)?;
        let mut skip = globs("--skip", skip, known)?;
        let only = if only.is_empty() {
            skip.extend_from_slice(&config.skip);
            config.only.clone()
        } else {
            only
        };
        let named = |list: &[Glob], id: &str| list.iter().any(|glob| glob.matches(id));
        let judged = |id: &&&str| (only.is_empty() || named(&only, id)) && !named(&skip, id);
        let mut chosen: Vec<_> = known.iter().filter(judged).map(ToString::to_string).collect();
        chosen.sort_unstable();
        if chosen.is_empty() { Err(SelectionError::Nothing) } else { Ok(Self { chosen }) }
    }

    /// The same, of these rules alone: those that answer a benchmark. An empty list takes nothing
    /// away.
    ///
    /// # Errors
    /// Where no rule is left.
    pub fn within(mut self, rules: &[&str]) -> Result<Self, SelectionError> {
        if !rules.is_empty() {
            self.chosen.retain(|id| rules.contains(&id.as_str()));
        }
        if self.chosen.is_empty() { Err(SelectionError::Nothing) } else { Ok(self) }
    }

    /// Whether the rule with this id is judged.
    #[must_use]
    pub fn selects(&self, id: &str) -> bool {
        self.chosen.binary_search_by(|chosen| chosen.as_str().cmp(id)).is_ok()
    }

    /// Whether any rule that this pattern matches is judged.
    pub(crate) fn touches(&self, rules: &Glob) -> bool {
        self.chosen.iter().any(|id| rules.matches(id))
    }
}

fn globs(
    flag: &'static str,
    words: &[String],
    known: &[&str],
) -> Result<Vec<Glob>, SelectionError> {
    let read = |word: &String| {
        let glob = Glob::new(word.as_str());
        if known.iter().any(|id| glob.matches(id)) {
            return Ok(glob);
        }
        let near = near::question(word, known.iter().copied());
        Err(SelectionError::NoRule { flag, word: word.clone(), near })
    };
    words.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{RULES, config};

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    fn select(only: &[&str], skip: &[&str], file: &str) -> Result<Selection, SelectionError> {
        Selection::new(&words(only), &words(skip), &config(file), &RULES)
    }

    /// The rules that are judged.
    fn judged(only: &[&str], skip: &[&str], file: &str) -> Vec<&'static str> {
        let selection = select(only, skip, file).unwrap();
        RULES.into_iter().filter(|id| selection.selects(id)).collect()
    }

    #[test]
    fn without_a_word_all_rules_are_judged() {
        assert_eq!(judged(&[], &[], ""), RULES);
    }

    #[test]
    fn only_and_skip_take_ids_and_patterns() {
        assert_eq!(judged(&["daemon-tls", "host-*"], &[], ""), ["daemon-tls", "host-kernel"]);
        assert_eq!(judged(&[], &["container-*", "package-*"], ""), ["daemon-tls", "host-kernel"]);
        assert_eq!(judged(&["*-limit"], &["*-io-*"], ""), ["container-memory-limit"]);
    }

    #[test]
    fn the_files_lists_hold_without_a_word_on_the_command_line() {
        let file = "only = [\"*-limit\"]\nskip = [\"*-io-*\"]\n";
        assert_eq!(judged(&[], &[], file), ["container-memory-limit"]);
    }

    #[test]
    fn only_on_the_command_line_sets_both_of_the_files_lists_aside() {
        let file = "only = [\"daemon-*\"]\nskip = [\"*-io-*\"]\n";
        assert_eq!(judged(&["container-io-limit"], &[], file), ["container-io-limit"]);
    }

    #[test]
    fn skip_on_the_command_line_takes_away_from_what_the_file_selects() {
        let file = "only = [\"*-limit\", \"daemon-*\"]\nskip = [\"*-io-*\"]\n";
        assert_eq!(judged(&[], &["daemon-tls"], file), ["container-memory-limit"]);
    }

    #[test]
    fn a_benchmark_takes_away_what_it_does_not_ask_for() {
        let within = |rules: &[&str]| select(&["daemon-*"], &[], "").unwrap().within(rules);
        assert!(within(&["daemon-tls", "host-kernel"]).unwrap().selects("daemon-tls"));
        assert!(!within(&["daemon-tls", "host-kernel"]).unwrap().selects("host-kernel"));
        assert!(within(&[]).unwrap().selects("daemon-tls"));
        assert_eq!(within(&["host-kernel"]), Err(SelectionError::Nothing));
    }

    #[test]
    fn a_word_that_matches_no_rule_is_told_with_those_that_were_meant() {
        let error = select(&["contaner-memory-*"], &[], "").unwrap_err();
        assert_eq!(error.to_string(), "`--only contaner-memory-*` matches no rule");
        assert_eq!(error.hint(), Some("did you mean `container-memory-limit`?"));
        let error = select(&[], &["nothing\u{1b}[2J"], "").unwrap_err();
        assert_eq!(error.to_string(), "`--skip nothing\\u{1b}[2J` matches no rule");
        assert_eq!(error.hint(), Some("`dockward explain` lists all rules"));
    }

    #[test]
    fn nothing_to_judge_is_an_error_and_no_clean_run() {
        for (only, skip, file) in [
            (&["daemon-tls"][..], &["daemon-*"][..], ""),
            (&[], &["*"], ""),
            (&[], &[], "only = [\"daemon-tls\"]\nskip = [\"daemon-*\"]\n"),
        ] {
            let error = select(only, skip, file).unwrap_err();
            assert_eq!(error, SelectionError::Nothing);
            assert!(error.hint().is_some());
        }
    }
}
