//! Answers of Podman 5.4.2 (Debian 13) over its Docker-compatible API, recorded from a live one and
//! read whole. The host's name and the kernel's release were replaced. No container ran there.

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use dockward_engine::api::{
    ContainerInspect, ContainerSummary, ImageHistory, ImageInspect, ImageSummary, Info, Network,
    Version, Volumes,
};
use dockward_engine::{FromJson, Lenient};

/// Reads a recording, of which no field may be of another type than Docker's.
fn recorded<T: FromJson + Debug>(name: &str) -> T {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/podman-5.4");
    let text = fs::read_to_string(folder.join(name).with_extension("json")).expect("a recording");
    let read: Lenient<T> = serde_json::from_str(&text).expect("JSON");
    let shown = format!("{read:?}");
    assert!(!shown.contains("Odd("), "{name}: {shown}");
    read.into_known().expect("of this kind")
}

fn known<T: Clone>(field: &Lenient<T>) -> T {
    field.known().expect("known").clone()
}

#[test]
fn the_engine_and_its_runtime_are_components_under_names_of_podmans() {
    let version: Version = recorded("version");
    assert_eq!(version.component("Podman Engine"), Some("5.4.2"));
    assert_eq!(version.component("Engine"), None);
    assert!(version.component("OCI Runtime (crun)").is_some());
    assert_eq!(known(&version.api_version), "1.41");
    let info: Info = recorded("info");
    assert_eq!(known(&info.server_version), "5.4.2");
    assert_eq!(known(&info.docker_root_dir), "/var/lib/containers/storage");
    assert_eq!(known(&info.security_options), ["name=seccomp,profile=default"]);
}

#[test]
fn a_container_is_told_as_docker_tells_it_but_for_what_podman_leaves_out() {
    let container: ContainerInspect = recorded("container");
    let host = known(&container.host_config);
    assert!(known(&host.privileged));
    assert_eq!(known(&host.binds), ["/etc:/host:ro,rprivate,rbind"]);
    assert_eq!(known(&host.pids_limit), 2048);
    // Docker's names for the container's own namespaces are empty.
    assert_eq!(known(&host.pid_mode), "private");
    assert_eq!(known(&host.uts_mode), "private");
    // Docker lists them, or an empty list; here they are not told at all.
    assert_eq!(host.masked_paths, Lenient::Null);
    assert_eq!(host.readonly_paths, Lenient::Null);
    let summaries: Vec<ContainerSummary> = recorded("containers");
    assert_eq!(summaries.len(), 3);
}

#[test]
fn every_other_answer_is_read_whole() {
    assert_eq!(recorded::<Vec<ImageSummary>>("images").len(), 1);
    recorded::<ImageInspect>("image");
    assert_eq!(recorded::<Vec<ImageHistory>>("history").len(), 1);
    assert_eq!(recorded::<Vec<Network>>("networks").len(), 1);
    assert_eq!(recorded::<Network>("network").name, Lenient::Known("podman".into()));
    recorded::<Volumes>("volumes");
}
