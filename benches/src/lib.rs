//! How fast and how small Dockward is. `benches/run` runs everything and prints the table.
//!
//! Each program here prints [`Figure`]s, one a line; the script puts them beside their limits. Times are compared
//! with times of the same run on the same machine wherever that can be, since a time alone says more of the machine
//! than of the program.

pub mod answering;
mod empty;
mod figure;
mod inside;
mod memory;
mod sixty;
mod standing;
mod stopwatch;
mod synthetic;

pub use empty::empty_files;
pub use figure::{Figure, median};
pub use inside::{race_inside, success};
pub use memory::peak_anonymous_mb;
pub use sixty::run_sixty;
pub use standing::{Peers, trivy_words};
pub use stopwatch::{FRESH, Took, on_cpu, peak_mb, race};
pub use synthetic::{id, inspects};
