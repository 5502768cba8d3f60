//! What a cataloger is: one kind of record that packages stand in.

use dockward_package::Cataloged;

/// A kind of record of packages: which files hold it, and how they are read. One file each in
/// `catalog/`; the list is generated.
#[derive(Debug, Clone, Copy)]
pub struct Cataloger {
    /// Its id, such as `dpkg`; kebab-case, never used again for something else.
    pub id: &'static str,
    /// Raised whenever its output changes for the same input: indexes that were kept under an
    /// earlier one are made anew.
    pub version: u32,
    /// Where its records stand.
    pub places: &'static [Place],
    /// The largest record that is read, in bytes; a larger one is a problem, never cut silently.
    pub largest: u64,
    /// What is added to a record's path for the file that belongs to it and is read along with it,
    /// such as the log of a database that changes wait in. A change of that file alone changes what
    /// the record holds.
    pub beside: Option<&'static str>,
    /// Reads one record. Never panics, whatever the bytes are, and keeps what it could read before
    /// what it couldn't.
    pub read: fn(&Record<'_>) -> Cataloged,
}

/// A record, as it was found in a root.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Its path, without a leading `/`.
    pub path: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
    /// What the file beside it holds ([`Cataloger::beside`]), where there is one.
    pub beside: Option<&'a [u8]>,
}

/// Where records stand in a root. Paths have no leading `/` and no links, `.` or `..` in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// This file.
    File(&'static str),
    /// Every regular file of this folder, but not of folders in it.
    FilesIn(&'static str),
}

impl Place {
    /// Whether a file at `path` is one.
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        match *self {
            Self::File(file) => path == file,
            Self::FilesIn(folder) => {
                let name = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
                name.is_some_and(|name| !name.is_empty() && !name.contains('/'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_holds_its_files_but_not_what_lies_deeper() {
        let place = Place::FilesIn("var/lib/dpkg/status.d");
        assert!(place.holds("var/lib/dpkg/status.d/base-files"));
        for path in ["var/lib/dpkg/status.d", "var/lib/dpkg/status.d/", "var/lib/dpkg/status.d/a/b"]
        {
            assert!(!place.holds(path), "{path}");
        }
        assert!(!place.holds("var/lib/dpkg/status.dx/a"));
    }
}
