//! Reading the files that say how to reach an engine.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::libc::{O_CLOEXEC, O_NOCTTY, O_NONBLOCK};

/// Reads a whole file of at most `limit` bytes. A FIFO, a device or a directory in its place is an
/// error, and is not waited for.
pub(crate) fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    regular(fs::metadata(path)?.is_file())?;
    let flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    regular(file.metadata()?.is_file())?;
    capped(&file, limit)
}

fn regular(is_file: bool) -> io::Result<()> {
    if is_file { Ok(()) } else { Err(io::Error::other("it is not a regular file")) }
}

fn capped(file: &File, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(io::Error::other(format!("it is larger than {limit} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert!(read(&path, 4).unwrap_err().to_string().contains("larger than 4 bytes"));
    }

    #[test]
    fn what_is_no_regular_file_is_an_error_and_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("s");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [dir.path(), &socket, Path::new("/dev/zero")] {
            let error = read(path, 5).unwrap_err();
            assert!(error.to_string().contains("not a regular file"), "{error}");
        }
    }
}
