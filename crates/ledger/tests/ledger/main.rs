//! The ledger as who writes it and who reads it sees it.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

mod crash;
mod everyday;
mod full;
mod killed;
mod rekeyed;
mod sample;
mod tampered;
mod threads;
