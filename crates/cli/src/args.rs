//! The command line.

use std::path::PathBuf;

use crate::earlier::Since;
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use dockward_audit::benchmark::{PROFILES, Profile};
use dockward_report::Format;

/// Docker in production, safe and shown to be.
///
/// `dockward check` looks at this host and its engine, and says what an attacker could do with it,
/// why, and what to change first. It only reads: nothing is run in a container, nothing is written,
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
    /// Print the page of a rule: why, fix, references; without an id, the list of rules
    Explain(Explain),
    /// Write what was seen of this host to a file, without secrets, to judge it elsewhere
    Record(Record),
}

#[derive(Debug, Args)]
pub(crate) struct Look {
    /// The engine to ask: unix:///path, tcp://host:port or ssh://user@host [default: as the docker
    /// command's, then every engine of this host]
    #[arg(short = 'H', long, value_name = "URL")]
    pub(crate) host: Option<String>,
    /// The Docker context that names the engine to ask
    #[arg(long, value_name = "NAME", conflicts_with = "host")]
    pub(crate) context: Option<String>,
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
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) look: Look,
    /// Judge a recorded host instead of this one, as of the time when it was recorded
    #[arg(long, value_name = "FILE", conflicts_with_all = ["host", "context", "root", "deep", "example"])]
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
pub(crate) struct Explain {
    /// The rule's id, such as `container-engine-socket`
    pub(crate) id: Option<String>,
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

fn form_and_file(text: &str) -> Result<(Form, PathBuf), String> {
    let (form, file) =
        text.split_once('=').ok_or("write it as FORMAT=FILE, such as json=report.json")?;
    if file.is_empty() {
        return Err("the file's name is missing after `=`".into());
    }
    let form = Form::from_str(form, false).map_err(|_| {
        let forms = Form::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<_> = forms.map(|form| form.get_name().to_owned()).collect();
        format!("the format is one of {}", names.join(", "))
    })?;
    Ok((form, file.into()))
}
