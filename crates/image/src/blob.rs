//! Blobs: compressed or not, by what they are and not by what is said of them, and their digests.

mod budget;
mod digest;
mod hashed;
mod unpacked;

pub(crate) use budget::{Budget, Budgeted};
pub(crate) use digest::{Digest, Hash};
pub(crate) use hashed::Hashed;
pub(crate) use unpacked::{Packing, Unpacked};
