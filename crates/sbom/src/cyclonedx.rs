//! CycloneDX (ECMA-424): JSON of version 1.6 written, of 1.2 to 1.7 read.

mod bom;
mod component;
mod reader;
mod vulnerability;
mod writer;

pub(crate) use reader::read;
pub use writer::write;
