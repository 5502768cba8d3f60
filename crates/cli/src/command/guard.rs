//! `dockward guard`: nothing unsafe starts.

mod bypass;
mod in_force;
mod install;
mod propose;
mod run;
mod try_out;

use std::io::Write as _;

use anyhow::Result;
use dockward_policy::Exit;
use dockward_request::Effect;

use crate::args::{Guard, GuardCommand};

/// Runs what was asked for.
pub(crate) fn run(args: &Guard) -> Result<Exit> {
    match &args.command {
        GuardCommand::Run(args) => run::run(args),
        GuardCommand::Install(args) => install::run(args),
        GuardCommand::Try(args) => try_out::run(args),
        GuardCommand::Propose(args) => propose::run(args),
        GuardCommand::Bypass(args) => bypass::run(args),
        GuardCommand::Operations => operations(),
    }
}

fn operations() -> Result<Exit> {
    let mut all: Vec<_> = dockward_request::routes().collect();
    all.sort_by_key(|route| route.id);
    let mut out = std::io::stdout().lock();
    for route in all {
        let effect = if route.effect == Effect::Changes { "changes" } else { "reads" };
        writeln!(out, "{:24} {effect:8} {} {}", route.id, route.method, route.path)?;
    }
    Ok(Exit::Clean)
}
