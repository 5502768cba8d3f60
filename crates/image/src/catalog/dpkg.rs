//! Debian, Ubuntu, and images without a package manager that are made of their packages: dpkg(1).

use dockward_package::dpkg::{STATUS, STATUS_D, read};

use crate::{Cataloger, Place};

pub(super) const CATALOGER: Cataloger = Cataloger {
    id: "dpkg",
    version: 1,
    places: &[Place::File(STATUS), Place::FilesIn(STATUS_D)],
    // A desktop with all that there is has some 10 MB.
    largest: 64 << 20,
    beside: None,
    read: |record| read(record.path, record.bytes),
};
