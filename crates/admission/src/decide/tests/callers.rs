//! Who may do what, with what.

use super::*;

#[test]
fn a_caller_does_only_what_it_may() {
    let case = Case::new("[[guard.caller]]\nanyone = true\npreset = \"traefik\"");
    assert_eq!(case.rules("GET", "/containers/json", ""), NONE);
    assert_eq!(
        case.rules("POST", "/containers/create", r#"{"Image":"busybox"}"#),
        ["guard-caller"]
    );
    assert_eq!(case.rules("GET", "/containers/web/logs", ""), ["guard-caller"]);
}

#[test]
fn containers_of_others_are_left_alone() {
    let case = Case::new("[[guard.caller]]\nanyone = true\nown = true").with(|engine| {
        engine
            .container("mine", &json!({"Config": {"Labels": {"dev.dockward.owner": "user:dev"}}}))
            .container("theirs", &json!({"Config": {"Labels": {"dev.dockward.owner": "user:ops"}}}))
            .container("nobodys", &json!({}))
    });
    for (method, path) in [
        ("POST", "/stop"),
        ("GET", "/logs"),
        ("POST", "/start"),
        ("GET", "/json"),
        ("GET", "/archive?path=/"),
    ] {
        assert_eq!(case.rules(method, &format!("/containers/mine{path}"), ""), NONE, "{path}");
        for other in ["theirs", "nobodys"] {
            let rules = case.rules(method, &format!("/containers/{other}{path}"), "");
            assert_eq!(rules, ["guard-owner"], "{other}{path}");
        }
    }
    assert_eq!(case.rules("POST", "/commit?container=theirs", ""), ["guard-owner"]);
    assert_eq!(case.rules("POST", "/containers/prune", ""), ["guard-owner"]);
    for joining in [
        "\"NetworkMode\":\"container:theirs\"",
        "\"Links\":[\"theirs:x\"]",
        "\"VolumesFrom\":[\"theirs\"]",
    ] {
        assert_eq!(case.creates(&format!("{{{joining}}}")), ["guard-owner"], "{joining}");
    }
    assert_eq!(case.creates(r#"{"Links":["mine:x"]}"#), NONE);
    let forged = r#"{"Image":"busybox","Labels":{"dev.dockward.owner":"user:ops"}}"#;
    assert_eq!(case.rules("POST", "/containers/create", forged), ["guard-owner"]);
    let (decided, _, sent) = case.asks("POST", "/containers/create", r#"{"Image":"busybox"}"#);
    assert_eq!(decided.unwrap().violations, []);
    assert_eq!(sent, r#"{"Image":"busybox","Labels":{"dev.dockward.owner":"user:dev"}}"#);
}

#[test]
fn nobody_takes_the_name_of_a_caller() {
    let case = Case::new("[[guard.caller]]\ncontainer = \"traefik*\"\npreset = \"traefik\"")
        .with(|engine| engine.container("web", &json!({})));
    let create = |name: &str| {
        case.rules("POST", &format!("/containers/create?name={name}"), r#"{"Image":"busybox"}"#)
    };
    assert_eq!(create("traefik2"), ["guard-reserved-name"]);
    assert_eq!(create("web"), NONE);
    assert_eq!(create("0123456789ab"), ["guard-reserved-name"]);
    assert_eq!(create("deadbeef"), NONE);
    assert_eq!(
        case.rules("POST", "/containers/web/rename?name=traefik", ""),
        ["guard-reserved-name"]
    );
    assert_eq!(
        case.rules("POST", "/containers/web/rename?name=/traefik", ""),
        ["guard-reserved-name"]
    );
}

#[test]
fn a_waiver_holds_for_those_alone_who_are_trusted_with_names() {
    let waiver = "[[waiver]]\nrule = \"container-host-network\"\ncontainer = \"mesh\"\nowner = \"o\"\nreason = \"r\"\nuntil = 2027-01-01\n";
    let create = |settings: String| {
        Case::new(&settings).rules(
            "POST",
            "/containers/create?name=mesh",
            r#"{"Image":"busybox","HostConfig":{"NetworkMode":"host"}}"#,
        )
    };
    assert_eq!(create(waiver.to_owned()), ["container-host-network"]);
    assert_eq!(create(format!("{waiver}[[guard.caller]]\nanyone = true\nwaivers = true")), NONE);
    let late = waiver.replace("2027", "2025");
    assert_eq!(
        create(format!("{late}[[guard.caller]]\nanyone = true\nwaivers = true")),
        ["container-host-network"]
    );
}

#[test]
fn what_a_caller_is_allowed_by_name_is_open_to_it() {
    let case =
        Case::new("[[guard.caller]]\nanyone = true\nallow = [\"builder-*\", \"swarm-inspect\"]");
    for (method, target) in [("POST", "/session"), ("POST", "/grpc"), ("GET", "/swarm")] {
        assert_eq!(case.rules(method, target, ""), NONE, "{target}");
    }
}
