//! The engine ends under the guard and comes back, with other settings.

use std::fs;
use std::io::Read as _;
use std::process::Stdio;

use dockward_testbed::Suite;

use super::raw::{Raw, create, ping};
use super::{start, until};
use crate::guard::{Guarded, IMAGE};

const RULE: &str = "container-no-new-privileges";

#[test]
fn an_engine_of_26_1_that_came_back_is_judged_by_what_it_is_now() {
    restarted("an_engine_of_26_1_that_came_back_is_judged_by_what_it_is_now", Suite::Trixie);
}

#[test]
fn an_engine_of_28_5_that_came_back_is_judged_by_what_it_is_now() {
    restarted("an_engine_of_28_5_that_came_back_is_judged_by_what_it_is_now", Suite::Sid);
}

fn restarted(test: &str, suite: Suite) {
    let settings = format!("[guard.rules]\n{RULE} = \"deny\"\n");
    let daemon = r#"{"no-new-privileges":true}"#;
    let Some(mut guarded) = start(test, suite, daemon, &settings) else { return };
    // The daemon grants it to all containers.
    guarded.passes(&["create", "--name", "first", IMAGE, "true"]);
    back_without_a_call_in_between(&mut guarded);
    away(&mut guarded);
    // One of the daemon before is as good as the daemon is now.
    guarded.is_denied(&["start", "first"], RULE);
    guarded.passes(&["run", "--rm", "--security-opt", "no-new-privileges", IMAGE, "true"]);
    assert!(guarded.guard.try_wait().unwrap().is_none(), "it is the guard of the beginning");
    let all = guarded.engine.docker_ok(&["ps", "-a", "--format", "{{.Names}}"]);
    assert_eq!(all, "first");
}

/// Nothing was asked while it was away, and nothing need be asked of it to judge this.
fn back_without_a_call_in_between(guarded: &mut Guarded) {
    fs::write(guarded.engine.root().join("etc/docker/daemon.json"), "{}").unwrap();
    guarded.engine.stop();
    guarded.engine.start_again().unwrap();
    let (status, told) = Raw::ask(&guarded.socket(), &create("second", ""));
    assert!(status == 403 && told.contains(RULE), "{told}");
}

/// Calls in flight end, calls while it is away are told so, and calls afterwards are served.
fn away(guarded: &mut Guarded) {
    let mut idle = Raw::to(&guarded.socket());
    idle.send("GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n");
    let mut begun = [0; 12];
    idle.0.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1 200");
    let events = guarded.command(&["events"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut events = events.unwrap();
    guarded.engine.stop();
    until("`docker events` hangs", || events.try_wait().unwrap().is_some());
    idle.rest();
    for request in [ping(), create("third", "")] {
        let (status, told) = Raw::ask(&guarded.socket(), &request);
        assert!(status == 502 && told.contains("dockward"), "{told}");
    }
    guarded.engine.start_again().unwrap();
    assert_eq!(Raw::ask(&guarded.socket(), &ping()).0, 200);
}
