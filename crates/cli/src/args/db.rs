//! The words of `dockward db`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::EngineName;

#[derive(Debug, Args)]
pub(crate) struct Db {
    #[command(subcommand)]
    pub(crate) command: DbCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Bring the database up to date from where advisories are published
    Update(DbUpdate),
    /// Make a database of feeds: OSV's layout or records, CISA's catalogue (KEV), scores (EPSS)
    Build(DbBuild),
    /// Take a database that a site publishes for itself, signed, or an artifact of a registry
    Install(DbInstall),
    /// Make a key that databases are signed with
    Key(DbKey),
    /// Sign a database; the signature goes beside it, as FILE.sig
    Sign(DbSign),
    /// Say what the database was made from, and how old each source is
    Status(DbStatus),
}

#[derive(Debug, Args)]
pub(crate) struct DbUpdate {
    /// An ecosystem of OSV that is needed too, such as Alpine [default: this host's own, its
    /// images', and those that the database has]
    #[arg(long, value_name = "NAME")]
    pub(crate) ecosystem: Vec<String>,
    /// Where OSV's records are: an address or a folder with its bucket's layout
    #[arg(long, value_name = "URL|DIR")]
    pub(crate) osv: Option<String>,
    /// Where CISA's catalogue is: an address or a file; `none` leaves it out
    #[arg(long, value_name = "URL|FILE")]
    pub(crate) kev: Option<String>,
    /// Where EPSS scores are: an address or a file; `none` leaves them out
    #[arg(long, value_name = "URL|FILE")]
    pub(crate) epss: Option<String>,
    /// The database [default: as for `scan`]
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// Also where a source is older than what is here
    #[arg(long)]
    pub(crate) allow_older: bool,
    #[command(flatten)]
    pub(crate) running: WhatRuns,
}

/// What runs here and is compared with new advisories, and who is told.
#[derive(Debug, Args)]
pub(crate) struct WhatRuns {
    /// Send what new advisories hit here to the webhook of the settings
    #[arg(long)]
    pub(crate) notify: bool,
    /// The settings to use [default: ./dockward.toml, then /etc/dockward/dockward.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) engine: EngineName,
}

#[derive(Debug, Args)]
pub(crate) struct DbInstall {
    /// The database's address or path, with its signature beside it as NAME.sig; or oci://HOST/NAME
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// A key that it may be signed with, as `dockward db key` prints it; may be given several times
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Vec<String>,
    /// A file that holds a token for the registry
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// The database [default: as for `scan`]
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// Also where a source is older than what is here; a signed version never may be
    #[arg(long)]
    pub(crate) allow_older: bool,
    #[command(flatten)]
    pub(crate) running: WhatRuns,
}

#[derive(Debug, Args)]
pub(crate) struct DbKey {
    /// The new file that holds the secret key; the public key goes to standard output
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct DbSign {
    /// The database
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The file that holds the secret key
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// The public key that comes after this one: whoever trusts this one will trust that too
    #[arg(long, value_name = "KEY")]
    pub(crate) next: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DbBuild {
    /// Folders and files; what each is, is told by what is in it
    #[arg(value_name = "FEED", required = true)]
    pub(crate) feeds: Vec<PathBuf>,
    /// The database [default: /var/lib/dockward/advisories.db for root, else
    /// dockward/advisories.db in your cache folder]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Also where a source is older than in the database that is there
    #[arg(long)]
    pub(crate) allow_older: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DbStatus {
    /// The database [default: as for `scan`]
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// The settings to use [default: ./dockward.toml, then /etc/dockward/dockward.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}
