//! The guard before an engine that is newer than what it knows.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use dockward_testbed::{Behaviour, FakeEngine, Reply};
use serde_json::json;

use crate::guarding::Guard;

/// All that is answered to this request, on a connection of its own.
fn answer(guard: &Guard, method: &str, target: &str) -> String {
    let mut caller = UnixStream::connect(&guard.socket).unwrap();
    caller.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let request = format!("{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    caller.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    caller.read_to_string(&mut answer).unwrap();
    answer
}

/// A client takes the older of its own version and the one that it is told, and asks by that.
#[test]
fn a_client_of_a_newer_engine_is_told_versions_that_are_taken() {
    let says = json!({"Version": "99.0", "ApiVersion": "1.99", "MinAPIVersion": "1.12",
        "Components": [{"Name": "Engine", "Details": {"ApiVersion": "1.99", "MinAPIVersion": "1.12"}}]});
    let list = Reply::json(200, "[]").with_header("Api-Version", "1.99");
    let behaviour = Behaviour::empty_engine("1.99")
        .route("/version", Reply::json(200, says.to_string()))
        .route("/containers/json", list);
    let engine = FakeEngine::serve(behaviour).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let guard = Guard::start(engine.socket(), folder.path().join("guard.sock"), folder.path(), "");
    for (method, target) in
        [("GET", "/_ping"), ("HEAD", "/_ping"), ("GET", "/v1.51/containers/json")]
    {
        let answer = answer(&guard, method, target);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("Api-Version: 1.51\r\n"), "{answer}");
        assert!(!answer.contains("1.99"), "{answer}");
    }
    for target in ["/version", "/v1.51/version"] {
        let answer = answer(&guard, "GET", target);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{answer}");
        let told: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(told["Version"], "99.0");
        for told in [&told, &told["Components"][0]["Details"]] {
            assert_eq!(
                (&told["ApiVersion"], &told["MinAPIVersion"]),
                (&"1.51".into(), &"1.24".into())
            );
        }
    }
    let refused = answer(&guard, "GET", "/v1.52/version");
    assert!(refused.contains("set DOCKER_API_VERSION=1.51"), "{refused}");
}
