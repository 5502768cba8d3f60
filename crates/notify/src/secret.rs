//! The secret that messages are signed with.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The least that a secret must have, in bytes.
const LEAST: usize = 16;

/// The most that is read of one, in bytes.
const MOST: u64 = 4096;

/// A secret; it is never shown.
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// It could not be read.
    #[error("cannot read the webhook's secret `{}`: {source}", .path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others may read it.
    #[error("`{}` can be read by others: chmod 0600", .path.display())]
    Open {
        /// Where.
        path: PathBuf,
    },
    /// It is too short to be one.
    #[error("a webhook's secret has at least {LEAST} bytes")]
    Short,
}

impl Secret {
    /// A secret of these bytes.
    ///
    /// # Errors
    /// Where there are fewer than 16.
    pub fn new(bytes: &[u8]) -> Result<Self, SecretError> {
        if bytes.len() < LEAST { Err(SecretError::Short) } else { Ok(Self(bytes.to_vec())) }
    }

    /// Reads a secret from a file that only its owner, or root's group, may read. White space at its
    /// end doesn't count.
    ///
    /// # Errors
    /// Where it can't be read, others can, or it is too short.
    pub fn read(path: &Path) -> Result<Self, SecretError> {
        let unread = |source| SecretError::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(unread)?;
        let facts = file.metadata().map_err(unread)?;
        if !facts.is_file() {
            return Err(unread(io::Error::other("it is no regular file")));
        }
        let by_group = facts.mode() & 0o040 != 0 && facts.gid() != 0;
        if facts.mode() & 0o007 != 0 || by_group {
            return Err(SecretError::Open { path: path.to_owned() });
        }
        let mut bytes = Vec::new();
        file.take(MOST).read_to_end(&mut bytes).map_err(unread)?;
        Self::new(bytes.trim_ascii_end())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn file(mode: u32, text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    #[test]
    fn it_is_read_without_its_line_end_and_never_shown() {
        let (_folder, path) = file(0o600, "0123456789abcdef\n");
        let secret = Secret::read(&path).unwrap();
        assert_eq!(secret.bytes(), b"0123456789abcdef");
        assert!(!format!("{secret:?}").contains("0123"));
    }

    #[test]
    fn one_that_everyone_can_read_is_none() {
        let (_folder, path) = file(0o644, "0123456789abcdef");
        assert!(matches!(Secret::read(&path), Err(SecretError::Open { .. })));
    }

    #[test]
    fn a_short_one_and_a_folder_are_refused() {
        let (folder, path) = file(0o600, "short\n");
        assert!(matches!(Secret::read(&path), Err(SecretError::Short)));
        assert!(matches!(Secret::read(folder.path()), Err(SecretError::Read { .. })));
    }
}
