//! Processes against the clock within an engine's namespaces, by the program `stopwatch` that is put there.

use std::process::Output;

use anyhow::{Context as _, Result, ensure};
use dockward_testbed::Engine;

use crate::Took;

/// What the runs of each command took, and the peak memory of all in MB.
///
/// # Errors
/// A command failed, with what it complained of.
pub fn race_inside(
    engine: &Engine,
    rounds: usize,
    commands: &[&[&str]],
) -> Result<(Vec<Vec<Took>>, f64)> {
    let rounds = rounds.to_string();
    let mut words = vec!["timeout", "1200", "stopwatch", &rounds];
    for command in commands {
        words.push("--");
        words.extend(*command);
    }
    let text = success(engine.command(&words).output()?, &words)?;
    let numbers = |line: &str| line.split(' ').map(str::parse).collect::<Result<Vec<f64>, _>>();
    let mut lines = text.lines().map(numbers).collect::<Result<Vec<_>, _>>()?;
    let peak = lines.pop().and_then(|line| line.first().copied()).context("no peak")?;
    let took = |pair: &[f64]| match pair {
        [wall, cpu] => Some(Took { wall: *wall, cpu: *cpu }),
        _ => None,
    };
    Ok((lines.iter().map(|line| line.chunks(2).filter_map(took).collect()).collect(), peak))
}

/// What a command wrote, if it ended well.
///
/// # Errors
/// It did not, with what it complained of.
pub fn success(output: Output, words: &[&str]) -> Result<String> {
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{words:?}: {}: {}", output.status, complaint.trim());
    Ok(String::from_utf8(output.stdout)?)
}
