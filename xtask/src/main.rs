//! Development tasks. `cargo xtask gen` writes the registries of rules and checks from their
//! folders, and the documentation's page on docker-bench-security from its tables;
//! `cargo xtask gen --check` fails where one is stale.

#[cfg(test)]
mod dependencies;
mod docker_bench;
mod registry;

use std::process::ExitCode;

use anyhow::{Result, bail};

fn main() -> Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["gen"] => write().map(|()| ExitCode::SUCCESS),
        ["gen", "--check"] => check().map(|()| ExitCode::SUCCESS),
        _ => bail!("usage: cargo xtask gen [--check]"),
    }
}

fn write() -> Result<()> {
    registry::write()?;
    docker_bench::write()
}

fn check() -> Result<()> {
    registry::check()?;
    docker_bench::check()
}
