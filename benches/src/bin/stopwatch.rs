//! Times whole processes against each other from within an engine's namespaces, where `host60` and `peers` put it.
//!
//! `stopwatch ROUNDS -- COMMAND [ARGUMENT ...] [-- COMMAND ...]` prints a line for each command, the milliseconds of
//! each of its rounds on the clock and on CPUs, and one more line, the most memory in MB that any of them had.

use std::io::Write as _;

use anyhow::{Context as _, Result, ensure};
use dockward_benches::{peak_mb, race};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let mut parts = words.split(|word| word == "--");
    let rounds = parts.next().and_then(<[String]>::first).context("no number of rounds")?;
    let commands: Vec<&[String]> = parts.collect();
    ensure!(commands.iter().all(|words| !words.is_empty()), "a command is missing after `--`");
    let times = race(&commands, rounds.parse().context("no number of rounds")?)?;
    let mut out = std::io::stdout().lock();
    for times in times {
        let times: Vec<String> =
            times.iter().map(|took| format!("{:.3} {:.3}", took.wall, took.cpu)).collect();
        writeln!(out, "{}", times.join(" "))?;
    }
    writeln!(out, "{:.3}", peak_mb()?)?;
    Ok(())
}
