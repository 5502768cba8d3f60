//! What takes apart what others wrote, on bytes alone: for fuzz targets and for whoever has bytes.

use std::collections::BTreeMap;

use dockward_model::inventory::{Contents, Inventory};

use crate::blob::{Digest, Hash};
use crate::layer::{LayerIndex, of_stream};
use crate::merge::{Named, answer};
use crate::read::Reading;
use crate::source::{Part, Parts, images};
use crate::wanted::Wanted;
use crate::{Error, Options};

/// How often layers are read again since links led elsewhere.
const ROUNDS: usize = 3;

/// What is in the root that these layers, the lowest first, make. Each is a tar, compressed or not.
#[must_use]
pub fn layers(layers: &[&[u8]]) -> Contents {
    let mut wanted = Wanted::default();
    let mut contents = Contents::default();
    for _ in 0..ROUNDS {
        let named: Vec<_> = layers.iter().map(|layer| named(layer, &wanted)).collect();
        let found = answer(&named, &wanted);
        contents = found.contents;
        if found.extras.iter().filter(|extra| wanted.add(extra)).count() == 0 {
            break;
        }
    }
    contents
}

fn named(layer: &[u8], wanted: &Wanted) -> Named {
    let read = of_stream(layer, layer.len() as u64, wanted, Hash::Sha256, None, &mut |_, _| {});
    let index = read.map(|read| read.index).unwrap_or_default();
    Named { index: index.into(), name: "layer".to_owned() }
}

/// Whether what is kept of a layer is the same once it was written and read again.
#[must_use]
pub fn is_kept(layer: &[u8]) -> bool {
    let index = named(layer, &Wanted::default()).index;
    let text = serde_json::to_vec(&*index).unwrap_or_default();
    serde_json::from_slice::<LayerIndex>(&text).is_ok_and(|again| again == *index)
}

/// The images that this text makes as every document of a layout: as its index, and as a manifest
/// and a config that a sound index leads to.
///
/// # Errors
///
/// None of them can be read.
pub fn documents(text: &[u8]) -> Result<Vec<Inventory>, Error> {
    let digest = Hash::Sha256.of(text);
    let manifest =
        format!(r#"{{"config":{{"digest":"{digest}"}},"layers":[{{"digest":"{digest}"}}]}}"#);
    let of_manifest = Hash::Sha256.of(manifest.as_bytes());
    let index =
        format!(r#"{{"manifests":[{{"digest":"{digest}"}},{{"digest":"{of_manifest}"}}]}}"#);
    let blobs = [(digest, text.to_vec()), (of_manifest, manifest.into_bytes())];
    let mut all = Vec::new();
    for (name, top) in [
        ("index.json", text.to_vec()),
        ("manifest.json", text.to_vec()),
        ("index.json", index.into_bytes()),
    ] {
        let parts = Given::new(&blobs, name, top);
        let options = Options::default();
        let found = images(&parts, "given", None);
        all.push(found.and_then(|found| Reading::new(&parts, &options).inventories(found)));
    }
    all.into_iter().next_back().unwrap_or_else(|| Ok(Vec::new()))
}

/// Parts in memory. None is a layer.
struct Given(BTreeMap<String, Vec<u8>>);

impl Given {
    fn new(blobs: &[(Digest, Vec<u8>)], name: &str, document: Vec<u8>) -> Self {
        let mut parts: BTreeMap<_, _> =
            blobs.iter().map(|(digest, text)| (digest.path(), text.clone())).collect();
        parts.insert(name.to_owned(), document);
        Self(parts)
    }
}

impl Parts for Given {
    fn document(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(name).cloned())
    }

    fn layer(&self, _: &str) -> Result<Option<Part>, String> {
        Ok(None)
    }
}
