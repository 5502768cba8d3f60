//! What three engines said of themselves.

use std::collections::BTreeMap;

use dockward_engine::Lenient;
use dockward_engine::api::{Info, Version};
use dockward_model::facts::{Daemon, Fact};

use super::*;
use crate::recorded_answers::{Answers, VERSIONS};

fn daemon_of(version: &str) -> Daemon {
    let answers = Answers::of(version);
    daemon(&answers.get("/info"), &answers.get("/version"), &answers.get("/networks"))
}

#[test]
fn each_engine_tells_its_settings() {
    for version in VERSIONS {
        let d = daemon_of(version);
        assert!(d.version.get().unwrap().starts_with(version));
        let components = d.components.get().unwrap();
        assert!(components.contains_key("containerd") && components.contains_key("runc"));
        assert_eq!(
            d.security_option("seccomp").get().map(|s| s.starts_with("profile=")),
            Some(true)
        );
        assert!(d.security_option("rootless").fact.is_absent());
        assert_eq!(d.live_restore.get(), Some(&false));
        assert_eq!(d.logging_driver.get().map(String::as_str), Some("json-file"));
        assert_eq!(d.data_root.get().map(String::as_str), Some("/var/lib/docker"));
        assert_eq!(d.cgroup_version.get().map(String::as_str), Some("1"));
        assert_eq!(d.runtimes.get().unwrap().get("runc").map(String::as_str), Some("runc"));
        assert!(d.authorization_plugins.fact.is_absent() && d.warnings.fact.is_absent());
        assert_eq!(d.icc.get(), Some(&true));
        assert_eq!(d.default_binding.get().map(String::as_str), Some("0.0.0.0"));
        let insecure = d.insecure_registries.get().unwrap();
        assert_eq!(insecure, &["10.1.0.0/16", "registry.example:5000"], "{version}");
    }
}

#[test]
fn an_engine_that_does_not_answer_is_unknown_in_every_field() {
    let d = daemon(
        &Lenient::Odd("timed out".into()),
        &Lenient::Odd("timed out".into()),
        &Lenient::Odd("timed out".into()),
    );
    for unknown in [
        d.version.fact.unknown(),
        d.security_options.fact.unknown(),
        d.insecure_registries.fact.unknown(),
        d.authorization_plugins.fact.unknown(),
        d.runtimes.fact.unknown(),
        d.icc.fact.unknown(),
        d.default_binding.fact.unknown(),
    ] {
        assert!(unknown.is_some_and(|why| why.ends_with("timed out")), "{unknown:?}");
    }
}

#[test]
fn the_version_is_read_of_info_where_version_says_nothing() {
    let info: Lenient<Info> = serde_json::from_str(r#"{"ServerVersion":"9.9"}"#).unwrap();
    let version: Lenient<Version> = serde_json::from_str(r#"{"Version":5}"#).unwrap();
    let d = daemon(&info, &version, &Lenient::Null);
    assert_eq!(d.version.get().map(String::as_str), Some("9.9"));
}

#[test]
fn without_a_default_bridge_its_options_are_absent_and_an_odd_one_is_unknown() {
    let info = Lenient::Known(Info::default());
    let with = |networks: &str| {
        daemon(&info, &Lenient::Missing, &serde_json::from_str(networks).unwrap()).icc.fact
    };
    assert_eq!(with(r#"[{"Name":"shop","Options":{}}]"#), Fact::Absent);
    let bridge = |icc: &str| {
        with(&format!(
            r#"[{{"Name":"bridge","Options":{{"com.docker.network.bridge.enable_icc":"{icc}"}}}}]"#
        ))
    };
    assert_eq!(bridge("false"), Fact::Known(false));
    assert!(bridge("maybe").unknown().is_some());
}

#[test]
fn a_password_in_a_warning_is_replaced() {
    let json =
        r#"{"Warnings":["WARNING: proxy http://user:Px9vQ2xLw7Rz@proxy.example:3128 ignored"]}"#;
    let info: Lenient<Info> = serde_json::from_str(json).unwrap();
    let d = daemon(&info, &Lenient::Missing, &Lenient::Missing);
    let warnings: &Vec<String> = d.warnings.get().unwrap();
    assert!(!warnings[0].contains("Px9vQ2xLw7Rz") && warnings[0].contains("proxy.example"));
    let _: Option<&BTreeMap<String, String>> = d.components.get();
}

#[test]
fn podman_is_told_by_its_header_or_its_components_and_docker_by_its_components_alone() {
    let ping = |libpod: Option<&str>| Ping { libpod: libpod.map(str::to_owned), ..Ping::default() };
    let named = |name: &str| {
        let components = BTreeMap::from([(name.to_owned(), "5.4.2".to_owned())]);
        Field::known(components, Origin::Nowhere)
    };
    let of = |libpod, components| flavour(&ping(libpod), &components).get().copied();
    assert_eq!(of(Some("5.4.2"), named("Engine")), Some(Flavour::Podman));
    assert_eq!(of(None, named("Podman Engine")), Some(Flavour::Podman));
    assert_eq!(of(None, named("Engine")), Some(Flavour::Docker));
    let unread = Field::unknown("eof", Origin::Nowhere);
    assert!(flavour(&ping(None), &unread).fact.unknown().is_some());
}
