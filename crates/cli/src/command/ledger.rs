//! `dockward ledger`: what the guard recorded, shown and proved.

mod show;
mod verify;

use std::path::Path;

use anyhow::{Result, bail};
use dockward_ledger::{Ledger, LedgerError, Options, rekey as replaced};
use dockward_policy::Exit;
use jiff::Timestamp;

use crate::args::{Ledger as Words, LedgerCommand, LedgerPrune, LedgerRekey, Past};
use crate::command::hinted;
use crate::output;

/// Shows, proves, prunes, or replaces the key.
pub(crate) fn run(words: &Words) -> Result<Exit> {
    match &words.command {
        LedgerCommand::Verify(args) => verify::run(args),
        LedgerCommand::Show(args) => show::run(args),
        LedgerCommand::Prune(args) => prune(args),
        LedgerCommand::Rekey(args) => rekey(args),
    }
}

fn told(error: LedgerError) -> anyhow::Error {
    hinted(error.hint(), error)
}

fn time(past: Past) -> Result<Timestamp> {
    past.before(Timestamp::now()).ok_or_else(|| anyhow::anyhow!("no calendar goes back so far"))
}

fn prune(args: &LedgerPrune) -> Result<Exit> {
    there(&args.folder)?;
    let older_than = time(args.older_than)?;
    let ledger = Ledger::open(&args.folder, options(), Vec::new()).map_err(told)?;
    let gone = ledger.prune(older_than).map_err(told)?;
    ledger.close().map_err(told)?;
    let text = match gone {
        0 => "nothing to throw away: entries go in bundles of 256 that are all older\n".to_owned(),
        gone => format!("{gone} entries thrown away; their hashes stay\n"),
    };
    output::to_stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn options() -> Options {
    Options { version: env!("CARGO_PKG_VERSION").to_owned(), ..Options::default() }
}

fn rekey(args: &LedgerRekey) -> Result<Exit> {
    there(&args.folder)?;
    let done = replaced(&args.folder, &options(), args.reason.as_deref()).map_err(told)?;
    let (kept, last) = (done.kept.display().to_string(), done.last);
    let text = format!(
        "{}: the log of the key {} has ended after {} entries; tree {}\n  it lies in {}, without \
         its secret key\n  the new log follows it; keep its key elsewhere:\n{}\n",
        last.origin,
        done.old,
        last.size,
        last.root,
        dockward_report::plain(&kept),
        done.key
    );
    output::to_stdout(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// A folder that is no ledger must not become one.
fn there(folder: &Path) -> Result<()> {
    if !folder.join("key.pub").exists() {
        bail!("{} holds no ledger: there is no key.pub in it", folder.display());
    }
    Ok(())
}
