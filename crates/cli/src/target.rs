//! What to look into, as it is written on the command line.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use dockward_image::{Options, Source};
use dockward_model::inventory::{Inventory, TargetKind};
use dockward_model::verdict::FailedTarget;

use crate::engines::{Engines, Kind};
use crate::near::{Look, Runs};

/// What was looked into, and what could not be.
#[derive(Default)]
pub(crate) struct Looked<'a> {
    /// What is inside, and where it runs.
    pub(crate) inventories: Vec<Look<'a>>,
    /// What could not be looked into at all.
    pub(crate) failed: Vec<FailedTarget>,
}

impl Looked<'_> {
    /// Something could not be looked into.
    pub(crate) fn fail(&mut self, name: &str, (why, hint): Refused) {
        self.failed.push(FailedTarget { name: name.to_owned(), why, hint });
    }
}

/// Looks into each target; without any, into this host.
pub(crate) fn look<'e>(
    targets: &[String],
    engines: &'e Engines<'_>,
    options: &Options,
) -> Looked<'e> {
    let mut looked = Looked::default();
    let this = ["host:".to_owned()];
    let targets = if targets.is_empty() { &this[..] } else { targets };
    for target in targets {
        match one(target, engines, options) {
            Ok(inventories) => looked.inventories.extend(inventories),
            Err(refused) => looked.fail(target, refused),
        }
    }
    looked
}

/// Why something could not be looked into, and what to do about it.
pub(crate) type Refused = (String, String);

fn one<'e>(
    target: &str,
    engines: &'e Engines<'_>,
    options: &Options,
) -> Result<Vec<Look<'e>>, Refused> {
    let unseen = |inventories: Vec<Inventory>| inventories.into_iter().map(Look::from).collect();
    let path = |rest: &str| PathBuf::from(rest);
    match target.split_once(':') {
        Some(("host", "")) => host(options),
        Some(("root", rest)) => opened(&Source::Root(path(rest)), options).map(unseen),
        Some(("archive", rest)) => opened(&Source::Archive(path(rest)), options).map(unseen),
        Some(("oci", rest)) => opened(&Source::Layout(path(rest)), options).map(unseen),
        Some(("sbom", rest)) => sbom(Path::new(rest)).map(unseen),
        Some(("image", rest)) => engines.look(Kind::Image, rest, options),
        Some(("container", rest)) => engines.look(Kind::Container, rest, options),
        _ if is_name(target) => engines.look(Kind::Any, target, options),
        _ => unmarked(Path::new(target), options).map(unseen),
    }
}

/// Whether it can't be but an engine's name for something: nothing is there of this name, and it is
/// written as names of images and containers are (the distribution project's grammar of references).
fn is_name(target: &str) -> bool {
    let is_start = target.starts_with(|first: char| first.is_ascii_alphanumeric());
    let is_odd = |c: char| !(c.is_ascii_alphanumeric() || "-._/:@".contains(c));
    is_start && !target.contains(is_odd) && !Path::new(target).exists()
}

/// A path without a word before it: what it is, is told by what is there.
fn unmarked(path: &Path, options: &Options) -> Result<Vec<Inventory>, Refused> {
    if path != Path::new("-") && !path.exists() {
        let why = "nothing is there under this name".to_owned();
        let hint =
            "name a folder, an archive of `docker save`, an OCI layout or a bill of materials";
        return Err((why, hint.to_owned()));
    }
    if is_json(path) {
        return sbom(path);
    }
    let source = Source::at(path).map_err(refused)?;
    opened(&source, options)
}

/// Whether a file begins as a bill of materials does: no tar and no packing begins with a brace.
fn is_json(path: &Path) -> bool {
    let mut start = [0; 64];
    let is_file = std::fs::metadata(path).is_ok_and(|found| found.is_file());
    let read = is_file.then(|| File::open(path).and_then(|mut file| file.read(&mut start)));
    let Some(Ok(read)) = read else { return false };
    let text = start.get(..read).unwrap_or_default();
    text.trim_ascii_start().first() == Some(&b'{')
}

pub(crate) fn opened(source: &Source, options: &Options) -> Result<Vec<Inventory>, Refused> {
    dockward_image::open(source, options).map_err(refused)
}

fn refused(error: dockward_image::Error) -> Refused {
    let hint = error.hint().unwrap_or_default().to_owned();
    (told(&error), hint)
}

/// An error with its causes.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}

/// The host's own root.
fn host<'e>(options: &Options) -> Result<Vec<Look<'e>>, Refused> {
    let mut inventories = opened(&Source::Root(PathBuf::from("/")), options)?;
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    for inventory in &mut inventories {
        inventory.target.kind = TargetKind::Host;
        name.clone_into(&mut inventory.target.name);
    }
    let look = |inventory| Look { inventory, runs: Runs::Host(None) };
    Ok(inventories.into_iter().map(look).collect())
}

fn sbom(path: &Path) -> Result<Vec<Inventory>, Refused> {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let most = u64::try_from(dockward_sbom::MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        File::open(path)?.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| (format!("cannot read it: {error}"), String::new()))?;
    let shown = path.display().to_string();
    let read =
        dockward_sbom::read(&shown, &bytes).map_err(|error| (told(&error), String::new()))?;
    let mut inventories = read.inventories;
    for inventory in &mut inventories {
        let kinds = read.left_out.kinds.iter();
        let problems = kinds.map(|(kind, count)| dockward_model::inventory::Problem {
            place: shown.clone(),
            offset: None,
            why: format!("{count} components of a kind that is not compared yet: {kind}"),
        });
        inventory.contents.problems.extend(problems);
    }
    Ok(inventories)
}
