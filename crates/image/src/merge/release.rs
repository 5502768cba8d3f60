//! The distribution of a root (os-release(5)).

use dockward_model::facts::{Distribution, Field, Origin};

use super::answer::Look;
use crate::wanted::{RELEASES, Use};

/// The first of the two files that is there decides, as os-release(5) has it.
pub(super) fn distribution(look: &mut Look<'_>) -> Field<Distribution> {
    for path in RELEASES {
        let origin = Origin::file(format!("/{path}"), None);
        match look.file(path, Use::Release) {
            Ok(Some(body)) => match &body.release {
                Some(Ok(text)) => {
                    return match Distribution::parse(text.as_bytes()) {
                        Some(distribution) => Field::known(distribution, origin),
                        None => Field::unknown("it names no distribution", origin),
                    };
                }
                Some(Err(why)) => return Field::unknown(why.clone(), origin),
                None => return Field::unknown("it was not read", origin),
            },
            Ok(None) => {}
            Err(why) => return Field::unknown(why, origin),
        }
    }
    Field::absent(Origin::file("/etc/os-release", None))
}
