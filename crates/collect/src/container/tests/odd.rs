//! Answers that no engine gives: each odd field is unknown, and nothing else is.

use dockward_model::facts::{Container, Fact, MountKind};
use serde_json::{Value, json};

use crate::recorded_answers::Answers;

/// A container of 28.5 with one field of its record changed.
fn with(name: &str, pointer: &str, value: Value) -> Container {
    let answers = Answers::of("28.5");
    let mut record = answers.record(name);
    *record.pointer_mut(pointer).unwrap() = value;
    answers.read(&record)
}

/// How many facts of a container are unknown.
fn unknowns(c: &Container) -> usize {
    fn count(value: &Value) -> usize {
        match value {
            Value::Object(map) => {
                usize::from(map.len() == 1 && map.contains_key("unknown"))
                    + map.values().map(count).sum::<usize>()
            }
            Value::Array(list) => list.iter().map(count).sum(),
            _ => 0,
        }
    }
    count(&serde_json::to_value(c).unwrap())
}

#[test]
fn nothing_is_unknown_of_a_container_that_never_ran() {
    assert_eq!(unknowns(&Answers::of("28.5").container("wide")), 0);
}

#[test]
fn a_field_of_an_odd_type_loses_only_itself() {
    let fields = [
        "/State/Pid",
        "/Created",
        "/Image",
        "/Config/User",
        "/Config/Env",
        "/Config/Healthcheck",
        "/Config/Labels",
        "/HostConfig/Privileged",
        "/HostConfig/CapAdd",
        "/HostConfig/CapDrop",
        "/HostConfig/SecurityOpt",
        "/HostConfig/MaskedPaths",
        "/HostConfig/ReadonlyPaths",
        "/HostConfig/PidMode",
        "/HostConfig/IpcMode",
        "/HostConfig/UTSMode",
        "/HostConfig/UsernsMode",
        "/HostConfig/CgroupnsMode",
        "/HostConfig/Memory",
        "/HostConfig/PidsLimit",
        "/HostConfig/CpuQuota",
        "/HostConfig/Ulimits",
        "/HostConfig/Devices",
        "/HostConfig/DeviceRequests",
        "/HostConfig/RestartPolicy",
        "/HostConfig/OomKillDisable",
        "/HostConfig/BlkioDeviceReadIOps",
        "/HostConfig/Runtime",
        "/HostConfig/LogConfig",
        "/HostConfig/PortBindings",
        "/NetworkSettings/Networks",
        "/Mounts",
        "/HostConfig/Binds",
        "/HostConfig/Mounts",
        "/AppArmorProfile",
        "/Args",
    ];
    for field in fields {
        for odd in [json!(1.5), json!([[]])] {
            let c = with("wide", field, odd.clone());
            // The user's name is needed for the uid.
            let lost = if field == "/Config/User" { 2 } else { 1 };
            assert_eq!(unknowns(&c), lost, "{field} = {odd}");
            assert_eq!(c.name, "wide");
        }
    }
}

#[test]
fn an_odd_element_leaves_its_list_unknown_for_a_list_that_lacks_one_must_not_look_whole() {
    let odd = json!([{"Type": "bind", "Source": 7, "Destination": "/x", "RW": true}]);
    let why = with("wide", "/Mounts", odd).mounts;
    assert_eq!(
        why.fact.unknown(),
        Some("Mounts holds one whose Source is the number 7, not as documented")
    );
    let ports = json!({"80/tcp": [{"HostIp": "everywhere", "HostPort": "1"}]});
    assert!(with("wide", "/HostConfig/PortBindings", ports).ports.fact.unknown().is_some());
    let ports = json!({"eighty": [{"HostIp": "", "HostPort": "1"}]});
    assert!(with("wide", "/HostConfig/PortBindings", ports).ports.fact.unknown().is_some());
}

#[test]
fn without_its_section_a_container_passes_for_nothing() {
    let c = with("wide", "/HostConfig", Value::Null);
    for unknown in [
        c.privileged.fact.unknown(),
        c.cap_add.fact.unknown(),
        c.mounts.fact.unknown(),
        c.ports.fact.unknown(),
        c.limits.memory.fact.unknown(),
        c.limits.blkio_device_limits.fact.unknown(),
        c.pid_mode.fact.unknown(),
    ] {
        assert!(unknown.is_some_and(|why| why.contains("whole section is null")), "{unknown:?}");
    }
    assert!(c.env.get().is_some());
}

#[test]
fn where_it_is_unknown_whether_it_runs_so_is_what_the_kernel_would_say() {
    let c = with("stock", "/State/Running", json!("yes"));
    assert!(c.kernel.unknown().is_some() && c.ports.fact.unknown().is_some());
    let c = with("stock", "/State/Pid", json!(-4));
    assert!(c.kernel.unknown().is_some() && c.pid.fact.unknown().is_some());
}

#[test]
fn null_masked_paths_are_the_engines_own_and_an_empty_list_masks_nothing() {
    let c = with("stock", "/HostConfig/MaskedPaths", Value::Null);
    assert_eq!(c.masked_paths.fact, Fact::Absent);
    let c = with("stock", "/HostConfig/MaskedPaths", json!([]));
    assert_eq!(c.masked_paths.fact, Fact::Known(Vec::new()));
}

#[test]
fn without_a_list_of_mounts_what_was_asked_for_is_taken() {
    let answers = Answers::of("28.5");
    let mut record = answers.record("volumes");
    *record.pointer_mut("/Mounts").unwrap() = Value::Null;
    *record.pointer_mut("/HostConfig/Binds").unwrap() =
        json!(["/run/docker.sock:/s:ro,rshared", "etc-volume:/etc-of-host:ro", "/only-a-target"]);
    let c = answers.read(&record);
    let mounts = c.mounts.get().unwrap();
    let of = |target: &str| mounts.iter().find(|m| m.target == target).unwrap();
    let socket = of("/s");
    assert_eq!((socket.kind, socket.writable), (MountKind::Bind, false));
    assert_eq!(
        (socket.source.as_str(), socket.propagation.as_str()),
        ("/run/docker.sock", "rshared")
    );
    assert_eq!(of("/etc-of-host").source, "/etc");
    assert!(of("/only-a-target").host_path.unknown().is_some());
    assert_eq!(of("/srv").propagation, "rslave");
}

#[test]
fn the_name_of_an_image_that_was_tagged_anew_means_another_image() {
    let answers = Answers::of("28.5");
    let mut record = answers.record("stock");
    *record.pointer_mut("/Config/Image").unwrap() = json!("docker.io/library/app:latest");
    let c = answers.read(&record);
    assert!(c.image_now.get().is_some() && c.image_now.get() != c.image_id.get());
    *record.pointer_mut("/Config/Image").unwrap() = json!("gone:1");
    assert!(answers.read(&record).image_now.fact.is_absent());
}
