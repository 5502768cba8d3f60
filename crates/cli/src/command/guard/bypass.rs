//! `dockward guard bypass`: the glass to break.

use std::fs::{DirBuilder, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

use anyhow::{Context as _, Result, bail};
use dockward_admission::{Bypass, since_boot};
use dockward_policy::Exit;
use jiff::Timestamp;

use crate::args::GuardBypass;

pub(super) fn run(args: &GuardBypass) -> Result<Exit> {
    if !rustix::process::geteuid().is_root() {
        bail!("only root can bypass the guard");
    }
    let path = &args.glass;
    if args.end {
        match std::fs::remove_file(path) {
            Ok(()) => writeln!(std::io::stderr(), "dockward: the guard denies again")?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                writeln!(std::io::stderr(), "dockward: the guard is not bypassed")?;
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot remove {}", path.display()));
            }
        }
        return Ok(Exit::Clean);
    }
    let (Some(time), Some(reason)) = (args.time, &args.reason) else {
        bail!("name a time and a reason");
    };
    if reason.trim().is_empty() || reason.len() > 500 {
        bail!("the reason is for those who read the ledger: a sentence of at most 500 bytes");
    }
    let until = Timestamp::now() + time;
    let bypass = Bypass {
        until,
        until_since_boot: since_boot().saturating_add(time.as_secs()),
        reason: reason.trim().to_owned(),
        by: by(),
    };
    write(path, &serde_json::to_string(&bypass)?)?;
    writeln!(
        std::io::stderr(),
        "dockward: until {until} the guard denies nothing that it understands; every request is recorded"
    )?;
    Ok(Exit::Clean)
}

/// Root, and as whom they logged in where sudo says so.
fn by() -> String {
    std::env::var("SUDO_USER").map_or_else(|_| "root".to_owned(), |user| format!("root, as {user}"))
}

/// The guard may read it at any moment: it comes whole, by rename.
fn write(path: &std::path::Path, text: &str) -> Result<()> {
    let folder = path.parent().context("the path has no folder")?;
    DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)
        .with_context(|| format!("cannot write in {}", folder.display()))?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(Permissions::from_mode(0o644))?;
    file.persist(path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}
