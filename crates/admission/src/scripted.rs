//! An engine for tests, out of answers that are written down.

use std::collections::BTreeMap;
use std::sync::Arc;

use dockward_collect::requested::Surroundings;
use dockward_engine::api::{Info, Network, Version as Versions};
use dockward_engine::{Ask, Lenient};
use dockward_model::facts::Fact;
use dockward_request::Version;
use serde_json::{Value, json};

use crate::engine::{Engine, Unasked};

/// An engine with these containers and images.
pub(crate) struct Scripted {
    containers: BTreeMap<String, Value>,
    images: BTreeMap<String, Value>,
    execs: BTreeMap<String, Value>,
    volumes: Value,
    surroundings: Arc<Surroundings>,
}

fn read<T: dockward_engine::FromJson>(value: &Value) -> T {
    let read: Lenient<T> = serde_json::from_value(value.clone()).unwrap();
    read.into_known().unwrap()
}

impl Scripted {
    pub(crate) fn new() -> Self {
        let info: Info = read(&json!({
            "SecurityOptions": ["name=seccomp,profile=builtin", "name=cgroupns"], "CgroupVersion": "2",
            "DockerRootDir": "/var/lib/docker", "DefaultRuntime": "runc", "Driver": "overlay2",
            "LoggingDriver": "json-file", "Runtimes": {"runc": {"path": "runc"}},
        }));
        let version: Versions = read(&json!({"Version": "28.5.2", "Components": []}));
        let networks: Vec<Network> = Vec::new();
        let mut surroundings = Surroundings::of(&info, &version, &networks, None);
        surroundings.build_entitlements = Fact::Known(vec!["network-host"]);
        Self {
            containers: BTreeMap::new(),
            images: BTreeMap::new(),
            execs: BTreeMap::new(),
            volumes: json!({"Volumes": []}),
            surroundings: Arc::new(surroundings),
        }
    }

    /// With a container of this name; its id is made of the first letter of the name.
    pub(crate) fn container(mut self, name: &str, record: &Value) -> Self {
        let id = id_of(name);
        let mut whole = json!({
            "Id": id, "Name": format!("/{name}"), "Image": "sha256:00", "ExecIDs": null, "Mounts": [],
            "State": {"Status": "created", "Running": false, "Restarting": false, "Pid": 0},
            "Config": {"Image": "busybox", "Labels": {}}, "HostConfig": {}, "NetworkSettings": {"Networks": {}},
        });
        for (section, fields) in record.as_object().unwrap() {
            match (whole.get_mut(section), fields) {
                (Some(Value::Object(there)), Value::Object(fields)) => there.extend(fields.clone()),
                _ => whole[section] = fields.clone(),
            }
        }
        self.containers.insert(name.to_owned(), whole.clone());
        self.containers.insert(id, whole);
        self
    }

    pub(crate) fn image(mut self, name: &str, config: &Value) -> Self {
        self.images.insert(name.to_owned(), json!({"Id": "sha256:00", "Config": config}));
        self
    }

    pub(crate) fn exec(mut self, id: &str, record: &Value) -> Self {
        self.execs.insert(id.to_owned(), record.clone());
        self
    }

    pub(crate) fn volume(mut self, name: &str, options: &Value) -> Self {
        let one = json!({"Name": name, "Driver": "local", "Options": options,
            "Mountpoint": format!("/var/lib/docker/volumes/{name}/_data")});
        self.volumes["Volumes"].as_array_mut().unwrap().push(one);
        self
    }
}

pub(crate) fn id_of(name: &str) -> String {
    let digit = name.bytes().map(usize::from).sum::<usize>() % 16;
    format!("{digit:x}").repeat(64)
}

impl Engine for Scripted {
    fn ask(&self, what: &Ask) -> Result<Option<Box<str>>, Unasked> {
        let text = |value: &Value| value.to_string().into_boxed_str();
        Ok(match what {
            Ask::Container(name) => self.containers.get(name).map(text),
            Ask::Image(name) => self.images.get(name).map(text),
            Ask::Exec(id) => self.execs.get(id).map(text),
            Ask::Volumes => Some(text(&self.volumes)),
            Ask::Containers => {
                let all = self.containers.iter().filter(|(name, _)| name.len() < 64);
                let listed = all.map(|(name, one)| json!({"Id": one["Id"], "Names": [format!("/{name}")], "Mounts": one["Mounts"]}));
                Some(text(&Value::Array(listed.collect())))
            }
            Ask::Networks => Some("[]".into()),
            other => return Err(Unasked(format!("{other:?} is not written down"))),
        })
    }

    fn surroundings(&self) -> Result<Arc<Surroundings>, Unasked> {
        Ok(Arc::clone(&self.surroundings))
    }

    fn newest(&self) -> Result<Version, Unasked> {
        Ok(Version::NEWEST)
    }
}
