//! Layers and images for tests.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::blob::{Hash, Packing};

/// Where apk's record stands, which these tests use.
pub(super) const APK: &str = "lib/apk/db/installed";

/// Something in a layer.
pub(super) enum Item<'a> {
    File(&'a str, &'a str),
    Folder(&'a str),
    Link(&'a str, &'a str),
    Hard(&'a str, &'a str),
    Fifo(&'a str),
}

use Item::{Fifo, File, Folder, Hard, Link};

/// A layer of these, without compression.
pub(super) fn tar(items: &[Item<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for item in items {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o755);
        let (kind, path, body, target) = match item {
            File(path, body) => (tar::EntryType::Regular, path, *body, None),
            Folder(path) => (tar::EntryType::Directory, path, "", None),
            Link(path, target) => (tar::EntryType::Symlink, path, "", Some(target)),
            Hard(path, target) => (tar::EntryType::Link, path, "", Some(target)),
            Fifo(path) => (tar::EntryType::Fifo, path, "", None),
        };
        header.set_entry_type(kind);
        header.set_size(body.len() as u64);
        match target {
            Some(target) => builder.append_link(&mut header, path, target).unwrap(),
            None => builder.append_data(&mut header, path, body.as_bytes()).unwrap(),
        }
    }
    builder.into_inner().unwrap()
}

/// apk's record of these packages and versions.
pub(super) fn apk(packages: &[(&str, &str)]) -> String {
    packages.iter().map(|(name, version)| format!("P:{name}\nV:{version}\n\n")).collect()
}

pub(super) fn packed(bytes: &[u8], packing: Packing) -> Vec<u8> {
    match packing {
        Packing::None => bytes.to_vec(),
        Packing::Zstd => zstd::encode_all(bytes, 1).unwrap(),
        Packing::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
    }
}

/// An image in the making.
pub(super) struct Sample {
    /// Layers without compression, the lowest first, and how each is packed.
    pub(super) layers: Vec<(Vec<u8>, Packing)>,
    /// Instructions, and whether they made a layer.
    pub(super) history: Vec<(&'static str, bool)>,
    pub(super) architecture: &'static str,
}

impl Sample {
    pub(super) fn of(layers: &[Vec<u8>]) -> Self {
        let layers = layers.iter().map(|layer| (layer.clone(), Packing::Gzip)).collect();
        Self { layers, history: Vec::new(), architecture: "amd64" }
    }

    pub(super) fn config(&self) -> Vec<u8> {
        let ids: Vec<_> =
            self.layers.iter().map(|(layer, _)| Hash::Sha256.of(layer).to_string()).collect();
        let step = |(text, is_layer): &(&str, bool)| {
            if *is_layer {
                json!({"created_by": text})
            } else {
                json!({"created_by": text, "empty_layer": true})
            }
        };
        let history: Vec<_> = self.history.iter().map(step).collect();
        json!({"os": "linux", "architecture": self.architecture, "history": history,
            "rootfs": {"type": "layers", "diff_ids": ids}})
        .to_string()
        .into_bytes()
    }

    /// Its blobs, the manifest last.
    pub(super) fn blobs(&self) -> Vec<Vec<u8>> {
        let mut blobs: Vec<_> =
            self.layers.iter().map(|(layer, packing)| packed(layer, *packing)).collect();
        let layers: Vec<_> = blobs.iter().map(|blob| descriptor(blob)).collect();
        let config = self.config();
        let manifest = json!({"schemaVersion": 2, "config": descriptor(&config), "layers": layers});
        blobs.extend([config, manifest.to_string().into_bytes()]);
        blobs
    }

    /// Its members as a layout in an archive or a folder: `index.json` last, as some write it.
    pub(super) fn layout(&self) -> Vec<(String, Vec<u8>)> {
        let blobs = self.blobs();
        let mut manifest = descriptor(blobs.last().unwrap());
        manifest["annotations"] = json!({"org.opencontainers.image.ref.name": "sample:1"});
        let mut members: Vec<_> = blobs.into_iter().map(part).collect();
        let index = json!({"schemaVersion": 2, "manifests": [manifest]});
        members.push(("index.json".to_owned(), index.to_string().into_bytes()));
        members
    }
}

pub(super) fn part(blob: Vec<u8>) -> (String, Vec<u8>) {
    (Hash::Sha256.of(&blob).path(), blob)
}

pub(super) fn descriptor(blob: &[u8]) -> Value {
    json!({"mediaType": "", "digest": Hash::Sha256.of(blob).to_string(), "size": blob.len()})
}

pub(super) fn write(folder: &Path, members: &[(String, Vec<u8>)]) {
    for (name, bytes) in members {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

pub(super) fn archive(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, &**bytes).unwrap();
    }
    builder.into_inner().unwrap()
}
