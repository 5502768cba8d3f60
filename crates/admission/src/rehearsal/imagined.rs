//! An engine on which a rehearsal has made things that aren't there.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dockward_collect::requested::Surroundings;
use dockward_engine::Ask;
use dockward_request::{Value as Body, Version};
use serde_json::{Value, json};

use crate::document;
use crate::engine::{Engine, Unasked};

/// The engine, and what was made up before it.
pub(super) struct Imagined {
    engine: Arc<dyn Engine>,
    made: Mutex<Made>,
}

/// Records of what was made up, as the engine would write them.
#[derive(Default)]
struct Made {
    counted: u64,
    containers: Vec<Value>,
    execs: Vec<Value>,
    networks: Vec<Value>,
    volumes: Vec<Value>,
    /// Images that weren't there when a container was asked for.
    wanted: Vec<String>,
    /// Images that a client would have by now, by their short names.
    pulled: Vec<String>,
}

impl Made {
    /// An id that no engine has: they are random.
    fn id(&mut self) -> String {
        self.counted += 1;
        format!("{:012x}{:052x}", self.counted, 0)
    }
}

impl Imagined {
    pub(super) fn before(engine: Arc<dyn Engine>) -> Self {
        Self { engine, made: Mutex::default() }
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a missing image is asked for for the first time: a client then pulls it.
    pub(super) fn is_wanted_first(&self, image: &str) -> bool {
        let mut made = self.made();
        let known =
            made.pulled.contains(&short(image)) || made.wanted.iter().any(|one| one == image);
        if !known {
            made.wanted.push(image.to_owned());
        }
        !known
    }

    /// An image is pulled: from now on it is there, though nothing is known of it.
    pub(super) fn pull(&self, image: &str, tag: &str) {
        let name = if tag.is_empty() { image.to_owned() } else { format!("{image}:{tag}") };
        self.made().pulled.push(short(&name));
    }

    /// The record of an image that was pulled.
    fn image(&self, name: &str) -> Option<Value> {
        let there = self.made().pulled.contains(&short(name));
        there.then(|| json!({"Id": format!("sha256:{:064x}", 0), "RepoTags": [name], "Config": {}}))
    }

    /// Makes up the container that is asked for, and says its id.
    pub(super) fn create(&self, name: &str, body: &Body, version: Version) -> String {
        let id = self.made().id();
        let name = if name.is_empty() { id.get(..12).unwrap_or_default() } else { name };
        let mut record = document::of_create(name, body, version);
        let image = record["Config"]["Image"].as_str().unwrap_or_default().to_owned();
        if let Ok(Some(text)) = self.engine.ask(&Ask::Image(image)) {
            let image: Value = serde_json::from_str(&text).unwrap_or_default();
            document::under(&mut record, &image);
            record["Image"] = image["Id"].clone();
        }
        record["Id"] = id.clone().into();
        record["Created"] = "2000-01-01T00:00:00Z".into();
        record["Mounts"] = mounts(&record["HostConfig"]);
        self.volumes_of(&record["Mounts"]);
        self.made().containers.push(record);
        id
    }

    /// The engine makes the volumes that a container names and that aren't there.
    fn volumes_of(&self, mounts: &Value) {
        let all = self.ask(&Ask::Volumes).ok().flatten().unwrap_or_default();
        let all: Value = serde_json::from_str(&all).unwrap_or_default();
        for mount in mounts.as_array().into_iter().flatten().filter(|one| one["Type"] == "volume") {
            let there = all["Volumes"].as_array().into_iter().flatten();
            if !there.into_iter().any(|one| one["Name"] == mount["Name"]) {
                let name = Body::Text(mount["Name"].as_str().unwrap_or_default().to_owned());
                self.volume(Some(&Body::Object(vec![("Name".into(), name)])));
            }
        }
    }

    /// The record of a container that was made up, by its name or id.
    pub(super) fn container(&self, name: &str) -> Option<Value> {
        self.made().containers.iter().find(|one| is_called(one, name)).cloned()
    }

    /// It is started, or stopped.
    pub(super) fn runs(&self, name: &str, runs: bool) {
        let mut made = self.made();
        let Some(at) = made.containers.iter().position(|one| is_called(one, name)) else { return };
        let ends = made.containers.get(at).is_some_and(|one| is_waited_for(one, &made.containers));
        let state = match (runs, ends) {
            (true, false) => json!({"Status": "running", "Running": true, "Pid": 1,
                "Health": {"Status": "healthy", "FailingStreak": 0, "Log": []}}),
            _ => json!({"Status": "exited", "Running": false, "Pid": 0, "ExitCode": 0}),
        };
        if let Some(one) = made.containers.get_mut(at) {
            one["State"] = state;
        }
    }

    pub(super) fn rename(&self, name: &str, to: &str) {
        if let Some(one) = self.made().containers.iter_mut().find(|one| is_called(one, name)) {
            one["Name"] = format!("/{}", to.trim_start_matches('/')).into();
        }
    }

    pub(super) fn remove(&self, name: &str) {
        self.made().containers.retain(|one| !is_called(one, name));
    }

    /// Makes up a session in a container.
    pub(super) fn exec(&self, container: &str, body: &Body) -> String {
        let mut made = self.made();
        let id = made.id();
        let words: Vec<&str> =
            body.get("Cmd").map_or(&[][..], Body::items).iter().filter_map(Body::text).collect();
        made.execs.push(json!({"ID": id, "ContainerID": container, "Running": false, "ExitCode": 0,
            "ProcessConfig": {"privileged": body.get("Privileged").and_then(Body::flag).unwrap_or_default(),
                "user": body.get("User").and_then(Body::text), "entrypoint": words.first(), "arguments": []}}));
        id
    }

    pub(super) fn session(&self, id: &str) -> Option<Value> {
        self.made().execs.iter().find(|one| one["ID"] == id).cloned()
    }

    /// Makes up a network, and says its id.
    pub(super) fn network(&self, body: &Body) -> String {
        let mut made = self.made();
        let id = made.id();
        let mut record = serde_json::to_value(body).unwrap_or_default();
        (record["Id"], record["Scope"]) = (id.clone().into(), "local".into());
        (record["Created"], record["Containers"]) = ("2000-01-01T00:00:00Z".into(), json!({}));
        made.networks.push(record);
        id
    }

    /// Makes up a volume, and says its record.
    pub(super) fn volume(&self, body: Option<&Body>) -> Value {
        let mut made = self.made();
        let id = made.id();
        let text = |name: &str| body.and_then(|body| body.get(name)).and_then(Body::text);
        let name = text("Name").filter(|name| !name.is_empty()).unwrap_or(&id);
        let of = |name: &str| body.and_then(|body| serde_json::to_value(body.get(name)?).ok());
        let record = json!({"Name": name, "Driver": text("Driver").unwrap_or("local"), "Scope": "local",
            "Mountpoint": format!("/var/lib/docker/volumes/{name}/_data"), "Options": of("DriverOpts"),
            "Labels": of("Labels"), "CreatedAt": "2000-01-01T00:00:00Z"});
        made.volumes.push(record.clone());
        record
    }

    /// The record of a network, a volume or an image that was made up.
    pub(super) fn thing(&self, operation: &str, name: &str) -> Option<Value> {
        if operation == "image-inspect" {
            return self.image(name);
        }
        let made = self.made();
        let (all, by) = match operation {
            "network-inspect" => (&made.networks, ["Name", "Id"]),
            "volume-inspect" => (&made.volumes, ["Name", "Name"]),
            _ => return None,
        };
        all.iter().find(|one| by.iter().any(|by| one[by] == name)).cloned()
    }

    /// The engine's list of containers with those made up: those that run, or all.
    pub(super) fn containers(&self, filters: &str, all: bool, answer: &[u8]) -> Option<Vec<u8>> {
        let listed = self.listed("container-list", filters, answer)?;
        let mut listed: Value = serde_json::from_slice(&listed).ok()?;
        listed.as_array_mut()?.retain(|one| {
            let made = one["Id"].as_str().is_some_and(|id| self.container(id).is_some());
            all || !made || one["State"] == "running"
        });
        serde_json::to_vec(&listed).ok()
    }

    /// The engine's list with what was made up, as far as it passes the filters that were asked for.
    pub(super) fn listed(&self, operation: &str, filters: &str, answer: &[u8]) -> Option<Vec<u8>> {
        let mut answer: Value = serde_json::from_slice(answer).ok()?;
        let made = self.made();
        let filters: Value = serde_json::from_str(filters).unwrap_or_default();
        let (list, more): (_, Vec<Value>) = match operation {
            "container-list" => (&mut answer, made.containers.iter().map(summary).collect()),
            "network-list" => (&mut answer, made.networks.clone()),
            "volume-list" => (&mut answer["Volumes"], made.volumes.clone()),
            _ => return None,
        };
        if list.is_null() {
            *list = json!([]);
        }
        list.as_array_mut()?.extend(more.into_iter().filter(|one| passes(one, &filters)));
        serde_json::to_vec(&answer).ok()
    }

    fn with(&self, what: &Ask, answer: Option<Box<str>>) -> Option<Box<str>> {
        let operation = match what {
            Ask::Containers => "container-list",
            Ask::Networks => "network-list",
            Ask::Volumes => "volume-list",
            _ => return answer,
        };
        let text = self.listed(operation, "", answer.as_deref()?.as_bytes())?;
        String::from_utf8(text).ok().map(String::into_boxed_str)
    }
}

impl Engine for Imagined {
    fn ask(&self, what: &Ask) -> Result<Option<Box<str>>, Unasked> {
        let made = match what {
            Ask::Container(name) => self.container(name),
            Ask::Exec(id) => self.session(id),
            _ => None,
        };
        match made {
            Some(record) => Ok(Some(record.to_string().into_boxed_str())),
            None => self.engine.ask(what).map(|answer| self.with(what, answer)),
        }
    }

    fn surroundings(&self) -> Result<Arc<Surroundings>, Unasked> {
        self.engine.surroundings()
    }

    fn newest(&self) -> Result<Version, Unasked> {
        self.engine.newest()
    }
}

/// As people write it: `docker.io/library/busybox:latest` is `busybox`.
fn short(image: &str) -> String {
    let bare = image.strip_prefix("docker.io/").unwrap_or(image);
    let bare = bare.strip_prefix("library/").unwrap_or(bare);
    bare.strip_suffix(":latest").unwrap_or(bare).to_owned()
}

fn is_called(record: &Value, name: &str) -> bool {
    let its = record["Name"].as_str().unwrap_or_default();
    let id = record["Id"].as_str().unwrap_or_default();
    its.trim_start_matches('/') == name.trim_start_matches('/')
        || (name.len() >= 12 && id.starts_with(name))
}

/// Compose says in a label what each service waits for: one whose end is waited for ends at once.
fn is_waited_for(record: &Value, all: &[Value]) -> bool {
    let label = |one: &Value, name: &str| {
        one["Config"]["Labels"][format!("com.docker.compose.{name}")].as_str().map(str::to_owned)
    };
    let Some(service) = label(record, "service") else { return false };
    let waited = format!("{service}:service_completed_successfully");
    all.iter()
        .filter(|one| label(one, "project") == label(record, "project"))
        .filter_map(|one| label(one, "depends_on"))
        .any(|waits| waits.split(',').any(|one| one.starts_with(&waited)))
}

/// What stands in the record's `Mounts`, of what was asked for.
fn mounts(host: &Value) -> Value {
    let binds = host["Binds"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let binds = binds.map(|bind| {
        let mut parts = bind.splitn(3, ':');
        let (source, to) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let mode = parts.next().unwrap_or_default();
        mount(source, to, !mode.split(',').any(|word| word == "ro"))
    });
    let mounts = host["Mounts"].as_array().into_iter().flatten();
    let mounts = mounts.filter(|one| one["Type"] != "tmpfs").map(|one| {
        let text = |name: &str| one[name].as_str().unwrap_or_default();
        mount(text("Source"), text("Target"), one["ReadOnly"] != true)
    });
    binds.chain(mounts).collect()
}

fn mount(source: &str, to: &str, writable: bool) -> Value {
    if source.starts_with('/') {
        return json!({"Type": "bind", "Source": source, "Destination": to, "Mode": "", "RW": writable,
            "Propagation": "rprivate"});
    }
    json!({"Type": "volume", "Name": source, "Source": format!("/var/lib/docker/volumes/{source}/_data"),
        "Destination": to, "Driver": "local", "Mode": "", "RW": writable, "Propagation": ""})
}

/// A container as lists have it.
fn summary(record: &Value) -> Value {
    json!({"Id": record["Id"], "Names": [record["Name"]], "Image": record["Config"]["Image"],
        "ImageID": record["Image"], "Command": "", "Created": 0, "Ports": [], "Labels": record["Config"]["Labels"],
        "State": record["State"]["Status"], "Status": record["State"]["Status"], "Mounts": record["Mounts"],
        "HostConfig": {"NetworkMode": record["HostConfig"]["NetworkMode"]},
        "NetworkSettings": {"Networks": record["NetworkSettings"]["Networks"]}})
}

/// Whether something made up passes filters, as far as these are understood here: one that isn't
/// lets nothing through.
fn passes(one: &Value, filters: &Value) -> bool {
    filters.as_object().into_iter().flatten().all(|(name, wanted)| {
        let wanted: Vec<&str> = match wanted {
            Value::Object(all) => all.keys().map(String::as_str).collect(),
            other => other.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        };
        match name.as_str() {
            "label" => wanted.iter().all(|label| has_label(&one["Labels"], label)),
            "name" => wanted.iter().any(|name| is_named(one, name)),
            "id" => {
                wanted.iter().any(|id| one["Id"].as_str().is_some_and(|its| its.starts_with(id)))
            }
            "status" => wanted.iter().any(|state| one["State"] == *state),
            _ => false,
        }
    })
}

fn has_label(labels: &Value, wanted: &str) -> bool {
    match wanted.split_once('=') {
        Some((name, value)) => labels[name] == value,
        None => labels.get(wanted).is_some(),
    }
}

/// Names are looked for as patterns: clients write `^/?web$` for a whole one.
fn is_named(one: &Value, wanted: &str) -> bool {
    let bare = wanted.trim_start_matches(['^', '/', '?']).trim_end_matches('$');
    let names = one["Names"].as_array().into_iter().flatten().chain([&one["Name"]]);
    names.filter_map(Value::as_str).any(|name| name.contains(bare))
}
