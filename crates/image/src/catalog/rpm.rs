//! Red Hat, Alma, Rocky, Fedora, Amazon, SUSE: rpm(8).

use dockward_package::rpm::{BESIDE, read};

use crate::{Cataloger, Place};

pub(super) const CATALOGER: Cataloger = Cataloger {
    id: "rpm",
    version: 1,
    places: &[
        Place::File("var/lib/rpm/rpmdb.sqlite"),
        Place::File("var/lib/rpm/Packages.db"),
        Place::File("var/lib/rpm/Packages"),
        Place::File("usr/lib/sysimage/rpm/rpmdb.sqlite"),
        Place::File("usr/lib/sysimage/rpm/Packages.db"),
        Place::File("usr/lib/sysimage/rpm/Packages"),
        // rpm-ostree.
        Place::File("usr/share/rpm/rpmdb.sqlite"),
        Place::File("usr/share/rpm/Packages.db"),
        Place::File("usr/share/rpm/Packages"),
    ],
    // A desktop has 200 to 400 MB, most of it names of files.
    largest: 512 << 20,
    beside: Some(BESIDE),
    read: |record| read(record.path, record.bytes, record.beside),
};

#[cfg(test)]
mod tests {
    use dockward_package::rpm::{FOLDERS, NAMES};

    use super::*;

    #[test]
    fn each_folder_may_have_each_name() {
        let paths = FOLDERS.iter().flat_map(|folder| NAMES.map(|name| format!("{folder}/{name}")));
        let all: Vec<String> = paths.collect();
        assert_eq!(all.len(), CATALOGER.places.len());
        for path in all {
            assert!(CATALOGER.places.iter().any(|place| place.holds(&path)), "{path}");
        }
    }
}
