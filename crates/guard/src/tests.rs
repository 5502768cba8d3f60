//! The transport against engines of the tests' own.

mod ambiguous;
mod answers;
mod bodies;
mod faults;
mod quiet;
mod raw;
mod stage;
mod stopping;
mod tls;
