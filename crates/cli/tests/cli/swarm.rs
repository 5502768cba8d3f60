//! A real manager of a swarm: its settings, its overlays, and its services, those with a task here
//! and those without.

use std::path::Path;
use std::time::{Duration, Instant};

use dockward_testbed::{DaemonConfig, Engine, Suite};
use serde_json::Value;

use crate::run::{Run, findings};

const ENV_SECRET: &str = "kaT9vQ2xLw7RzP4m";
const ARG_SECRET: &str = "Xk29vLqW8zTn4Rb7";
const LABEL_SECRET: &str = "Qm7xVt2LrKp9WzNs";
const CONFIG: &str = "Zp83nVq1LmX7Wc4s";

#[test]
fn a_swarm_of_20_10_is_judged() {
    is_judged("a_swarm_of_20_10_is_judged", Suite::Bookworm);
}

#[test]
fn a_swarm_of_26_1_is_judged() {
    is_judged("a_swarm_of_26_1_is_judged", Suite::Trixie);
}

#[test]
fn a_swarm_of_28_5_is_judged() {
    is_judged("a_swarm_of_28_5_is_judged", Suite::Sid);
}

fn is_judged(test: &str, suite: Suite) {
    let Some(engine) = Engine::start_or_skip(test, suite, &DaemonConfig::default()) else {
        return;
    };
    engine.import_busybox_with("app", &["USER app"]);
    engine.docker_ok(&["swarm", "init", "--advertise-addr", "127.0.0.1"]);
    overlays(&engine);
    services(&engine);
    let program = engine.install(Path::new(env!("CARGO_BIN_EXE_dockward"))).unwrap();
    let program = program.to_str().unwrap();
    let check = || Run::new(&engine.exec_in_root(&[program, "check", "--format", "json"])).json();
    let report = check();
    assert_eq!(report["complete"], true, "{:#}", unknown(&report));
    the_swarm(&report);
    the_overlays(&report);
    a_service_without_a_task_here(&report);
    a_service_with_one(&report);

    engine.docker_ok(&["swarm", "update", "--autolock=true", "--cert-expiry", "9600h"]);
    let report = check();
    let rules = rules(&report, DAEMON);
    assert!(!rules.contains(&"swarm-autolock".to_owned()), "{rules:?}");
    for rule in ["swarm-autolock-key-rotation", "swarm-certificate-expiry"] {
        assert!(rules.contains(&rule.to_owned()), "{rule}: {rules:?}");
    }
    nothing_secret_is_recorded(&engine, program);
}

fn overlays(engine: &Engine) {
    engine.docker_ok(&["network", "create", "-d", "overlay", "plain"]);
    engine.docker_ok(&["network", "create", "-d", "overlay", "--opt", "encrypted", "shut"]);
    engine.docker_ok(&["network", "create", "-d", "overlay", "--opt", "encrypted=false", "half"]);
    let config = format!("printf {CONFIG} | docker config create app_conf -");
    assert!(engine.exec_in_root(&["sh", "-c", &config]).status.success());
}

/// `shop` fits on no node; `agent` has a task here.
fn services(engine: &Engine) {
    let create = ["service", "create", "--detach", "--no-resolve-image", "--name"];
    let env = format!("DB_PASSWORD={ENV_SECRET}");
    let arg = format!("--password={ARG_SECRET}");
    let label = format!("api.token={LABEL_SECRET}");
    let shop: [&str; 23] = [
        "shop",
        "--constraint",
        "node.labels.never==here",
        "--network",
        "plain",
        "--env",
        &env,
        "--label",
        &label,
        "--config",
        "app_conf",
        "--publish",
        "8080:80",
        "--mount",
        "type=bind,source=/var/run/docker.sock,target=/s",
        "--cap-add",
        "SYS_ADMIN",
        "--user",
        "1000",
        "--log-driver",
        "none",
        "app",
        &arg,
    ];
    engine.docker_ok(&[&create[..], &shop[..]].concat());
    let agent = ["agent", "--mode", "global", "--network", "host", "app"];
    engine.docker_ok(&[&create[..], &agent[..]].concat());
    let deadline = Instant::now() + Duration::from_secs(60);
    while engine.docker_ok(&["ps", "--quiet", "--filter", "name=agent"]).is_empty() {
        assert!(Instant::now() < deadline, "no task came up:\n{}", engine.log());
        std::thread::sleep(Duration::from_millis(200));
    }
}

const DAEMON: &str = "unix:///run/docker.sock";

fn of_kind<'j>(report: &'j Value, kind: &str) -> Vec<&'j Value> {
    let all = report["findings"].as_array().unwrap();
    all.iter().filter(|f| f["subject"]["kind"] == kind).collect()
}

fn unknown(report: &Value) -> Value {
    let all = report["findings"].as_array().unwrap();
    let unknown: Vec<_> = all.iter().filter(|f| f["status"] == "unknown").cloned().collect();
    serde_json::json!([unknown, report["unseen"]])
}

fn rules(report: &Value, subject: &str) -> Vec<String> {
    let of = |finding: &Value| finding["rule"].as_str().unwrap().to_owned();
    if subject == DAEMON {
        return of_kind(report, "daemon").into_iter().map(of).collect();
    }
    findings(report, subject).into_iter().map(of).collect()
}

fn the_swarm(report: &Value) {
    let rules = rules(report, DAEMON);
    for rule in [
        "swarm-managers",
        "swarm-manager-workloads",
        "swarm-ports-all-interfaces",
        "swarm-service-secrets",
        "swarm-autolock",
    ] {
        assert!(rules.contains(&rule.to_owned()), "{rule}: {rules:?}");
    }
    for rule in [
        "swarm-active",
        "swarm-autolock-key-rotation",
        "swarm-certificate-expiry",
        "swarm-ca-rotation",
        "swarm-data-plane",
        "swarm-nodes-up",
        "swarm-engine-versions",
    ] {
        assert!(!rules.contains(&rule.to_owned()), "{rule}: {rules:?}");
    }
}

fn the_overlays(report: &Value) {
    let mut open: Vec<_> = of_kind(report, "network")
        .into_iter()
        .filter(|f| f["rule"] == "swarm-overlay-encryption")
        .map(|f| f["subject"]["name"].as_str().unwrap())
        .collect();
    open.sort_unstable();
    assert_eq!(open, ["ingress", "plain"], "the option counts whatever its value");
}

fn a_service_without_a_task_here(report: &Value) {
    let rules = rules(report, "shop");
    for rule in [
        "container-capabilities",
        "container-engine-socket",
        "container-log-driver",
        "container-memory-limit",
        "container-ports-all-interfaces",
        "container-read-only-root",
        "container-secret-in-argv",
        "container-secret-in-env",
        "container-secret-in-labels",
        "swarm-service-image",
    ] {
        assert!(rules.contains(&rule.to_owned()), "{rule}: {rules:?}");
    }
    for rule in ["container-root-user", "container-host-network", "container-privileged"] {
        assert!(!rules.contains(&rule.to_owned()), "{rule}: {rules:?}");
    }
    for finding in findings(report, "shop") {
        assert_eq!(finding["subject"]["kind"], "service");
        let place = finding["evidence"][0]["location"].as_str().unwrap();
        assert!(place.starts_with("/services") || place.starts_with("/images"), "{finding:#}");
    }
}

/// What is told of the task is not told again of the service, and mended there.
fn a_service_with_one(report: &Value) {
    let containers = of_kind(report, "container");
    let of_task: Vec<_> = containers
        .iter()
        .filter(|f| f["subject"]["name"].as_str().unwrap().starts_with("agent."))
        .collect();
    let network = of_task.iter().find(|f| f["rule"] == "container-host-network").unwrap();
    assert!(network["fix"].as_str().unwrap().contains("docker service update"), "{network:#}");
    for rule in rules(report, "agent") {
        let twice = of_task.iter().any(|f| f["rule"] == rule.as_str() && f["status"] != "unknown");
        assert!(!twice, "{rule} is told of agent and of its task");
    }
}

/// Tokens, keys and what configs hold are in no snapshot.
fn nothing_secret_is_recorded(engine: &Engine, program: &str) {
    let output = engine.exec_in_root(&[program, "record", "-o", "/root/host.json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let recorded = std::fs::read_to_string(engine.root().join("root/host.json")).unwrap();
    let unlock = engine.docker_ok(&["swarm", "unlock-key", "--quiet"]);
    let worker = engine.docker_ok(&["swarm", "join-token", "--quiet", "worker"]);
    let manager = engine.docker_ok(&["swarm", "join-token", "--quiet", "manager"]);
    for secret in [&*unlock, &*worker, &*manager, "SWMTKN", "SWMKEY", "PRIVATE KEY"] {
        assert!(!secret.is_empty() && !recorded.contains(secret), "{secret} was recorded");
    }
    for secret in [ENV_SECRET, ARG_SECRET, LABEL_SECRET, CONFIG] {
        assert!(!recorded.contains(secret), "{secret} was recorded");
    }
    assert!(recorded.contains("app_conf") && recorded.contains("DB_PASSWORD"));
}
