//! Development tasks. `cargo xtask gen` writes the registries of rules and checks from their
//! folders; `cargo xtask gen --check` fails where one is stale.

#[cfg(test)]
mod dependencies;
mod registry;

use std::process::ExitCode;

use anyhow::{Result, bail};

fn main() -> Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["gen"] => registry::write().map(|()| ExitCode::SUCCESS),
        ["gen", "--check"] => registry::check().map(|()| ExitCode::SUCCESS),
        _ => bail!("usage: cargo xtask gen [--check]"),
    }
}
