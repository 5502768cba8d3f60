//! What is inside images, containers and roots: layers into an inventory of packages.
//!
//! Invariant: memory does not grow with what is read, and whatever is read may be hostile. What
//! could not be read is a [`dockward_model::inventory::Problem`]; the rest is read all the same.
//!
//! A layer is read once, into an index of what it contributes; indexes are laid over each other,
//! the lowest first. Where a link in one layer leads to a place that no layer was looked at for, the
//! layers are read again with that place added.

mod beneath;
mod blob;
mod catalog;
mod cataloger;
mod confined;
mod error;
mod layer;
mod merge;
mod open;
mod options;
pub mod parsers;
mod passing;
mod platform;
mod read;
mod source;
mod store;
mod tar;
mod wanted;

pub use catalog::CATALOGERS;
pub use cataloger::{Cataloger, Place, Record};
pub use confined::serve;
pub use dockward_confine::Launch;
pub use dockward_package::Cataloged;
pub use error::Error;
pub use open::{Source, open, stream};
pub use options::Options;
pub use passing::{exported, passing};
pub use platform::Platform;
pub use source::{ContentImage, OverlayImage};
pub use store::Store;

#[cfg(test)]
mod tests;
