//! An image whose layer holds many empty files and nothing else.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest::{Context, SHA256, digest};
use serde_json::{Value, json};

/// Writes an OCI layout with one layer of gzip, which has `count` empty files.
///
/// # Errors
/// It can't be written.
pub fn empty_files(folder: &Path, count: usize) -> Result<()> {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs)?;
    let part = folder.join("part");
    let mut layer = GzEncoder::new(BufWriter::new(fs::File::create(&part)?), Compression::fast());
    let mut plain = Context::new(&SHA256);
    for number in 0..count {
        let header = header(&format!("many/{:04}/{number:08}", number / 1000));
        plain.update(&header);
        layer.write_all(&header)?;
    }
    plain.update(&[0; 1024]);
    layer.write_all(&[0; 1024])?;
    layer.finish()?.flush()?;
    let packed = fs::read(&part)?;
    let layer = put(&blobs, "layer.v1.tar+gzip", &packed)?;
    fs::remove_file(&part)?;
    let diff_id = named(plain.finish().as_ref());
    let root = json!({"type": "layers", "diff_ids": [diff_id]});
    let config = json!({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": root});
    let config = put(&blobs, "config.v1+json", config.to_string().as_bytes())?;
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest =
        json!({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": [layer]});
    let manifest = put(&blobs, "manifest.v1+json", manifest.to_string().as_bytes())?;
    let index = json!({"schemaVersion": 2, "manifests": [manifest]});
    fs::write(folder.join("index.json"), index.to_string())?;
    Ok(fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?)
}

fn put(blobs: &Path, kind: &str, content: &[u8]) -> Result<Value> {
    let name = named(digest(&SHA256, content).as_ref());
    fs::write(blobs.join(name.trim_start_matches("sha256:")), content)?;
    let kind = format!("application/vnd.oci.image.{kind}");
    Ok(json!({"mediaType": kind, "size": content.len(), "digest": name}))
}

fn named(digest: &[u8]) -> String {
    digest.iter().fold("sha256:".to_owned(), |name, byte| format!("{name}{byte:02x}"))
}

/// The header of an empty file (POSIX.1-1990, `ustar`).
fn header(name: &str) -> [u8; 512] {
    let mut header = [0; 512];
    let mut put = |at: usize, text: &[u8]| {
        for (to, from) in header.iter_mut().skip(at).zip(text) {
            *to = *from;
        }
    };
    put(0, name.as_bytes());
    put(100, b"0000644\x000000000\x000000000\x0000000000000\x0000000000000\x00        0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    for (to, from) in header.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").bytes()) {
        *to = from;
    }
    header
}
