//! What one layer contributes to a root: its index, made by reading it once.

mod builder;
mod folder;
mod index;
mod read;

pub(crate) use builder::record_of;
pub(crate) use folder::{FolderKind, of_folder};
pub(crate) use index::{Body, Entry, LayerIndex, Node, Record};
#[cfg(test)]
pub(crate) use read::within;
pub(crate) use read::{Blob, ENTRIES, Layer, Tell, of_part, of_pipe, of_stream, of_window};

/// Raised whenever indexes change for the same layer, beside what catalogers make of records.
pub(crate) const VERSION: u32 = 1;
