//! The command line.

mod db;
mod guard;
mod ledger;

use std::path::PathBuf;

use crate::earlier::Since;
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use dockward_audit::benchmark::{PROFILES, Profile};
use dockward_report::Format;

pub(crate) use db::{
    Db, DbBuild, DbCommand, DbInstall, DbKey, DbSign, DbStatus, DbUpdate, WhatRuns,
};
pub(crate) use guard::{
    Guard, GuardBypass, GuardCommand, GuardInstall, GuardPropose, GuardRun, GuardTry,
};
pub(crate) use ledger::{
    Ledger, LedgerCommand, LedgerForm, LedgerPrune, LedgerRekey, LedgerShow, LedgerVerify, Past,
};

/// Docker in production, safe and shown to be.
///
/// `dockward check` looks at this host and its engine, and says what an attacker could do with it,
/// why, and what to change first. It only reads: nothing is run in a container, nothing is changed,
/// nothing is sent.
#[derive(Debug, Parser)]
#[command(name = "dockward", version, color = ColorChoice::Auto, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say whether this host is safe, and what to change first
    Check(Check),
    /// Say what is inside of images, archives, folders or this host, and what of it is known to be
    /// weak
    Scan(Scan),
    /// Make and look at the database of advisories that `scan` compares with
    Db(Db),
    /// Show and prove what the guard decided, who asked, and what came of it
    Ledger(Ledger),
    /// Print the page of a rule: why, fix, references; or with a target, why a weakness is found in
    /// it; without an id, the list of rules
    Explain(Explain),
    /// Write what was seen of this host to a file, without secrets, to judge it elsewhere
    Record(Record),
    /// Stand before an engine: nothing unsafe starts, and every decision is kept
    Guard(Guard),
    /// Read what others wrote and can do nothing else: started by this program itself
    #[command(hide = true)]
    Confined(Confined),
}

#[derive(Debug, Args)]
pub(crate) struct Confined {
    /// How many bytes of memory it may have
    #[arg(long, value_name = "BYTES")]
    pub(crate) memory: Option<u64>,
}

/// Which engine is meant.
#[derive(Debug, Args)]
pub(crate) struct EngineName {
    /// The engine to ask: unix:///path, tcp://host:port or ssh://user@host [default: as the docker
    /// command's, then every engine of this host]
    #[arg(short = 'H', long, value_name = "URL")]
    pub(crate) host: Option<String>,
    /// The Docker context that names the engine to ask
    #[arg(long, value_name = "NAME", conflicts_with = "host")]
    pub(crate) context: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Look {
    #[command(flatten)]
    pub(crate) engine: EngineName,
    /// Look at the host that is mounted below this folder, not at the one that runs this: a disk
    /// image, or `/host` in a container that was started with `-v /:/host:ro`
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// How many seconds an engine may take, all its answers together
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
    /// Walk the files of all images, too: it can take seconds
    #[arg(long)]
    pub(crate) deep: bool,
    /// The database of advisories that packages are compared with [default: as for `scan`; none is
    /// no mistake]
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) look: Look,
    /// Judge a recorded host instead of this one, as of the time when it was recorded
    #[arg(long, value_name = "FILE", conflicts_with_all = ["host", "context", "root", "deep", "db", "example"])]
    pub(crate) snapshot: Option<PathBuf>,
    /// Judge a recorded host as of today, not as of when it was recorded
    #[arg(long, requires = "snapshot")]
    pub(crate) now: bool,
    /// Say what came, went and changed since a recording, or since the `last` run with this option
    #[arg(long, value_name = "FILE|last", value_parser = Since::parse)]
    pub(crate) since: Option<Since>,
    /// Print what is new, and nothing where nothing is
    #[arg(short, long, requires = "since")]
    pub(crate) quiet: bool,
    /// Send what is new to the webhook of the settings
    #[arg(long, requires = "since")]
    pub(crate) notify: bool,
    /// Where this host has no engine, show this recorded host after it, as an example
    #[arg(long, value_name = "FILE")]
    pub(crate) example: Option<PathBuf>,
    /// Judge only these rules: ids, or patterns such as `container-*`
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Leave these rules out: ids, or patterns
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) skip: Vec<String>,
    /// Judge by a benchmark, and print the table that an auditor wants: cis-1.8-l1, cis-1.8-l2,
    /// cis-1.7-l1, …, nist-sp-800-190, bsi-sys-1.6, pci-dss-4.0
    #[arg(long, value_name = "PROFILE", value_parser = profile)]
    pub(crate) profile: Option<Profile>,
    /// End with 1 from this severity on: critical, high, medium, low, info, never [default: high]
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on)]
    pub(crate) fail_on: Option<dockward_policy::FailOn>,
    /// The settings to use [default: ./dockward.toml, then /etc/dockward/dockward.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Show every finding with its evidence
    #[arg(short, long)]
    pub(crate) all: bool,
    /// The form of what goes to standard output
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Form,
    /// Also write a report to a file, as `json=FILE`; may be given several times
    #[arg(short, long, value_name = "FORMAT=FILE", value_parser = form_and_file)]
    pub(crate) output: Vec<(Form, PathBuf)>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: When,
}

const EXIT_CODES: &str = "Exit codes: 0 clean; 1 findings at or above --fail-on, or an expired waiver; \
2 wrong use or failure; 3 incomplete: something could not be looked at. 2 comes before 1, 1 before 3.";

#[derive(Debug, Args)]
#[command(after_help = SCAN_HELP)]
pub(crate) struct Scan {
    /// What to look into; without any, this host
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    /// Every image of the engine, or of all engines of this host; those in use first
    #[arg(long, conflicts_with = "targets")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) engine: EngineName,
    /// The database of advisories [default: /var/lib/dockward/advisories.db for root, else
    /// dockward/advisories.db in your cache folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// Which of an image's platforms, such as linux/arm64 [default: Linux on this machine's]
    #[arg(long, value_name = "OS/ARCH")]
    pub(crate) platform: Option<String>,
    /// How many seconds reading may take, all targets together
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,
    /// End with 1 on these [default: as the settings say, else high]: severities, fixable,
    /// exploited, loaded, reachable, fix-older-than=30d, epss=0.1; `+` is "and", `,` is "or"; or never
    #[arg(long, value_name = "CONDITIONS", value_parser = gate)]
    pub(crate) fail_on: Option<dockward_policy::Gate>,
    /// The settings to use [default: ./dockward.toml, then /etc/dockward/dockward.toml]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Also leave out what this file of another scanner does: .trivyignore, .trivyignore.yaml,
    /// .grype.yaml [default: those in the working folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) ignore_file: Vec<PathBuf>,
    /// Check the digest of every layer, also of those that lie in an archive without compression,
    /// which are walked over otherwise
    #[arg(long)]
    pub(crate) verify: bool,
    /// Read the licences of Debian's packages, too: each stands in a file of its own
    #[arg(long)]
    pub(crate) licences: bool,
    /// Keep no index of what was read
    #[arg(long)]
    pub(crate) no_store: bool,
    /// Show every match with what was compared
    #[arg(short, long)]
    pub(crate) list: bool,
    /// The form of what goes to standard output
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ScanForm,
    /// Also write a report to a file, as `sarif=FILE`; may be given several times
    #[arg(short, long, value_name = "FORMAT=FILE", value_parser = scan_form_and_file)]
    pub(crate) output: Vec<(ScanForm, PathBuf)>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: When,
}

const SCAN_HELP: &str = "\
Targets: an engine's image by name or id, read where the engine keeps it; a running container by name \
or id, as it is now; a folder that holds a root; an archive of `docker save`, also as `-` on standard \
input; an OCI layout, as folder or tar; a bill of materials (CycloneDX, SPDX). What is there as a path \
is one, and of the rest a name is an image's first. `image:NAME`, `container:NAME`, `root:PATH`, \
`archive:PATH`, `oci:PATH`, `sbom:PATH` say which; `host:` is this host.
Exit codes: 0 clean; 1 matches that meet --fail-on, or an expired waiver; 2 wrong use or failure; 3 \
incomplete: something could not be read or compared. 2 comes before 1, 1 before 3.";

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A rule's id, such as `container-engine-socket`; or a weakness, such as CVE-2023-0286, with a
    /// target
    pub(crate) id: Option<String>,
    /// What to look for it in, as for `scan`
    pub(crate) target: Option<String>,
    #[command(flatten)]
    pub(crate) engine: EngineName,
    /// The database of advisories [default: as for `scan`]
    #[arg(long, value_name = "FILE", requires = "target")]
    pub(crate) db: Option<PathBuf>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: When,
}

#[derive(Debug, Args)]
pub(crate) struct Record {
    #[command(flatten)]
    pub(crate) look: Look,
    /// The file; it is made readable by you alone
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

/// A form of output, as written on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people
    Text,
    /// schemas/report-v1.schema.json
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// JUnit XML, for CI
    Junit,
    /// Short enough for a merge request; only news with --since
    Markdown,
    /// One file with pictures
    Html,
    /// The JSON of docker-bench-security
    DockerBench,
    /// For node-exporter's textfile collector
    Prometheus,
}

impl From<Form> for Format {
    fn from(form: Form) -> Self {
        match form {
            Form::Text => Self::Text,
            Form::Json => Self::Json,
            Form::Sarif => Self::Sarif,
            Form::Junit => Self::Junit,
            Form::Markdown => Self::Markdown,
            Form::Html => Self::Html,
            Form::DockerBench => Self::DockerBench,
            Form::Prometheus => Self::Prometheus,
        }
    }
}

/// A form of a scan's output, as written on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanForm {
    /// For people
    Text,
    /// schemas/scan-v1.schema.json
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// CycloneDX 1.6: what is inside, and what of it is known to be weak
    Cyclonedx,
    /// SPDX 2.3: what is inside
    Spdx,
    /// JUnit XML, for CI
    Junit,
    /// Short enough for a merge request
    Markdown,
    /// One file
    Html,
}

/// When to do something that a terminal decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn profile(text: &str) -> Result<Profile, String> {
    Profile::named(text).ok_or_else(|| {
        let names = PROFILES.iter().map(Profile::name);
        let near = dockward_policy::did_you_mean(text, names.clone());
        near.unwrap_or_else(|| format!("it is one of {}", names.collect::<Vec<_>>().join(", ")))
    })
}

fn fail_on(text: &str) -> Result<dockward_policy::FailOn, String> {
    text.parse()
}

fn gate(text: &str) -> Result<dockward_policy::Gate, String> {
    text.parse()
}

fn scan_form_and_file(text: &str) -> Result<(ScanForm, PathBuf), String> {
    named_file(text)
}

fn form_and_file(text: &str) -> Result<(Form, PathBuf), String> {
    named_file(text)
}

fn named_file<F: ValueEnum>(text: &str) -> Result<(F, PathBuf), String> {
    let (form, file) =
        text.split_once('=').ok_or("write it as FORMAT=FILE, such as json=report.json")?;
    if file.is_empty() {
        return Err("the file's name is missing after `=`".into());
    }
    let form = F::from_str(form, false).map_err(|_| {
        let forms = F::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<_> = forms.map(|form| form.get_name().to_owned()).collect();
        format!("the format is one of {}", names.join(", "))
    })?;
    Ok((form, file.into()))
}
