//! A snapshot holds no secrets, wherever an engine may carry them.
#![allow(
    clippy::unwrap_used,
    reason = "the lint's leave for tests does not reach the functions that tests call"
)]

use dockward_collect::{Options, collect, record};
use dockward_engine::Endpoint;
use dockward_testbed::{Behaviour, FakeEngine, Reply};
use serde_json::{Value, json};

/// One made-up secret for each place, so that a leak names its place.
const SECRETS: &[(&str, &str)] = &[
    ("environment", "kaT9vQ2xLw7RzP4m"),
    ("proxy variable", "Px9vQ2xLw7Rz3k"),
    ("argument", "Xk29vLqW8zTn4Rb7"),
    ("argument of its own", "Jf82mWqX5tYb9Kc3"),
    ("URL in an argument", "Hd73nVzL6pQs2Gt8"),
    ("label", "Qm7xVt2LrKp9WzNs"),
    ("health check", "Tr0ub4dorAndThree9"),
    ("log option", "Ls48pKvB2nXr7Dq5"),
    ("exec argument", "Zp83nVq1LmX7Wc4s"),
    ("image environment", "Bv56kTyN8wRm3Hx2"),
    ("image label", "Gc29xQpL7vZt4Jn6"),
    ("history", "Yw61bMfR9sKd5Lx8"),
    ("volume option", "Nt37hGvC4jPq8Zb2"),
    ("network option", "Rk95wSxD2mLv6Tf7"),
    ("plugin setting", "Mx84cBzV5nQh9Jy3"),
    ("engine's proxy", "Vf26tLkW8rXp4Dm9"),
    (
        "join token",
        "SWMTKN-1-3pu6hszjas19xyp7ghgosyx9k8atbfr8p2is99znpy26u2lkl-1awxwuwd3z9j1z3puu7rcgdbx",
    ),
    ("unlock key", "SWMKEY-1-8PeRnUx4pZtp9sOAKPczSRO/94p85NIZU7X9z6vg4GA"),
    ("signing key", "MHcCAQEEIBuS8Wp3nKq0Zt5Ld7Gx2Rf9Hm4Vc6Jy1Nb8Qs"),
    ("authority's URL", "Ws63kRtM9zPq4Lx7"),
    ("service's environment", "Dn84hJvT3wKx6Bq9"),
    ("service's argument", "Fp29sXcL8mRz5Gt7"),
    ("service's label", "Lk47yNbW2qVj9Hd3"),
    ("service's mount", "Cz58tGxP6rMw1Kf4"),
    ("config", "aHVudGVyMmh1bnRlcjJodW50ZXIy"),
    ("secret that an engine gives away", "c3VwZXJzZWNyZXRzdXBlcnNlY3JldA"),
];

fn secret(place: &str) -> &'static str {
    SECRETS.iter().find(|(name, _)| *name == place).unwrap().1
}

fn container() -> Value {
    let args = json!([
        "-c",
        format!("server --password={}", secret("argument")),
        "--token",
        secret("argument of its own"),
        format!("postgres://app:{}@db:5432/app", secret("URL in an argument")),
    ]);
    json!({
        "Id": "c".repeat(64), "Name": "/web", "Path": "sh", "Args": args,
        "State": {"Running": true, "Pid": 1, "Health": {"Status": "healthy", "Log": [
            {"Output": format!("password={}", secret("health check"))},
        ]}},
        "ExecIDs": ["e".repeat(64)],
        "Config": {
            "Image": "app",
            "Env": [
                format!("DB_PASSWORD={}", secret("environment")),
                format!("HTTPS_PROXY=http://user:{}@proxy.example:3128", secret("proxy variable")),
            ],
            "Cmd": args, "Entrypoint": args,
            "Labels": {"api.token": secret("label"), "traefik.auth": format!("password={}", secret("label"))},
            "Healthcheck": {"Test": ["CMD-SHELL", format!("curl -u admin:{} localhost", secret("health check"))]},
        },
        "HostConfig": {"LogConfig": {"Type": "splunk", "Config": {"splunk-token": secret("log option")}}},
        "NetworkSettings": {},
    })
}

fn exec() -> Value {
    json!({"ID": "e".repeat(64), "Running": true, "ProcessConfig": {
        "privileged": true, "entrypoint": "mysql", "user": "root",
        "arguments": [format!("--password={}", secret("exec argument"))],
    }})
}

fn image() -> Value {
    json!({"Id": format!("sha256:{}", "a".repeat(64)), "RepoTags": ["app:latest"], "Config": {
        "Env": [format!("API_KEY={}", secret("image environment"))],
        "Labels": {"deploy.password": secret("image label")},
    }})
}

/// What a manager tells of its swarm, and what it should not.
fn swarm() -> Value {
    let token = secret("join token");
    let signing = format!(
        "-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----",
        secret("signing key")
    );
    json!({
        "JoinTokens": {"Worker": token, "Manager": token}, "UnlockKey": secret("unlock key"),
        "TLSInfo": {"TrustRoot": signing},
        "Spec": {"EncryptionConfig": {"AutoLockManagers": true}, "CAConfig": {
            "SigningCAKey": signing,
            "ExternalCAs": [{"Protocol": "cfssl", "URL":
                format!("https://swarm:{}@ca.example/sign", secret("authority's URL"))}],
        }},
    })
}

fn service() -> Value {
    let args = json!(["--token", secret("service's argument")]);
    let mount = json!({"Type": "volume", "Source": "share", "Target": "/m", "VolumeOptions": {
        "DriverConfig": {"Name": "local", "Options": {"type": "cifs", "device": "//nas/share",
            "o": format!("password={}", secret("service's mount"))}},
    }});
    json!({"ID": "web", "Spec": {
        "Name": "web", "Labels": {"deploy.password": secret("service's label")},
        "TaskTemplate": {"ContainerSpec": {
            "Image": "app", "Args": args, "Mounts": [mount],
            "Env": [format!("SHOP_PASSWORD={}", secret("service's environment"))],
            "Labels": {"api.token": secret("service's label")},
        }},
    }})
}

fn engine() -> Behaviour {
    let json = |value: Value| Reply::json(200, value.to_string());
    let volume = json!({"Name": "share", "Driver": "local", "Mountpoint": "/m", "Options": {
        "type": "cifs", "device": "//nas/share",
        "o": format!("username=backup,password={},vers=3.0", secret("volume option")),
    }});
    let token = secret("join token");
    Behaviour::empty_engine("1.51")
        .route("/info", json(json!({
            "ServerVersion": "28.5.2",
            "HttpProxy": format!("http://user:{}@proxy.example:3128", secret("engine's proxy")),
            "Warnings": [format!("proxy http://u:{}@proxy.example ignored", secret("engine's proxy"))],
            "Swarm": {"LocalNodeState": "active", "ControlAvailable": true,
                "Cluster": {"JoinTokens": {"Worker": token, "Manager": token}}},
        })))
        .route("/swarm", json(swarm()))
        .route("/nodes", json(json!([{"ID": "n", "Spec": {"Role": "manager"}}])))
        .route("/services", json(json!([service()])))
        .route("/secrets", json(json!([{"ID": "s", "Spec": {
            "Name": "db_password", "Data": secret("secret that an engine gives away"),
        }}])))
        .route("/configs", json(json!([{"ID": "c", "Spec": {
            "Name": "app_conf", "Data": secret("config"),
        }}])))
        .route("/containers/json", json(json!([{"Id": "c".repeat(64), "Names": ["/web"]}])))
        .route("/containers/*/json", json(container()))
        .route("/exec/*/json", json(exec()))
        .route("/images/json", json(json!([{"Id": image()["Id"], "RepoTags": ["app:latest"]}])))
        .route("/images/*/json", json(image()))
        .route("/images/*/history", json(json!([
            {"CreatedBy": format!("RUN |1 PASSWORD={} /bin/sh -c make", secret("history")), "Size": 1},
            {"CreatedBy": format!("ENV API_TOKEN={}", secret("history")), "Size": 0},
        ])))
        .route("/volumes", json(json!({"Volumes": [volume]})))
        .route("/networks", json(json!([{"Name": "vpn", "Id": "n", "Options": {
            "psk.secret": secret("network option"),
        }}])))
        .route("/plugins", json(json!([{"Name": "store:1", "Enabled": true, "Settings": {
            "Env": [format!("STORE_PASSWORD={}", secret("plugin setting"))],
        }}])))
}

#[test]
fn nothing_that_is_written_down_or_printed_for_debugging_holds_a_secret() {
    let fake = FakeEngine::serve(engine()).unwrap();
    let options = Options::new(vec![Endpoint::Unix(fake.socket().to_owned())]);
    let snapshot = collect(&options, &mut |_| {}).snapshot;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("host.json");
    record::write(&snapshot, &path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    for (place, secret) in SECRETS {
        assert!(!text.contains(secret), "the secret of the {place} is in the recording");
    }
    for kept in [
        "DB_PASSWORD",
        "HTTPS_PROXY",
        "api.token",
        "API_KEY",
        "username=backup",
        "mysql",
        "SHOP_PASSWORD",
        "db_password",
        "app_conf",
        "ca.example",
    ] {
        assert!(text.contains(kept), "{kept} is kept: it is no secret");
    }
}

#[test]
fn that_there_were_secrets_is_written_down() {
    let fake = FakeEngine::serve(engine()).unwrap();
    let options = Options::new(vec![Endpoint::Unix(fake.socket().to_owned())]);
    let snapshot = collect(&options, &mut |_| {}).snapshot;
    let engine = snapshot.engines.first().unwrap();
    let c = engine.containers.first().unwrap();
    assert_eq!(c.env.get().unwrap().iter().filter(|v| v.secret.is_some()).count(), 2);
    assert_eq!(c.argv.get().unwrap().iter().filter(|a| a.secret.is_some()).count(), 3);
    assert_eq!(c.label_secrets.get().unwrap().len(), 2);
    let exec = c.execs.get().unwrap().first().unwrap();
    assert!(exec.privileged && exec.command.starts_with("mysql --password="));
    let service = engine.swarm.services.get().unwrap().first().unwrap();
    let made_with = service.container.as_ref().unwrap();
    assert!(made_with.env.get().unwrap().first().unwrap().secret.is_some());
    assert!(made_with.argv.get().unwrap().iter().any(|word| word.secret.is_some()));
    assert_eq!(made_with.label_secrets.get().unwrap().len(), 2);
    assert_eq!(engine.swarm.cluster.autolock.get(), Some(&true));
    let image = engine.images.get().unwrap().first().unwrap();
    assert!(image.config.env.get().unwrap().first().unwrap().secret.is_some());
    let history = image.history.get().unwrap();
    assert!(history.iter().all(|layer| layer.secret.is_some()));
    assert!(history.first().unwrap().created_by.starts_with("ENV "), "the oldest comes first");
}
