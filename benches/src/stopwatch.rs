//! Whole processes against the clock, in turn, so that what else happens on the machine meets all of them.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};

/// The exit codes of a run that came to its end: nothing found, something found, an incomplete look.
const ENDS: [i32; 3] = [0, 1, 3];

/// Runs commands in turn, `rounds` times all of them, and gives for each its wall times in milliseconds: from before
/// it is started until it has ended, its output thrown away.
///
/// # Errors
/// A command that cannot be started or that fails, with what it complained of.
pub fn race(commands: &[&[String]], rounds: usize) -> Result<Vec<Vec<f64>>> {
    let mut times = vec![Vec::new(); commands.len()];
    for _ in 0..rounds {
        for (times, words) in times.iter_mut().zip(commands) {
            times.push(run(words)?);
        }
    }
    Ok(times)
}

fn run(words: &[String]) -> Result<f64> {
    let (program, arguments) = words.split_first().context("no command")?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let started = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot run {program}"))?;
    let mut complaint = Vec::new();
    if let Some(stderr) = child.stderr.as_mut() {
        stderr.read_to_end(&mut complaint)?;
    }
    let status = child.wait()?;
    let took = started.elapsed().as_secs_f64() * 1000.0;
    if !status.code().is_some_and(|code| ENDS.contains(&code)) {
        bail!("{words:?} ended with {status}: {}", String::from_utf8_lossy(&complaint).trim());
    }
    Ok(took)
}

/// The most memory that any process had that this one has waited for, in MB (10^6 bytes). It counts resident pages,
/// those of the program's own file included.
///
/// # Errors
/// When the kernel does not tell.
pub fn peak_mb() -> Result<f64> {
    let kibibytes = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    Ok(kibibytes as f64 * 1024.0 / 1e6)
}
