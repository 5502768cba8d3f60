use super::*;
use crate::judged::{assert_fails, assert_passes, assert_unknown, engine_with, snapshot};
use dockward_model::facts::{Field, Listener, ListenerAuth, Origin, sample};

fn listening(listeners: &[(&str, ListenerAuth)]) -> Field<Vec<Listener>> {
    let origin = Origin::file("/etc/docker/daemon.json", Some(4));
    let listener = |(address, auth): &(&str, ListenerAuth)| Listener {
        address: (*address).to_owned(),
        authentication: auth.clone(),
        origin: origin.clone(),
    };
    Field::known(listeners.iter().map(listener).collect(), origin.clone())
}

fn with(listeners: &[(&str, ListenerAuth)]) -> Engine {
    engine_with(|e| e.daemon.listeners = listening(listeners))
}

const UNIX: (&str, ListenerAuth) = ("unix:///run/docker.sock", ListenerAuth::FileMode);

#[test]
fn plain_tcp_on_every_interface_is_root_for_the_network() {
    let engine = with(&[UNIX, ("tcp://0.0.0.0:2375", ListenerAuth::None)]);
    let failure = assert_fails(tcp(&snapshot(), &engine));
    assert_eq!(failure.severity, Some(Severity::Critical));
    let opening = &failure.openings[0];
    assert_eq!((&opening.gain, opening.needs), (&Gain::HostRoot, Foothold::Network));
    assert!(failure.message.contains("0.0.0.0:2375"), "{}", failure.message);
    assert_eq!(failure.evidence[0].origin.to_string(), "/etc/docker/daemon.json:4");
}

#[test]
fn tls_without_client_certificates_lets_anyone_in_as_well() {
    let engine = with(&[("tcp://[::]:2376", ListenerAuth::ServerOnly)]);
    assert_eq!(assert_fails(tcp(&snapshot(), &engine)).severity, Some(Severity::Critical));
}

#[test]
fn on_loopback_it_takes_a_local_user() {
    let engine = with(&[("tcp://127.0.0.1:2375", ListenerAuth::None)]);
    let failure = assert_fails(tcp(&snapshot(), &engine));
    assert_eq!(failure.severity, Some(Severity::High));
    assert_eq!(failure.openings[0].needs, Foothold::LocalUser);
}

#[test]
fn client_certificates_pass_wherever_they_were_configured() {
    assert_passes(tcp(&snapshot(), &with(&[("tcp://:2376", ListenerAuth::ClientCertificates)])));
}

#[test]
fn no_tcp_at_all_passes() {
    assert_passes(tcp(&snapshot(), &with(&[UNIX, ("fd://", ListenerAuth::FileMode)])));
}

#[test]
fn the_engines_own_warning_is_enough_where_listeners_are_unread() {
    let warning = "WARNING: API is accessible on http://10.0.0.5:2375 without encryption.\n   …";
    let mut engine =
        engine_with(|e| e.daemon.warnings = sample::known(vec![warning.into()], "Warnings"));
    assert_eq!(assert_fails(tcp(&snapshot(), &engine)).severity, Some(Severity::Critical));
    engine.daemon.warnings = sample::known(vec!["WARNING: No swap limit".into()], "Warnings");
    assert_unknown(tcp(&snapshot(), &engine));
}

#[test]
fn an_address_whose_callers_are_not_known_is_never_a_pass() {
    let unsure = ListenerAuth::Unknown("daemon.json could not be read".into());
    let engine = with(&[UNIX, ("tcp://0.0.0.0:2376", unsure)]);
    assert_unknown(tcp(&snapshot(), &engine));
    assert_unknown(tcp(&snapshot(), &engine_with(|e| e.daemon.warnings = sample::unknown("W"))));
}

#[test]
fn a_rootless_engine_gives_its_own_user_and_not_root() {
    let mut engine = with(&[("tcp://0.0.0.0:2375", ListenerAuth::None)]);
    engine.daemon.security_options = sample::known(vec!["name=rootless".into()], "SecurityOptions");
    let failure = assert_fails(tcp(&snapshot(), &engine));
    assert_eq!((failure.severity, failure.openings.len()), (Some(Severity::High), 0));
}

#[test]
fn a_socket_that_systemd_opened_is_seen_through_what_is_really_open() {
    let mut engine = with(&[("fd://", ListenerAuth::FileMode)]);
    let origin = Origin::kernel("/proc/812/net/tcp", "");
    let found = Listener {
        address: "tcp://0.0.0.0:2375".into(),
        authentication: ListenerAuth::None,
        origin: origin.clone(),
    };
    engine.daemon.listeners.fact = match engine.daemon.listeners.fact {
        dockward_model::facts::Fact::Known(list) => {
            dockward_model::facts::Fact::Known(list.into_iter().chain([found]).collect())
        }
        other => other,
    };
    assert_eq!(assert_fails(tcp(&snapshot(), &engine)).evidence[0].origin, origin);
}
