//! An engine behind a real login: Debian's own sshd, on loopback in an engine's namespaces.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dockward_testbed::{DaemonConfig, Engine, Suite};

use crate::run::{Run, findings};

/// Runs the program as root beside sshd, against the engine at `host`.
struct Client<'e> {
    engine: &'e Engine,
    program: PathBuf,
}

impl Client<'_> {
    fn check(&self, host: &str, more: &[&str]) -> Run {
        let program = self.program.display().to_string();
        let words = [&[program.as_str(), "check", "-H", host], more].concat();
        Run::new(&self.engine.exec_in_root(&words))
    }

    /// Why a login comes to nothing: nothing is judged, and a person is told what was said.
    fn assert_nothing_is_judged(&self, host: &str, said: &str, hint: &str) {
        let run = self.check(host, &[]);
        assert_eq!(run.code, 3, "{host}: {}", run.err);
        assert!(run.err.contains(said), "{host}: `{said}` is not in: {}", run.err);
        assert!(run.err.contains(": nothing is judged: "), "{host}: {}", run.err);
        assert!(run.err.contains(hint), "{host}: `{hint}` is not in: {}", run.err);
        assert!(run.out.contains("NOTHING WAS JUDGED"), "{host}: {}", run.out);
    }

    /// Nothing that a login started may stay: a login ends with the run.
    fn assert_nobody_is_logged_in(&self) {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let found = self.engine.exec_in_root(&["pgrep", "-a", "-u", "ops,guest"]);
            match found.status.code() {
                Some(0) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(100));
                }
                // None is found (pgrep(1)).
                Some(1) => return,
                _ => panic!("they stay: {found:?}"),
            }
        }
    }
}

#[test]
fn an_engine_is_judged_by_its_own_word_over_a_real_login() {
    let test = "an_engine_is_judged_by_its_own_word_over_a_real_login";
    let Some(engine) = Engine::start_or_skip(test, Suite::Bookworm, &DaemonConfig::default())
    else {
        return;
    };
    if !engine.start_sshd_or_skip(test) {
        return;
    }
    engine.import_busybox("busybox");
    engine.docker_ok(&["run", "-d", "--name", "web", "--pid", "host", "busybox", "sleep", "600"]);
    let program = engine.install(Path::new(env!("CARGO_BIN_EXE_dockward"))).unwrap();
    let client = Client { engine: &engine, program };

    for host in ["ssh://ops@127.0.0.1", "ssh://ops@127.0.0.1:22/run/docker.sock"] {
        let run = client.check(host, &["--format", "json"]);
        assert!(run.code == 0 || run.code == 1, "{}: {}", run.code, run.err);
        let report = run.json();
        assert_eq!(report["complete"], true, "{}", report["unseen"]);
        assert_eq!(report["host"]["sight"], "engine");
        assert_eq!(report["engines"][0]["endpoint"], host);
        assert_eq!(report["engines"][0]["containers"], 1);
        let of_web = findings(&report, "web");
        let shares = of_web.iter().find(|f| f["rule"] == "container-host-pid");
        assert_eq!(shares.expect("it is judged")["status"], "fail");
        assert_eq!(report["tally"]["containers"]["unknown"], 0, "{of_web:?}");
    }
    client.assert_nobody_is_logged_in();

    for (host, said, hint) in [
        ("guest@127.0.0.1", "connect: permission denied", "may not use Docker over there"),
        ("root@127.0.0.1", "Permission denied (publickey", "load the key into an agent"),
        ("ops@localhost", "Host key verification failed", "log in once by hand"),
        ("ops@127.0.0.1:23", "Connection refused", "does sshd listen there"),
        ("ops@127.0.0.1/run/none.sock", "/run/none.sock", "no engine listens at that socket"),
    ] {
        client.assert_nothing_is_judged(&format!("ssh://{host}"), said, hint);
    }
    client.assert_nobody_is_logged_in();
}
