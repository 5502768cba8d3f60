//! The `copyright` files of Debian's packages: no packages stand in them, but licences. They are read
//! only where that is asked for ([`crate::Options::copyrights`]).

use dockward_package::{Cataloged, copyright};

use crate::Cataloger;

pub(super) const CATALOGER: Cataloger = Cataloger {
    id: "copyright",
    version: 1,
    places: &[],
    // The largest of Debian's (chromium, linux) have some 2 MB.
    largest: 8 << 20,
    beside: None,
    read: |record| Cataloged {
        licences: copyright::licences(record.bytes),
        ..Cataloged::default()
    },
};
