//! An OCI layout (image-layout.md): `index.json`, and everything else by its digest.

use std::collections::BTreeMap;

use super::documents::{Config, Descriptor, Manifest, bad, of_descriptor, parse};
use super::{Image, ImageLayer, MOST_IMAGES, MOST_LAYERS, Parts, config};
use crate::blob::Digest;
use crate::{Error, Platform};

/// How deep indexes may lie in each other, and how many descriptors are looked at.
const DEEPEST: usize = 4;
const MOST_DESCRIPTORS: usize = 4096;

/// What people call an image in a layout: containerd's name is whole, the other often a mere tag.
const NAMES: [&str; 2] = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

pub(super) fn images(
    parts: &dyn Parts,
    place: &str,
    index: &[u8],
    platform: Option<&Platform>,
) -> Result<Vec<Result<Image, Error>>, Error> {
    let index: Manifest = parse("index.json", index)?;
    let mut layout = Layout { parts, platform, looked_at: 0, is_partial: false };
    let groups = groups(place, index.manifests.unwrap_or_default());
    if groups.len() > MOST_IMAGES {
        return Err(bad("index.json", format!("it has more than {MOST_IMAGES} images")));
    }
    if groups.is_empty() {
        return Err(bad("index.json", "it names no image"));
    }
    Ok(groups.into_iter().map(|(name, group)| layout.image(&name, &group)).collect())
}

/// The image that an index or a manifest is for a platform, in a store that has of an index what was
/// pulled of it.
pub(super) fn of_digest(
    parts: &dyn Parts,
    name: &str,
    digest: &str,
    platform: Option<&Platform>,
) -> Result<Image, Error> {
    let descriptor = Descriptor { digest: digest.to_owned(), ..Descriptor::default() };
    let mut layout = Layout { parts, platform, looked_at: 0, is_partial: true };
    layout.image(name, &[descriptor])
}

/// Descriptors by image: those of one name are one image for several platforms, and so are all
/// without a name that have a platform; each other is an image of its own.
fn groups(place: &str, descriptors: Vec<Descriptor>) -> Vec<(String, Vec<Descriptor>)> {
    let mut groups: BTreeMap<(String, String), Vec<Descriptor>> = BTreeMap::new();
    for descriptor in descriptors {
        let name = NAMES.iter().find_map(|name| descriptor.annotations.get(*name)).cloned();
        let key = match (name, &descriptor.platform) {
            (Some(name), _) => (name, String::new()),
            (None, Some(_)) => (place.to_owned(), String::new()),
            (None, None) => (place.to_owned(), descriptor.digest.clone()),
        };
        groups.entry(key).or_default().push(descriptor);
    }
    groups.into_iter().map(|((name, _), group)| (name, group)).collect()
}

struct Layout<'a> {
    parts: &'a dyn Parts,
    platform: Option<&'a Platform>,
    looked_at: usize,
    /// Whether manifests that an index names need not be there.
    is_partial: bool,
}

impl Layout<'_> {
    fn image(&mut self, name: &str, group: &[Descriptor]) -> Result<Image, Error> {
        let mut there = Vec::new();
        for descriptor in group {
            self.leaves(descriptor, None, 0, &mut there)?;
        }
        let chosen = self.choose(name, &there)?;
        let is_only = self.platform.is_none() && there.len() == 1;
        let Some((_, digest, manifest)) = there.into_iter().nth(chosen) else {
            return Err(bad(name, "it names no image"));
        };
        let image = self.of_manifest(name, &digest, manifest)?;
        self.check_platform(&image)?;
        Ok(Image { is_only, ..image })
    }

    /// An index may say nothing of platforms; an image's own config does.
    fn check_platform(&self, image: &Image) -> Result<(), Error> {
        let own = image.platform.as_ref().and_then(|platform| platform.parse::<Platform>().ok());
        match (self.platform, own) {
            (Some(asked), Some(own)) if !asked.takes(&own) => Err(Error::NoPlatform {
                place: image.name.clone(),
                platform: asked.to_string(),
                there: own.to_string(),
            }),
            _ => Ok(()),
        }
    }

    /// Every manifest that a descriptor leads to, with its platform where that is said.
    fn leaves(
        &mut self,
        descriptor: &Descriptor,
        above: Option<&Platform>,
        depth: usize,
        found: &mut Vec<(Option<Platform>, Digest, Manifest)>,
    ) -> Result<(), Error> {
        self.looked_at += 1;
        if depth > DEEPEST || self.looked_at > MOST_DESCRIPTORS {
            let why = format!("indexes lie deeper than {DEEPEST} in each other, or name too much");
            return Err(bad(&descriptor.digest, why));
        }
        let own = descriptor.platform.as_ref().map(|platform| platform.platform());
        let platform = own.as_ref().or(above);
        if is_no_image(descriptor) || !self.may_take(platform) {
            // Of other platforms the manifest need not be there.
            return Ok(());
        }
        if self.is_partial && depth > 0 && self.is_missing(descriptor) {
            return Ok(());
        }
        let is_other = platform.is_some_and(|platform| !Platform::host().takes(platform));
        let (digest, text) = match of_descriptor(self.parts, descriptor) {
            Err(_) if self.platform.is_none() && is_other => return Ok(()),
            read => read?,
        };
        let mut manifest: Manifest = parse(digest.as_str(), &text)?;
        match manifest.manifests.take() {
            Some(inner) => {
                inner.iter().try_for_each(|inner| self.leaves(inner, platform, depth + 1, found))
            }
            None => {
                found.push((platform.cloned(), digest, manifest));
                Ok(())
            }
        }
    }

    fn is_missing(&self, descriptor: &Descriptor) -> bool {
        let digest = Digest::parse(&descriptor.digest);
        digest.is_some_and(|digest| matches!(self.parts.document(&digest.path()), Ok(None)))
    }

    /// Whether an image for this platform may be the one that is looked for. Where none was asked
    /// for, any may: a layout with one image for another machine has no choice to offer.
    fn may_take(&self, platform: Option<&Platform>) -> bool {
        let (Some(asked), Some(platform)) = (self.platform, platform) else { return true };
        asked.takes(platform)
    }

    fn choose(
        &self,
        name: &str,
        there: &[(Option<Platform>, Digest, Manifest)],
    ) -> Result<usize, Error> {
        let host = Platform::host();
        let wanted = self.platform.unwrap_or(&host);
        let fits = |(platform, ..): &(Option<Platform>, _, _)| {
            platform.as_ref().is_some_and(|platform| wanted.takes(platform))
        };
        match there {
            [_] => return Ok(0),
            [] if self.platform.is_none() => return Err(bad(name, "it names no image")),
            _ => {}
        }
        there.iter().position(fits).ok_or_else(|| {
            let known: Vec<_> =
                there.iter().filter_map(|(known, ..)| Some(known.as_ref()?.to_string())).collect();
            let there = if known.is_empty() { "others".to_owned() } else { known.join(", ") };
            Error::NoPlatform { place: name.to_owned(), platform: wanted.to_string(), there }
        })
    }

    fn of_manifest(&self, name: &str, id: &Digest, manifest: Manifest) -> Result<Image, Error> {
        let Some(layers) = manifest.layers else {
            return Err(bad(id.as_str(), "it is no manifest of an image that engines still take"));
        };
        if layers.len() > MOST_LAYERS {
            return Err(bad(id.as_str(), format!("it has more than {MOST_LAYERS} layers")));
        }
        let mut image = Image { name: name.to_owned(), ..Image::default() };
        let config = manifest.config.unwrap_or_default();
        image.id = Digest::parse(&config.digest).map(|digest| digest.to_string());
        for layer in &layers {
            let Some(digest) = Digest::parse(&layer.digest) else {
                return Err(bad(id.as_str(), format!("`{}` is no digest", layer.digest)));
            };
            image.layers.push(ImageLayer {
                part: digest.path(),
                digest: Some(digest),
                size: layer.size,
                is_foreign: is_foreign(&layer.media_type),
                ..ImageLayer::default()
            });
        }
        let read = of_descriptor(self.parts, &config)
            .and_then(|(digest, text)| parse::<Config>(digest.as_str(), &text));
        match read {
            Ok(config) => config::apply(&mut image, &config),
            Err(error) => config::problem(&mut image, error.to_string()),
        }
        Ok(image)
    }
}

/// What stands beside images in an index: attestations of BuildKit's.
fn is_no_image(descriptor: &Descriptor) -> bool {
    let is_unknown = descriptor.platform.as_ref().is_some_and(|platform| platform.os == "unknown");
    is_unknown || descriptor.annotations.contains_key("vnd.docker.reference.type")
}

/// Layers whose licence forbids handing them on, in the OCI's word and in Docker's.
fn is_foreign(media_type: &str) -> bool {
    media_type.contains(".nondistributable.") || media_type.contains(".foreign.")
}
