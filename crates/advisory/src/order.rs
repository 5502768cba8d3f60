//! Orders of versions, one file each: they have little in common beyond runs of digits.

pub mod apk;
mod digits;
pub mod dpkg;
pub mod rpm;
pub mod upstream;
