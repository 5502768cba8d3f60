//! rpm's database of what is installed, in each of its three formats: `rpmdb.sqlite`, `Packages.db`
//! (ndb) and `Packages` (Berkeley DB, hash). Each holds one header a package (rpm's
//! `docs/manual/format_header.md`), and the readers are of our own: none runs SQL or C.

mod bdb;
mod bytes;
mod changelog;
mod files;
mod header;
mod ndb;
mod package;
mod sqlite;
mod wal;

pub use changelog::{Entry, changelog};
pub use files::files;
pub use header::Header;
pub use package::{called, package};

use crate::Cataloged;

/// Where databases stand: the old folder, the new one, and that of rpm-ostree.
pub const FOLDERS: [&str; 3] = ["var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm"];
/// How databases are called: SQLite, ndb, Berkeley DB.
pub const NAMES: [&str; 3] = ["rpmdb.sqlite", "Packages.db", "Packages"];
/// What is added to a database's path for the changes that are not in it yet (sqlite.org/wal.html).
pub const BESIDE: &str = "-wal";

/// What a database is made of, in the order in which it is found.
pub(crate) type Visit<'v> = dyn FnMut(Result<&[u8], String>) + 'v;

/// Reads a database: the file at `path` below a root, without a leading `/`, and where there is one
/// the file at `path` and [`BESIDE`]. What it is, its own first bytes say, and not its name.
#[must_use]
pub fn read(path: &str, database: &[u8], wal: Option<&[u8]>) -> Cataloged {
    let mut found = Cataloged::default();
    headers(database, wal, &mut |header| {
        let read = header.and_then(|header| package::package(path, &header));
        match read {
            Ok(package) => found.packages.extend(package),
            Err(why) => found.problem(path, why),
        }
    });
    found
}

/// Each header of a database, and each reason why one of them or some could not be read.
pub fn headers(
    database: &[u8],
    wal: Option<&[u8]>,
    visit: &mut dyn FnMut(Result<Header<'_>, String>),
) {
    let mut number = 0_u32;
    let mut blob = |blob: Result<&[u8], String>| {
        visit(blob.and_then(|blob| {
            number = number.saturating_add(1);
            Header::parse(blob).map_err(|why| format!("header {number}: {why}"))
        }));
    };
    let wal = wal.filter(|wal| !wal.is_empty());
    if sqlite::is_one(database) || (database.is_empty() && wal.is_some()) {
        sqlite::blobs(database, wal, &mut blob);
    } else if ndb::is_one(database) {
        ndb::blobs(database, &mut blob);
    } else if bdb::is_one(database) {
        bdb::blobs(database, &mut blob);
    } else {
        blob(Err("is no database of rpm: neither SQLite, ndb nor Berkeley DB".to_owned()));
    }
}

#[cfg(test)]
mod tests;
