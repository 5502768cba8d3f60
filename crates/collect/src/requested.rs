//! Containers one at a time, as they are asked for or as the engine has them on record: for who
//! decides whether one may be made or started.

mod entitlements;

use std::os::fd::OwnedFd;
use std::sync::OnceLock;

use dockward_engine::Lenient;
use dockward_engine::api::{ContainerInspect, Info, Network, Service, Version, Volume};
use dockward_model::facts::{Container, Daemon, Fact, Host, KernelView, Mount};

use crate::container::{self, Around};
use crate::ground::Ground;
use crate::image::Names;
use crate::tree::{Live, Proc, Tree};
use crate::volume::Volumes;
use crate::{daemon, host, resolve, service};

/// Where containers will run: the daemon, the host, and its files as the daemon sees them.
#[derive(Debug)]
pub struct Surroundings {
    /// The daemon, as it tells of itself.
    pub daemon: Daemon,
    /// The host.
    pub host: Host,
    /// What of the host the engine grants builds that ask for it (`builder.entitlements`). Unknown
    /// where its settings could not be read.
    pub build_entitlements: Fact<Vec<&'static str>>,
    /// The daemon's process, where its files are to be looked at through it.
    process: Option<i32>,
}

/// What stands in a request, or on record.
#[derive(Debug, Clone, Copy)]
pub enum Told<'a> {
    /// It is asked for, in the form of a record: what the engine would have of it.
    Request(&'a ContainerInspect),
    /// The engine has it on record.
    Record(&'a ContainerInspect),
}

impl Surroundings {
    /// Of what the engine told. `process` is the daemon's, as we count: its files are then looked
    /// at as it sees them, and as we see them where we may not look through it.
    #[must_use]
    pub fn of(info: &Info, version: &Version, networks: &[Network], process: Option<i32>) -> Self {
        let (info, version) = (Lenient::Known(info.clone()), Lenient::Known(version.clone()));
        let daemon = daemon::daemon(&info, &version, &Lenient::Known(networks.to_vec()));
        let mut surroundings =
            Self { daemon, host: Host::default(), build_entitlements: Fact::default(), process };
        if let Fact::Known(files) = surroundings.files() {
            surroundings.host = host::for_containers(&files);
            surroundings.build_entitlements = entitlements::of(process, &files);
        }
        surroundings
    }

    /// The host's files as the daemon sees them at this moment.
    #[must_use]
    pub fn files(&self) -> Fact<Live> {
        let through = self.process.and_then(|pid| {
            let proc = Proc::host();
            Live::of_process(proc.known()?, pid).known().cloned()
        });
        through.map_or_else(Live::host, Fact::Known)
    }

    /// The facts of a container. `volumes` are the engine's; one that it doesn't have is made by the
    /// engine where it is asked for, and unknown where it is on record.
    #[must_use]
    pub fn container(&self, told: Told<'_>, volumes: &Lenient<Vec<Volume>>) -> Container {
        let images = Names::unknown("the engine's images were not asked for".to_owned());
        let ground = Files { around: self, files: OnceLock::new() };
        let volumes = Volumes::of(volumes);
        let volumes = match told {
            Told::Request(_) => volumes.and_made(),
            Told::Record(_) => volumes,
        };
        let around = Around { volumes: &volumes, images: &images, ground: &ground };
        match told {
            Told::Request(inspect) => container::requested(inspect, around),
            Told::Record(inspect) => {
                let id = inspect.id.known().map_or("", String::as_str);
                container::container(id, inspect, None, around)
            }
        }
    }

    /// The facts of the tasks of a service that is asked for; none where it runs no containers.
    #[must_use]
    pub fn service(
        &self,
        asked: &Service,
        networks: &[Network],
        volumes: &Lenient<Vec<Volume>>,
    ) -> Option<Container> {
        let images = Names::unknown("the engine's images were not asked for".to_owned());
        let ground = Files { around: self, files: OnceLock::new() };
        let volumes = Volumes::of(volumes).and_made();
        let around = Around { volumes: &volumes, images: &images, ground: &ground };
        service::requested(asked, &Lenient::Known(networks.to_vec()), around)
    }
}

/// The host's files, opened when the first path is asked for. Nothing is asked of processes: what is
/// judged here doesn't run yet.
struct Files<'a> {
    around: &'a Surroundings,
    files: OnceLock<Fact<Live>>,
}

const DOES_NOT_RUN: &str = "it is not looked into before it runs";

impl Ground for Files<'_> {
    fn lead(&self, mount: &mut Mount) {
        match self.files.get_or_init(|| self.around.files()) {
            Fact::Known(files) => resolve::mount(files, mount),
            other => {
                let why = other.unknown().unwrap_or("the host's files are not there").to_owned();
                (mount.host_path, mount.node) = (Fact::Unknown(why.clone()), Fact::Unknown(why));
            }
        }
    }

    fn kernel(&self, _: &str, _: i32) -> Fact<KernelView> {
        Fact::Absent
    }

    fn files(&self, _: Option<i32>, _: &str, _: &str) -> Fact<Box<dyn Tree>> {
        Fact::Unknown(DOES_NOT_RUN.to_owned())
    }

    fn folder(&self, _: &str) -> Fact<OwnedFd> {
        Fact::Unknown(DOES_NOT_RUN.to_owned())
    }

    fn root(&self, _: i32) -> Fact<OwnedFd> {
        Fact::Unknown(DOES_NOT_RUN.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_engine::FromJson;
    use dockward_model::facts::{MountKind, Origin};

    fn read<T: FromJson>(json: &str) -> T {
        let read: Lenient<T> = serde_json::from_str(json).unwrap();
        read.into_known().unwrap()
    }

    #[test]
    fn a_request_is_its_own_origin_and_its_volumes_are_made() {
        let record: ContainerInspect = read(
            r#"{"Id":"","Name":"/web","ExecIDs":null,"Mounts":[],
                "State":{"Running":false,"Pid":0,"Restarting":false},
                "Config":{"Image":"a"},"NetworkSettings":{"Networks":{}},
                "HostConfig":{"Privileged":true,"Binds":["new:/data","/no/such:/x:ro"]}}"#,
        );
        let surroundings = Surroundings::of(&read("{}"), &read("{}"), &[], None);
        let volumes = Lenient::Known(Vec::new());
        let c = surroundings.container(Told::Request(&record), &volumes);
        assert_eq!(c.privileged.origin, Origin::Request { field: "HostConfig.Privileged".into() });
        let of = |c: &Container, kind| {
            c.mounts.get().unwrap().iter().find(|mount| mount.kind == kind).cloned().unwrap()
        };
        assert_eq!(of(&c, MountKind::Volume).host_path, Fact::Absent);
        assert_eq!(of(&c, MountKind::Bind).host_path, Fact::Known("/no/such".into()));
        let c = surroundings.container(Told::Record(&record), &volumes);
        assert!(of(&c, MountKind::Volume).host_path.unknown().is_some());
    }
}
