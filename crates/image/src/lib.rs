//! What is inside images, containers and roots: layers into an inventory of packages.
//!
//! Invariant: memory does not grow with what is read, and whatever is read may be hostile. What
//! could not be read is a [`dockward_model::inventory::Problem`]; the rest is read all the same.

mod catalog;
mod cataloger;

pub use catalog::CATALOGERS;
pub use cataloger::{Cataloger, Place, Record};
pub use dockward_package::Cataloged;
