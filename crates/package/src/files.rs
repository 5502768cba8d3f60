//! Whose a file is: which packages say that they own which paths.
//!
//! A path is told as its record has it, absolute. Where `/bin`, `/lib` and `/sbin` are links into
//! `/usr` (usr-merge), a record may still have a file without `/usr` that the kernel shows with it:
//! [`without_usr`] makes both the same.

mod apk;
mod dpkg;

use std::borrow::Cow;

pub use dpkg::{DIVERSIONS, Diversions, LISTS, lists, of_list};

use crate::rpm;

/// A record that says which files are whose.
#[derive(Debug, Clone, Copy)]
pub enum Record<'a> {
    /// dpkg's list of one package's files.
    Dpkg {
        /// The list's name, such as `libc6:amd64.list`.
        list: &'a str,
        /// What is in it.
        paths: &'a [u8],
        /// What was moved out of another package's way.
        diversions: &'a Diversions,
    },
    /// apk's record of all packages.
    Apk(&'a [u8]),
    /// rpm's database, and the file of changes that are not in it yet.
    Rpm(&'a [u8], Option<&'a [u8]>),
}

/// A package that owns files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its architecture; empty where the record doesn't say.
    pub architecture: &'a str,
}

/// The paths of one package.
pub type Paths<'p> = dyn Iterator<Item = Cow<'p, [u8]>> + 'p;

/// What is told of a package and its paths.
pub type Visit<'v> = dyn for<'p> FnMut(Owner<'_>, &mut Paths<'p>) + 'v;

/// Tells of each package of a record and of the paths that it owns. A package may be told more than
/// once; its folders may be among its paths.
///
/// # Errors
///
/// Why some of the record could not be read; all that could be was told.
pub fn owners(record: Record<'_>, visit: &mut Visit<'_>) -> Result<(), String> {
    match record {
        Record::Dpkg { list, paths, diversions } => {
            dpkg::owners(list, paths, diversions, visit);
            Ok(())
        }
        Record::Apk(record) => {
            apk::owners(record, visit);
            Ok(())
        }
        Record::Rpm(database, wal) => of_rpm(database, wal, visit),
    }
}

fn of_rpm(database: &[u8], wal: Option<&[u8]>, visit: &mut Visit<'_>) -> Result<(), String> {
    let mut read = Ok(());
    rpm::headers(database, wal, &mut |header| {
        let header = match header {
            Ok(header) => header,
            Err(why) => {
                read = std::mem::replace(&mut read, Ok(())).and(Err(why));
                return;
            }
        };
        let (name, architecture) = rpm::called(&header);
        let owner = Owner { name: &name, architecture: &architecture };
        let path = |(folder, name): (&[u8], &[u8])| Cow::Owned([folder, name].concat());
        visit(owner, &mut rpm::files(&header).map(path));
    });
    read
}

/// Folders that usr-merge makes links into `/usr` (systemd's `file-hierarchy(7)`; Debian's `usrmerge`).
const MERGED: [&[u8]; 6] = [b"/bin/", b"/sbin/", b"/lib/", b"/lib32/", b"/lib64/", b"/libx32/"];

/// A path as it is without `/usr` where usr-merge makes both the same; any other as it is.
#[must_use]
pub fn without_usr(path: &[u8]) -> &[u8] {
    match path.strip_prefix(b"/usr") {
        Some(rest) if MERGED.iter().any(|folder| rest.starts_with(folder)) => rest,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn told(record: Record<'_>) -> Vec<String> {
        let mut all = Vec::new();
        owners(record, &mut |owner, paths| {
            let paths: Vec<_> =
                paths.map(|path| String::from_utf8(path.into_owned()).unwrap()).collect();
            all.push(format!("{} {}: {}", owner.name, owner.architecture, paths.join(" ")));
        })
        .unwrap();
        all
    }

    #[test]
    fn what_usr_merge_makes_the_same_is_the_same() {
        for (path, bare) in [
            ("/usr/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"),
            ("/usr/sbin/nginx", "/sbin/nginx"),
            ("/usr/share/doc", "/usr/share/doc"),
            ("/usr/local/bin/x", "/usr/local/bin/x"),
            ("/usr/libexec/x", "/usr/libexec/x"),
            ("/lib/x", "/lib/x"),
        ] {
            assert_eq!(without_usr(path.as_bytes()), bare.as_bytes());
        }
    }

    #[test]
    fn each_package_of_rpm_has_its_files_and_what_cannot_be_read_is_told() {
        use std::io::Read as _;
        let packed = include_bytes!("../fixtures/rpm/small.sqlite.gz");
        let mut database = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut database).unwrap();
        let all = told(Record::Rpm(&database, None));
        let runc = all.iter().find(|line| line.starts_with("runc ")).unwrap();
        assert!(runc.contains(" /usr/bin/runc"), "{runc}");
        let mut none = 0;
        assert!(owners(Record::Rpm(b"no database", None), &mut |_, _| none += 1).is_err());
        assert_eq!(none, 0);
    }
}
