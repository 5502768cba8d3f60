//! Walking through a tar as it goes past: ustar (POSIX.1-1988), GNU, pax (POSIX.1-2001) and STAR.
//!
//! Where formats leave room, an archive means what Go's archive/tar makes of it, since that is what
//! engines unpack images with. Nothing is kept of an entry once the next is asked for.

mod bytes;
mod header;
mod number;
mod path;
mod pax;
mod walker;

pub(crate) use bytes::{Bytes, Window};
pub(crate) use header::is_header;
pub(crate) use path::{LONGEST, clean};
pub(crate) use walker::{Entry, Kind, TarError, Walker};

/// The size of a header and the unit that bodies are padded to, in bytes.
const BLOCK: usize = 512;
