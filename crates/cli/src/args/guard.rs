//! The words of `dockward guard`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

/// Where the engine listens once the guard stands before it.
pub(crate) const ENGINE: &str = "/run/dockward/engine/docker.sock";
/// Where decisions are kept.
pub(crate) const LEDGER: &str = "/var/lib/dockward-guard/ledger";
/// The file that says that the guard is bypassed; its folder is root's.
pub(crate) const GLASS: &str = "/run/dockward/bypass";

#[derive(Debug, Args)]
pub(crate) struct Guard {
    #[command(subcommand)]
    pub(crate) command: GuardCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GuardCommand {
    /// Stand before an engine: decide on each request by the rules, and keep every decision
    Run(GuardRun),
    /// Plan what puts the guard before this host's engine, and show it; with --apply do it
    Install(GuardInstall),
    /// Say what would be denied of a docker command or of a container, and what smallest change
    /// passes
    Try(GuardTry),
    /// Write the smallest settings that would have allowed what a ledger saw
    Propose(GuardPropose),
    /// Deny nothing for a while, on record: the glass to break, root's alone
    Bypass(GuardBypass),
    /// List the operations that a caller may be allowed, by their ids
    Operations,
}

#[derive(Debug, Args)]
pub(crate) struct GuardRun {
    /// The engine's own socket, which nobody else may reach
    #[arg(long, value_name = "PATH", default_value = ENGINE)]
    pub(crate) engine: PathBuf,
    /// The socket that clients use, where none is handed over by systemd (LISTEN_FDS)
    #[arg(long, value_name = "PATH")]
    pub(crate) listen: Option<PathBuf>,
    /// The group whose members may use that socket, by name or number
    #[arg(long, value_name = "GROUP", requires = "listen")]
    pub(crate) group: Option<String>,
    /// An address to listen at over TLS, as 192.0.2.1:2376: callers are the names in their
    /// certificates
    #[arg(long, value_name = "ADDRESS", requires_all = ["tls_cert", "tls_key", "tls_clients"])]
    pub(crate) listen_tls: Option<std::net::SocketAddr>,
    /// The certificate that callers are shown (PEM)
    #[arg(long, value_name = "FILE", requires = "listen_tls")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, value_name = "FILE", requires = "listen_tls")]
    pub(crate) tls_key: Option<PathBuf>,
    /// The authority that vouches for callers (PEM)
    #[arg(long, value_name = "FILE", requires = "listen_tls")]
    pub(crate) tls_clients: Option<PathBuf>,
    /// The settings to use [default: ./dockward.toml, then /etc/dockward/dockward.toml]; read again
    /// on SIGHUP
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder in which decisions are kept
    #[arg(long, value_name = "DIR", default_value = LEDGER)]
    pub(crate) ledger: PathBuf,
    /// Bring each decision to the disk before it holds: a power cut then loses none
    #[arg(long)]
    pub(crate) sync: bool,
    /// How many MiB are kept in reserve for when the ledger's disk is full
    #[arg(long, value_name = "MIB", default_value_t = 16,
        value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub(crate) reserve: u16,
    /// How many days decisions are kept; their hashes stay, so that what is left can be proved [default:
    /// for good]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) keep: Option<u32>,
    /// Decide the same, deny nothing that is understood, and keep what would have been denied
    #[arg(long)]
    pub(crate) monitor: bool,
    /// Allow everyone what docker-socket-proxy would under this environment (CONTAINERS=1, POST=1, …),
    /// within the profile; callers that the settings name keep what is said of them
    #[arg(long)]
    pub(crate) socket_proxy_env: bool,
    /// Also write each entry to standard output, as a line of JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Also send entries and checkpoints to syslog
    #[arg(long)]
    pub(crate) syslog: bool,
    /// Also send checkpoints to this address; may be given several times
    #[arg(long, value_name = "URL")]
    pub(crate) checkpoints: Vec<String>,
    /// The file by which root suspends denials (`dockward guard bypass`)
    #[arg(long, value_name = "PATH", default_value = GLASS)]
    pub(crate) glass: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct GuardInstall {
    /// Do it, after showing it
    #[arg(long)]
    pub(crate) apply: bool,
    /// Take an installation back instead; nothing is done without --apply
    #[arg(long, conflicts_with_all = ["group", "leave_open"])]
    pub(crate) undo: bool,
    /// The group whose members may use the socket [default: that of today]
    #[arg(long, value_name = "GROUP", value_parser = group)]
    pub(crate) group: Option<String>,
    /// Let other addresses of the engine stay open: whoever reaches them goes around the guard
    #[arg(long)]
    pub(crate) leave_open: bool,
    /// Plan for the host whose root is this folder; nothing can be applied there
    #[arg(long, value_name = "DIR", conflicts_with = "apply")]
    pub(crate) root: Option<PathBuf>,
}

/// A group's name or number, as it may stand in a unit.
fn group(text: &str) -> Result<String, String> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let is_name = !text.is_empty() && text.len() <= 32 && text.bytes().all(good);
    if is_name { Ok(text.to_owned()) } else { Err(format!("`{text}` is no name of a group")) }
}

#[derive(Debug, Args)]
pub(crate) struct GuardTry {
    /// The engine that is asked; nothing is changed there [default: as the docker command's]
    #[arg(short = 'H', long, value_name = "PATH")]
    pub(crate) engine: Option<PathBuf>,
    /// The settings to use [default: ./dockward.toml, then /etc/dockward/dockward.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// A container that there is, instead of a command: whether it may start again
    #[arg(long, value_name = "NAME", conflicts_with = "words")]
    pub(crate) container: Option<String>,
    /// The command: `docker run …`, `docker create …`, `docker compose up`
    #[arg(last = true, value_name = "COMMAND", required_unless_present = "container")]
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct GuardPropose {
    /// The folder of the ledger
    #[arg(value_name = "LEDGER")]
    pub(crate) ledger: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct GuardBypass {
    /// For how long: 10m, 1h; at most a day
    #[arg(long = "for", value_name = "TIME", value_parser = duration, required_unless_present = "end")]
    pub(crate) time: Option<Duration>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT", required_unless_present = "end")]
    pub(crate) reason: Option<String>,
    /// End it now
    #[arg(long, conflicts_with_all = ["time", "reason"])]
    pub(crate) end: bool,
    /// The file that the guard reads
    #[arg(long, value_name = "PATH", default_value = GLASS)]
    pub(crate) glass: PathBuf,
}

/// `90s`, `10m`, `2h`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time: write 90s, 10m or 2h");
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.strip_prefix(number) {
        Some("s") => 1,
        Some("m") => 60,
        Some("h") => 3600,
        _ => return Err(wrong()),
    };
    let count: u64 = number.parse().map_err(|_| wrong())?;
    let time = Duration::from_secs(count.saturating_mul(unit));
    let longest = dockward_admission::LONGEST_BYPASS;
    if time.is_zero() || time > longest {
        return Err("at most a day, and more than nothing".to_owned());
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_its_unit_and_is_at_most_a_day() {
        assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(duration("24h"), Ok(Duration::from_secs(86_400)));
        for wrong in ["10", "m", "1d", "25h", "0s", "-1m", "1 m", "99999999999999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
