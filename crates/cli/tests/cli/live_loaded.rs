//! What of packages runs in real containers, and who gets there.

use std::fs;
use std::path::Path;

use dockward_testbed::{DaemonConfig, Engine, Suite};
use serde_json::Value;

use crate::run::{Run, dockward};
use crate::scan::advisory;

/// Packages of one source, each with one file.
const FILES: [(&str, &str); 4] = [
    // As records have it where /bin is a link into /usr.
    ("openssl", "/usr/bin/busybox"),
    ("libssl1.1:amd64", "/usr/lib/never.so"),
    ("openssl-kept", "/srv/kept"),
    ("openssl-outside", "/vol/x"),
];

/// A server, and a process beside it that holds a file of the image and one of a mount open.
const SERVE: &str = "httpd -p 80; exec 3</srv/kept; exec 4</vol/x; exec sleep 3600";

#[test]
fn what_is_loaded_and_reached_is_told_of_containers_and_images_on_20_10() {
    let test = "what_is_loaded_and_reached_is_told_of_containers_and_images_on_20_10";
    told(test, Suite::Bookworm);
}

#[test]
fn what_is_loaded_and_reached_is_told_of_containers_and_images_on_28_5() {
    told("what_is_loaded_and_reached_is_told_of_containers_and_images_on_28_5", Suite::Sid);
}

fn told(test: &str, suite: Suite) {
    let config = DaemonConfig { containerd_store: suite == Suite::Sid, ..DaemonConfig::default() };
    let Some(engine) = Engine::start_or_skip(test, suite, &config) else { return };
    engine.import_busybox("plain");
    engine.build_image("served", &dockerfile());
    let outside = engine.root().join("srv/vol");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("x"), "x").unwrap();
    database(&engine);
    let words = ["-p=8080:80", "-v=/srv/vol:/vol", "served", "sh", "-c", SERVE];
    engine.docker_ok(&[&["run", "-d", "--name=web"], &words[..]].concat());
    engine.docker_ok(&["run", "-d", "--name=quiet", "--network=none", "plain"]);
    // It listens in the background.
    let listens = "for n in 1 2 3 4 5 6 7 8 9; do nc -w 1 127.0.0.1 80 </dev/null && exit; sleep 1; done; exit 1";
    engine.docker_ok(&["exec", "web", "sh", "-c", listens]);
    for target in ["web", "served", "--all"] {
        running_packages_are_loaded_and_who_listens_is_reached(&scan(&engine, &[target]));
    }
    from_outside_of_the_engines_namespaces_all_is_the_same(&engine);
    check_keeps_it_for_who_reads_the_recording(&engine);
    let gate = ["--fail-on", "high+reachable", "served"];
    assert_eq!(scan(&engine, &gate).code, 1);
    who_may_not_look_does_not_know(&engine);
    engine.docker_ok(&["rm", "-f", "web"]);
    let run = scan(&engine, &gate);
    assert_eq!(run.code, 0, "nothing of it runs: {}{}", run.out, run.err);
    let idle = of(&run.json(), "openssl");
    assert_eq!((&idle["loaded"], &idle["reached"]), (&false.into(), &false.into()));
    assert_eq!(idle["loaded_in"], serde_json::json!([]));
}

fn dockerfile() -> String {
    let package = |name: &str| {
        let name = name.split(':').next().unwrap();
        format!(
            "Package: {name}\\nStatus: install ok installed\\nArchitecture: amd64\\n\
             Source: openssl\\nVersion: 1.1.1n-0+deb11u3\\n\\n"
        )
    };
    let status: String = FILES.iter().map(|(name, _)| package(name)).collect();
    let list =
        |(name, path): &(&str, &str)| format!(" && echo {path} >/var/lib/dpkg/info/{name}.list");
    let lists: String = FILES.iter().map(list).collect();
    format!(
        "FROM plain\nRUN mkdir -p /var/lib/dpkg/info /srv /etc && echo x >/srv/kept && \
         printf 'ID=debian\\nVERSION_ID=\"11\"\\n' >/etc/os-release && \
         printf '{status}' >/var/lib/dpkg/status{lists}\n"
    )
}

fn running_packages_are_loaded_and_who_listens_is_reached(run: &Run) {
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let report = run.json();
    let serving = of(&report, "openssl");
    assert_eq!(
        (&serving["loaded"], &serving["reached"]),
        (&true.into(), &true.into()),
        "{serving:#}"
    );
    let by = serving["loaded_by"][0].as_str().unwrap();
    assert!(by.contains(" in web: /") && by.ends_with("/busybox"), "{by}");
    assert_eq!(serving["loaded_in"], serde_json::json!(["web"]));
    let way = serving["reachable"].as_str().unwrap();
    assert!(way.starts_with("httpd in web: ") && way.contains(":8080->80/tcp"), "{way}");
    let kept = of(&report, "openssl-kept");
    assert_eq!((&kept["loaded"], &kept["reached"]), (&true.into(), &false.into()), "{kept:#}");
    let by = kept["loaded_by"][0].as_str().unwrap();
    assert!(by.starts_with("sleep (pid ") && by.ends_with(") in web: /srv/kept"), "{by}");
    for name in ["libssl1.1", "openssl-outside"] {
        let not = of(&report, name);
        assert_eq!((&not["loaded"], &not["reached"]), (&false.into(), &false.into()), "{not:#}");
    }
    let target = target(&report);
    let first = target["vulnerabilities"][0]["package"]["name"].as_str();
    assert_eq!(first, Some("openssl"), "what is reached comes first");
}

fn from_outside_of_the_engines_namespaces_all_is_the_same(engine: &Engine) {
    let host = format!("unix://{}", engine.socket().display());
    let database = engine.root().join("srv/a.db").display().to_string();
    let words =
        ["scan", "-H", &host, "--db", &database, "--no-store", "--format", "json", "served"];
    running_packages_are_loaded_and_who_listens_is_reached(&dockward(&words));
}

fn check_keeps_it_for_who_reads_the_recording(engine: &Engine) {
    let program = "/usr/local/bin/dockward";
    let run = Run::new(&engine.exec_in_root(&[
        program,
        "record",
        "--db",
        "/srv/a.db",
        "-o",
        "/srv/r.json",
    ]));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let text = fs::read_to_string(engine.root().join("srv/r.json")).unwrap();
    let recorded: Value = serde_json::from_str(&text).unwrap();
    let images = recorded["engines"][0]["images"]["fact"]["known"].as_array().unwrap();
    let weak = images.iter().filter_map(|i| i["inspection"]["fact"]["known"]["weak"].as_array());
    let weak: Vec<_> = weak.flatten().collect();
    let loaded = |package: &&Value| package["exposure"]["loaded"]["known"].is_array();
    let loaded: Vec<_> =
        weak.iter().copied().filter(loaded).map(|weak| &weak["package"]["name"]).collect();
    assert_eq!(loaded, ["openssl", "openssl-kept"], "{weak:#?}");
}

fn who_may_not_look_does_not_know(engine: &Engine) {
    let user = ["setpriv", "--reuid=65534", "--regid=docker", "--clear-groups", "--"];
    let save = "docker save served >/srv/served.tar && chmod 644 /srv/served.tar";
    assert!(engine.exec_in_root(&["sh", "-c", save]).status.success());
    let words = ["/usr/local/bin/dockward", "scan", "--db", "/srv/a.db", "--no-store"];
    let more = ["--format", "json", "--fail-on", "high+reachable", "/srv/served.tar"];
    let run = Run::new(&engine.exec_in_root(&[&user[..], &words[..], &more[..]].concat()));
    let found = of(&run.json(), "openssl");
    assert_eq!((&found["loaded"], &found["reached"]), (&Value::Null, &Value::Null));
    assert_eq!(run.code, 1, "it may well be reached");
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

fn scan(engine: &Engine, more: &[&str]) -> Run {
    let words = ["/usr/local/bin/dockward", "scan", "--db", "/srv/a.db", "--no-store"];
    Run::new(&engine.exec_in_root(&[&words[..], &["--format", "json"], more].concat()))
}

/// What was looked into that has packages.
fn target(report: &Value) -> &Value {
    let targets = report["targets"].as_array().unwrap();
    targets.iter().find(|target| target["packages"] == FILES.len()).unwrap()
}

/// The first weakness of a package.
fn of(report: &Value, package: &str) -> Value {
    let all = target(report)["vulnerabilities"].as_array().unwrap();
    let found = all.iter().find(|found| found["package"]["name"] == package);
    found.unwrap_or_else(|| panic!("{package}: {all:#?}")).clone()
}
