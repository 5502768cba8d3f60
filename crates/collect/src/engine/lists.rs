//! The questions that are asked once: what the engine is, and what it has.

use std::sync::OnceLock;
use std::time::Duration;

use dockward_engine::api::{
    ContainerSummary, ImageSummary, Info, Network, Plugin, Version, Volumes,
};
use dockward_engine::{Answer, Client, Error};

/// The answers, each with its own error.
pub(crate) struct Lists {
    pub(crate) info: Result<Info, Error>,
    pub(super) version: Result<Version, Error>,
    pub(super) containers: Result<Vec<ContainerSummary>, Error>,
    pub(super) images: Result<Vec<ImageSummary>, Error>,
    pub(super) networks: Result<Vec<Network>, Error>,
    pub(super) volumes: Result<Volumes, Error>,
    pub(super) plugins: Result<Vec<Plugin>, Error>,
}

type Slot<T> = OnceLock<Result<Answer<T>, Error>>;

impl Lists {
    /// Asks all of them, a few at a time. What answers neither `/info` nor the list of containers
    /// is no engine that can be judged: that is its error.
    pub(crate) fn ask(client: &Client) -> Result<Self, Error> {
        let (info, containers, images) = (Slot::new(), Slot::new(), Slot::new());
        let (version, networks, volumes, plugins) =
            (Slot::new(), Slot::new(), Slot::new(), Slot::new());
        // The slowest first.
        let questions: [&(dyn Fn(&Client) + Sync); 7] = [
            &|client| fill(&info, client.info()),
            &|client| fill(&containers, client.containers()),
            &|client| fill(&images, client.images()),
            &|client| fill(&volumes, client.volumes()),
            &|client| fill(&networks, client.networks()),
            &|client| fill(&version, client.version()),
            &|client| fill(&plugins, client.plugins()),
        ];
        client.each(&questions, |client, question| question(client));
        let lists = Self {
            info: taken(info, "/info"),
            version: taken(version, "/version"),
            containers: taken(containers, "/containers/json"),
            images: taken(images, "/images/json"),
            networks: taken(networks, "/networks"),
            volumes: taken(volumes, "/volumes"),
            plugins: taken(plugins, "/plugins"),
        };
        match lists {
            Self { info: Err(_), containers: Err(error), .. } => Err(error),
            lists => Ok(lists),
        }
    }

    /// Where the engine keeps its files, as it says.
    pub(crate) fn data_root(&self) -> Option<String> {
        self.info.as_ref().ok()?.docker_root_dir.known().cloned()
    }

    /// What the engine starts as runc: a path, or a name.
    pub(crate) fn runc(&self) -> Option<String> {
        self.info.as_ref().ok()?.runtimes.known()?.get("runc")?.path.known().cloned()
    }
}

fn fill<T>(slot: &Slot<T>, answer: Result<Answer<T>, Error>) {
    // Each question is asked once, so the slot is empty.
    let _ = slot.set(answer);
}

fn taken<T>(slot: Slot<T>, what: &str) -> Result<T, Error> {
    let unasked = || Error::OutOfTime { what: what.to_owned(), after: Duration::ZERO };
    slot.into_inner().unwrap_or_else(|| Err(unasked())).map(|answer| answer.value)
}
