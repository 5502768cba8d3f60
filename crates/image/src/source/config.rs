//! What an image's config says of its layers.

use dockward_model::inventory::Problem;

use super::documents::Config;
use super::{Image, ImageLayer};
use crate::blob::Digest;

/// Fills in what the config says: platform, uncompressed digests, instructions.
pub(super) fn apply(image: &mut Image, config: &Config) {
    let platform = config.platform.platform();
    if !platform.os.is_empty() || !platform.architecture.is_empty() {
        image.platform = Some(platform.to_string());
    }
    let ids = &config.rootfs.diff_ids;
    if ids.len() == image.layers.len() {
        for (layer, id) in image.layers.iter_mut().zip(ids) {
            layer.diff_id = Digest::parse(id);
        }
    } else {
        let (named, there) = (ids.len(), image.layers.len());
        problem(image, format!("its config names {named} layers, its manifest {there}"));
    }
    instructions(&mut image.layers, config);
}

/// Steps that made no layer are skipped. Where the others are not as many as the layers, nobody can
/// say which made which.
fn instructions(layers: &mut [ImageLayer], config: &Config) {
    let steps: Vec<_> = config.history.iter().filter(|step| !step.empty_layer).collect();
    if steps.len() != layers.len() {
        return;
    }
    for (layer, step) in layers.iter_mut().zip(steps) {
        layer.created_by = dockward_secret::redact(&step.created_by).text;
    }
}

pub(super) fn problem(image: &mut Image, why: String) {
    image.problems.push(Problem { place: image.name.clone(), offset: None, why });
}
