//! The commands, one file each.

pub(crate) mod check;
mod confined;
mod db;
mod explain;
mod guard;
mod ledger;
mod record;
mod scan;

pub(crate) use check::{Shown, hinted};
pub(crate) use confined::children;
use dockward_policy::Exit;

use crate::args::{Arguments, Command};

/// Runs what was asked for.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments.command {
        Command::Check(args) => check::run(&args),
        Command::Scan(args) => scan::run(&args),
        Command::Db(args) => db::run(&args),
        Command::Ledger(args) => ledger::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Record(args) => record::run(&args),
        Command::Guard(args) => guard::run(&args),
        Command::Confined(args) => confined::run(&args),
    }
}
