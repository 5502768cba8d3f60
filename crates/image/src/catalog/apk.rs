//! Alpine, Wolfi, Chainguard: apk(8).

use dockward_package::apk::{INSTALLED, read};

use crate::{Cataloger, Place};

pub(super) const CATALOGER: Cataloger = Cataloger {
    id: "apk",
    version: 1,
    places: &[Place::File(INSTALLED[0]), Place::File(INSTALLED[1])],
    largest: 64 << 20,
    beside: None,
    read: |record| read(record.path, record.bytes),
};
