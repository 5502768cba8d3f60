//! A container whose owner wrote hostile names everywhere, through every renderer.

use dockward_testbed::{Behaviour, FakeEngine, Reply};
use serde_json::json;

use crate::run::dockward;

const HOSTILE: &str =
    "\u{1b}[2J\u{1b}]0;t\u{7}<script>alert(1)</script>\n::error::x\n##[error]y\u{202e}z";

fn engine() -> FakeEngine {
    let list = json!([{ "Id": "a1", "Names": [format!("/{HOSTILE}")], "Image": HOSTILE,
                        "Labels": { HOSTILE: HOSTILE } }]);
    let inspect = json!({
        "Id": "a1", "Name": format!("/{HOSTILE}"), "Image": HOSTILE,
        "State": { "Running": true, "Pid": 0 },
        "Config": { "Image": HOSTILE, "Labels": { HOSTILE: HOSTILE }, "User": HOSTILE,
                    "Env": [format!("{HOSTILE}_PASSWORD={HOSTILE}")], "Cmd": [HOSTILE] },
        "HostConfig": { "Privileged": true, "Runtime": HOSTILE, "CgroupParent": HOSTILE,
                        "SecurityOpt": [HOSTILE, format!("seccomp={HOSTILE}")], "CapAdd": [HOSTILE],
                        "PidMode": format!("container:{HOSTILE}"), "Devices": [
                            { "PathOnHost": HOSTILE, "PathInContainer": HOSTILE, "CgroupPermissions": "rwm" }] },
        "Mounts": [{ "Type": "bind", "Source": format!("/{HOSTILE}"), "Destination": HOSTILE, "RW": true,
                     "Propagation": HOSTILE }],
    });
    let behaviour = Behaviour::empty_engine("1.41")
        .route("/containers/json", Reply::json(200, list.to_string()))
        .route("/containers/a1/json", Reply::json(200, inspect.to_string()));
    FakeEngine::serve(behaviour).unwrap()
}

#[test]
fn hostile_text_is_shown_and_not_obeyed_in_every_format() {
    let engine = engine();
    let host = format!("unix://{}", engine.socket().display());
    for more in [vec!["text"], vec!["text", "--all"], vec!["json"], vec!["sarif"]] {
        let mut words = vec!["check", "-H", &host, "--format"];
        words.extend(&more);
        let run = dockward(&words);
        for text in [&run.out, &run.err] {
            let raw = |c: char| c.is_control() && c != '\n';
            assert!(!text.contains(raw), "{more:?}: a raw control character");
            assert!(text.lines().all(|l| !l.trim_start().starts_with("::")), "{more:?}: {text}");
        }
        assert!(run.out.contains("privileged"), "{more:?}: it was judged");
        if more[0] == "text" {
            assert!(!run.out.contains("##["), "{}", run.out);
            assert!(!run.out.contains('\u{202e}'), "{}", run.out);
        }
    }
}

#[test]
fn no_secret_of_the_container_is_in_any_report() {
    let secret = "AKIAIOSFODNN7EXAMPLE-hunter2-hunter2";
    let inspect = json!({
        "Id": "a1", "Name": "/leaky", "State": { "Running": false },
        "Config": { "Env": [format!("DB_PASSWORD={secret}")], "Cmd": ["app", format!("--password={secret}")],
                    "Labels": { "api.token": secret } },
        "HostConfig": {},
    });
    let behaviour = Behaviour::empty_engine("1.41")
        .route("/containers/json", Reply::json(200, r#"[{"Id":"a1","Names":["/leaky"]}]"#))
        .route("/containers/a1/json", Reply::json(200, inspect.to_string()));
    let engine = FakeEngine::serve(behaviour).unwrap();
    let host = format!("unix://{}", engine.socket().display());
    for format in ["text", "json", "sarif"] {
        let run = dockward(&["check", "--all", "-H", &host, "--format", format]);
        assert!(run.out.contains("container-secret-in-env"), "{format}: {}", run.out);
        assert!(!run.out.contains("hunter2") && !run.err.contains("hunter2"), "{format}");
    }
}
