//! `dockward guard install`: puts the guard before this host's engine, and takes it away again.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use dockward_collect::tree::{Live as Tree, Proc};
use dockward_engine::{Client, Endpoint, Limits};
use dockward_guard::Signals;
use dockward_model::facts::Fact;
use dockward_policy::Exit;
use dockward_remedy::guard::{Facts, Options, Seen, consequences, plan};
use dockward_remedy::{About, Error, Files, Journal, Live, apply, undo};

use crate::args::GuardInstall;

/// Where the engine is asked before it moves.
const SOCKET: &str = "/var/run/docker.sock";
/// There where systemd runs the machine (sd_booted(3)).
const SYSTEMD: &str = "/run/systemd/system";

pub(super) fn run(args: &GuardInstall) -> Result<Exit> {
    let root = args.root.clone().unwrap_or_else(|| PathBuf::from("/"));
    let files = Files::below(root.clone());
    if args.root.is_none() {
        able(args.apply)?;
    }
    if args.undo { taken_back(args, &files) } else { installed(args, &files, &root) }
}

fn able(apply: bool) -> Result<()> {
    if !Path::new(SYSTEMD).is_dir() {
        bail!(
            "systemd does not run this machine, and the guard's sockets are systemd's: without it start `dockward guard run --listen` by hand"
        );
    }
    if apply && !rustix::process::geteuid().is_root() {
        bail!("only root can install the guard; without --apply anybody may see the plan");
    }
    Ok(())
}

fn installed(args: &GuardInstall, files: &Files, root: &Path) -> Result<Exit> {
    let folder = root.to_str().ok_or_else(|| anyhow!("{} is no text", root.display()))?;
    let tree = match Tree::at(folder) {
        Fact::Known(tree) => tree,
        Fact::Absent => bail!("there is no {folder}"),
        Fact::Unknown(why) => bail!("{why}"),
    };
    let engine = match args.root {
        None => ask(&tree),
        Some(_) => Err("the engine of another root is not asked".to_owned()),
    };
    let facts = Facts::read(&tree, files, engine)?;
    let options = Options { group: args.group.clone(), leave_open: args.leave_open };
    let mut out = std::io::stdout().lock();
    let Some(plan) = plan(&facts, &options).map_err(told)? else {
        writeln!(out, "The guard is installed; there is nothing to do.")?;
        return Ok(Exit::Clean);
    };
    write!(out, "{plan}")?;
    if !args.apply {
        writeln!(out, "\nNothing was changed. To do it: sudo dockward guard install --apply")?;
        return Ok(Exit::Clean);
    }
    drop(out);
    // Neither Ctrl-C nor a connection that breaks leaves it half done.
    let _held = (Signals::that_end()?, Signals::that_reload()?);
    apply(&plan, files, &mut Live).map_err(told)?;
    say("the guard is installed, and the engine answers through it");
    Ok(Exit::Clean)
}

fn ask(tree: &Tree) -> Result<Seen, String> {
    let proc = match Proc::host() {
        Fact::Known(proc) => proc,
        _ => return Err("/proc can't be read".to_owned()),
    };
    let told = |error: dockward_engine::Error| error.to_string();
    let endpoint = Endpoint::parse(SOCKET, None).map_err(told)?;
    let client = Client::connect(endpoint, Limits::default()).map_err(told)?;
    Seen::ask(&client, tree, &proc).map_err(told)
}

fn taken_back(args: &GuardInstall, files: &Files) -> Result<Exit> {
    let Some(journal) = Journal::read(files)? else {
        say("the guard was not installed by `dockward guard install`; there is nothing to do");
        return Ok(Exit::Clean);
    };
    let mut out = std::io::stdout().lock();
    write!(out, "What was installed is taken back, in order:\n{journal}")?;
    if args.root.is_none() {
        let engine = Tree::host().known().map_or_else(|| Err("/ can't be read".to_owned()), ask);
        let about = consequences(&engine, std::slice::from_ref(&journal.socket));
        write!(out, "{}", About(&about))?;
    }
    writeln!(out, "\nWhat was recorded stays in /var/lib/dockward-guard.")?;
    if !args.apply {
        let how = "sudo dockward guard install --undo --apply";
        writeln!(out, "\nNothing was changed. To do it: {how}")?;
        return Ok(Exit::Clean);
    }
    drop(out);
    let _held = (Signals::that_end()?, Signals::that_reload()?);
    undo(&journal, files, &mut Live).map_err(told)?;
    say("the guard is taken away, and the engine answers at its old place");
    Ok(Exit::Clean)
}

fn told(error: Error) -> anyhow::Error {
    match error.hint() {
        Some(hint) => anyhow!("{error}: {hint}"),
        None => anyhow!("{error}"),
    }
}

fn say(text: &str) {
    // Nobody may be listening any more.
    let _ = writeln!(std::io::stderr(), "dockward: {text}");
}
