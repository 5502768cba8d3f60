//! `manifest.json` of `docker save`. The old form has a folder a layer (`ID/layer.tar`), the new one
//! the blobs of an OCI layout.

use super::documents::{Config, Saved, bad, parse};
use super::{Image, ImageLayer, MOST_IMAGES, MOST_LAYERS, Parts, config};
use crate::Error;
use crate::blob::Digest;

pub(super) fn images(parts: &dyn Parts, text: &[u8]) -> Result<Vec<Result<Image, Error>>, Error> {
    let saved: Vec<Saved> = parse("manifest.json", text)?;
    if saved.len() > MOST_IMAGES {
        return Err(bad("manifest.json", format!("it has more than {MOST_IMAGES} images")));
    }
    Ok(saved.iter().map(|saved| image(parts, saved)).collect())
}

fn image(parts: &dyn Parts, saved: &Saved) -> Result<Image, Error> {
    let digest = digest_in(&saved.config);
    let id = digest.as_ref().map(|digest| digest.as_str().to_owned());
    let name = saved.repo_tags.first().cloned().or_else(|| id.clone()).unwrap_or_default();
    if saved.layers.len() > MOST_LAYERS {
        return Err(bad(&name, format!("it has more than {MOST_LAYERS} layers")));
    }
    let layers = saved.layers.iter().map(|part| ImageLayer {
        // In the old form the folder is named by an id that is no digest of anything.
        digest: part.starts_with("blobs/").then(|| digest_in(part)).flatten(),
        part: part.clone(),
        ..ImageLayer::default()
    });
    let mut image = Image { name, id, layers: layers.collect(), ..Image::default() };
    match config_of(parts, &saved.config, digest.as_ref()) {
        Ok(config) => config::apply(&mut image, &config),
        Err(error) => config::problem(&mut image, error.to_string()),
    }
    Ok(image)
}

pub(super) fn config_of(
    parts: &dyn Parts,
    part: &str,
    digest: Option<&Digest>,
) -> Result<Config, Error> {
    let text = parts.document(part).map_err(|why| bad(part, why))?;
    let text = text.ok_or_else(|| bad(part, "it is missing"))?;
    if let Some(digest) = digest.filter(|digest| !digest.is_of(&text)) {
        return Err(bad(part, format!("its digest is {}", digest.hash().of(&text))));
    }
    parse(part, &text)
}

/// `HEX.json` and `blobs/sha256/HEX` are named by their digest.
fn digest_in(part: &str) -> Option<Digest> {
    let name = part.strip_suffix(".json").unwrap_or(part);
    match name.strip_prefix("blobs/") {
        Some(blob) => Digest::parse(&blob.replacen('/', ":", 1)),
        None => Digest::sha256(name),
    }
}
