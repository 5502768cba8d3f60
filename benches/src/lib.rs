//! How fast and how small Dockward is. `benches/run` runs everything and prints the table.
//!
//! Each program here prints [`Figure`]s, one a line; the script puts them beside their limits. Times are compared
//! with times of the same run on the same machine wherever that can be, since a time alone says more of the machine
//! than of the program.

mod figure;
mod sixty;
mod stopwatch;
mod synthetic;

pub use figure::{Figure, median};
pub use sixty::run_sixty;
pub use stopwatch::{peak_mb, race};
pub use synthetic::{id, inspects};
