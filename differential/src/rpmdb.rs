//! A database of rpm's in its own format (`Packages.db`), with the few tags that scanners read (rpm's
//! `lib/backend/ndb/rpmpkg.c` and `lib/header.c`).

use anyhow::{Context as _, Result};

use crate::Drawn;

const PAGE: usize = 4096;
const SLOT: usize = 16;
const BLOCK: usize = 16;
/// The head of the file takes the place of so many slots.
const FIRST: usize = 2;

// Kinds of values, and tags (rpm's `rpmtag.h`).
const INT32: u32 = 4;
const STRING: u32 = 6;

/// The whole file.
pub(crate) fn file(packages: &[Drawn]) -> Result<Vec<u8>> {
    let pages = ((packages.len() + FIRST) * SLOT).div_ceil(PAGE);
    let mut slots = b"RpmP".to_vec();
    for number in [0, 1, u32::try_from(pages)?, 0, 0, 0, 0] {
        slots.extend(number.to_le_bytes());
    }
    let mut blobs = Vec::new();
    for (package, index) in packages.iter().zip(1_u32..) {
        let blob = blob(index, &header(package)?)?;
        let at = (pages * PAGE + blobs.len()) / BLOCK;
        slots.extend(b"Slot");
        for number in [index, u32::try_from(at)?, u32::try_from(blob.len() / BLOCK)?] {
            slots.extend(number.to_le_bytes());
        }
        blobs.extend(blob);
    }
    while slots.len() < pages * PAGE {
        slots.extend(b"Slot");
        slots.extend([0; SLOT - 4]);
    }
    Ok([slots, blobs].concat())
}

/// A head, the header, a tail with its sum, in whole blocks.
fn blob(index: u32, header: &[u8]) -> Result<Vec<u8>> {
    let length = u32::try_from(header.len())?;
    let mut out = b"BlbS".to_vec();
    for number in [index, 1, length] {
        out.extend(number.to_le_bytes());
    }
    out.extend(header);
    out.resize((out.len() + 12).next_multiple_of(BLOCK) - 12, 0);
    let sum = adler32(&out);
    out.extend(sum.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(b"BlbE");
    Ok(out)
}

fn adler32(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    b << 16 | a
}

/// Entries of tag, kind, place and count, then what they point at; big endian.
fn header(package: &Drawn) -> Result<Vec<u8>> {
    let (epoch, rest) = match package.version.split_once(':') {
        Some((epoch, rest)) => (Some(epoch.parse::<u32>()?), rest),
        None => (None, package.version.as_str()),
    };
    let (version, release) = rest.rsplit_once('-').context("a version without a release")?;
    let source = format!("{}-{version}-{release}.src.rpm", package.source);
    let text = |tag: u32, text: &str| (tag, STRING, [text.as_bytes(), &[0]].concat());
    // In the tags' order, as rpm has them.
    let values = [
        text(1000, &package.name),
        text(1001, version),
        text(1002, release),
        (1003, INT32, epoch.map(|epoch| epoch.to_be_bytes().to_vec()).unwrap_or_default()),
        text(1011, "AlmaLinux"),
        text(1022, &package.architecture),
        text(1044, &source),
        text(5096, &package.module),
    ];
    let (mut entries, mut content) = (Vec::new(), Vec::new());
    for (tag, kind, bytes) in values.iter().filter(|(.., bytes)| bytes.len() > 1) {
        if *kind == INT32 {
            content.resize(content.len().next_multiple_of(4), 0);
        }
        entries.push([*tag, *kind, u32::try_from(content.len())?, 1]);
        content.extend(bytes);
    }
    let mut out = u32::try_from(entries.len())?.to_be_bytes().to_vec();
    out.extend(u32::try_from(content.len())?.to_be_bytes());
    out.extend(entries.into_iter().flatten().flat_map(u32::to_be_bytes));
    out.extend(content);
    Ok(out)
}
