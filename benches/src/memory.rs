//! How much anonymous memory a process and its children have at most.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

/// How often it is looked at: many times in the shortest run.
const PAUSE: Duration = Duration::from_micros(300);

/// Runs a command and gives the most anonymous memory (`RssAnon`, proc_pid_status(5)) that it and its children had
/// together, in MB (10^6 bytes), as far as looking again and again can see.
///
/// # Errors
/// It can't be started, or fails.
pub fn peak_anonymous_mb(words: &[String]) -> Result<f64> {
    let (program, arguments) = words.split_first().context("no command")?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().with_context(|| format!("cannot run {program}"))?;
    let mut most = 0;
    let status = loop {
        most = most.max(anonymous(child.id()));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(PAUSE);
    };
    ensure!(matches!(status.code(), Some(0 | 1 | 3)), "{words:?} ended with {status}");
    Ok(most as f64 * 1024.0 / 1e6)
}

/// That of a process and all below it, in KiB; what has ended has none.
fn anonymous(pid: u32) -> u64 {
    let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let own = read("status").lines().find_map(|line| {
        line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok()
    });
    // A child is of the thread that made it.
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let children = threads.map(|thread| {
        let list = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        list.split_whitespace().filter_map(|pid| pid.parse().ok()).map(anonymous).sum::<u64>()
    });
    own.unwrap_or_default() + children.sum::<u64>()
}
