//! Plans for hosts as there are, and what becomes of them.

mod machine;

use std::fs;

use super::{Options, Seen, plan};
use crate::{Error, Journal, State, Step, apply, undo};
use machine::{Machine, NO_FLAG, Recorded, UNITS, seen};

#[test]
fn a_stock_debian() {
    insta::assert_snapshot!(Machine::new().plan());
}

#[test]
fn a_host_whose_daemon_json_says_where_to_listen() {
    let machine = Machine::new();
    machine.write("etc/systemd/system/docker.service.d/override.conf", NO_FLAG);
    let text = "{\n  \"icc\": false,\n  \"hosts\": [\"unix:///var/run/docker.sock\"],\n  \"log-level\": \"warn\"\n}\n";
    machine.write("etc/docker/daemon.json", text);
    let plan = machine.plan().to_string();
    insta::assert_snapshot!(plan.split(" ~ ").nth(1).unwrap());
}

#[test]
fn a_daemon_json_that_says_nothing_gets_what_is_handed_over() {
    let machine = Machine::new();
    machine.write("etc/systemd/system/docker.service.d/override.conf", NO_FLAG);
    assert!(machine.plan().to_string().contains("+ /etc/docker/daemon.json (new, 0644)"));
    machine.write("etc/docker/daemon.json", "{\"hosts\": [\"fd://\"]}");
    assert!(!machine.plan().to_string().contains("daemon.json"));
}

#[test]
fn a_host_with_drop_ins_keeps_who_may_use_the_socket() {
    let machine = Machine::new();
    machine.write("etc/systemd/system/docker.socket.d/mode.conf", "[Socket]\nSocketMode=0600\n");
    let service = "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd:// --data-root /srv\n";
    machine.write("etc/systemd/system/docker.service.d/20-root.conf", service);
    let plan = machine.plan();
    let text = plan.to_string();
    assert!(text.contains("     SocketMode=0600\n     SocketUser=root\n     SocketGroup=docker\n"));
    let wide = "[Socket]\nSocketMode=0666\nListenStream=/run/second.sock\n";
    machine.write("etc/systemd/system/docker.socket.d/mode.conf", wide);
    let text = machine.plan().to_string();
    assert!(text.contains("     ListenStream=/run/docker.sock\n     ListenStream=/run/second.sock\n     SocketMode=0660\n"));
}

#[test]
fn what_leads_around_the_guard_is_refused_and_with_leave_it_open_told() {
    let machine = Machine::new();
    machine.write("etc/default/docker", "# old\nDOCKER_OPTS=\"-H tcp://0.0.0.0:2375\"\n");
    machine.write("etc/systemd/system/docker.socket.d/port.conf", "[Socket]\nListenStream=2376\n");
    insta::assert_snapshot!(machine.refused());
    let options = Options { leave_open: true, ..Options::default() };
    let plan = machine.planned(&options).unwrap().unwrap().to_string();
    assert!(plan.contains("     RemoveOnStop=yes\n     ListenStream=2376\n"), "{plan}");
    let (_, around) = plan.split_once("WHAT STILL LEADS AROUND THE GUARD\n").unwrap();
    assert!(
        around.starts_with(
            " docker.socket listens on 2376\n the engine listens on tcp://0.0.0.0:2375"
        )
    );
    assert!(around.contains("agent mounts /run of the host"), "{around}");
}

#[test]
fn what_is_not_understood_is_refused_by_name() {
    let refused = |change: &dyn Fn(&Machine)| {
        let machine = Machine::new();
        change(&machine);
        machine.refused()
    };
    let drop_in = |text: &'static str| {
        move |machine: &Machine| {
            machine.write("etc/systemd/system/docker.service.d/a.conf", text);
        }
    };
    let unix =
        drop_in("[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H unix:///run/docker.sock\n");
    assert!(refused(&unix).contains("`-H unix:///run/docker.sock`"));
    let wrapper = drop_in("[Service]\nExecStart=\nExecStart=/opt/start -H fd://\n");
    assert!(refused(&wrapper).contains("`/opt/start -H fd://`"));
    let elsewhere =
        drop_in("[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd:// --config-file /x\n");
    assert!(refused(&elsewhere).contains("its settings from /x"));
    let both = refused(&|machine| {
        machine.write("etc/docker/daemon.json", r#"{"hosts": ["fd://"]}"#);
    });
    assert!(both.contains("does not start again with both"), "{both}");
    let broken = refused(&|machine| {
        machine.write("etc/docker/daemon.json", "{");
    });
    assert!(broken.contains("no JSON object"), "{broken}");
    let later = refused(&|machine| {
        machine.write("etc/systemd/system/docker.socket.d/zzz.conf", "[Socket]\nListenStream=/x\n");
    });
    assert!(later.contains("docker.socket.d/zzz.conf is there"), "{later}");
    let group = refused(&|machine| {
        machine.write("etc/group", "root:x:0:\n");
    });
    assert!(group.contains("no group docker"), "{group}");
    let link = refused(&|machine| {
        let path = machine.0.path().join("etc/docker");
        fs::create_dir(&path).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", path.join("daemon.json")).unwrap();
    });
    assert!(link.contains("/etc/docker/daemon.json: "), "{link}");
    let snap = refused(&|machine| {
        let units = machine.0.path().join(UNITS);
        fs::remove_file(units.join("docker.service")).unwrap();
        machine.write(&format!("{UNITS}/snap.docker.dockerd.service"), "[Service]\nExecStart=/x\n");
    });
    assert!(snap.contains("a snap's engine"), "{snap}");
    let container = refused(&|machine| {
        fs::remove_file(machine.0.path().join(UNITS).join("docker.service")).unwrap();
    });
    assert!(container.contains("there is no docker.service"), "{container}");
    let program = refused(&|machine| {
        fs::remove_file(machine.0.path().join("usr/local/bin/dockward")).unwrap();
    });
    assert!(program.contains("no /usr/local/bin/dockward"), "{program}");
}

#[test]
fn another_engine_than_the_units_is_refused() {
    let machine = Machine::new();
    for (seen, want) in [
        (Seen { rootless: true, ..seen() }, "the engine is a user's"),
        (Seen { service: Some("mine.service".into()), ..seen() }, "is mine.service"),
        (Seen { service: None, ..seen() }, "can't be told"),
    ] {
        let error = plan(&machine.facts(Ok(seen)), &Options::default()).unwrap_err().to_string();
        assert!(error.contains(want), "{error}");
    }
}

#[test]
fn with_live_restore_who_mounts_the_socket_must_be_restarted() {
    let seen = Seen { live_restore: Some(true), ..seen() };
    let plan = plan(&Machine::new().facts(Ok(seen)), &Options::default()).unwrap().unwrap();
    let text = plan.to_string();
    assert!(text.contains("live-restore is on: containers go on (traefik, agent, once"), "{text}");
    assert!(text.contains("its calls fail until: docker restart traefik"), "{text}");
}

#[test]
fn an_engine_that_was_not_asked_is_told() {
    let plan = plan(&Machine::new().facts(Err("nobody asked".into())), &Options::default());
    let text = plan.unwrap().unwrap().to_string();
    assert!(text.contains("Which containers that hits is not known: nobody asked."), "{text}");
}

/// A machine on which everything is changed that can be.
fn changed() -> Machine {
    let machine = Machine::new();
    machine.write("etc/systemd/system/docker.service.d/override.conf", NO_FLAG);
    machine.write("etc/docker/daemon.json", "{\"hosts\": [\"unix:///var/run/docker.sock\"]}");
    machine
}

#[test]
fn applied_and_taken_back_leaves_every_file_as_it_was() {
    let machine = changed();
    let (before, mut host) = (machine.all(), Recorded::default());
    apply(&machine.plan(), &machine.files(), &mut host).unwrap();
    insta::assert_snapshot!(host.commands.join("\n"));
    let after = machine.all();
    assert_eq!(after.len(), before.len() + 6);
    let json = fs::read_to_string(machine.0.path().join("etc/docker/daemon.json")).unwrap();
    assert_eq!(json, "{\"hosts\": [\"fd://\"]}");

    assert!(machine.planned(&Options::default()).unwrap().is_none(), "nothing is to do");

    let journal = Journal::read(&machine.files()).unwrap().unwrap();
    assert_eq!(journal.state, State::Done);
    let mut host = Recorded::default();
    undo(&journal, &machine.files(), &mut host).unwrap();
    assert_eq!(machine.all(), before);
    insta::assert_snapshot!(host.commands.join("\n"));
    assert!(Journal::read(&machine.files()).unwrap().is_none());
}

#[test]
fn whichever_command_fails_everything_is_taken_back() {
    let commands = {
        let (machine, mut host) = (changed(), Recorded::default());
        apply(&machine.plan(), &machine.files(), &mut host).unwrap();
        host.commands.len()
    };
    assert_eq!(commands, 7);
    for at in 0..commands {
        let machine = changed();
        let before = machine.all();
        let mut host = Recorded { fails_at: Some(at), ..Recorded::default() };
        let error = apply(&machine.plan(), &machine.files(), &mut host).unwrap_err();
        assert!(matches!(error, Error::TakenBack { .. }), "{at}: {error}");
        assert_eq!(machine.all(), before, "{at}");
        // Whenever the engine may have been stopped, it is started by its old units.
        if at >= 2 {
            let place = |text: &str| host.commands.iter().rposition(|command| command == text);
            let started = place("systemctl start docker.socket docker.service");
            assert!(
                started > place("systemctl daemon-reload") && started.is_some(),
                "{:?}",
                host.commands
            );
        }
    }
}

#[test]
fn whichever_file_cannot_be_written_everything_is_taken_back() {
    let writes =
        changed().plan().steps.iter().filter(|step| matches!(step, Step::Write { .. })).count();
    assert_eq!(writes, 6);
    for at in 0..writes {
        let machine = changed();
        let before = machine.all();
        let mut plan = machine.plan();
        let mut files = plan.steps.iter_mut().filter_map(|step| match step {
            Step::Write { path, before, .. } => Some((path, before)),
            Step::Run { .. } => None,
        });
        // A file can't be a folder.
        let (path, was) = files.nth(at).unwrap();
        (*path, *was) = ("/etc/group/file".to_owned(), None);
        let mut host = Recorded::default();
        let error = apply(&plan, &machine.files(), &mut host);
        assert!(error.is_err(), "{at}");
        assert_eq!(machine.all(), before, "{at}");
        assert!(!host.commands.iter().any(|command| command.starts_with("systemctl stop")));
    }
}

#[test]
fn an_engine_that_does_not_answer_is_not_touched_and_one_that_no_longer_does_comes_back() {
    let machine = changed();
    let before = machine.all();
    let mut host = Recorded { answers: vec![false], ..Recorded::default() };
    let error = apply(&machine.plan(), &machine.files(), &mut host).unwrap_err();
    assert!(matches!(error, Error::NoAnswer { .. }), "{error}");
    assert!(host.commands.is_empty());

    let mut host = Recorded { answers: vec![false, true], ..Recorded::default() };
    let error = apply(&machine.plan(), &machine.files(), &mut host).unwrap_err();
    assert!(matches!(error, Error::TakenBack { .. }), "{error}");
    assert_eq!(machine.all(), before);
}

#[test]
fn what_could_not_be_taken_back_is_told_and_can_be_tried_again() {
    let machine = changed();
    let before = machine.all();
    // Neither through the guard nor afterwards.
    let mut host = Recorded { answers: vec![false, false, true], ..Recorded::default() };
    let error = apply(&machine.plan(), &machine.files(), &mut host).unwrap_err();
    assert!(matches!(error, Error::Left { .. }) && error.hint().is_some(), "{error}");
    assert!(machine.refused().contains("was begun and did not end"));
    let journal = Journal::read(&machine.files()).unwrap().unwrap();
    assert_eq!(journal.state, State::Begun);
    undo(&journal, &machine.files(), &mut Recorded::default()).unwrap();
    assert_eq!(machine.all(), before);
}

#[test]
fn somebody_elses_change_is_not_overwritten() {
    let machine = changed();
    let plan = machine.plan();
    machine.write("etc/docker/daemon.json", "{}");
    let error = apply(&plan, &machine.files(), &mut Recorded::default()).unwrap_err();
    assert!(matches!(error, Error::Changed { .. }), "{error}");

    let machine = changed();
    apply(&machine.plan(), &machine.files(), &mut Recorded::default()).unwrap();
    machine.write("etc/docker/daemon.json", "{\"hosts\": [\"fd://\"], \"icc\": false}");
    assert!(machine.refused().contains("daemon.json was changed since the installation"));
    let journal = Journal::read(&machine.files()).unwrap().unwrap();
    let mut host = Recorded::default();
    let error = undo(&journal, &machine.files(), &mut host).unwrap_err();
    assert!(matches!(error, Error::Changed { .. }) && host.commands.is_empty(), "{error}");
}

#[test]
fn a_record_that_others_may_write_is_not_believed() {
    use std::os::unix::fs::PermissionsExt as _;
    let machine = changed();
    apply(&machine.plan(), &machine.files(), &mut Recorded::default()).unwrap();
    let path = machine.0.path().join("var/lib/dockward/guard-install.json");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(matches!(Journal::read(&machine.files()), Err(Error::Journal { .. })));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "{}").unwrap();
    assert!(matches!(Journal::read(&machine.files()), Err(Error::Journal { .. })));
}
