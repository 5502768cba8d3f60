//! Engines that are not there, not asked, or not what they should be: the rest is judged still, and
//! a person is told what to do.

use std::path::Path;
use std::time::{Duration, Instant};

use dockward_testbed::{Behaviour, FakeEngine, Framing, Reply};

use crate::run::{Run, check_json, command, dockward, findings};

/// More than any deadline that these tests set; far less than for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// The run must end in time, be incomplete, judge the host, and say what is wrong.
fn assert_told(behaviour: Behaviour, told: &str) {
    let engine = FakeEngine::serve(behaviour).unwrap();
    let started = Instant::now();
    let run = check_json(engine.socket(), &["--timeout", "3"]);
    assert!(started.elapsed() < PATIENCE, "it took {:?}", started.elapsed());
    assert!(run.code == 3 || run.code == 1, "{}: {}", run.code, run.err);
    assert!(run.err.contains(told), "`{told}` is not in: {}", run.err);
    let report = run.json();
    assert_eq!(report["complete"], false);
    assert!(report["tally"]["host"]["pass"].is_u64(), "the host was judged");
}

#[test]
fn no_socket_is_told_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let run = check_json(&folder.path().join("docker.sock"), &[]);
    assert!(run.code == 3 || run.code == 1, "{}", run.code);
    assert!(run.err.contains("docker.sock"), "{}", run.err);
    assert_eq!(run.err.lines().filter(|l| l.starts_with("dockward:")).count(), 1, "{}", run.err);
    assert_eq!(run.json()["complete"], false);
}

/// A context of this name that leads to `address`, in the docker command's settings at `folder`.
fn context(folder: &Path, address: &str) {
    // The SHA-256 of `far`.
    let id = "512eea46ceb3921dff4363c7069d89d4964d1d9fccaa0f411851a7aa60a5c868";
    let meta = folder.join("contexts/meta").join(id);
    std::fs::create_dir_all(&meta).unwrap();
    let text = format!(r#"{{"Name":"far","Endpoints":{{"docker":{{"Host":"{address}"}}}}}}"#);
    std::fs::write(meta.join("meta.json"), text).unwrap();
}

#[test]
fn where_an_engine_elsewhere_cannot_be_asked_nothing_is_judged_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    // Another host by its kind, whatever the address; nobody listens there.
    let far = "ssh://nobody@127.0.0.1:1";
    context(folder.path(), far);
    for words in [["-H", far], ["--context", "far"]] {
        let run = |more: &[&str]| {
            let mut command = command(folder.path());
            command.env("DOCKER_CONFIG", folder.path()).arg("check").args(words).args(more);
            Run::new(&command.output().unwrap())
        };
        let shown = run(&[]);
        assert_eq!(shown.code, 3, "{}", shown.err);
        let told = format!("dockward: the engine at {far} could not be asked: ");
        assert!(shown.err.starts_with(&told), "{}", shown.err);
        let why = ": nothing is judged: its host is out of sight, and this one was not asked for";
        assert!(shown.err.contains(why) && !shown.err.contains("the rest"), "{}", shown.err);
        assert!(shown.out.contains("NOTHING WAS JUDGED"), "{}", shown.out);
        assert!(!shown.out.contains("this host") && !shown.out.contains("NO WAY"), "{}", shown.out);
        let report = run(&["--format", "json"]).json();
        assert_eq!(report["complete"], false);
        assert_eq!(report["findings"].as_array().map(Vec::len), Some(0), "{}", report["findings"]);
    }
}

#[test]
fn where_an_engine_on_this_hosts_loopback_cannot_be_asked_this_host_is_judged() {
    let run = dockward(&["check", "-H", "tcp://127.0.0.1:1"]);
    assert!(run.err.contains(": only this host is judged\n"), "{}", run.err);
    assert!(run.out.contains("\n host "), "{}", run.out);
}

#[test]
fn where_nothing_was_seen_no_recording_is_written_over_another() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("host.json");
    std::fs::write(&file, "a good one").unwrap();
    let path = file.display().to_string();
    let run = dockward(&["record", "-o", &path, "-H", "ssh://nobody@127.0.0.1:1"]);
    assert_eq!(run.code, 3, "{}", run.err);
    assert!(run.err.contains(": nothing is recorded: "), "{}", run.err);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "a good one");
}

#[test]
fn an_engine_that_hangs_is_given_up() {
    assert_told(Behaviour::hang_after_accept(), "");
}

#[test]
fn an_engine_that_drips_is_given_up() {
    let drip = Reply::drip(vec![b'{'; 1000], Duration::from_millis(100));
    assert_told(Behaviour::empty_engine("1.41").route("/info", drip), "");
}

#[test]
fn what_is_no_http_is_told() {
    let garbage = Reply::raw(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec());
    assert_told(Behaviour::new().otherwise(garbage), "");
}

#[test]
fn an_answer_of_a_gigabyte_is_cut_off() {
    for framing in [Framing::ContentLength, Framing::Chunked, Framing::UntilClose] {
        let flood = Reply::stream(1 << 30).with_framing(framing);
        assert_told(Behaviour::empty_engine("1.41").route("/containers/json", flood), "");
    }
}

#[test]
fn an_answer_that_ends_early_is_told() {
    let cut = Reply::close_after(b"[{\"Id\":".to_vec(), 5000);
    assert_told(Behaviour::empty_engine("1.41").route("/containers/json", cut), "");
}

#[test]
fn a_container_that_vanishes_does_not_take_the_others_with_it() {
    let list =
        r#"[{"Id":"a1","Names":["/stays"],"Image":"i"},{"Id":"b2","Names":["/goes"],"Image":"i"}]"#;
    let stays =
        r#"{"Id":"a1","Name":"/stays","HostConfig":{"Privileged":true},"Config":{},"State":{}}"#;
    let behaviour = Behaviour::empty_engine("1.41")
        .route("/containers/json", Reply::json(200, list))
        .route("/containers/a1/json", Reply::json(200, stays))
        .route("/containers/b2/json", Reply::error(404, "No such container: b2"));
    let engine = FakeEngine::serve(behaviour).unwrap();
    let report = check_json(engine.socket(), &[]).json();
    let privileged =
        findings(&report, "stays").into_iter().find(|f| f["rule"] == "container-privileged");
    assert_eq!(privileged.unwrap()["status"], "fail");
    assert!(findings(&report, "goes").is_empty(), "what is gone is not judged");
    assert_eq!(report["engines"][0]["containers"], 1);
}

#[test]
fn a_container_that_cannot_be_read_is_unknown_and_not_lost() {
    let list = r#"[{"Id":"a1","Names":["/odd"],"Image":"i"}]"#;
    let behaviour = Behaviour::empty_engine("1.41")
        .route("/containers/json", Reply::json(200, list))
        .route("/containers/a1/json", Reply::error(500, "boom"));
    let engine = FakeEngine::serve(behaviour).unwrap();
    let run = check_json(engine.socket(), &[]);
    let report = run.json();
    let privileged =
        findings(&report, "odd").into_iter().find(|f| f["rule"] == "container-privileged");
    assert_eq!(privileged.unwrap()["status"], "unknown");
    assert_eq!(report["complete"], false);
}

#[test]
fn fields_of_odd_types_cost_only_themselves() {
    let list = r#"[{"Id":"a1","Names":["/odd"],"Image":"i"}]"#;
    let odd = r#"{"Id":"a1","Name":"/odd","HostConfig":{"Privileged":"yes","PidMode":"host","Memory":[1]},"Config":null,"State":7}"#;
    let behaviour = Behaviour::empty_engine("1.41")
        .route("/containers/json", Reply::json(200, list))
        .route("/containers/a1/json", Reply::json(200, odd));
    let engine = FakeEngine::serve(behaviour).unwrap();
    let report = check_json(engine.socket(), &[]).json();
    let status = |rule: &str| {
        let found = findings(&report, "odd").into_iter().find(|f| f["rule"] == rule);
        found.map(|f| f["status"].as_str().unwrap().to_owned())
    };
    assert_eq!(status("container-privileged").as_deref(), Some("unknown"));
    assert_eq!(status("container-host-pid").as_deref(), Some("fail"));
}

#[test]
fn only_what_reads_is_sent() {
    let engine = FakeEngine::serve(Behaviour::empty_engine("1.41")).unwrap();
    check_json(engine.socket(), &[]);
    let requests = engine.requests();
    assert!(requests.len() > 5, "{requests:?}");
    assert!(requests.iter().all(|r| r.starts_with("GET ")), "{requests:?}");
    assert!(!requests.iter().any(|r| r.contains("/system/df")), "{requests:?}");
}

#[test]
fn an_engine_beyond_the_newest_that_we_know_is_asked_all_the_same() {
    let engine = FakeEngine::serve(Behaviour::empty_engine("1.99")).unwrap();
    let run = check_json(engine.socket(), &[]);
    assert_eq!(run.json()["engines"].as_array().unwrap().len(), 1, "{}", run.err);
}

#[test]
fn kinds_of_addresses_that_are_yet_to_come_are_told_apart_from_mistakes() {
    for address in ["tcp://127.0.0.1:2376", "ssh://host"] {
        let run = dockward(&["check", "-H", address]);
        assert!(run.code != 0, "{address}");
        assert!(run.err.contains(address.split(':').next().unwrap()), "{}", run.err);
    }
}
