//! Starts a real engine in a private root, prints its socket, and keeps it until standard input ends:
//! `cargo run -p dockward-conformance --example engine -- bookworm [ARGUMENTS OF DOCKERD]`.
#![allow(clippy::print_stdout, reason = "an example's output is the point of it")]

use std::io::Read as _;

use dockward_testbed::{DaemonConfig, Engine, Suite};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_default();
    let suite = Suite::ALL.into_iter().find(|suite| suite.name() == name);
    let suite = suite.ok_or("name a suite: bookworm, trixie or sid")?;
    let config = DaemonConfig { args: words.collect(), ..DaemonConfig::default() };
    let engine = Engine::start(suite, &config)?;
    println!("unix://{}", engine.socket().display());
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
