//! Whole processes against the clock, in turn, so that what else happens on the machine meets all of them.

use std::fs;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// The exit codes of a run that came to its end: nothing found, something found, an incomplete look.
const ENDS: [i32; 3] = [0, 1, 3];
/// The word that stands for a folder that is new for each run.
pub const FRESH: &str = "{fresh}";

/// What one run took, in milliseconds: from before it was started until it had ended, and on CPUs (user and system, its
/// own and that of all that it has waited for).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Took {
    /// On the clock.
    pub wall: f64,
    /// On CPUs.
    pub cpu: f64,
}

impl Took {
    /// The least of each: the rounds that were least disturbed.
    #[must_use]
    pub fn least(all: &[Self]) -> Self {
        let least = |of: fn(&Self) -> f64| all.iter().map(of).fold(f64::INFINITY, f64::min);
        Self { wall: least(|took| took.wall), cpu: least(|took| took.cpu) }
    }
}

/// Runs commands in turn, `rounds` times all of them, and gives for each what its runs took, their output thrown away.
/// [`FRESH`] in a command's words is a new folder for each run.
///
/// # Errors
/// A command that cannot be started or that fails, with what it complained of.
pub fn race(commands: &[&[String]], rounds: usize) -> Result<Vec<Vec<Took>>> {
    let mut times = vec![Vec::new(); commands.len()];
    for _ in 0..rounds {
        for (times, words) in times.iter_mut().zip(commands) {
            times.push(run(words)?);
        }
    }
    Ok(times)
}

fn run(words: &[String]) -> Result<Took> {
    let fresh = tempfile::tempdir()?;
    let (program, arguments) = words.split_first().context("no command")?;
    let mut command = Command::new(program);
    for word in arguments {
        command.arg(word.replace(FRESH, &fresh.path().to_string_lossy()));
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let (started, before) = (Instant::now(), on_cpu()?);
    let mut child = command.spawn().with_context(|| format!("cannot run {program}"))?;
    let mut complaint = Vec::new();
    if let Some(stderr) = child.stderr.as_mut() {
        stderr.read_to_end(&mut complaint)?;
    }
    let status = child.wait()?;
    let wall = started.elapsed().as_secs_f64() * 1000.0;
    let cpu = (on_cpu()? - before).as_secs_f64() * 1000.0;
    // Some make what they cache read-only.
    let _ = fs::remove_dir_all(fresh.path());
    if !status.code().is_some_and(|code| ENDS.contains(&code)) {
        bail!("{words:?} ended with {status}: {}", String::from_utf8_lossy(&complaint).trim());
    }
    Ok(Took { wall, cpu })
}

/// What all processes together took on CPUs that this one has waited for.
///
/// # Errors
/// When the kernel does not tell.
pub fn on_cpu() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = |value: TimeVal| -> Result<Duration> {
        Ok(Duration::new(value.tv_sec().try_into()?, u32::try_from(value.tv_usec())? * 1000))
    };
    Ok(time(usage.user_time())? + time(usage.system_time())?)
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
