//! Changelogs of Debian's packages: no packages stand in them, but what was mended. They are read only
//! where that is asked for ([`crate::Options::changelogs`]).

use dockward_model::inventory::Problem;
use dockward_package::{Cataloged, changelog};

use crate::{Cataloger, Record};

pub(super) const CATALOGER: Cataloger =
    Cataloger { id: "changelog", version: 1, places: &[], largest: 2 << 20, beside: None, read };

fn read(record: &Record<'_>) -> Cataloged {
    let mut found = Cataloged::default();
    match changelog::of_deb(record.bytes) {
        Ok(changes) => found.changes = changes,
        Err(error) => {
            let place = format!("/{}", record.path);
            found.problems.push(Problem { place, offset: None, why: error.to_string() });
        }
    }
    found
}
