use dockward_guard::{Body as Length, Header, Process, Reply, Ruling, Within};
use serde_json::{Value, json};

use super::*;
use crate::scripted::Scripted;

fn rehearsal(settings: &str) -> Rehearsal {
    let config = dockward_policy::parse(settings, "dockward.toml", &[]).unwrap();
    let engine = Scripted::new()
        .image("a", &json!({"User": ""}))
        .container("there", &json!({"State": {"Running": true, "Status": "running"}}));
    Rehearsal::new(Arc::new(engine), config)
}

fn passage(rehearsal: &Rehearsal, method: &str, target: &str) -> Box<dyn Passage> {
    let within = Within::Host;
    let process = Process { uid: 0, gid: 0, groups: Vec::new(), pid: std::process::id(), within };
    let json = Header { name: "content-type".into(), value: b"application/json".to_vec() };
    let head = Head {
        method: method.into(),
        target: target.into(),
        headers: vec![json],
        body: Length::Nothing,
        upgrade: target.contains("/attach").then(|| "tcp".to_owned()),
        http_1_0: false,
    };
    let met = rehearsal.meet(&Arc::new(Caller::Process(process)), &head);
    met.unwrap_or_else(|denial| panic!("{target}: {denial:?}"))
}

/// What is answered in the engine's place.
fn answered(rehearsal: &Rehearsal, method: &str, target: &str, body: &str) -> Reply {
    match passage(rehearsal, method, target).judge(body.as_bytes()) {
        Ok(Ruling::Answer(reply)) => reply,
        other => panic!("{method} {target}: {other:?}"),
    }
}

fn made(rehearsal: &Rehearsal, target: &str, body: &str) -> Value {
    let reply = answered(rehearsal, "POST", target, body);
    assert_eq!(reply.status, 201, "{target}");
    serde_json::from_slice(&reply.body).unwrap()
}

fn looked_at(rehearsal: &Rehearsal, target: &str) -> Value {
    serde_json::from_slice(&answered(rehearsal, "GET", target, "").body).unwrap()
}

/// The operations that were told, with the rules that each breaks.
fn told(rehearsal: &Rehearsal) -> Vec<(String, Vec<&'static str>)> {
    let seen = rehearsal.seen();
    let seen = seen.lock().unwrap();
    let rules = |one: &Rehearsed| one.violations.iter().map(|one| one.rule).collect();
    seen.iter().map(|one| (format!("{} {}", one.operation, one.subject), rules(one))).collect()
}

#[test]
fn a_container_is_made_up_and_goes_its_whole_way() {
    let stage = rehearsal("");
    let body = r#"{"Image":"a","HostConfig":{"Privileged":true,"Binds":["data:/d"]}}"#;
    let id = made(&stage, "/containers/create?name=web", body)["Id"].as_str().unwrap().to_owned();
    assert_eq!(looked_at(&stage, "/containers/web/json")["State"]["Status"], "created");
    let attached = answered(&stage, "POST", &format!("/containers/{id}/attach?stream=1"), "");
    assert_eq!(attached.switched_to.as_deref(), Some("tcp"));
    assert_eq!(answered(&stage, "POST", &format!("/containers/{id}/start"), "").status, 204);
    let record = looked_at(&stage, &format!("/containers/{}/json", id.get(..12).unwrap()));
    assert_eq!((&record["Name"], &record["State"]["Running"]), (&json!("/web"), &json!(true)));
    let exec =
        made(&stage, &format!("/containers/{id}/exec"), r#"{"Cmd":["sh"],"Privileged":true}"#);
    let exec = exec["Id"].as_str().unwrap();
    assert_eq!(answered(&stage, "POST", &format!("/exec/{exec}/start"), "{}").status, 200);
    assert_eq!(looked_at(&stage, &format!("/exec/{exec}/json"))["ExitCode"], 0);
    assert_eq!(answered(&stage, "DELETE", "/containers/web?force=1", "").status, 204);
    assert!(matches!(
        passage(&stage, "GET", "/containers/web/json").judge(b""),
        Ok(Ruling::Forward(_))
    ));
    // What follows from the first is not told again.
    assert_eq!(
        told(&stage),
        [
            ("container-create web".to_owned(), vec!["container-privileged"]),
            ("container-exec web".to_owned(), vec!["container-exec-privileged"]),
        ]
    );
}

#[test]
fn what_may_be_made_and_not_started_is_told_of_the_start() {
    let stage = rehearsal("[[guard.caller]]\nanyone = true\nallow = [\"container-create\"]\n");
    made(&stage, "/containers/create?name=web", r#"{"Image":"a"}"#);
    answered(&stage, "POST", "/containers/web/start", "");
    let expected = [
        ("container-create web".to_owned(), vec![]),
        ("container-start web".to_owned(), vec!["guard-caller"]),
    ];
    assert_eq!(told(&stage), expected);
}

#[test]
fn one_that_joins_another_that_was_made_up_gets_what_that_has() {
    let stage = rehearsal("");
    let body = r#"{"Image":"a","HostConfig":{"NetworkMode":"host","Binds":["/etc:/e"]}}"#;
    made(&stage, "/containers/create?name=first", body);
    let body =
        r#"{"Image":"a","HostConfig":{"NetworkMode":"container:first","VolumesFrom":["first"]}}"#;
    made(&stage, "/containers/create?name=second", body);
    let told = told(&stage);
    assert!(told[1].1.contains(&"container-host-network"), "{told:?}");
    assert!(told[1].1.contains(&"guard-bind-root"), "{told:?}");
}

#[test]
fn lists_have_what_was_made_up_where_it_is_asked_for() {
    let stage = rehearsal("");
    made(&stage, "/networks/create", r#"{"Name":"net","Driver":"macvlan","Labels":{"p":"x"}}"#);
    made(&stage, "/volumes/create", r#"{"Name":"vol"}"#);
    made(&stage, "/containers/create?name=web", r#"{"Image":"a","Labels":{"p":"x"}}"#);
    assert_eq!(looked_at(&stage, "/networks/net")["Driver"], "macvlan");
    assert_eq!(looked_at(&stage, "/volumes/vol")["Name"], "vol");
    let listed = |target: &str, answer: &str| -> Value {
        let mut passage = passage(&stage, "GET", target);
        assert!(matches!(passage.judge(b""), Ok(Ruling::Forward(_))));
        let list = passage.filter(200, None, answer.into()).unwrap();
        serde_json::from_slice(&list).unwrap()
    };
    let count = |target: &str| listed(target, r#"[{"Id":"there"}]"#).as_array().unwrap().len();
    let label = "filters=%7B%22label%22%3A%7B%22p%3Dx%22%3Atrue%7D%7D";
    let other = "filters=%7B%22label%22%3A%5B%22p%3Dy%22%5D%7D";
    let odd = "filters=%7B%22before%22%3A%5B%22x%22%5D%7D";
    assert_eq!(count(&format!("/containers/json?all=1&{label}")), 2);
    for none in ["".to_owned(), format!("all=1&{other}"), format!("all=1&{odd}")] {
        assert_eq!(count(&format!("/containers/json?{none}")), 1, "{none}");
    }
    assert_eq!(count(&format!("/networks?{label}")), 2);
    assert_eq!(listed("/volumes", r#"{"Volumes":null}"#)["Volumes"][0]["Name"], "vol");
}

#[test]
fn a_missing_image_is_pulled_first_and_nothing_is_built() {
    let stage = rehearsal("");
    let body = r#"{"Image":"docker.io/library/b:latest"}"#;
    let missing = passage(&stage, "POST", "/containers/create?name=web").judge(body.as_bytes());
    assert_eq!(missing.unwrap_err().status, 404);
    assert_eq!(answered(&stage, "POST", "/images/create?fromImage=b&tag=latest", "").status, 200);
    assert!(looked_at(&stage, "/images/b/json")["Id"].is_string());
    made(&stage, "/containers/create?name=web", body);
    let built = passage(&stage, "POST", "/build?networkmode=none").judge(b"");
    assert_eq!(built.unwrap_err().status, 403);
    let seen = stage.seen();
    let seen = seen.lock().unwrap();
    let unsaid: Vec<bool> = seen.iter().map(|one| one.unsaid.is_some()).collect();
    assert_eq!(unsaid, [false, false, true], "{seen:?}");
}

#[test]
fn a_service_whose_end_is_waited_for_ends() {
    let stage = rehearsal("");
    let labels = |service: &str, waits: &str| {
        json!({"Image": "a", "Labels": {"com.docker.compose.project": "p",
            "com.docker.compose.service": service, "com.docker.compose.depends_on": waits}})
        .to_string()
    };
    made(&stage, "/containers/create?name=one", &labels("one", ""));
    let waits = "two:service_started:false,one:service_completed_successfully:false";
    made(&stage, "/containers/create?name=two", &labels("two", waits));
    for (name, state) in [("one", "exited"), ("two", "running")] {
        answered(&stage, "POST", &format!("/containers/{name}/start"), "");
        assert_eq!(
            looked_at(&stage, &format!("/containers/{name}/json"))["State"]["Status"],
            state
        );
    }
    let seen = stage.seen();
    let services: Vec<_> = seen.lock().unwrap().iter().map(|one| one.service.clone()).collect();
    assert_eq!(services, [Some("one".to_owned()), Some("two".to_owned())]);
}

#[test]
fn no_change_ever_goes_on() {
    let stage = rehearsal("");
    for route in
        dockward_request::routes().filter(|one| one.effect == dockward_request::Effect::Changes)
    {
        let target = route.path.replace("{container}", "there");
        let target = target.replace(['{', '}'], "");
        let head = |body: &[u8]| passage(&stage, route.method, &target).judge(body);
        for body in
            [&b""[..], b"{}", br#"{"Image":"a","Name":"n","Cmd":["a"],"Container":"there"}"#]
        {
            assert!(!matches!(head(body), Ok(Ruling::Forward(_))), "{}", route.id);
        }
    }
}
