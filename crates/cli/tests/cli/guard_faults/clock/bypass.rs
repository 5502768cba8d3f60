//! What holds for a time: a bypass. (What is kept for a time is looked at once an hour, which no test of the whole
//! waits for: `dockward-ledger` has it by clocks of its own.)

use std::fs;

use dockward_testbed::{DaemonConfig, Engine, Suite, WallClock};
use serde_json::Value;

use super::super::raw::{Raw, create};
use super::super::until;
use super::{TEN_YEARS, TWO_YEARS_BACK};
use crate::guard::Guarded;
use crate::run::{Run, command};

#[test]
fn a_bypass_is_made_no_longer_by_a_clock_that_is_set() {
    let test = "a_bypass_is_made_no_longer_by_a_clock_that_is_set";
    let Some(clock) = WallClock::new_or_skip(test) else { return };
    let config = DaemonConfig::default();
    let Some(engine) = Engine::start_or_skip(test, Suite::Sid, &config) else { return };
    let guarded = Guarded::before_with(engine, "", |command| clock.governs(command));
    let mut bypassed = Bypassed { guarded, clock, turn: 0 };
    for (given, then) in [(0, TWO_YEARS_BACK), (TEN_YEARS, 0)] {
        bypassed.ends_after_its_seconds(given, then);
    }
    bypassed.ends_with_a_clock_beyond_its_end();
    let Bypassed { mut guarded, turn, .. } = bypassed;
    guarded.end();
    let all = guarded.entries(&[]);
    let bypasses = all.iter().filter(|one| one["kind"] == "bypass");
    let phases: Vec<_> = bypasses.map(|one| one["phase"].as_str().unwrap()).collect();
    assert_eq!(phases, ["begin", "end"].repeat(4));
    let decided = all.iter().filter(|one| one["operation"] == "container-create").count();
    assert_eq!(decided, turn, "every request is recorded");
}

struct Bypassed {
    guarded: Guarded,
    clock: WallClock,
    turn: usize,
}

impl Bypassed {
    fn bypass(&self, time: &str) -> u64 {
        let glass = self.guarded.folder.path().join("bypass");
        let mut command = command(self.guarded.folder.path());
        self.clock.governs(&mut command);
        command.args(["guard", "bypass", "--for", time, "--reason", "a test", "--glass"]);
        let given = Run::new(&command.arg(&glass).output().unwrap());
        assert_eq!(given.code, 0, "{}", given.err);
        let given: Value = serde_json::from_slice(&fs::read(glass).unwrap()).unwrap();
        given["until_since_boot"].as_u64().unwrap()
    }

    /// Whether something passes that is denied else.
    fn holds(&mut self) -> bool {
        self.turn += 1;
        let request = create(&format!("made-{}", self.turn), r#""Privileged":true"#);
        match Raw::ask(&self.guarded.socket(), &request) {
            (201, _) => true,
            (403, _) => false,
            (_, told) => panic!("{told}"),
        }
    }

    fn ends_after_its_seconds(&mut self, given: i64, then: i64) {
        self.clock.set(given);
        let end = self.bypass("8s");
        until("it is not seen", || self.holds());
        self.clock.set(then);
        until("it does not end", || !self.holds());
        assert!(since_boot() >= end, "it does not end early either");
        for ahead in [TWO_YEARS_BACK, 0, TEN_YEARS, 0] {
            self.clock.set(ahead);
            assert!(!self.holds(), "it is over");
        }
    }

    /// Its hour is not over when the clock is right again.
    fn ends_with_a_clock_beyond_its_end(&mut self) {
        self.bypass("1h");
        until("it is not seen", || self.holds());
        self.clock.set(TEN_YEARS);
        assert!(!self.holds());
        self.clock.set(0);
        until("it is over before its time", || self.holds());
        let glass = self.guarded.folder.path().join("bypass");
        let ended = ["guard", "bypass", "--end", "--glass", glass.to_str().unwrap()];
        assert_eq!(self.guarded.dockward(&ended).code, 0);
        until("it does not end", || !self.holds());
    }
}

/// In seconds, by the machine.
fn since_boot() -> u64 {
    let uptime = fs::read_to_string("/proc/uptime").unwrap();
    uptime.split('.').next().unwrap().parse().unwrap()
}
