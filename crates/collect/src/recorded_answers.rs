//! Answers of real engines, recorded once: what the tests of this crate read.
//!
//! The containers were made with `docker create` and `docker run`; their secrets are made up.

use dockward_engine::api::{ContainerInspect, ImageSummary, Volumes as AllVolumes};
use dockward_engine::{FromJson, Lenient};
use dockward_model::facts::{Container, Fact, KernelView, Mount};
use serde_json::{Map, Value};

use crate::container::{Around, container};
use crate::ground::Ground;
use crate::image::Names;
use crate::tree::{Recorded, Tree};
use crate::volume::Volumes;

/// The engines, by their version.
pub(crate) const VERSIONS: [&str; 3] = ["20.10", "26.1", "28.5"];

/// What one engine answered.
pub(crate) struct Answers(Map<String, Value>);

impl Answers {
    pub(crate) fn of(version: &str) -> Self {
        let text = match version {
            "20.10" => include_str!("../fixtures/engine-20.10.json"),
            "26.1" => include_str!("../fixtures/engine-26.1.json"),
            _ => include_str!("../fixtures/engine-28.5.json"),
        };
        Self(serde_json::from_str(text).unwrap())
    }

    /// Of a manager with two services, `shop` and `agent`, and three overlays.
    pub(crate) fn of_manager(version: &str) -> Self {
        let text = match version {
            "20.10" => include_str!("../fixtures/swarm-20.10.json"),
            "26.1" => include_str!("../fixtures/swarm-26.1.json"),
            _ => include_str!("../fixtures/swarm-28.5.json"),
        };
        Self(serde_json::from_str(text).unwrap())
    }

    /// The answer to a question, as the client would have read it.
    pub(crate) fn get<T: FromJson>(&self, endpoint: &str) -> Lenient<T> {
        serde_json::from_value(self.0[endpoint].clone()).unwrap()
    }

    /// The record of a container, which can be changed.
    pub(crate) fn record(&self, name: &str) -> Value {
        let is_its = |answer: &&Value| answer["Name"] == format!("/{name}");
        self.0.values().find(is_its).unwrap().clone()
    }

    /// The facts of a container.
    pub(crate) fn container(&self, name: &str) -> Container {
        self.read(&self.record(name))
    }

    /// The facts of a record of this engine's.
    pub(crate) fn read(&self, record: &Value) -> Container {
        let volumes: AllVolumes = self.get("/volumes").into_known().unwrap();
        let images: Vec<ImageSummary> = self.get("/images/json").into_known().unwrap();
        let (volumes, names) = (Volumes::of(&volumes.volumes), Names::of(&images));
        let around = Around { volumes: &volumes, images: &names, ground: &AsWritten };
        let inspect: Lenient<ContainerInspect> = serde_json::from_value(record.clone()).unwrap();
        container("4711", &inspect.into_known().unwrap(), None, around)
    }
}

/// A host without links, on which everything stands, and whose containers have a user `app`.
pub(crate) struct AsWritten;

impl Ground for AsWritten {
    fn lead(&self, mount: &mut Mount) {
        mount.host_path = Fact::Known(mount.source.clone());
        mount.node = Fact::Known("dir".into());
    }

    fn kernel(&self, _: &str, _: i32) -> Fact<KernelView> {
        Fact::Known(KernelView::default())
    }

    fn files(&self, _: Option<i32>, _: &str, _: &str) -> Fact<Box<dyn Tree>> {
        Fact::Known(Box::new(Recorded::new().file("/etc/passwd", "app:x:1000:1000::/:\n")))
    }

    fn folder(&self, _: &str) -> Fact<std::os::fd::OwnedFd> {
        Fact::Absent
    }

    fn root(&self, _: i32) -> Fact<std::os::fd::OwnedFd> {
        Fact::Absent
    }
}
