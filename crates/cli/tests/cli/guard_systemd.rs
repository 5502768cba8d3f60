//! `dockward guard install` on a machine that systemd runs: planned, applied, used, taken back.

use std::path::Path;

use dockward_testbed::Machine;

use crate::run::Run;

struct Installed(Machine);

impl Installed {
    fn boot(test: &str) -> Option<Self> {
        let machine = Machine::boot_or_skip(test)?;
        machine.install(Path::new(env!("CARGO_BIN_EXE_dockward")), "dockward");
        let image = "mkdir -p /tmp/i/bin && cp /bin/busybox /tmp/i/bin/ && ln -s busybox /tmp/i/bin/sleep && \
                     tar -C /tmp/i -c . | docker import - busybox";
        let this = Self(machine);
        this.ok(&["sh", "-c", image]);
        let old = ["-v", "/var/run/docker.sock:/s", "--restart", "always", "--stop-timeout", "1"];
        this.ok(&[
            &["docker", "run", "-d", "--name", "old"][..],
            &old,
            &["busybox", "/bin/sleep", "600"],
        ]
        .concat());
        Some(this)
    }

    fn run(&self, words: &[&str]) -> Run {
        Run::new(&self.0.exec(words))
    }

    fn ok(&self, words: &[&str]) -> String {
        let run = self.run(words);
        assert_eq!(run.code, 0, "{words:?}: {}{}", run.out, run.err);
        run.out
    }

    fn install(&self, more: &[&str]) -> Run {
        self.run(&[&["dockward", "guard", "install"], more].concat())
    }

    fn is_there(&self, path: &str) -> bool {
        self.0.root().join(path.trim_start_matches('/')).exists()
    }

    /// As it was before anything was installed, with the engine at its place.
    fn assert_untouched(&self) {
        assert!(self.ok(&["docker", "ps"]).contains("old"));
        for path in [
            "/etc/systemd/system/dockward-guard.service",
            "/etc/systemd/system/dockward-guard.socket",
            "/etc/systemd/system/docker.socket.d/zz-dockward-guard.conf",
            "/etc/tmpfiles.d/dockward-guard.conf",
        ] {
            assert!(!self.is_there(path), "{path} stays");
        }
        assert_ne!(self.run(&["getent", "passwd", "dockward-guard"]).code, 0);
        let owner = self.ok(&["systemctl", "show", "-p", "Listen", "docker.socket"]);
        assert!(owner.contains("/run/docker.sock"), "{owner}");
    }
}

#[test]
fn the_guard_is_installed_used_and_taken_back_under_systemd() {
    let test = "the_guard_is_installed_used_and_taken_back_under_systemd";
    let Some(machine) = Installed::boot(test) else { return };
    let plan = machine.install(&[]);
    assert_eq!(plan.code, 0, "{}", plan.err);
    assert!(plan.out.contains("old mounts /run/docker.sock"), "{}", plan.out);
    machine.assert_untouched();

    let applied = machine.install(&["--apply"]);
    assert_eq!(applied.code, 0, "{}{}", applied.out, applied.err);
    let unit =
        machine.ok(&["systemctl", "show", "-p", "ActiveState,User", "dockward-guard.service"]);
    assert!(unit.contains("ActiveState=active") && unit.contains("User=dockward-guard"), "{unit}");
    assert!(machine.ok(&["docker", "ps"]).contains("old"));
    let denied = machine.run(&["docker", "create", "--privileged", "busybox", "x"]);
    assert!(denied.err.contains("container-privileged"), "{}", denied.err);
    let again = machine.install(&["--apply"]);
    assert!(again.code == 0 && again.out.contains("nothing to do"), "{}{}", again.out, again.err);

    lose_no_call(&machine);
    machine.ok(&["systemctl", "restart", "docker.service"]);
    assert!(machine.ok(&["docker", "ps"]).contains("old"));
    let verified = machine.ok(&["dockward", "ledger", "verify", "/var/lib/dockward-guard/ledger"]);
    assert!(verified.contains("all fits"), "{verified}");

    another_key(&machine);
    let undone = machine.install(&["--undo", "--apply"]);
    assert_eq!(undone.code, 0, "{}{}", undone.out, undone.err);
    machine.assert_untouched();
}

/// The steps of the book, as they stand there.
fn another_key(machine: &Installed) {
    let book = include_str!("../../../../docs/src/ledger.md");
    let (_, section) = book.split_once("## Another key").unwrap();
    let (_, steps) = section.split_once("```sh\n").unwrap();
    let (steps, _) = steps.split_once("```").unwrap();
    assert!(steps.contains("ledger rekey") && steps.contains("--follows"), "{steps}");
    let out = machine.ok(&["sh", "-euc", steps]);
    assert!(out.contains("ends with its key") && out.contains("all fits"), "{out}");
    let denied = machine.run(&["docker", "create", "--privileged", "busybox", "x"]);
    assert!(denied.err.contains("container-privileged"), "{}", denied.err);
    let shown = machine.ok(&["dockward", "ledger", "show", "/var/lib/dockward-guard/ledger"]);
    assert!(shown.contains("· follows the ") && shown.contains("DENIED"), "{shown}");
}

/// A guard that is killed, and one that is restarted as for an upgrade, cost no call that isn't in their hands.
fn lose_no_call(machine: &Installed) {
    let script = "systemctl kill -s KILL dockward-guard.service; docker ps -q >/dev/null || exit 1; \
                  (for i in 1 2 3; do systemctl restart dockward-guard.service; sleep 0.3; done) & \
                  for i in $(seq 30); do docker ps -q >/dev/null || exit 1; done; wait";
    machine.ok(&["sh", "-c", script]);
}

/// What could not be taken back at first can be later, whatever of it is there no more.
#[test]
fn an_installation_that_was_half_taken_back_can_be_taken_back_again() {
    let test = "an_installation_that_was_half_taken_back_can_be_taken_back_again";
    let Some(machine) = Installed::boot(test) else { return };
    let broken = |condition: &str| {
        let folder = "/etc/systemd/system/docker.service.d";
        let text = format!("[Service]\\nExecStartPre=/bin/sh -c \"{condition}\"\\n");
        let write = format!(
            "mkdir -p {folder} && printf '{text}' >{folder}/broken.conf && systemctl daemon-reload"
        );
        machine.ok(&["sh", "-c", &write]);
    };
    broken("test ! -e /run/dockward/engine");
    let applied = machine.install(&["--apply"]);
    assert!(applied.code == 2 && applied.err.contains("--undo --apply"), "{}", applied.err);
    assert!(applied.err.contains("docker.service failed"), "{}", applied.err);
    broken("true");
    machine.ok(&["systemctl", "reset-failed"]);
    let undone = machine.install(&["--undo", "--apply"]);
    assert_eq!(undone.code, 0, "{}{}", undone.out, undone.err);
    machine.assert_untouched();
}
