use super::*;
use crate::judged::{
    assert_fails, assert_not_applicable, assert_passes, assert_unknown, engine_with, file,
    host_with_unit, snapshot, snapshot_with, unit as unit_of,
};
use dockward_model::facts::{Origin, sample};

fn with(field: Field<DaemonProcess>) -> Outcome {
    let engine = engine_with(|e| {
        e.daemon.process = field;
        e.daemon.service = sample::absent("cgroup");
    });
    restart_pending(&snapshot(), &engine)
}

/// Its unit's drop-in was last changed at this time; the engine was started at eight.
fn with_unit(modified: &str) -> Outcome {
    let name = "docker.service";
    let mut host = host_with_unit(name, unit_of(name));
    for (path, time) in unit_of(name).files().zip(["2026-01-01T00:00:00Z", modified]) {
        let mut facts = file(0o644, 0, 0).get().cloned().expect("a file");
        facts.modified = time.parse().ok();
        host.files.insert(path.to_owned(), Field::known(facts, Origin::file(path, None)));
    }
    let engine = engine_with(|e| {
        let started = "2026-11-22T08:00:00Z".parse().ok();
        let process = DaemonProcess {
            started,
            ..process("/usr/bin/dockerd").get().cloned().expect("a process")
        };
        e.daemon.process = sample::known(process, "exe");
        e.daemon.service = sample::known(name.into(), "cgroup");
    });
    restart_pending(&snapshot_with(|s| s.host = host), &engine)
}

#[test]
fn a_unit_that_was_edited_since_the_start_fails_low() {
    let failure = assert_fails(with_unit("2026-11-22T09:00:00Z"));
    assert_eq!(failure.severity, Some(Severity::Low));
    assert!(failure.message.contains("own.conf was changed after"), "{}", failure.message);
    assert_passes(with_unit("2026-11-22T07:00:00Z"));
    assert_passes(with_unit("2026-11-22T08:00:00.5Z"));
    assert_unknown(with_unit("no time"));
}

#[test]
fn an_unseen_unit_or_start_is_unknown() {
    let engine = |service: Field<String>| {
        engine_with(|e| {
            e.daemon.process = process("/usr/bin/dockerd");
            e.daemon.service = service;
        })
    };
    let docker = sample::known("docker.service".to_owned(), "cgroup");
    assert_unknown(restart_pending(&snapshot(), &engine(docker)));
    assert_unknown(restart_pending(&snapshot(), &engine(sample::unknown("cgroup"))));
}

fn process(exe: &str) -> Field<DaemonProcess> {
    sample::known(DaemonProcess { pid: 812, uid: 0, exe: exe.into(), started: None }, "exe")
}

#[test]
fn a_replaced_program_fails() {
    assert_fails(with(process("/usr/bin/dockerd (deleted)")));
}

#[test]
fn the_installed_one_passes() {
    assert_passes(with(process("/usr/bin/dockerd")));
}

#[test]
fn an_unseen_process_is_unknown() {
    assert_unknown(with(sample::unknown("exe")));
    assert_unknown(with(sample::absent("exe")));
}

#[test]
fn an_engine_reached_otherwise_is_not_asked() {
    let engine = engine_with(|e| e.daemon.socket = sample::absent("socket"));
    assert_not_applicable(restart_pending(&snapshot(), &engine));
}
