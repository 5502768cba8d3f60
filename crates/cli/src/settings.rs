//! `dockward.toml` and the command line, made into what this run is held to.

use std::fs::{File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use dockward_audit::benchmark::Profile;
use dockward_audit::{Audit, Expectations};
use dockward_model::facts::Snapshot;
use dockward_model::verdict::{Meta, Subject};
use dockward_policy::{Config, FailOn, Gate, MAX_BYTES, ScanPolicy, Selection, Waiver};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::args::Check;

/// Where settings are looked for when none are named.
const USUAL: [&str; 2] = ["dockward.toml", "/etc/dockward/dockward.toml"];

/// What this run is held to.
pub(crate) struct Settings {
    /// The file's word.
    pub(crate) config: Config,
    /// The rules to judge.
    pub(crate) selection: Selection,
    /// What fails the run.
    pub(crate) fail_on: FailOn,
    /// What fails a scan.
    pub(crate) gate: Gate,
    /// The benchmark to answer.
    pub(crate) profile: Option<Profile>,
}

impl Settings {
    /// Reads the settings that `args` names, or the usual ones.
    pub(crate) fn read(args: &Check) -> Result<Self> {
        let known: Vec<_> = rules().iter().map(|meta| meta.id).collect();
        let config = config(args.config.as_deref())?;
        let asked = args.profile.map(|profile| profile.rules()).unwrap_or_default();
        let selection = Selection::new(&args.only, &args.skip, &config, &known)
            .and_then(|selection| selection.within(&asked))
            .map_err(|error| {
                let hint = error.hint().map_or(String::new(), |hint| format!(": {hint}"));
                anyhow!("{error}{hint}")
            })?;
        let fail_on = args.fail_on.unwrap_or(config.fail_on);
        let gate = config.scan.gate.clone().unwrap_or_else(|| fail_on.into());
        Ok(Self { config, selection, fail_on, gate, profile: args.profile })
    }
}

impl Settings {
    /// What decides over known weaknesses, as of `now`.
    pub(crate) fn scan_policy(&self, now: Timestamp) -> ScanPolicy<'_> {
        ScanPolicy {
            waivers: self.config.waivers.iter().collect(),
            gate: &self.gate,
            unrated: self.config.scan.unrated,
            now,
            today: now.to_zoned(TimeZone::UTC).date(),
        }
    }

    /// Judges a snapshot by the rules that are selected, held to what the file expects.
    pub(crate) fn evaluate(&self, snapshot: &Snapshot) -> Audit {
        let selects = |id: &str| self.selection.selects(id);
        self.held(snapshot.now, |held| dockward_audit::evaluate(snapshot, held, &selects))
    }

    /// Does something with what the file expects as of `now`.
    pub(crate) fn held<T>(&self, now: Timestamp, then: impl FnOnce(&Expectations<'_>) -> T) -> T {
        let trusts = |name: &str| self.config.trusts_image(name).unwrap_or_default();
        let trusts_image: Option<&dyn Fn(&str) -> bool> =
            self.config.trusted_images.is_some().then_some(&trusts);
        let policy = self.scan_policy(now);
        let waives = |subject: &Subject| policy.waives(subject);
        let unrated = self.config.scan.unrated;
        then(&Expectations { trusts_image, waives: Some(&waives), unrated })
    }
}

/// The settings that are named, or the usual ones; the default where there are none.
pub(crate) fn config(named: Option<&Path>) -> Result<Config> {
    let known: Vec<_> = rules().iter().map(|meta| meta.id).collect();
    match file(named)? {
        None => Ok(Config::default()),
        Some((path, text)) => dockward_policy::parse(&text, &path.display().to_string(), &known)
            .map_err(|problems| anyhow!("{problems}")),
    }
}

/// What the guard is held to, with the text that says so.
pub(crate) struct Guarded {
    /// What it says.
    pub(crate) config: Config,
    /// The text, empty where there is no file.
    pub(crate) text: String,
    /// When the file was last changed.
    pub(crate) changed: Option<Timestamp>,
}

/// The settings that are named, or the usual ones, for the guard.
pub(crate) fn guarded(named: Option<&Path>) -> Result<Guarded> {
    let known: Vec<_> = rules().iter().map(|meta| meta.id).collect();
    let Some((path, text)) = file(named)? else {
        return Ok(Guarded { config: Config::default(), text: String::new(), changed: None });
    };
    let config = dockward_policy::parse(&text, &path.display().to_string(), &known)
        .map_err(|problems| anyhow!("{problems}"))?;
    let changed = std::fs::metadata(&path).and_then(|facts| facts.modified()).ok();
    let changed = changed.and_then(|time| Timestamp::try_from(time).ok());
    Ok(Guarded { config, text, changed })
}

/// Ignore files of other scanners that are looked for where none are named.
const IGNORE_FILES: [&str; 3] = [".trivyignore", ".trivyignore.yaml", ".grype.yaml"];

/// What ignore files of other scanners come to.
#[derive(Default)]
pub(crate) struct Ignored {
    /// Their entries, as waivers.
    pub(crate) waivers: Vec<Waiver>,
    /// What of them is not understood, a sentence each.
    pub(crate) problems: Vec<String>,
}

impl Ignored {
    /// Reads the files that are named, or those of the working folder. They can hide what is found,
    /// so what holds for settings holds for them.
    pub(crate) fn read(named: &[PathBuf]) -> Result<Self> {
        let there = || IGNORE_FILES.iter().map(PathBuf::from).filter(|path| path.exists());
        let files = if named.is_empty() { there().collect() } else { named.to_vec() };
        let mut all = Self::default();
        for path in files {
            let read = dockward_policy::ignores(&read(&path)?, &path.display().to_string());
            let read = read.map_err(|error| anyhow!("{error}"))?;
            all.waivers.extend(read.waivers);
            all.problems.extend(read.problems);
        }
        Ok(all)
    }
}

/// What is said of every rule and check, by id.
pub(crate) fn rules() -> Vec<Meta> {
    let rules = dockward_rules::RULES.iter().map(|rule| rule.meta);
    let mut all: Vec<_> = rules.chain(dockward_audit::CHECKS.iter().map(|c| c.meta)).collect();
    all.sort_by_key(|meta| meta.id);
    all
}

fn file(named: Option<&Path>) -> Result<Option<(PathBuf, String)>> {
    if let Some(path) = named {
        return read(path).map(|text| Some((path.to_owned(), text)));
    }
    let found = USUAL.iter().map(Path::new).find(|path| path.exists());
    found.map(|path| read(path).map(|text| (path.to_owned(), text))).transpose()
}

fn read(path: &Path) -> Result<String> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("cannot open {shown}"))?;
    let metadata = file.metadata().with_context(|| format!("cannot look at {shown}"))?;
    trusted(&metadata).with_context(|| format!("{shown} is not trusted"))?;
    let mut text = String::new();
    let limit = MAX_BYTES as u64 + 1;
    file.take(limit).read_to_string(&mut text).with_context(|| format!("cannot read {shown}"))?;
    Ok(text)
}

/// Settings can hide findings: nobody but root and the caller may have written them.
fn trusted(metadata: &Metadata) -> Result<()> {
    if !metadata.is_file() {
        bail!("it is no regular file");
    }
    let me = rustix::process::geteuid().as_raw();
    if metadata.uid() != 0 && metadata.uid() != me {
        bail!(
            "it belongs to uid {}: settings can hide findings, so only yours or root's are read",
            metadata.uid()
        );
    }
    if metadata.mode() & 0o002 != 0 {
        bail!("everyone may write to it: chmod o-w");
    }
    Ok(())
}
