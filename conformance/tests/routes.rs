//! `routes.toml` against what real engines register.
#![allow(
    clippy::unwrap_used,
    reason = "the lint's leave for tests does not reach the functions that tests call"
)]

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;

use dockward_conformance::{Route, routes};
use dockward_testbed::{DaemonConfig, Engine, Suite};

#[test]
fn the_routes_of_20_10_are_those_of_the_file() {
    are_those_of_the_file("routes_20_10", Suite::Bookworm);
}

#[test]
fn the_routes_of_26_1_are_those_of_the_file() {
    are_those_of_the_file("routes_26_1", Suite::Trixie);
}

#[test]
fn the_routes_of_28_5_are_those_of_the_file() {
    are_those_of_the_file("routes_28_5", Suite::Sid);
}

fn are_those_of_the_file(test: &str, suite: Suite) {
    let args = vec!["--debug".to_owned(), "--experimental".to_owned()];
    let config = DaemonConfig { args, ..DaemonConfig::default() };
    let Some(engine) = Engine::start_or_skip(test, suite, &config) else { return };
    let file: Vec<Route> = routes().unwrap();
    let here = |one: &&Route| one.engines.iter().any(|version| version == suite.engine_version());
    // A handler without methods is never logged: it is asked for below.
    let (every_method, named): (Vec<_>, Vec<_>) =
        file.iter().filter(here).partition(|one| one.method == "*");
    let named: BTreeSet<_> =
        named.iter().map(|one| (one.method.clone(), one.path.clone())).collect();
    assert_eq!(registered(&engine.log()), named);
    for route in every_method {
        let path = route.path.replace("{name}", "heap");
        // These take a while to answer, as they were asked to.
        let path = match path.as_str() {
            "/debug/pprof/profile" | "/debug/pprof/trace" => format!("{path}?seconds=1"),
            _ => path,
        };
        assert_eq!(status(&engine, "PURGE", &path), 200, "{path}");
    }
    assert_eq!(status(&engine, "PURGE", "/version"), 404);
}

/// What the log names as registered: `Registering GET, /path`, and from 28 on fields of a structured line.
fn registered(log: &str) -> BTreeSet<(String, String)> {
    let old = log.lines().filter_map(|line| {
        let (method, path) = line.split_once("msg=\"Registering ")?.1.split_once(", ")?;
        Some((method.to_owned(), path.trim_end_matches('"').to_owned()))
    });
    let new = log.lines().filter_map(|line| {
        let fields = line.split_once("msg=\"Registering route\" method=")?.1;
        let (method, path) = fields.split_once(" path=")?;
        Some((method.to_owned(), path.trim_matches('"').to_owned()))
    });
    old.chain(new).collect()
}

fn status(engine: &Engine, method: &str, path: &str) -> u16 {
    let mut stream = UnixStream::connect(engine.socket()).unwrap();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap().parse().unwrap()
}
