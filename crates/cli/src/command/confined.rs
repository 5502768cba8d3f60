//! `dockward confined`: this program once more, as a process that can only read what it is handed.

use anyhow::Result;
use dockward_image::Launch;
use dockward_policy::Exit;

use crate::args::Confined;

/// How layers, archives and records of packages are read: by this program, started again.
#[allow(clippy::unnecessary_wraps, reason = "it is what an option of reading is set to")]
pub(crate) fn children() -> Option<Launch> {
    // What runs, also where the file was replaced since.
    let program = "/proc/self/exe".into();
    Some(Launch { program, arguments: vec!["confined".into()] })
}

/// Reads until nobody asks any more.
pub(crate) fn run(args: &Confined) -> Result<Exit> {
    dockward_image::serve(args.memory)?;
    Ok(Exit::Clean)
}
