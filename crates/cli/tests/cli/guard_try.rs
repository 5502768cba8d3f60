//! `dockward guard try` of commands that ask for more than one thing, before a real engine.

use dockward_testbed::{DaemonConfig, Engine, Suite};

use crate::run::Run;

const PROJECT: &str = r#"
name: shop
services:
  db:
    image: busybox
    privileged: true
    volumes: ["data:/data"]
    networks: [back]
    healthcheck: { test: ["CMD", "true"] }
  web:
    image: busybox
    depends_on: { db: { condition: service_healthy }, first: { condition: service_completed_successfully } }
    networks: [back, default]
    volumes: ["/etc:/e"]
    pid: host
  first:
    image: busybox
    command: ["true"]
  inside:
    image: busybox
    network_mode: service:db
    volumes: ["etc:/x"]
networks: { back: {}, mac: { driver: macvlan } }
volumes: { data: {}, etc: { driver_opts: { type: none, o: bind, device: /etc } } }
"#;

/// An engine with the program under test and a project in its root.
struct Stage {
    engine: Engine,
    program: String,
}

impl Stage {
    fn start(test: &str) -> Option<Self> {
        let engine = Engine::start_or_skip(test, Suite::Sid, &DaemonConfig::default())?;
        engine.import_busybox("busybox");
        let program = engine.install(env!("CARGO_BIN_EXE_dockward").as_ref()).unwrap();
        std::fs::create_dir(engine.root().join("srv/shop")).unwrap();
        std::fs::write(engine.root().join("srv/shop/compose.yaml"), PROJECT).unwrap();
        Some(Self { engine, program: program.to_str().unwrap().to_owned() })
    }

    /// What is said of a command. Nothing of what the engine has is changed by asking.
    fn tried(&self, words: &[&str]) -> Run {
        let before = self.holds();
        let since = self.now();
        let all = [&self.program, "guard", "try", "--engine", "/run/docker.sock", "--"];
        let run = Run::new(&self.engine.exec_in_root(&[&all, words].concat()));
        let until = self.now();
        let events = self.engine.docker_ok(&["events", "--since", &since, "--until", &until]);
        assert_eq!(events, "", "{words:?}");
        assert_eq!(self.holds(), before, "{words:?}");
        run
    }

    /// The time, to the nanosecond, as the engine takes it.
    fn now(&self) -> String {
        let now = self.engine.exec_in_root(&["date", "+%s.%N"]);
        String::from_utf8(now.stdout).unwrap().trim().to_owned()
    }

    fn holds(&self) -> Vec<String> {
        let lists: [&[&str]; 4] =
            [&["ps", "-aq"], &["network", "ls", "-q"], &["volume", "ls", "-q"], &["images", "-aq"]];
        lists.iter().map(|words| self.engine.docker_ok(words)).collect()
    }
}

#[test]
fn a_whole_project_is_rehearsed_service_by_service_and_nothing_is_changed() {
    let test = "a_whole_project_is_rehearsed_service_by_service_and_nothing_is_changed";
    let Some(stage) = Stage::start(test) else { return };
    let up = ["docker", "compose", "-f", "/srv/shop/compose.yaml", "up", "-d"];
    let run = stage.tried(&up);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    for line in [
        "network-create shop_back: passes",
        "volume-create shop_data: passes",
        "volume-create shop_etc: would be denied",
        "container-create shop-first-1 (service first): passes",
        "container-create shop-db-1 (service db): would be denied",
        "container-create shop-inside-1 (service inside): would be denied",
        "container-create shop-web-1 (service web): would be denied",
        "    leave out HostConfig.Privileged (`true`)",
        "    leave out HostConfig.Binds (`/etc:/e:rw`)",
        "    leave out HostConfig.PidMode (`host`)",
    ] {
        assert!(run.out.lines().any(|one| one == line), "{line}\n{}{}", run.out, run.err);
    }
    // It went to its end, through starts that wait for each other, and no start had more to say.
    assert!(
        !run.out.contains("can't be said") && !run.out.contains("container-start"),
        "{}",
        run.out
    );
    // A service that passes, alone.
    let run = stage.tried(&[&up[..], &["first"]].concat());
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    // In the foreground it waits for what never comes, and is ended.
    let run = stage.tried(&["docker", "compose", "-f", "/srv/shop/compose.yaml", "up", "db"]);
    assert!(run.code == 1 && run.out.contains("(service db): would be denied"), "{}", run.out);
}

#[test]
fn a_command_goes_to_its_end_and_one_that_fails_on_the_way_says_so() {
    let test = "a_command_goes_to_its_end_and_one_that_fails_on_the_way_says_so";
    let Some(stage) = Stage::start(test) else { return };
    // Attached, it asks for a container, for its end, for its streams, and for its start.
    let run = stage.tried(&["docker", "run", "--rm", "--name", "one", "--pid", "host", "busybox"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.starts_with("container-create one: would be denied\n"), "{}", run.out);
    assert!(!run.out.contains("can't be said"), "{}", run.out);
    let both = "docker create --name two busybox; docker exec --privileged there true; \
                docker rm -f there; docker start two; docker inspect -f '{{.Name}}' two";
    stage.engine.docker_ok(&["run", "-d", "--name", "there", "--network", "none", "busybox"]);
    let run = stage.tried(&["sh", "-c", both]);
    let told: Vec<&str> = run.out.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(
        told,
        [
            "container-create two: passes",
            "container-exec there: would be denied",
            "container-remove there: passes",
        ],
        "{}",
        run.err
    );
    // What isn't there is pulled, as far as the command can see.
    let run = stage.tried(&["docker", "run", "-d", "nothing:here"]);
    assert!(run.code == 0 && run.out.contains("image-create"), "{}{}", run.out, run.err);
    let run = stage.tried(&["docker", "load", "-i", "/bin/busybox"]);
    assert!(run.code == 3 && run.out.contains("can't be said"), "{}{}", run.out, run.err);
}
