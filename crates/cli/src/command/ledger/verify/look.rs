//! What there is to verify: a ledger, and those that it follows.

use std::fs::File;
use std::io::Read as _;
use std::iter;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use dockward_ledger::{
    Checkpoint, Included, LedgerError, NoteError, PublicKey, Verified, prove, verify,
};

use crate::args::LedgerVerify;
use crate::command::ledger::{there, told};

/// The longest file of checkpoints that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// Why nothing fits, or can't be looked at.
pub(super) enum Failed {
    Misfit(String),
    Other(anyhow::Error),
}

impl From<LedgerError> for Failed {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Misfit { why, .. } => Self::Misfit(why),
            other => Self::Other(told(other)),
        }
    }
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

/// What was found.
pub(super) struct Looked {
    pub(super) verified: Verified,
    /// How many checkpoints that were kept elsewhere it grew out of.
    pub(super) known: usize,
    /// The logs before it that were asked about, the newest first, and where they lie.
    pub(super) before: Vec<(PathBuf, Verified)>,
    /// The proof that was asked for.
    pub(super) included: Option<Included>,
}

impl Looked {
    /// Whether nothing is missing, of the logs before it either.
    pub(super) fn is_complete(&self) -> bool {
        self.verified.is_complete() && self.before.iter().all(|(_, old)| old.is_complete())
    }
}

pub(super) fn look(args: &LedgerVerify) -> Result<Looked, Failed> {
    let key = args.key.as_deref().map(key).transpose()?;
    let mut chain = chain(args, key.as_ref())?;
    let known = known(args, &chain)?;
    for ((folder, verified), known) in chain.iter_mut().zip(&known) {
        if !known.is_empty() {
            let (own_key, key) = (verified.own_key, verified.key.clone());
            *verified = Verified { own_key, ..one(args, folder, known, Some(&key))? };
        }
    }
    let mut chain = chain.into_iter().map(|(folder, verified)| (folder.clone(), verified));
    let (_, verified) = chain.next().ok_or_else(|| anyhow!("there is no ledger to verify"))?;
    let prove = |seq| prove(&args.folder, seq, Some(&verified.key));
    let included = args.entry.map(prove).transpose()?;
    let known = known.first().map_or(0, Vec::len);
    Ok(Looked { verified, known, before: chain.collect(), included })
}

/// Verifies one of the ledgers. What doesn't fit of those before the first is told with its folder.
fn one(
    args: &LedgerVerify,
    folder: &PathBuf,
    known: &[Checkpoint],
    key: Option<&PublicKey>,
) -> Result<Verified, Failed> {
    if key.is_none() {
        there(folder)?;
    }
    verify(folder, known, key).map_err(|error| match Failed::from(error) {
        Failed::Misfit(why) if *folder != args.folder => {
            Failed::Misfit(format!("{}: {why}", folder.display()))
        }
        other => other,
    })
}

/// A ledger and its folder.
type Link<'a> = (&'a PathBuf, Verified);

/// Verifies the ledgers, each of which follows the next one, held to a key that was kept elsewhere.
fn chain<'a>(args: &'a LedgerVerify, key: Option<&PublicKey>) -> Result<Vec<Link<'a>>, Failed> {
    if args.follows.is_empty() {
        return Ok(vec![(&args.folder, one(args, &args.folder, &[], key)?)]);
    }
    let all = iter::once(&args.folder).chain(&args.follows);
    let all = all.map(|folder| Ok((folder, one(args, folder, &[], None)?)));
    let mut all = ordered(all.collect::<Result<_, Failed>>()?);
    for ((_, new), (folder, old)) in all.iter().zip(all.iter().skip(1)) {
        let told = |why| Failed::Misfit(format!("{}: {why}", folder.display()));
        new.is_after(old).map_err(told)?;
    }
    key.map_or(Ok(()), |key| believed(&mut all, key))?;
    Ok(all)
}

/// Behind each comes the one that it follows, if that is there.
fn ordered(mut all: Vec<Link<'_>>) -> Vec<Link<'_>> {
    for at in 1..all.len() {
        let Some((done, rest)) = all.split_at_mut_checked(at) else { break };
        let follows = done.last().and_then(|(_, new)| new.follows.as_ref());
        let next = follows.and_then(|follows| {
            rest.iter().position(|(_, old)| old.key.to_string() == follows.key)
        });
        rest.swap(0, next.unwrap_or(0));
    }
    all
}

/// A key that was kept elsewhere is of one of these logs, each of which follows the next one. The log
/// after it is signed with the key that it names in the end; the one before it is the one whose tree
/// it names, where it still does.
fn believed(chain: &mut [Link<'_>], key: &PublicKey) -> Result<(), Failed> {
    let at = chain.iter().position(|(_, verified)| verified.key == *key);
    let at = at.ok_or_else(|| Failed::Misfit("key.pub is another key".to_owned()))?;
    let (newer, from) = chain.split_at_mut(at);
    newer.iter_mut().for_each(|(_, verified)| verified.own_key = false);
    for (_, verified) in from {
        verified.own_key = false;
        if verified.follows.is_none() {
            break;
        }
    }
    Ok(())
}

/// The checkpoints that were kept elsewhere, by the log that they are of.
fn known(args: &LedgerVerify, chain: &[Link<'_>]) -> Result<Vec<Vec<Checkpoint>>> {
    let mut known = vec![Vec::<Checkpoint>::new(); chain.len()];
    for path in &args.checkpoint {
        for note in notes(path)? {
            let (at, checkpoint) =
                signed(&note, chain).with_context(|| path.display().to_string())?;
            if let Some(of) = known.get_mut(at) {
                of.push(checkpoint);
            }
        }
    }
    Ok(known)
}

/// Whose a checkpoint is, and what it says.
fn signed(note: &str, chain: &[Link<'_>]) -> Result<(usize, Checkpoint)> {
    let mut why = None;
    for (at, (_, verified)) in chain.iter().enumerate() {
        match Checkpoint::verified(note, &verified.key) {
            Ok(checkpoint) => return Ok((at, checkpoint)),
            Err(error @ NoteError::Unsigned(_)) => why = why.or(Some(error)),
            Err(error) => return Err(error.into()),
        }
    }
    let earlier = chain.last().is_some_and(|(_, oldest)| oldest.follows.is_some());
    let hint = if earlier { "; of a log that it follows? Name that with --follows" } else { "" };
    Err(anyhow!("{}{hint}", why.map_or_else(String::new, |why| why.to_string())))
}

/// The notes of a file: one, or lines that hold some as JSON.
fn notes(path: &Path) -> Result<Vec<String>> {
    let text = read(path)?;
    let mut notes: Vec<String> = text.lines().filter_map(logged).collect();
    if notes.is_empty() {
        notes.push(text);
    }
    Ok(notes)
}

fn read(path: &Path) -> Result<String> {
    let (shown, mut text) = (path.display(), String::new());
    let file = File::open(path).with_context(|| format!("cannot open {shown}"))?;
    let count = file.take(LONGEST + 1).read_to_string(&mut text);
    let count = count.with_context(|| format!("cannot read {shown}"))?;
    if count as u64 > LONGEST { Err(anyhow!("{shown} is too long")) } else { Ok(text) }
}

fn key(path: &Path) -> Result<PublicKey> {
    PublicKey::parse(&read(path)?).with_context(|| path.display().to_string())
}

fn logged(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(r#"{"checkpoint":"#)?;
    serde_json::Deserializer::from_str(rest).into_iter().next()?.ok()
}
