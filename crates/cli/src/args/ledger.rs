//! The words of `dockward ledger`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

#[derive(Debug, Args)]
pub(crate) struct Ledger {
    #[command(subcommand)]
    pub(crate) command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Prove that nothing of a ledger was changed, cut or written anew
    Verify(LedgerVerify),
    /// Print what was recorded
    Show(LedgerShow),
    /// Throw away old entries of a ledger that no guard writes; their hashes stay, so that all else
    /// can still be proved
    Prune(LedgerPrune),
    /// Give a ledger that no guard writes another key: it ends, is put aside, and a new one that
    /// follows it takes its place
    Rekey(LedgerRekey),
}

const EXIT_CODES: &str = "Exit codes: 0 all fits; 1 something does not fit: the first such thing is \
named; 2 wrong use or failure; 3 it fits, but entries were thrown away or lost, are not signed, or \
have an outcome that nobody knows.";

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct LedgerVerify {
    /// The folder of the ledger
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// A checkpoint that was kept elsewhere: the signed note, or lines of the system's log that hold
    /// some; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// The file with the key that must have signed it: key.pub, kept elsewhere [default: the ledger's
    /// own, which proves nothing against who can write there]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The folders of ledgers that come before it, where its key was replaced: each must name the next
    /// one, and be named by it. --key and --checkpoint may then be of any of them
    #[arg(long, value_name = "DIR", num_args = 1..)]
    pub(crate) follows: Vec<PathBuf>,
    /// Also print the proof that this entry is in the signed tree
    #[arg(long, value_name = "SEQ")]
    pub(crate) entry: Option<u64>,
    /// The form of what goes to standard output
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: LedgerForm,
}

#[derive(Debug, Args)]
pub(crate) struct LedgerShow {
    /// The folder of the ledger
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Only what was recorded since then: 2026-11-28, 2026-11-28T12:00:00Z, or 24h or 7d ago
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<Past>,
    /// Only what this caller asked for: a name, a user id, or the first digits of a container's id
    #[arg(long, value_name = "WHO")]
    pub(crate) caller: Option<String>,
    /// Only what was denied, or would have been where the guard only observes
    #[arg(long)]
    pub(crate) denied: bool,
    /// The form of what goes to standard output
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: LedgerForm,
}

#[derive(Debug, Args)]
pub(crate) struct LedgerPrune {
    /// The folder of the ledger
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Entries that were recorded before this go, in bundles of 256: 90d, or a day
    #[arg(long, value_name = "WHEN")]
    pub(crate) older_than: Past,
}

#[derive(Debug, Args)]
pub(crate) struct LedgerRekey {
    /// The folder of the ledger
    #[arg(value_name = "LEDGER")]
    pub(crate) folder: PathBuf,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

/// The form of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LedgerForm {
    /// For people
    Text,
    /// For programs
    Json,
}

/// A time that has passed: by the calendar, or so long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Past {
    At(Timestamp),
    Ago(SignedDuration),
}

impl Past {
    /// Which time that is; none where no calendar goes back so far.
    pub(crate) fn before(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::At(time) => Some(time),
            Self::Ago(duration) => now.checked_sub(duration).ok(),
        }
    }
}

impl FromStr for Past {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(time) = text.parse() {
            return Ok(Self::At(time));
        }
        if let Ok(day) = text.parse::<Date>() {
            let midnight = day.to_zoned(TimeZone::UTC).map_err(|error| error.to_string())?;
            return Ok(Self::At(midnight.timestamp()));
        }
        let span = text.parse::<Span>().ok().filter(|span| !span.is_negative());
        let days = SpanRelativeTo::days_are_24_hours();
        let duration = span.and_then(|span| span.to_duration(days).ok());
        duration.map(Self::Ago).ok_or_else(|| {
            "a time is written 2026-11-28, 2026-11-28T12:00:00Z, 24h or 90d".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_hours_and_what_the_calendar_says() {
        let now = "2026-11-28T12:00:00Z".parse().unwrap();
        let at = |text: &str| text.parse::<Past>().unwrap().before(now).unwrap().to_string();
        assert_eq!(at("2026-11-01"), "2026-11-01T00:00:00Z");
        assert_eq!(at("2026-11-01T10:00:00+02:00"), "2026-11-01T08:00:00Z");
        assert_eq!(at("90d"), "2026-08-30T12:00:00Z");
        assert_eq!(at("36h"), "2026-11-27T00:00:00Z");
        assert_eq!(at("1h30m"), "2026-11-28T10:30:00Z");
        for wrong in ["", "yesterday", "-1d", "90", "1mo", "2026-13-01"] {
            assert!(wrong.parse::<Past>().is_err(), "{wrong}");
        }
    }
}
