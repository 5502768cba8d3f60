//! Records of package managers, out of bytes: which packages there are, and which files are whose.
//!
//! Invariant: pure. Every byte may be hostile: nothing panics, takes more time or memory than its
//! input pays for, or goes round in circles. What could be read is kept, and what could not is told
//! ([`Problem`]).

pub mod apk;
pub mod changelog;
pub mod copyright;
pub mod dpkg;
pub mod files;
pub mod rpm;

use std::collections::BTreeMap;

use dockward_model::facts::Change;
use dockward_model::inventory::{Package, Problem};

/// What a record holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cataloged {
    /// Its packages, in the order of the record; `layer` is not filled in.
    pub packages: Vec<Package>,
    /// What of it could not be read.
    pub problems: Vec<Problem>,
    /// What it says of weaknesses, by number: of changelogs only.
    pub changes: BTreeMap<String, Change>,
    /// The licences that it names: of `copyright` files only.
    pub licences: Vec<String>,
}

/// How many problems of one record are told; that there were more is the last one.
const MOST_PROBLEMS: usize = 100;

impl Cataloged {
    /// Tells of something in the record at `path` that could not be read.
    fn problem(&mut self, path: &str, why: impl Into<String>) {
        let place = format!("/{path}");
        match self.problems.len() {
            MOST_PROBLEMS => {
                let why = "more problems than are told".to_owned();
                self.problems.push(Problem { place, offset: None, why });
            }
            count if count > MOST_PROBLEMS => {}
            _ => self.problems.push(Problem { place, offset: None, why: why.into() }),
        }
    }
}
