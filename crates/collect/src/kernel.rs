//! What the kernel says of a container.

pub(crate) mod mountinfo;
