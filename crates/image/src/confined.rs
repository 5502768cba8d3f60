//! Parsing in processes that can do nothing else.
//!
//! Whatever takes apart what others wrote (a tar, compression, records of packages) can be done by a
//! process that is confined ([`dockward_confine`]): it is handed a descriptor to read from, and
//! answers with an index. **A process lives for one layer**, so that who takes it over can lie about
//! that layer and nothing else. A digest is never made there: it would be the word of whoever wrote
//! the layer, and indexes are kept by it.
//!
//! An answer is as hostile as what was read: [`checked`] is what it must hold.

mod ask;
mod checked;
mod protocol;
mod records;
mod serve;

pub(crate) use ask::{Fault, archive, layer, past, stream};
pub(crate) use records::Records;
pub use serve::serve;
