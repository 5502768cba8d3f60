//! Whole images and layers, made as tools make them and as attackers would.

mod engine;
mod hanging;
mod hostile;
mod layers;
mod passing;
mod roots;
mod samples;
mod sources;
