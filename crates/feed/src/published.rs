//! A database that a site publishes for itself, or a zip of feeds as an artifact: had as one file,
//! held to its signature or digest, and put in the place of the one that is here.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use dockward_web::{Client, Reference, Registry, Step};
use jiff::Timestamp;

use crate::build::{Options, Summary, build, not_back_in_time};
use crate::mapped::Mapped;
use crate::mirror::{self, Mirror, readable};
use crate::signature::{Accepted, PublicKey, SignatureError, verify};
use crate::update::place::{Got, Place, Reader};
use crate::update::{Progress, UpdateError};
use crate::zip;

/// The largest file, in bytes.
const LARGEST: u64 = 4 << 30;
/// The largest signature, in bytes.
const LARGEST_SIGNATURE: u64 = 4 << 10;
/// The annotation of an artifact's layer that holds its signature (the text of `NAME.sig`).
pub const SIGNATURE_ANNOTATION: &str = "io.github.dockward.signature";

/// Where a published file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file, with its signature beside it as `NAME.sig`.
    File(Place),
    /// An artifact of one layer, its signature in [`SIGNATURE_ANNOTATION`].
    Artifact {
        /// Its name.
        reference: Reference,
        /// A token for its registry, where one is needed that not everybody gets.
        token: Option<String>,
    },
}

impl Origin {
    /// `oci://HOST/NAME…` is an artifact, all else a place. None where it begins as an artifact and is none.
    #[must_use]
    pub fn of(text: &str, token: Option<String>) -> Option<Self> {
        match text.starts_with("oci://") {
            true => Reference::parse(text).map(|reference| Self::Artifact { reference, token }),
            false => Some(Self::File(Place::of(text))),
        }
    }
}

/// What is installed, and what it is held to.
#[derive(Debug, Clone)]
pub struct Install {
    /// Where it is.
    pub origin: Origin,
    /// The database that it takes the place of.
    pub database: PathBuf,
    /// Keys that it may be signed with. Without any, only an artifact is taken: by its registry's
    /// word, and by its digests.
    pub trusted: Vec<PublicKey>,
    /// Whether a source may go back in time. A signed version never may.
    pub allow_older: bool,
    /// The time now.
    pub now: Timestamp,
}

/// What was installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// What was built, where it was feeds; absent where it was a database.
    pub built: Option<Summary>,
    /// The version of its signature; absent where it was held to digests alone.
    pub version: Option<u64>,
}

/// Has a published file and puts it in the database's place.
///
/// # Errors
/// When it cannot be had, is not signed as it must be, holds no database, or is older than what is
/// here. What is here stays then as it is.
pub fn install(
    plan: &Install,
    client: &Client,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Installed, UpdateError> {
    let mirror = Mirror::open(mirror::folder_of(&plan.database))?;
    let mut state = mirror::state(mirror.folder())?;
    let staged = mirror.folder().join("published.part");
    let signature = had(plan, client, &staged, &mut |step| progress(Progress::Step(step)))?;
    let accepted =
        held(plan, &staged, signature.as_deref(), &state.signed.clone().unwrap_or_default())?;
    progress(Progress::Building);
    let built = put(plan, &staged)?;
    let version = accepted.as_ref().map(|accepted| accepted.version);
    if accepted.is_some() {
        state.signed = accepted;
        mirror.keep(&state)?;
    }
    // A database was moved away, feeds are of no more use.
    let _ = fs::remove_file(&staged);
    Ok(Installed { built, version })
}

/// Has the file, and its signature where there is one.
fn had(
    plan: &Install,
    client: &Client,
    staged: &Path,
    step: &mut dyn FnMut(Step<'_>),
) -> Result<Option<String>, UpdateError> {
    match &plan.origin {
        Origin::File(place) => {
            let mut reader = Reader { client, step };
            let missing =
                || UpdateError::Missing { place: place.to_string(), what: "file".to_owned() };
            let signature =
                reader.fetch(&place.beside(".sig"), LARGEST_SIGNATURE, Default::default())?;
            reader.download(place, LARGEST, Default::default(), staged)?.ok_or_else(missing)?;
            Ok(match signature {
                Some(Got::Whole(bytes, _)) => Some(String::from_utf8_lossy(&bytes).into_owned()),
                _ => None,
            })
        }
        Origin::Artifact { reference, token } => {
            let mut registry = Registry::new(client, reference, token.as_deref());
            let manifest = registry.manifest(step)?;
            let [layer] = &*manifest.layers else {
                let why = format!("it has {} layers, and should have one", manifest.layers.len());
                return Err(UpdateError::Content { place: reference.to_string(), why });
            };
            registry.blob(layer, LARGEST, staged, step)?;
            Ok(layer.annotations.get(SIGNATURE_ANNOTATION).cloned())
        }
    }
}

/// Holds the file to its signature; none where digests are enough.
fn held(
    plan: &Install,
    staged: &Path,
    signature: Option<&str>,
    had: &Accepted,
) -> Result<Option<Accepted>, UpdateError> {
    let by_digest = match &plan.origin {
        Origin::File(_) => false,
        Origin::Artifact { reference, .. } => reference.is_pinned() || plan.trusted.is_empty(),
    };
    let signature = match signature {
        _ if by_digest => return Ok(None),
        None => return Err(SignatureError::Missing.into()),
        Some(signature) => signature,
    };
    let file = File::open(staged).map_err(SignatureError::from)?;
    Ok(Some(verify(file, signature, &plan.trusted, had, plan.now)?))
}

fn put(plan: &Install, staged: &Path) -> Result<Option<Summary>, UpdateError> {
    let failed = |source| UpdateError::Folder { path: plan.database.clone(), source };
    let mut head = [0; 4];
    let read = File::open(staged).and_then(|mut file| file.read_exact(&mut head));
    if read.is_ok() && head == zip::MAGIC {
        let options = Options { allow_older: plan.allow_older, ..Options::new(plan.now) };
        return Ok(Some(build(&[staged.to_owned()], &plan.database, options)?));
    }
    readable(staged).map_err(failed)?;
    let content = |why: String| UpdateError::Content { place: staged.display().to_string(), why };
    let mapped = Mapped::open(staged).map_err(|error| content(error.to_string()))?;
    let database = mapped.database().map_err(|error| content(error.to_string()))?;
    database.verify().map_err(|error| content(error.to_string()))?;
    if !plan.allow_older {
        let built = database.built().map_err(|error| content(error.to_string()))?;
        let sources = built.sources.into_iter().map(|source| (source.name.clone(), source));
        not_back_in_time(&plan.database, &sources.collect())?;
    }
    fs::rename(staged, &plan.database).map_err(failed)?;
    Ok(None)
}

#[cfg(test)]
mod tests;
