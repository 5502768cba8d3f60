//! Where images came from, as far as the engine tells.

use dockward_model::facts::{Daemon, Image};
use dockward_rules::history::{Instruction, instruction};

use super::reference::Reference;

/// Where an image came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// A registry: the engine knows the digest that it has there.
    Registry(String),
    /// The `library` of Docker Hub.
    Official,
    /// A build on this host, or an archive that was loaded.
    BuiltOrLoaded,
    /// `docker import`.
    Imported,
    /// Nothing tells.
    Nowhere,
}

impl Source {
    /// Where `image` came from.
    pub(crate) fn of(image: &Image) -> Self {
        let pulled = image.digests.iter().find_map(|name| Reference::parse(name));
        match pulled {
            Some(name) if name.is_official() => Self::Official,
            Some(name) => Self::Registry(name.registry.to_owned()),
            None => Self::of_history(image),
        }
    }

    fn of_history(image: &Image) -> Self {
        let steps = || image.history.get().into_iter().flatten();
        let is_built = |text: &str| !matches!(instruction(text), Instruction::Ready);
        if steps().any(|step| step.comment.starts_with("Imported from")) {
            Self::Imported
        } else if steps().any(|step| is_built(&step.created_by)) {
            Self::BuiltOrLoaded
        } else {
            Self::Nowhere
        }
    }

    /// In words.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Registry(name) => name.clone(),
            Self::Official => "docker.io, official images".to_owned(),
            Self::BuiltOrLoaded => "no registry, built or loaded here".to_owned(),
            Self::Imported => "no registry, imported here".to_owned(),
            Self::Nowhere => "an unknown source, without digest or history".to_owned(),
        }
    }
}

/// The whole names that tell where an image came from: those under which a registry has its digest.
/// Of one that has come from none, its tags as `localhost/NAME:TAG`, as Podman names them.
pub(crate) fn whole_names(image: &Image) -> Vec<String> {
    if image.digests.is_empty() {
        return image.tags.iter().map(|tag| format!("localhost/{tag}")).collect();
    }
    let repositories: Vec<String> =
        image.digests.iter().filter_map(|name| Some(Reference::parse(name)?.whole())).collect();
    let tagged = image.tags.iter().filter_map(|tag| {
        let tag = Reference::parse(tag)?;
        repositories.contains(&tag.whole()).then(|| tag.with_tag())
    });
    let mut names: Vec<String> = tagged.chain(repositories.iter().cloned()).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether digests prove nothing about a registry: containerd's image store gives one to what was
/// built here, too. Its snapshotters are none of the engine's own graph drivers (`/info`, `Driver`).
pub(crate) fn digests_are_local(daemon: &Daemon) -> bool {
    const GRAPH_DRIVERS: &[&str] =
        &["aufs", "btrfs", "devicemapper", "fuse-overlayfs", "overlay", "overlay2", "vfs", "zfs"];
    let driver = daemon.storage_driver.get();
    driver.is_some_and(|driver| !GRAPH_DRIVERS.contains(&driver.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_model::facts::{Layer, sample};

    fn image(tags: &[&str], digests: &[&str], steps: &[(&str, &str)]) -> Image {
        let layer = |(created_by, comment): &(&str, &str)| Layer {
            created_by: (*created_by).to_owned(),
            comment: (*comment).to_owned(),
            ..Layer::default()
        };
        let words = |all: &[&str]| all.iter().map(ToString::to_string).collect();
        Image {
            tags: words(tags),
            digests: words(digests),
            history: sample::known(steps.iter().map(layer).collect(), "history"),
            ..Image::default()
        }
    }

    #[test]
    fn a_digest_tells_the_registry_and_a_history_how_it_was_made() {
        let of = |digests: &[&str], steps: &[_]| Source::of(&image(&[], digests, steps));
        assert_eq!(of(&["nginx@sha256:00"], &[]), Source::Official);
        assert_eq!(of(&["me/a@sha256:00"], &[]), Source::Registry("docker.io".into()));
        assert_eq!(of(&["r.example:5/a@sha256:00"], &[]), Source::Registry("r.example:5".into()));
        assert_eq!(of(&[], &[("COPY . / # buildkit", "")]), Source::BuiltOrLoaded);
        assert_eq!(of(&[], &[("", "Imported from -")]), Source::Imported);
        assert_eq!(of(&[], &[("", "")]), Source::Nowhere);
    }

    #[test]
    fn a_tag_alone_is_no_registrys_name() {
        assert_eq!(whole_names(&image(&["nginx:1"], &[], &[])), ["localhost/nginx:1"]);
        let pulled = image(&["nginx:1", "r.example/mine:2"], &["nginx@sha256:00"], &[]);
        assert_eq!(whole_names(&pulled), ["docker.io/library/nginx", "docker.io/library/nginx:1"]);
    }

    #[test]
    fn containerds_store_gives_digests_to_what_was_built_here() {
        let with = |driver: &str| {
            let mut daemon = sample::daemon();
            daemon.storage_driver = sample::known(driver.into(), "Driver");
            digests_are_local(&daemon)
        };
        assert!(with("overlayfs") && with("stargz"));
        assert!(!with("overlay2") && !with("btrfs"));
    }
}
