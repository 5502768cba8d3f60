//! How much of the disk images take.

use std::collections::{BTreeMap, BTreeSet};

use dockward_model::facts::Image;

/// `4.1 MB`: thousands, as the engine's own programs count.
pub(crate) fn shown(bytes: i64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let bytes = bytes.max(0);
    let (mut divisor, mut unit) = (1_i64, 0);
    while bytes / divisor >= 1000 && unit + 1 < UNITS.len() {
        divisor *= 1000;
        unit += 1;
    }
    let name = UNITS.get(unit).unwrap_or(&"B");
    if unit == 0 {
        return format!("{bytes} {name}");
    }
    // One digit behind the point, cut and not rounded, so that 999,999 is no 1000.0 kB.
    format!("{}.{} {name}", bytes / divisor, bytes % divisor * 10 / divisor)
}

/// What removing `unused` gives back while `kept` stay: exact where each layer's size is known,
/// else the most that it can be, since images share layers.
pub(crate) fn freed(unused: &[&Image], kept: &[&Image]) -> String {
    match exactly(unused, kept) {
        Some(bytes) => shown(bytes),
        None => {
            let sizes = unused.iter().filter_map(|image| image.size.get());
            format!("at most {}", shown(sizes.fold(0_i64, |all, size| all.saturating_add(*size))))
        }
    }
}

fn exactly(unused: &[&Image], kept: &[&Image]) -> Option<i64> {
    let mut chains = Chains::default();
    let mut stays = BTreeSet::new();
    for image in kept {
        stays.extend(chains.of(image.layers.get()?));
    }
    let mut goes = BTreeMap::new();
    for image in unused {
        let sizes = layer_sizes(image)?;
        goes.extend(chains.of(image.layers.get()?).into_iter().zip(sizes));
    }
    let gone = goes.into_iter().filter(|(layer, _)| !stays.contains(layer));
    Some(gone.fold(0_i64, |all, (_, size)| all.saturating_add(size)))
}

/// The size of each layer. A history doesn't say which steps made one, so this is known only where
/// as many steps have a size as there are layers, and together they are the image's.
fn layer_sizes(image: &Image) -> Option<Vec<i64>> {
    let sizes: Vec<i64> =
        image.history.get()?.iter().map(|layer| layer.size).filter(|size| *size > 0).collect();
    let sum = sizes.iter().fold(0_i64, |all, size| all.saturating_add(*size));
    let fits = sizes.len() == image.layers.get()?.len() && Some(&sum) == image.size.get();
    fits.then_some(sizes)
}

/// Numbers for layers: one layer is a digest above the same layers (`ChainID` of the OCI image
/// specification). Above others, the same digest takes space of its own.
#[derive(Default)]
struct Chains<'a> {
    numbers: BTreeMap<(usize, &'a str), usize>,
}

impl<'a> Chains<'a> {
    fn of(&mut self, layers: &'a [String]) -> Vec<usize> {
        let mut below = 0;
        let number = |digest: &'a String| {
            let next = self.numbers.len() + 1;
            below = *self.numbers.entry((below, digest)).or_insert(next);
            below
        };
        layers.iter().map(number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_model::facts::{Layer, sample};

    fn image(layers: &[(&str, i64)]) -> Image {
        let step = |size| Layer { size, ..Layer::default() };
        let steps = layers.iter().flat_map(|(_, size)| [step(*size), step(0)]);
        Image {
            size: sample::known(layers.iter().map(|(_, size)| size).sum(), "Size"),
            history: sample::known(steps.collect(), "history"),
            layers: sample::known(layers.iter().map(|(d, _)| (*d).to_owned()).collect(), "RootFS"),
            ..Image::default()
        }
    }

    #[test]
    fn sizes_are_shown_in_thousands() {
        for (bytes, said) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (3_966_478, "3.9 MB"),
            (999_999, "999.9 kB"),
            (12_000_000_000, "12.0 GB"),
            (i64::MAX, "9223372.0 TB"),
            (-1, "0 B"),
        ] {
            assert_eq!(shown(bytes), said);
        }
    }

    #[test]
    fn a_layer_that_another_image_keeps_frees_nothing() {
        let base = ("sha256:a", 1000);
        let (one, two) = (image(&[base, ("sha256:b", 500)]), image(&[base, ("sha256:c", 300)]));
        assert_eq!(freed(&[&one], &[]), "1.5 kB");
        assert_eq!(freed(&[&one], &[&two]), "500 B");
        assert_eq!(freed(&[&one, &two], &[]), "1.8 kB");
        assert_eq!(freed(&[&one, &one], &[]), "1.5 kB");
    }

    #[test]
    fn the_same_digest_above_others_is_another_layer() {
        let one = image(&[("sha256:a", 1000), ("sha256:x", 50)]);
        let two = image(&[("sha256:b", 1000), ("sha256:x", 50)]);
        assert_eq!(freed(&[&one], &[&two]), "1.0 kB");
        assert_eq!(exactly(&[&one], &[&two]), Some(1050));
    }

    #[test]
    fn where_layers_have_no_known_size_it_is_the_most_that_it_can_be() {
        let mut odd = image(&[("sha256:a", 1000), ("sha256:b", 500)]);
        odd.size = sample::known(9000, "Size");
        assert_eq!(freed(&[&odd], &[]), "at most 9.0 kB");
        let mut unread = image(&[("sha256:a", 1000)]);
        unread.layers = sample::unknown("RootFS");
        assert_eq!(freed(&[&unread], &[]), "at most 1.0 kB");
    }
}
