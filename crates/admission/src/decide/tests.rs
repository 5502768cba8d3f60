use dockward_policy::{Config, parse};
use dockward_request::{decode, route};
use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::in_force::InForce;
use crate::scripted::{Scripted, id_of};

mod callers;

struct Case {
    engine: Scripted,
    config: Config,
    principal: Principal,
}

impl Case {
    fn new(settings: &str) -> Self {
        let known: Vec<&str> = dockward_rules::RULES.iter().map(|rule| rule.meta.id).collect();
        let config = parse(settings, "dockward.toml", &known).unwrap_or_else(|p| panic!("{p}"));
        let engine = Scripted::new().image("busybox", &json!({"User": "", "Env": []}));
        Self { engine, config, principal: Principal::named("user:dev") }
    }

    fn with(self, engine: impl FnOnce(Scripted) -> Scripted) -> Self {
        Self { engine: engine(self.engine), ..self }
    }

    fn asks(
        &self,
        method: &str,
        target: &str,
        body: &str,
    ) -> (Result<Decided, Stop>, String, String) {
        let mut routed =
            route(method, target.as_bytes()).unwrap_or_else(|why| panic!("{target}: {why}"));
        let mut document = decode(&routed, Version::NEWEST, body.as_bytes())
            .unwrap_or_else(|why| panic!("{body}: {why}"));
        let settings = self.principal.settings(&self.config.guard);
        let in_force = InForce::from(self.config.clone());
        let held = Held { today: date(2026, 11, 28), ..in_force.held(&settings) };
        let decided = decide(&mut Asked {
            principal: &self.principal,
            held,
            engine: &self.engine,
            around: self.engine.surroundings().unwrap(),
            newest: Version::NEWEST,
            routed: &mut routed,
            body: document.as_mut(),
            judged: &mut Judged::default(),
        });
        let sent = document.map(|one| String::from_utf8(one.encode()).unwrap()).unwrap_or_default();
        (decided, routed.target(Version::NEWEST), sent)
    }

    fn rules(&self, method: &str, target: &str, body: &str) -> Vec<&'static str> {
        let decided =
            self.asks(method, target, body).0.unwrap_or_else(|stop| panic!("{target}: {stop:?}"));
        decided.violations.iter().map(|one| one.rule).collect()
    }

    fn creates(&self, host_config: &str) -> Vec<&'static str> {
        self.rules(
            "POST",
            "/containers/create",
            &format!(r#"{{"Image":"busybox","HostConfig":{host_config}}}"#),
        )
    }
}

const NONE: [&str; 0] = [];

#[test]
fn what_leads_nowhere_passes_the_baseline() {
    let case = Case::new("");
    for host in [
        "{}",
        r#"{"Memory":1000000,"PidsLimit":100,"ReadonlyRootfs":true,"CapDrop":["ALL"],"Binds":["data:/data"]}"#,
        r#"{"NetworkMode":"bridge","PortBindings":{"80/tcp":[{"HostPort":"8080"}]},"RestartPolicy":{"Name":"always"}}"#,
        r#"{"Tmpfs":{"/tmp":"size=1m"},"Mounts":[{"Type":"volume","Source":"v","Target":"/v"}],"LogConfig":{"Type":"json-file"}}"#,
        r#"{"Sysctls":{"net.ipv4.tcp_syncookies":"1"},"SecurityOpt":["label=level:s0:c1"],"Runtime":"runc"}"#,
        r#"{"CapAdd":["NET_BIND_SERVICE","CHOWN"],"CapDrop":["MKNOD"],"SecurityOpt":["no-new-privileges"],"CgroupnsMode":"private"}"#,
        "null",
    ] {
        assert_eq!(case.creates(host), NONE, "{host}");
    }
}

#[test]
fn every_way_to_the_host_is_denied_by_its_rule() {
    let case = Case::new("");
    for (host, rule) in [
        (r#"{"Privileged":true}"#, "container-privileged"),
        (r#"{"CapAdd":"ALL"}"#, "container-capabilities"),
        (r#"{"CapAdd":["sys_admin"]}"#, "container-capabilities"),
        (r#"{"CapAdd":["NET_ADMIN"]}"#, "container-capabilities"),
        (r#"{"Sysctls":{"kernel.shmmax":"1"}}"#, "guard-field"),
        (r#"{"Sysctls":{"kernel/core_pattern":"|/x"}}"#, "guard-field"),
        (r#"{"SecurityOpt":["label:type:spc_t"]}"#, "guard-field"),
        (r#"{"SecurityOpt":["label=disable"]}"#, "guard-field"),
        (r#"{"Runtime":"io.containerd.runc.v1"}"#, "guard-field"),
        (r#"{"CapAdd":["CAP_SYS_MODULE"]}"#, "container-capabilities"),
        (r#"{"PidMode":"host"}"#, "container-host-pid"),
        (r#"{"NetworkMode":"host"}"#, "container-host-network"),
        (r#"{"IpcMode":"host"}"#, "container-host-ipc"),
        (r#"{"UTSMode":"host"}"#, "container-host-uts"),
        (r#"{"UsernsMode":"host"}"#, "container-host-userns"),
        (r#"{"CgroupnsMode":"host"}"#, "container-host-cgroupns"),
        (r#"{"Binds":["/:/host"]}"#, "container-host-root-mount"),
        (r#"{"Binds":["/var/run/docker.sock:/s:ro"]}"#, "container-engine-socket"),
        (r#"{"Binds":["/opt:/opt"]}"#, "guard-bind-root"),
        (r#"{"Mounts":[{"Type":"bind","Source":"/opt","Target":"/x"}]}"#, "guard-bind-root"),
        (
            r#"{"Mounts":[{"Type":"volume","Target":"/x","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"none","o":"bind","device":"/etc"}}}}]}"#,
            "container-host-root-mount",
        ),
        (
            r#"{"Devices":[{"PathOnHost":"/dev/sda","PathInContainer":"/dev/sda","CgroupPermissions":"rwm"}]}"#,
            "container-devices",
        ),
        (r#"{"DeviceCgroupRules":["a *:* rwm"]}"#, "container-device-cgroup-rules"),
        (
            r#"{"DeviceRequests":[{"Driver":"x","Count":-1,"Capabilities":[["gpu"]]}]}"#,
            "container-devices",
        ),
        (r#"{"CgroupParent":"/x"}"#, "container-cgroup-parent"),
        (r#"{"Runtime":"evil"}"#, "container-runtime"),
        (r#"{"SecurityOpt":["seccomp=unconfined"]}"#, "container-seccomp"),
        (r#"{"SecurityOpt":["seccomp:unconfined"]}"#, "container-seccomp"),
        (r#"{"MaskedPaths":[]}"#, "container-systempaths"),
        (r#"{"ReadonlyPaths":[]}"#, "container-systempaths"),
        (r#"{"Annotations":{"a":"b"}}"#, "guard-field"),
        (r#"{"Cgroup":"container:x"}"#, "guard-field"),
        (
            r#"{"LogConfig":{"Type":"fluentd","Config":{"fluentd-address":"unix:///run/docker.sock"}}}"#,
            "guard-field",
        ),
        (r#"{"Mounts":[{"Type":"cluster","Source":"v","Target":"/x"}]}"#, "guard-field"),
    ] {
        let rules = case.creates(host);
        assert!(rules.contains(&rule), "{host}: {rules:?}");
    }
}

#[test]
fn the_restricted_profile_knows_the_image() {
    let case = Case::new("[guard]\nprofile = \"restricted\"")
        .with(|engine| engine.image("app", &json!({"User": "1000", "Env": ["A=b"]})));
    let hard = r#""HostConfig":{"CapDrop":["ALL"],"SecurityOpt":["no-new-privileges"]}"#;
    let create = |image: &str| {
        case.rules("POST", "/containers/create", &format!(r#"{{"Image":"{image}",{hard}}}"#))
    };
    assert_eq!(create("app"), NONE);
    assert_eq!(create("busybox"), ["container-root-user"]);
    let missing = case.asks("POST", "/containers/create", r#"{"Image":"nope"}"#).0;
    assert_eq!(missing, Err(Stop::Missing("No such image: nope:latest".into())));
}

#[test]
fn namespaces_that_end_at_the_host_are_the_hosts() {
    let case = Case::new("").with(|engine| {
        engine
            .container("open", &json!({"HostConfig": {"NetworkMode": "host"}}))
            .container("behind", &json!({"HostConfig": {"NetworkMode": "container:open"}}))
            .container("plain", &json!({"HostConfig": {"NetworkMode": "bridge"}}))
            .container("loop", &json!({"HostConfig": {"NetworkMode": "container:loop"}}))
            .container("mounts", &json!({"Mounts": [{"Type": "bind", "Source": "/etc", "Destination": "/e", "RW": true}]}))
    });
    assert_eq!(case.creates(r#"{"NetworkMode":"container:plain"}"#), NONE);
    for other in ["open", "behind", "loop"] {
        let rules = case.creates(&format!(r#"{{"NetworkMode":"container:{other}"}}"#));
        assert_eq!(rules, ["container-host-network"], "{other}");
    }
    assert!(case.creates(r#"{"VolumesFrom":["mounts"]}"#).contains(&"container-host-root-mount"));
    assert_eq!(case.creates(r#"{"VolumesFrom":["plain"]}"#), NONE);
}

#[test]
fn a_container_is_judged_again_when_it_starts() {
    let case = Case::new("").with(|engine| {
        engine
            .container("old", &json!({"HostConfig": {"Privileged": true}}))
            .container("good", &json!({}))
            .container("vol", &json!({"HostConfig": {"Binds": ["secret:/s"]}}))
            .volume("secret", &json!({"type": "none", "o": "bind", "device": "/root"}))
    });
    assert_eq!(case.rules("POST", "/containers/old/start", ""), ["container-privileged"]);
    assert_eq!(case.rules("POST", "/containers/old/restart", ""), ["container-privileged"]);
    assert!(case.rules("POST", "/containers/vol/start", "").contains(&"container-host-root-mount"));
    let (decided, target, _) = case.asks("POST", "/containers/good/start", "");
    assert_eq!(decided.unwrap().violations, []);
    assert_eq!(target, format!("/v1.51/containers/{}/start", id_of("good")));
    assert_eq!(case.rules("POST", "/containers/good/start?checkpoint=x", ""), ["guard-checkpoint"]);
    let missing = case.asks("POST", "/containers/none/start", "").0;
    assert_eq!(missing, Err(Stop::Missing("No such container: none".into())));
}

#[test]
fn an_update_is_judged_with_what_the_container_has() {
    let case = Case::new("").with(|engine| engine.container("web", &json!({})));
    let update = |body: &str| case.rules("POST", "/containers/web/update", body);
    assert_eq!(update(r#"{"Memory":1000}"#), NONE);
    assert_eq!(update(r#"{"CgroupParent":"/x"}"#), ["container-cgroup-parent"]);
    assert!(!update(r#"{"Devices":[{"PathOnHost":"/dev/sda","PathInContainer":"/d","CgroupPermissions":"rwm"}]}"#).is_empty());
}

#[test]
fn a_session_in_a_container_is_looked_into_before_anybody_acts_in_it() {
    let within = |ids: &serde_json::Value| {
        let case = Case::new("").with(|engine| {
            let running = json!({"State": {"Running": true, "Status": "running"}, "ExecIDs": ids});
            engine
                .container("web", &running)
                .exec(
                    "e1",
                    &json!({"ContainerID": id_of("web"), "ProcessConfig": {"entrypoint": "test"}}),
                )
                .exec(
                    "e2",
                    &json!({"ContainerID": id_of("web"),
                    "ProcessConfig": {"privileged": true, "entrypoint": "sh"}}),
                )
        });
        let put = case.rules("PUT", "/containers/web/archive?path=/", "");
        for (method, target, body) in [
            ("GET", "/containers/web/archive?path=/", ""),
            ("POST", "/containers/web/attach?stream=1", ""),
            ("POST", "/containers/web/restart", ""),
            ("POST", "/containers/web/update", "{}"),
        ] {
            assert_eq!(case.rules(method, target, body), put, "{target}");
        }
        put
    };
    // A health check, an open session, one that has ended since.
    for ids in [json!(null), json!([]), json!(["e1"]), json!(["e1", "gone"])] {
        assert_eq!(within(&ids), NONE, "{ids}");
    }
    for ids in [json!(["e1", "e2"]), json!([1]), json!(vec!["e1"; 65])] {
        assert_eq!(within(&ids), ["container-exec-privileged"], "{ids}");
    }
}

#[test]
fn privileged_commands_are_denied_when_they_are_made_and_when_they_start() {
    let case = Case::new("").with(|engine| {
        let running = json!({"State": {"Running": true}});
        engine.container("web", &running)
            .exec("e1", &json!({"ContainerID": id_of("web"), "ProcessConfig": {"privileged": true, "entrypoint": "sh"}}))
            .exec("e2", &json!({"ContainerID": id_of("web"), "ProcessConfig": {"entrypoint": "sh"}}))
    });
    let exec = |body: &str| case.rules("POST", "/containers/web/exec", body);
    assert_eq!(exec(r#"{"Cmd":["sh"],"Privileged":true}"#), ["container-exec-privileged"]);
    assert_eq!(exec(r#"{"Cmd":["sh"]}"#), NONE);
    assert_eq!(case.rules("POST", "/exec/e1/start", "{}"), ["container-exec-privileged"]);
    assert_eq!(case.rules("POST", "/exec/e2/start", "{}"), NONE);
    let host = json!({"State": {"Running": true}, "HostConfig": {"Privileged": true}});
    let case = case.with(|engine| engine.container("old", &host));
    for (method, path, body) in [
        ("POST", "/exec", r#"{"Cmd":["sh"]}"#),
        ("POST", "/attach?stdin=1", ""),
        ("GET", "/archive?path=/", ""),
        ("PUT", "/archive?path=/", ""),
        ("HEAD", "/archive?path=/", ""),
    ] {
        let rules = case.rules(method, &format!("/containers/old{path}"), body);
        assert!(rules.contains(&"container-privileged"), "{path}: {rules:?}");
    }
}

#[test]
fn side_doors_are_shut() {
    let case = Case::new("");
    for (method, target, body, rule) in [
        ("POST", "/plugins/pull?remote=a", "[]", "guard-plugin"),
        ("POST", "/plugins/a/disable", "", "guard-plugin"),
        ("POST", "/swarm/init", "{}", "guard-swarm"),
        ("POST", "/swarm/leave", "", "guard-swarm"),
        ("GET", "/swarm/unlockkey", "", "guard-swarm"),
        ("POST", "/build?networkmode=host", "", "guard-build"),
        ("POST", "/build?remote=http://127.0.0.1/x", "", "guard-build"),
        ("POST", "/images/create?fromSrc=http://127.0.0.1/x", "", "guard-build"),
        ("POST", "/session", "", "guard-build"),
        ("POST", "/grpc", "", "guard-build"),
        ("GET", "/swarm", "", "guard-swarm"),
        ("POST", "/nodes/n/update?version=1", "{}", "guard-swarm"),
        ("POST", "/build?securityopt=seccomp%3Dunconfined", "", "guard-build"),
        ("POST", "/build?cgroupparent=/x", "", "guard-build"),
        ("POST", "/networks/create", r#"{"Name":"n","Driver":"macvlan"}"#, "guard-network-driver"),
        (
            "POST",
            "/networks/create",
            r#"{"Name":"n","Options":{"com.docker.network.bridge.name":"br0"}}"#,
            "guard-network-driver",
        ),
        (
            "POST",
            "/volumes/create",
            r#"{"Name":"v","Driver":"local","DriverOpts":{"type":"none","o":"bind","device":"/"}}"#,
            "container-host-root-mount",
        ),
        (
            "POST",
            "/volumes/create",
            r#"{"Name":"v","DriverOpts":{"type":"ext4","device":"/dev/sda1"}}"#,
            "guard-bind-root",
        ),
        (
            "POST",
            "/containers/web/checkpoints",
            r#"{"CheckpointID":"a","CheckpointDir":"/x"}"#,
            "guard-checkpoint",
        ),
        (
            "POST",
            "/services/create",
            r#"{"Name":"s","TaskTemplate":{"ContainerSpec":{"Image":"a","Mounts":[{"Type":"bind","Source":"/","Target":"/h"}]}}}"#,
            "container-host-root-mount",
        ),
        (
            "POST",
            "/services/create",
            r#"{"Name":"s","TaskTemplate":{"ContainerSpec":{"Image":"a","CapabilityAdd":["ALL"]}}}"#,
            "container-capabilities",
        ),
        (
            "POST",
            "/services/create",
            r#"{"Name":"s","TaskTemplate":{"Runtime":"plugin","PluginSpec":{"name":"p"}}}"#,
            "guard-plugin",
        ),
    ] {
        let rules = case.rules(method, target, body);
        assert!(rules.contains(&rule), "{method} {target} {body}: {rules:?}");
    }
    for (method, target, body) in [
        ("POST", "/networks/create", r#"{"Name":"n","Driver":"bridge","Internal":true}"#),
        ("POST", "/volumes/create", r#"{"Name":"v"}"#),
        (
            "POST",
            "/volumes/create",
            r#"{"Name":"v","DriverOpts":{"type":"tmpfs","device":"tmpfs","o":"size=1m"}}"#,
        ),
        (
            "POST",
            "/services/create",
            r#"{"Name":"s","TaskTemplate":{"ContainerSpec":{"Image":"a"}}}"#,
        ),
        ("POST", "/build?t=a", ""),
        ("POST", "/images/create?fromImage=a&tag=1", ""),
        ("POST", "/images/create?fromSrc=-", ""),
        ("GET", "/containers/json", ""),
        ("DELETE", "/containers/web?force=1", ""),
        ("GET", "/plugins", ""),
    ] {
        assert_eq!(case.rules(method, target, body), NONE, "{method} {target}");
    }
}
