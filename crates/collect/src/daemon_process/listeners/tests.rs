use std::collections::BTreeMap;

use dockward_model::facts::{
    Configured, Fact, Listener, ListenerAuth, ListeningSocket, Origin, Protocol,
};
use serde_json::{Value, json};

use super::{Told, listeners};
use crate::daemon_process::file::Environment;
use crate::daemon_process::lines;

fn config(settings: &Value) -> Fact<BTreeMap<String, Configured>> {
    let origin = Origin::file("/etc/docker/daemon.json", Some(2));
    let configured =
        |value: &Value| Configured { value: value.clone(), secret: None, origin: origin.clone() };
    let map = settings.as_object().unwrap().iter();
    Fact::Known(map.map(|(key, value)| (key.clone(), configured(value))).collect())
}

fn socket(port: u16) -> ListeningSocket {
    let address = [0, 0, 0, 0].into();
    ListeningSocket { protocol: Protocol::Tcp, address, port, inode: u64::from(port) }
}

fn seen(settings: &Value, environment: &str, open: &[u16]) -> Vec<Listener> {
    let json = format!("{{\n{}", settings.to_string().get(1..).unwrap().replace("[\"", "[\n\""));
    let told = Told {
        pid: 812,
        config: &config(settings),
        lines: Some(("/etc/docker/daemon.json", &lines::scan(&json))),
        environment: &Fact::Known(Environment::parse(environment)),
        open: &|| Fact::Known(open.iter().map(|port| socket(*port)).collect()),
    };
    listeners(&told).get().unwrap().clone()
}

fn auth(settings: Value) -> ListenerAuth {
    let mut settings = settings;
    settings["hosts"] = json!(["tcp://0.0.0.0:2376"]);
    seen(&settings, "", &[2376])[0].authentication.clone()
}

#[test]
fn tls_is_told_as_dockerd_takes_it() {
    assert_eq!(auth(json!({})), ListenerAuth::None);
    assert_eq!(auth(json!({"tls": false})), ListenerAuth::None);
    assert_eq!(auth(json!({"tlsverify": true})), ListenerAuth::ClientCertificates);
    assert_eq!(auth(json!({"tls": true})), ListenerAuth::ClientCertificates);
    assert_eq!(auth(json!({"tls": true, "tlsverify": false})), ListenerAuth::ServerOnly);
    assert_eq!(auth(json!({"tlsverify": false})), ListenerAuth::ServerOnly);
    assert!(matches!(auth(json!({"tlsverify": "yes"})), ListenerAuth::Unknown(_)));
    let by_environment =
        seen(&json!({"hosts": ["tcp://:2376"]}), "DOCKER_TLS_VERIFY=1\0", &[])[0].clone();
    assert_eq!(by_environment.authentication, ListenerAuth::ClientCertificates);
}

#[test]
fn each_host_has_its_line_and_its_full_address() {
    let hosts = json!({"hosts": ["unix:///run/docker.sock", "tcp://", ":2375", "tcp://10.0.0.1"]});
    let list = seen(&hosts, "", &[2375]);
    let addresses: Vec<_> = list.iter().map(|listener| listener.address.as_str()).collect();
    assert_eq!(
        addresses,
        [
            "unix:///run/docker.sock",
            "tcp://localhost:2375",
            "tcp://localhost:2375",
            "tcp://10.0.0.1:2375"
        ]
    );
    assert_eq!(list[0].authentication, ListenerAuth::FileMode);
    assert_eq!(list[0].origin.to_string(), "/etc/docker/daemon.json:3");
}

#[test]
fn an_engine_that_was_told_nothing_listens_at_its_default() {
    assert_eq!(seen(&json!({}), "", &[])[0].address, "unix:///var/run/docker.sock");
    let rootless = "ROOTLESSKIT_STATE_DIR=/x\0XDG_RUNTIME_DIR=/run/user/1000\0";
    assert_eq!(seen(&json!({}), rootless, &[])[0].address, "unix:///run/user/1000/docker.sock");
}

#[test]
fn a_tcp_socket_that_came_with_the_start_is_an_api_listener() {
    let inherits = json!({"hosts": ["fd://"], "metrics-addr": "0.0.0.0:9323"});
    let open = [2375, 2377, 7946, 9323];
    let list = seen(&inherits, "LISTEN_FDS=2\0", &open);
    assert_eq!(list.len(), 2);
    assert_eq!(list[1].address, "tcp://0.0.0.0:2375");
    assert_eq!(list[1].authentication, ListenerAuth::None);
    assert_eq!(list[1].origin.to_string(), "/proc/812/net/tcp");
    assert_eq!(seen(&inherits, "LISTEN_FDS=1\0", &open).len(), 1, "only the Unix socket came");
    assert_eq!(seen(&json!({"hosts": ["unix:///x"]}), "", &open).len(), 1, "nothing came");
}

#[test]
fn where_the_settings_are_unknown_what_is_open_is_told_and_none_is_not_claimed() {
    let told = |open: &[u16]| {
        listeners(&Told {
            pid: 812,
            config: &Fact::Unknown("daemon.json:3 is not a JSON object".into()),
            lines: None,
            environment: &Fact::Absent,
            open: &|| Fact::Known(open.iter().map(|port| socket(*port)).collect()),
        })
    };
    assert!(told(&[]).fact.unknown().is_some());
    let list = told(&[2375, 2377]);
    assert!(matches!(
        list.get().map(Vec::as_slice),
        Some([Listener { authentication: ListenerAuth::Unknown(_), .. }])
    ));
}
