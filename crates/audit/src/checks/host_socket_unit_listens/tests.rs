use super::*;
use crate::judged::{
    assert_fails, assert_needs_a_look, assert_not_applicable, assert_passes, assert_unknown,
    engine_with, snapshot, snapshot_with,
};
use dockward_model::facts::{
    Engine, Field, Listener, ListenerAuth, Origin, TlsFile, TlsFiles, sample,
};

fn of(name: &str, settings: &[(&str, &str)], engines: Vec<Engine>) -> Outcome {
    let setting = |(line, (key, value)): (u32, &(&str, &str))| UnitSetting {
        key: (*key).to_owned(),
        value: (*value).to_owned(),
        secret: None,
        origin: Origin::file("/etc/systemd/system/docker.socket.d/own.conf", Some(line)),
    };
    let settings = (2..).zip(settings).map(setting).collect();
    let unit = Field::known(Unit { settings, ..Unit::default() }, Origin::Nowhere);
    listens(&snapshot_with(|s| {
        let absent = |name: &str| (name.to_owned(), Field::absent(Origin::Nowhere));
        s.host.units = UNITS.map(absent).into();
        s.host.units.insert(name.into(), unit);
        s.engines = engines;
    }))
}

fn with(settings: &[(&str, &str)]) -> Outcome {
    of("docker.socket", settings, vec![engine(Field::absent(Origin::Nowhere))])
}

/// One that takes its sockets from systemd.
fn engine(authority: Field<TlsFile>) -> Engine {
    let authentication = ListenerAuth::FileMode;
    let listener = Listener { address: "fd://".into(), authentication, origin: Origin::Nowhere };
    engine_with(|e| {
        e.daemon.listeners = sample::known(vec![listener], "hosts");
        e.daemon.tls = TlsFiles { authority, ..TlsFiles::default() };
    })
}

const STOCK: [(&str, &str); 4] = [
    ("ListenStream", "/run/docker.sock"),
    ("SocketMode", "0660"),
    ("SocketUser", "root"),
    ("SocketGroup", "docker"),
];

#[test]
fn the_stock_unit_passes() {
    assert_passes(with(&STOCK));
}

#[test]
fn a_socket_that_everyone_may_write_to_fails_also_where_no_mode_is_said() {
    for settings in [&STOCK[..1], &[STOCK[0], ("SocketMode", "0666")][..]] {
        let failure = assert_fails(with(settings));
        assert_eq!(failure.severity, Some(Severity::Critical));
        assert_eq!(failure.openings[0].needs, Foothold::LocalUser);
    }
    let own = [STOCK[0], STOCK[1], ("SocketUser", "ann")];
    assert!(assert_fails(with(&own)).message.ends_with("the user ann"));
}

#[test]
fn addresses_without_a_file_are_as_open_as_they_reach() {
    for (address, severity, needs) in [
        ("2375", Severity::Critical, Foothold::Network),
        ("0.0.0.0:2375", Severity::Critical, Foothold::Network),
        ("[::]:2375", Severity::Critical, Foothold::Network),
        ("127.0.0.1:2375", Severity::High, Foothold::LocalUser),
        ("vsock:2:1234", Severity::High, Foothold::Network),
        ("@docker", Severity::Critical, Foothold::LocalUser),
    ] {
        let failure = assert_fails(with(&[&STOCK[..], &[("ListenStream", address)]].concat()));
        assert_eq!(failure.severity, Some(severity), "{address}");
        assert_eq!(failure.openings[0].needs, needs, "{address}");
        assert!(failure.evidence[0].seen.ends_with(address));
    }
}

#[test]
fn an_engine_that_asks_for_certificates_does_so_on_systemds_sockets_too() {
    let tcp = [("ListenStream", "2376")];
    let judge = |engines| of("docker.socket", &tcp, engines);
    let authority = sample::known(TlsFile::default(), "tlscacert");
    assert_passes(judge(vec![engine(authority.clone())]));
    assert_needs_a_look(judge(vec![]));
    assert_unknown(judge(vec![engine(sample::unknown("tlscacert"))]));
    assert_unknown(judge(vec![engine_with(|_| {})]));
    assert_fails(of("podman.socket", &tcp, vec![engine(authority)]));
}

#[test]
fn no_unit_is_nothing_to_judge_and_an_unseen_one_or_an_odd_mode_is_unknown() {
    assert_not_applicable(with(&[]));
    assert_unknown(listens(&snapshot()));
    assert_unknown(with(&[STOCK[0], ("SocketMode", "rw")]));
}
