//! What could not be looked at, gathered so that it is said once.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use dockward_engine::Error;
use dockward_model::facts::Unseen;

/// Notes of what could not be looked at, from several threads.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    all: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    single: Vec<Unseen>,
    /// By what, with how many of them, the first reason and its hint.
    counted: BTreeMap<String, (usize, String, String)>,
}

impl Notes {
    /// Something could not be looked at.
    pub(crate) fn add(&self, what: &str, why: &str, hint: &str) {
        let one = Unseen { what: what.to_owned(), why: why.to_owned(), hint: hint.to_owned() };
        self.lock().single.push(one);
    }

    /// Notes that others made.
    pub(crate) fn extend(&self, notes: impl IntoIterator<Item = Unseen>) {
        self.lock().single.extend(notes);
    }

    /// Something could not be asked for.
    pub(crate) fn failed(&self, what: &str, error: &Error) {
        self.add(what, &error.to_string(), error.hint().unwrap_or_default());
    }

    /// One more of several things alike. The first reason stands for all.
    pub(crate) fn counted(&self, what: &str, why: &str, hint: &str) {
        let mut noted = self.lock();
        let first = || (0, why.to_owned(), hint.to_owned());
        noted.counted.entry(what.to_owned()).or_insert_with(first).0 += 1;
    }

    /// One more of several things alike could not be asked for.
    pub(crate) fn counted_failure(&self, what: &str, error: &Error) {
        self.counted(what, &error.to_string(), error.hint().unwrap_or_default());
    }

    /// All of them, each once.
    pub(crate) fn into_list(self) -> Vec<Unseen> {
        let noted = self.all.into_inner().unwrap_or_else(PoisonError::into_inner);
        let counted = noted.counted.into_iter().map(|(what, (count, why, hint))| {
            let many = if count == 1 { "one of the".to_owned() } else { count.to_string() };
            Unseen { what: format!("{many} {what}"), why, hint }
        });
        let mut all: Vec<Unseen> = noted.single.into_iter().chain(counted).collect();
        all.sort();
        all.dedup();
        all
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_alike_are_said_once_with_their_number() {
        let notes = Notes::default();
        notes.counted("containers", "/containers/a/json: timed out", "look");
        notes.counted("containers", "/containers/b/json: timed out", "look");
        notes.add("plugins", "refused", "");
        notes.add("plugins", "refused", "");
        let said: Vec<_> = notes.into_list().into_iter().map(|one| (one.what, one.why)).collect();
        let expected = [("2 containers", "/containers/a/json: timed out"), ("plugins", "refused")];
        assert_eq!(said, expected.map(|(what, why)| (what.to_owned(), why.to_owned())));
    }
}
