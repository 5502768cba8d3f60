//! Bills of materials as they are written and read: valid by the formats' own schemas, without loss,
//! and as Syft and Trivy write them.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

mod hostile;
mod others;
mod sample;
mod written;
