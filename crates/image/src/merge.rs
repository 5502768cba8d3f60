//! Laying layers over each other: what is looked for, as the root that comes of them has it.

mod answer;
mod release;
mod resolve;
mod tree;

#[cfg(test)]
pub(crate) use answer::Answer;
pub(crate) use answer::{Named, answer};
