//! `dockward db key` and `dockward db sign`: for a site that publishes a database for itself.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;

use anyhow::{Context as _, Result};
use dockward_feed::{Mapped, PublicKey, SecretKey};
use dockward_policy::Exit;
use jiff::Timestamp;

use crate::args::{DbKey, DbSign};
use crate::command::hinted;
use crate::output;

/// The longest file of a key, in bytes.
const LONGEST_KEY: u64 = 4 << 10;

/// Makes a key: the secret into a new file that nobody else may read.
pub(super) fn key(args: &DbKey) -> Result<Exit> {
    let key = SecretKey::generate().map_err(|error| hinted(error.hint(), error))?;
    let shown = args.file.display();
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(&args.file);
    let mut file = file.with_context(|| format!("cannot make {shown}"))?;
    file.write_all(key.text().as_bytes()).with_context(|| format!("cannot write {shown}"))?;
    output::to_stdout(format!("{}\n", key.public()).as_bytes())?;
    Ok(Exit::Clean)
}

/// Signs a database that can be read.
pub(super) fn sign(args: &DbSign) -> Result<Exit> {
    Mapped::open(&args.file).map_err(|error| hinted(error.hint(), error))?;
    let shown = args.key.display();
    let mut text = String::new();
    let file = File::open(&args.key).with_context(|| format!("cannot open {shown}"))?;
    file.take(LONGEST_KEY)
        .read_to_string(&mut text)
        .with_context(|| format!("cannot read {shown}"))?;
    let told = |error: dockward_feed::SignatureError| hinted(error.hint(), error);
    let key = SecretKey::parse(&text).map_err(told)?;
    let next = args.next.as_deref().map(PublicKey::parse).transpose().map_err(told)?;
    let now = Timestamp::now();
    // A later signature is a newer version, without anybody having to count.
    let version = u64::try_from(now.as_second()).unwrap_or_default();
    let file = args.file.display();
    let bytes = File::open(&args.file).with_context(|| format!("cannot open {file}"))?;
    let signature = key.sign(bytes, version, now, next).map_err(told)?;
    let mut beside = args.file.clone().into_os_string();
    beside.push(".sig");
    output::to_file(signature.as_bytes(), true, beside.as_ref())?;
    Ok(Exit::Clean)
}
