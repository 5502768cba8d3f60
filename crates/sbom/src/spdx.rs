//! SPDX (ISO/IEC 5962): JSON of version 2.3 written, of 2.2 and 2.3 read.

mod model;
mod reader;
mod supplier;
mod writer;

pub(crate) use reader::read;
pub use writer::write;
