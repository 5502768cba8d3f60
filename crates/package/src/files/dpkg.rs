//! dpkg's lists of files (dpkg-query(1), `--listfiles`; dpkg's `lib/dpkg/db-fsys-files.c`) and its
//! diversions (dpkg-divert(1); `lib/dpkg/db-fsys-divert.c`).

use std::borrow::Cow;
use std::collections::BTreeMap;

use dockward_model::inventory::Package;

use super::{Owner, Visit};

/// Where dpkg keeps a list of files for each package, without a leading `/`.
pub const LISTS: &str = "var/lib/dpkg/info";
/// Where it keeps what was moved out of the way, without a leading `/`.
pub const DIVERSIONS: &str = "var/lib/dpkg/diversions";

const LIST: &str = ".list";
const SUMS: &str = ".md5sums";

/// Files of packages that stand elsewhere since another package, or a person, has their place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diversions {
    by_place: BTreeMap<Vec<u8>, Diversion>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Diversion {
    to: Vec<u8>,
    /// The package whose file keeps its place; empty where a person diverted it (`:`).
    by: Vec<u8>,
}

impl Diversions {
    /// Reads the file of diversions: for each three lines, from where, to where, by which package.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        let mut lines = text.split(|&byte| byte == b'\n');
        let mut by_place = BTreeMap::new();
        while let (Some(from), Some(to), Some(by)) = (lines.next(), lines.next(), lines.next()) {
            let by = if by == b":" { Vec::new() } else { by.to_vec() };
            by_place.insert(from.to_vec(), Diversion { to: to.to_vec(), by });
        }
        Self { by_place }
    }

    /// Where a package's file stands that its list has at `path`.
    fn place<'p>(&'p self, package: &str, path: &'p [u8]) -> &'p [u8] {
        match self.by_place.get(path) {
            Some(diverted) if diverted.by != package.as_bytes() => &diverted.to,
            _ => path,
        }
    }
}

/// The names of the files, one of which lists the files of a package, without a leading `/`. Images
/// without a package manager keep sums of files beside a record in `status.d` and no list.
#[must_use]
pub fn lists(package: &Package) -> Vec<String> {
    let Package { name, architecture, .. } = package;
    // What comes from a record becomes a part of a path.
    if name.is_empty() || name.contains('/') || architecture.contains('/') {
        return Vec::new();
    }
    let record = package.origin.to_string();
    let record = record.trim_start_matches('/').split(':').next().unwrap_or_default();
    if record.starts_with(crate::dpkg::STATUS_D) {
        return vec![format!("{record}{SUMS}"), format!("{LISTS}/{name}{LIST}")];
    }
    // A package of which several architectures can be installed has one for each.
    vec![format!("{LISTS}/{name}{LIST}"), format!("{LISTS}/{name}:{architecture}{LIST}")]
}

/// The package whose list has this name.
#[must_use]
pub fn of_list(name: &str) -> Option<Owner<'_>> {
    let stem = name.strip_suffix(LIST).or_else(|| name.strip_suffix(SUMS))?;
    let (name, architecture) = stem.split_once(':').unwrap_or((stem, ""));
    Some(Owner { name, architecture })
}

pub(super) fn owners(list: &str, paths: &[u8], diversions: &Diversions, visit: &mut Visit<'_>) {
    let Some(owner) = of_list(list) else { return };
    let lines = paths.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    if list.ends_with(SUMS) {
        visit(owner, &mut lines.filter_map(of_sum));
    } else {
        visit(owner, &mut lines.map(|path| Cow::Borrowed(diversions.place(owner.name, path))));
    }
}

/// The path in `d41d8cd98f00b204e9800998ecf8427e  usr/bin/x` (md5sum(1)).
fn of_sum(line: &[u8]) -> Option<Cow<'_, [u8]>> {
    let path = line.get(32..)?.trim_ascii_start();
    let path = path.strip_prefix(b"./").unwrap_or(path);
    (!path.is_empty()).then(|| Cow::Owned([b"/", path].concat()))
}

#[cfg(test)]
mod tests {
    use dockward_model::facts::Origin;

    use super::super::tests::told;
    use super::super::{Record, owners};
    use super::*;

    #[test]
    fn a_list_is_a_packages_and_may_be_named_for_its_architecture() {
        let none = Diversions::default();
        let of = |list, paths| told(Record::Dpkg { list, paths, diversions: &none });
        assert_eq!(of("runc.list", b"/.\n/usr/sbin/runc\n"), ["runc : /. /usr/sbin/runc"]);
        let foreign = of("libc6:i386.list", b"/lib/i386-linux-gnu/libc.so.6\n");
        assert_eq!(foreign, ["libc6 i386: /lib/i386-linux-gnu/libc.so.6"]);
        let sums = b"d41d8cd98f00b204e9800998ecf8427e  usr/bin/tini\nshort\n";
        assert_eq!(of("tini.md5sums", sums), ["tini : /usr/bin/tini"]);
        assert_eq!(of("runc.postinst", b"/usr/sbin/runc\n"), [""; 0]);
    }

    #[test]
    fn what_was_diverted_stands_elsewhere_for_all_but_who_diverted_it() {
        let text = b"/bin/sh\n/bin/sh.distrib\ndash\n/usr/bin/x\n/usr/bin/x.real\n:\n/cut\n/short";
        let diversions = Diversions::parse(text);
        let of = |list| {
            told(Record::Dpkg { list, paths: b"/bin/sh\n/usr/bin/x\n", diversions: &diversions })
        };
        assert_eq!(of("bash.list"), ["bash : /bin/sh.distrib /usr/bin/x.real"]);
        assert_eq!(of("dash.list"), ["dash : /bin/sh /usr/bin/x.real"]);
    }

    #[test]
    fn the_lists_of_a_package_are_named_by_it_and_never_lead_elsewhere() {
        let mut package = Package {
            name: "libc6".into(),
            architecture: "amd64".into(),
            origin: Origin::file("/var/lib/dpkg/status", Some(7)),
            ..Package::default()
        };
        let named = ["var/lib/dpkg/info/libc6.list", "var/lib/dpkg/info/libc6:amd64.list"];
        assert_eq!(lists(&package), named);
        package.origin = Origin::file("/var/lib/dpkg/status.d/libc6", Some(1));
        assert_eq!(lists(&package)[0], "var/lib/dpkg/status.d/libc6.md5sums");
        package.name = "../../etc/shadow".into();
        assert_eq!(lists(&package), [""; 0]);
    }

    #[test]
    fn any_bytes_do_no_harm() {
        let diversions = Diversions::parse(b"\xff\n\n\n\n\n");
        for list in ["", ".list", ":.list", "a:b:c.list", ".md5sums"] {
            let record = Record::Dpkg { list, paths: b"\xff\n\0\n\n", diversions: &diversions };
            owners(record, &mut |_, paths| assert!(paths.count() < 4)).unwrap();
        }
    }
}
