//! `dockward record`: what was seen of this host, to judge it elsewhere.

use std::io::Write as _;

use anyhow::Result;
use dockward_policy::Exit;

use crate::args::Record;
use crate::command::check;

/// Records this host.
pub(crate) fn run(args: &Record) -> Result<Exit> {
    // An empty recording would pass for one of a host, and may take the place of a good one.
    let Some(snapshot) = check::look(&args.look)? else { return Ok(Exit::Incomplete) };
    dockward_collect::record::write(&snapshot, &args.output)?;
    let path = args.output.display().to_string();
    writeln!(std::io::stderr(), "dockward: recorded to {}", dockward_report::plain(&path))?;
    Ok(if snapshot.unseen.is_empty() { Exit::Clean } else { Exit::Incomplete })
}
