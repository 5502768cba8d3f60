//! Images and containers of real engines, looked into by name where the engine keeps them.

use std::fs;
use std::path::Path;

use dockward_testbed::{DaemonConfig, Engine, Suite};
use serde_json::Value;

use crate::run::{Run, dockward};
use crate::scan::advisory;

/// Three layers upon busybox: the first two are records of packages, the third takes one away.
const DOCKERFILE: &str = r#"FROM plain
RUN printf 'ID=debian\nVERSION_ID="11"\n' >/etc/os-release && mkdir -p /var/lib/dpkg /lib/apk/db && printf 'P:gone\nV:1-r0\n\n' >/lib/apk/db/installed && printf 'Package: libssl1.1\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: 1.1.1n-0+deb11u3\n\n' >/var/lib/dpkg/status
ENV A=b
RUN printf 'Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.1.1n-0+deb11u3\n\n' >>/var/lib/dpkg/status
RUN rm /lib/apk/db/installed
"#;

/// What a container installs once it runs.
const MORE: &str = r"printf 'Package: openssl-more\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: 1.1.1n-0+deb11u2\n\n' >>/var/lib/dpkg/status";

#[test]
fn images_and_containers_are_scanned_by_name_on_20_10() {
    scanned("images_and_containers_are_scanned_by_name_on_20_10", Suite::Bookworm);
}

#[test]
fn images_and_containers_are_scanned_by_name_on_28_5() {
    scanned("images_and_containers_are_scanned_by_name_on_28_5", Suite::Sid);
}

/// 20.10 keeps layers in folders of overlay2, 28.5 images in containerd's store.
fn scanned(test: &str, suite: Suite) {
    let config = DaemonConfig { containerd_store: suite == Suite::Sid, ..DaemonConfig::default() };
    let Some(engine) = Engine::start_or_skip(test, suite, &config) else { return };
    engine.import_busybox("plain");
    engine.build_image("built", DOCKERFILE);
    let id = engine.docker_ok(&["image", "inspect", "built", "--format={{.Id}}"]);
    database(&engine);
    let packed = scan(&engine, "built");
    engine.docker_ok(&["run", "-d", "--name=web", "built"]);
    engine.docker_ok(&["run", "-d", "--name=idle", "built"]);
    for container in ["web", "idle"] {
        engine.docker_ok(&["exec", container, "sh", "-c", MORE]);
    }
    engine.docker_ok(&["stop", "-t", "0", "idle"]);
    an_image_is_found_by_each_of_its_names(&engine, &id);
    a_running_container_is_as_it_is_now(&engine);
    a_container_that_does_not_run_is_read_with_what_it_wrote(&engine);
    who_may_not_read_the_store_has_it_over_the_api(&engine);
    an_engine_s_images_and_containers_are_read_through_its_root(&engine);
    check_tells_what_images_in_use_hold(&engine);
    all_images_are_scanned_at_once(&engine);
    if suite == Suite::Sid {
        layers_are_read_where_a_container_has_them_mounted(&engine, &packed);
    }
}

/// `packed` is the scan before any container ran. Without blobs nothing but the folders is left, and
/// where the container has ended, nothing at all.
fn layers_are_read_where_a_container_has_them_mounted(engine: &Engine, packed: &Run) {
    let before = packed.json();
    assert_eq!((before["complete"].clone(), weak(&before).len()), (true.into(), 2));
    let content = "var/lib/docker/containerd/daemon/io.containerd.content.v1.content";
    let blobs = engine.root().join(content).join("blobs/sha256");
    let mut moved = 0;
    for blob in fs::read_dir(blobs).unwrap() {
        let blob = blob.unwrap().path();
        // Documents are objects of JSON.
        if fs::read(&blob).unwrap().first() != Some(&b'{') {
            fs::rename(&blob, blob.with_extension("away")).unwrap();
            moved += 1;
        }
    }
    assert!(moved >= 4, "{moved}");
    let same = |report: &Value| {
        let target = &report["targets"][0];
        (target["packages"].clone(), target["layers"].clone(), weak(report))
    };
    let mounted = scan(engine, "image:built").json();
    assert_eq!(same(&mounted), same(&before));
    assert_eq!(mounted["complete"], true, "{mounted:#}");
    engine.docker_ok(&["stop", "-t", "0", "web"]);
    let gone = scan(engine, "image:built").json();
    assert_ne!(same(&gone), same(&before), "nothing is mounted any more");
}

fn all_images_are_scanned_at_once(engine: &Engine) {
    let run = scan(engine, "--all");
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let report = run.json();
    let targets = report["targets"].as_array().unwrap();
    let found = |name: &str| targets.iter().find(|target| target["name"] == name);
    let packages = |name: &str| found(name).map(|target| target["packages"].clone());
    assert_eq!(packages("built:latest"), Some(2.into()), "{}", run.out);
    assert_eq!(packages("plain:latest"), Some(0.into()), "{}", run.out);
}

fn check_tells_what_images_in_use_hold(engine: &Engine) {
    let words = ["/usr/local/bin/dockward", "check", "--db", "/srv/a.db", "--format", "json"];
    let run = Run::new(&engine.exec_in_root(&words));
    let report = run.json();
    let all = report["findings"].as_array().unwrap();
    let of_image =
        |f: &&Value| f["rule"] == "package-vulnerability" && f["subject"]["kind"] == "image";
    let found: Vec<_> = all.iter().filter(of_image).collect();
    let [one] = &found[..] else { panic!("{found:#?}") };
    assert_eq!((&one["subject"]["name"], &one["status"]), (&"built:latest".into(), &"fail".into()));
    let message = one["message"].as_str().unwrap();
    assert!(message.starts_with("2 known weaknesses in 2 packages"), "{message}");
    assert!(!all.iter().any(|f| f["rule"] == "image-scanned"), "{all:#?}");
}

fn database(engine: &Engine) {
    let feeds = engine.root().join("srv/feeds");
    fs::create_dir_all(&feeds).unwrap();
    fs::write(feeds.join("DSA-5343-1.json"), advisory().to_string()).unwrap();
    let program = engine.install(Path::new(env!("CARGO_BIN_EXE_dockward"))).unwrap();
    let program = program.to_string_lossy();
    let words = [&*program, "db", "build", "/srv/feeds", "-o", "/srv/a.db"];
    let built = Run::new(&engine.exec_in_root(&words));
    assert_eq!(built.code, 0, "{}{}", built.out, built.err);
}

/// The program as root on the engine's own host.
fn scan(engine: &Engine, target: &str) -> Run {
    scan_as(engine, &[], target)
}

fn scan_as(engine: &Engine, user: &[&str], target: &str) -> Run {
    let program = "/usr/local/bin/dockward";
    let words = [program, "scan", "--db", "/srv/a.db", "--no-store", "--format", "json", target];
    Run::new(&engine.exec_in_root(&[user, &words[..]].concat()))
}

/// Packages with a weakness, and the instruction of the layer that brought them.
fn weak(report: &Value) -> Vec<(String, String)> {
    let target = &report["targets"][0];
    let all = target["vulnerabilities"].as_array().unwrap();
    let of = |found: &Value| {
        let layer = found["package"]["layer"].as_u64();
        let layer = layer.and_then(|layer| target["layers"].get(usize::try_from(layer).unwrap()));
        let by = layer.map_or("", |layer| layer["created_by"].as_str().unwrap());
        (found["package"]["name"].as_str().unwrap().to_owned(), by.to_owned())
    };
    let mut all: Vec<_> = all.iter().map(of).collect();
    all.sort();
    all.dedup();
    all
}

fn names(report: &Value) -> Vec<String> {
    weak(report).into_iter().map(|(name, _)| name).collect()
}

fn an_image_is_found_by_each_of_its_names(engine: &Engine, id: &str) {
    let short = id.strip_prefix("sha256:").unwrap().get(..12).unwrap();
    for target in ["built", "image:built:latest", "docker.io/library/built", id, short] {
        let run = scan(engine, target);
        assert_eq!(run.code, 1, "{target}: {}{}", run.out, run.err);
        let report = run.json();
        let found = &report["targets"][0];
        assert_eq!((&found["kind"], &found["name"]), (&"image".into(), &"built:latest".into()));
        assert_eq!(found["id"], id, "{target}");
        assert_eq!(found["packages"], 2, "what a layer took away is gone: {found:#}");
        assert_eq!(found["layers"].as_array().unwrap().len(), 4, "{found:#}");
        let weak = weak(&report);
        assert_eq!(weak.len(), 2, "{weak:?}");
        for (package, brought) in &weak {
            assert!(brought.contains(&format!("Package: {package}\\n")), "{package}: {brought}");
        }
        assert_eq!(report["complete"], true, "{target}: {}", run.out);
    }
}

fn a_running_container_is_as_it_is_now(engine: &Engine) {
    for target in ["web", "container:web"] {
        let run = scan(engine, target);
        assert_eq!(run.code, 1, "{target}: {}{}", run.out, run.err);
        let report = run.json();
        let found = &report["targets"][0];
        assert_eq!((&found["kind"], &found["name"]), (&"container".into(), &"web".into()));
        assert_eq!(names(&report), ["libssl1.1", "openssl", "openssl-more"], "{target}");
    }
}

fn a_container_that_does_not_run_is_read_with_what_it_wrote(engine: &Engine) {
    let run = scan(engine, "idle");
    let report = run.json();
    assert_eq!(names(&report), ["libssl1.1", "openssl", "openssl-more"], "{}", run.out);
    assert_eq!(report["targets"][0]["kind"], "container");
    assert_eq!(report["complete"], true, "{}", run.out);
}

/// Somebody who may ask the engine and is not root: its API hands over what the disk does not.
fn who_may_not_read_the_store_has_it_over_the_api(engine: &Engine) {
    let user = ["setpriv", "--reuid=65534", "--regid=docker", "--clear-groups", "--"];
    for (target, packages) in [("image:built", 2), ("web", 3)] {
        let run = scan_as(engine, &user, target);
        assert_eq!(run.code, 1, "{}{}", run.out, run.err);
        let report = run.json();
        assert_eq!(names(&report).len(), packages, "{target}: {}", run.out);
        assert_eq!(report["complete"], true, "{}", run.out);
    }
    let report = scan_as(engine, &user, "built").json();
    assert_eq!(report["targets"][0]["name"], "built:latest");
    let brought: Vec<String> = weak(&report).into_iter().map(|(_, by)| by).collect();
    assert!(brought.iter().all(|by| by.contains("Package: ")), "{brought:?}");
}

/// From other namespaces than the engine's: its paths are those of its own root, its numbers of
/// processes those of its own procfs.
fn an_engine_s_images_and_containers_are_read_through_its_root(engine: &Engine) {
    let host = format!("unix://{}", engine.socket().display());
    let database = engine.root().join("srv/a.db").display().to_string();
    let words = ["scan", "-H", &host, "--db", &database, "--no-store", "--format", "json", "built"];
    let run = dockward(&words);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert_eq!(names(&run.json()), ["libssl1.1", "openssl"]);
    let words = ["scan", "-H", &host, "--db", &database, "--no-store", "--format", "json", "web"];
    let run = dockward(&words);
    assert_eq!(names(&run.json()), ["libssl1.1", "openssl", "openssl-more"], "{}", run.out);
}
