//! A thousand containers that nobody runs: what an engine would answer for each of them.

use serde_json::{Map, Value, json};

/// A real answer of engine 28.5, for a container with most settings set.
const BASE: &str = include_str!("../../crates/engine/tests/data/28.5/container.json");

/// What an engine answers to `/containers/ID/json` for `count` containers, no two alike: nine in ten as they are most
/// often run, with a few settings of their own, the others opened to the host in some way.
///
/// # Errors
/// When the recorded answer that they are made of is not JSON.
pub fn inspects(count: usize) -> serde_json::Result<Vec<String>> {
    let base: Value = serde_json::from_str(BASE)?;
    Ok((0..count).map(|i| inspect(base.clone(), i).to_string()).collect())
}

/// The full id of container `i`.
#[must_use]
pub fn id(i: usize) -> String {
    // A multiplier without a factor in common with 2^64, so that ids differ in all their digits.
    let digits = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{digits:016x}").repeat(4)
}

fn inspect(mut answer: Value, i: usize) -> Value {
    set(&mut answer, "/Id", json!(id(i)));
    set(&mut answer, "/Name", json!(format!("/project-{}-service-{i}", i % 40)));
    set(&mut answer, "/State/Pid", json!(10_000 + i));
    set(&mut answer, "/State/Health/Log", json!([]));
    set(&mut answer, "/ExecIDs", Value::Null);
    set(
        &mut answer,
        "/Config/Image",
        json!(format!("registry.example/app-{}:1.{}", i % 60, i % 9)),
    );
    set(&mut answer, "/Config/Hostname", json!(format!("service-{i}")));
    set(&mut answer, "/Config/Env", environment(i));
    set(&mut answer, "/Config/Labels", Value::Object(labels(i)));
    for (every, place, value) in settings(i) {
        if i.is_multiple_of(every) {
            set(&mut answer, place, value);
        }
    }
    answer
}

fn set(answer: &mut Value, place: &str, value: Value) {
    if let Some(old) = answer.pointer_mut(place) {
        *old = value;
    }
}

fn environment(i: usize) -> Value {
    let mut all: Vec<String> =
        (0..8 + i % 9).map(|n| format!("SERVICE_OPTION_{n}=value-{n}-of-{i}")).collect();
    all.push("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned());
    all.push(format!("DATABASE_URL=postgres://db-{}.internal:5432/app", i % 30));
    if i.is_multiple_of(17) {
        all.push(format!("DATABASE_PASSWORD=kT7{i}vQ9z-xLw2"));
    }
    json!(all)
}

fn labels(i: usize) -> Map<String, Value> {
    let mut all = Map::new();
    let mut label = |name: &str, value: String| all.insert(name.to_owned(), Value::String(value));
    label("com.docker.compose.project", format!("project-{}", i % 40));
    label("com.docker.compose.service", format!("service-{i}"));
    label("com.docker.compose.config-hash", id(i + 1));
    label("com.docker.compose.container-number", "1".to_owned());
    label("com.docker.compose.project.working_dir", format!("/srv/project-{}", i % 40));
    label("org.opencontainers.image.source", format!("https://git.example/app-{}", i % 60));
    label("org.opencontainers.image.revision", id(i).chars().take(40).collect());
    label("team", format!("team-{}", i % 12));
    all
}

/// Settings with their places, and which containers get them: every such one. All are in the recorded answer, set to
/// something else; later ones win.
fn settings(i: usize) -> Vec<(usize, &'static str, Value)> {
    let volume = json!([{
        "Type": "volume", "Name": format!("data-{i}"), "Driver": "local", "Mode": "z", "RW": true, "Propagation": "",
        "Source": format!("/var/lib/docker/volumes/data-{i}/_data"), "Destination": "/data",
    }]);
    let bind = |path: &str| {
        json!([{
            "Type": "bind", "Source": path, "Destination": path, "Mode": "", "RW": true, "Propagation": "rprivate",
        }])
    };
    let loopback =
        json!({"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": format!("{}", 20_000 + i)}]});
    let everywhere =
        json!({"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": format!("{}", 20_000 + i)}]});
    vec![
        (1, "/HostConfig/Binds", Value::Null),
        (1, "/HostConfig/Mounts", json!([])),
        (1, "/HostConfig/Devices", json!([])),
        (1, "/HostConfig/DeviceCgroupRules", Value::Null),
        (1, "/HostConfig/SecurityOpt", Value::Null),
        (1, "/HostConfig/CapAdd", Value::Null),
        (1, "/Mounts", volume),
        (1, "/NetworkSettings/Ports", loopback),
        (2, "/HostConfig/CapDrop", Value::Null),
        (2, "/HostConfig/ReadonlyRootfs", json!(false)),
        (2, "/Config/User", json!("")),
        (3, "/HostConfig/Memory", json!(0)),
        (3, "/HostConfig/PidsLimit", Value::Null),
        (3, "/HostConfig/SecurityOpt", json!(["no-new-privileges:true"])),
        (4, "/HostConfig/RestartPolicy/Name", json!("always")),
        (4, "/Config/Healthcheck", Value::Null),
        (5, "/NetworkSettings/Ports", everywhere),
        (6, "/HostConfig/NanoCpus", json!(0)),
        (7, "/HostConfig/CapAdd", json!(["CAP_NET_ADMIN"])),
        (10, "/Mounts", bind("/srv/shared")),
        (13, "/HostConfig/NetworkMode", json!(format!("container:{}", id(i / 2)))),
        (19, "/Mounts", bind("/var/run/docker.sock")),
        (23, "/HostConfig/PidMode", json!("host")),
        (29, "/HostConfig/SecurityOpt", json!(["seccomp=unconfined", "label=disable"])),
        (41, "/HostConfig/Privileged", json!(true)),
        (43, "/Mounts", bind("/")),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn there_are_as_many_containers_as_asked_for_no_two_alike_with_their_settings() {
        let texts = inspects(500).unwrap();
        let mut ids = BTreeSet::new();
        for (i, text) in texts.iter().enumerate() {
            let answer: Value = serde_json::from_str(text).unwrap();
            ids.insert(answer["Id"].as_str().unwrap().to_owned());
            let given = settings(i).into_iter().filter(|(every, ..)| i.is_multiple_of(*every));
            let last: BTreeMap<&str, Value> =
                given.map(|(_, place, value)| (place, value)).collect();
            for (place, value) in last {
                assert_eq!(answer.pointer(place), Some(&value), "{place} of container {i}");
            }
        }
        assert_eq!((texts.len(), ids.len()), (500, 500));
    }
}
