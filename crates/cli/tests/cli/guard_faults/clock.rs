//! The wall clock of the whole guard is set while it runs, forth and back, as `date -s` or a wrong time server does:
//! calls are decided, go on and end as if nothing had been, and all of it is on record in its order.

mod bypass;
mod open;

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::process::Command;
use std::time::Duration;

use dockward_testbed::{DaemonConfig, Engine, Suite, WallClock};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rustix::process::Signal;
use serde_json::Value;

use self::open::{Checkpoints, HalfABody, Open, Secured};
use super::raw::{Raw, create};
use super::until;
use crate::guard::{Guarded, IMAGE};

const DAY: i64 = 86_400;
/// How far ahead of the true time.
const TEN_YEARS: i64 = 3_653 * DAY;
const TWO_YEARS_BACK: i64 = -731 * DAY;
/// One after another, while calls are under way.
const JUMPS: [i64; 4] = [TEN_YEARS, 0, TWO_YEARS_BACK, TEN_YEARS];

const RULE: &str = "container-no-new-privileges";
/// Reads after each jump.
const READS: usize = 5;
const LIST: &str =
    "GET /v1.41/containers/json HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n";

#[test]
fn calls_are_decided_go_on_and_end_whatever_the_wall_clock_says() {
    let test = "calls_are_decided_go_on_and_end_whatever_the_wall_clock_says";
    let Some(mut jumping) = Jumping::start(test) else { return };
    let mut open = Open::all(&jumping.guarded, &jumping.secured);
    let mut heads = Vec::new();
    for (turn, ahead) in JUMPS.into_iter().enumerate() {
        let mut head = half_a_head(&jumping.guarded);
        let body = HalfABody::sent(&jumping.guarded, turn);
        jumping.clock.set(ahead);
        // Whoever reads some more looks at the clock again.
        head.send("ck");
        assert!(is_waited_for(&mut head), "its ten seconds are not over");
        heads.push(head);
        jumping.decides(turn, ahead);
        open.goes_on(&jumping.guarded);
        body.goes_on();
    }
    jumping.takes_settings();
    jumping.waives_to_the_end_of_a_day();
    open.ends(&jumping.guarded);
    for head in &mut heads {
        let told = head.rest();
        assert!(told.starts_with("HTTP/1.1 408 "), "it is not waited for without end: {told}");
    }
    jumping.signs_what_it_decided();
    jumping.guarded.end();
    jumping.starts_before_its_last_entry();
    jumping.is_on_record();
    jumping.shows_by_the_clock();
}

/// A guard whose wall clock is set.
struct Jumping {
    guarded: Guarded,
    clock: WallClock,
    secured: Secured,
    checkpoints: Checkpoints,
    settings: String,
    /// Of the waiver for the container `old`.
    last_day: Date,
    /// Containers whose creation was decided on, and how far ahead the clock was.
    decided: Vec<(String, i64)>,
    reads: usize,
}

impl Jumping {
    fn start(test: &str) -> Option<Self> {
        let clock = WallClock::new_or_skip(test)?;
        let engine = Engine::start_or_skip(test, Suite::Sid, &DaemonConfig::default())?;
        let (secured, checkpoints) = (Secured::made(&engine), Checkpoints::taken());
        let last_day = Timestamp::now().to_zoned(TimeZone::UTC).date() + 1.year();
        let settings = format!(
            "[[waiver]]\nrule = \"container-privileged\"\ncontainer = \"old\"\nowner = \"anna\"\n\
             reason = \"it goes next year\"\nuntil = {last_day}\n"
        );
        let guarded = Guarded::before_with(engine, &settings, |command| {
            runs_by(&clock, command);
            secured.listens(command);
            command.args(["--checkpoints", &checkpoints.url]);
        });
        let (decided, reads) = (Vec::new(), 0);
        Some(Self { guarded, clock, secured, checkpoints, settings, last_day, decided, reads })
    }

    /// What each call comes to, after a jump.
    fn decides(&mut self, turn: usize, ahead: i64) {
        let name = format!("made-{turn}");
        assert_eq!(self.create(&name, ""), 201);
        self.decided.push((name.clone(), ahead));
        assert_eq!(self.create(&format!("never-{turn}"), r#""Privileged":true"#), 403);
        self.decided.push((format!("never-{turn}"), ahead));
        self.guarded.passes(&["start", &name]);
        self.guarded.is_denied(&["run", "--pid", "host", IMAGE, "true"], "container-host-pid");
        assert_eq!(self.guarded.passes(&["exec", "web", "echo", "in"]), "in");
        self.is_waived(ahead != TEN_YEARS);
        for _ in 0..READS {
            assert_eq!(Raw::ask(&self.guarded.socket(), LIST).0, 200);
        }
        self.reads += READS;
        let lets_in = self.secured.docker(&["version"]).output().unwrap();
        let told = String::from_utf8_lossy(&lets_in.stderr);
        assert_eq!(lets_in.status.success(), ahead == 0, "a certificate of these years: {told}");
        assert!(ahead == 0 || told.contains("certificate"), "{told}");
    }

    fn create(&self, name: &str, host_config: &str) -> u16 {
        Raw::ask(&self.guarded.socket(), &create(name, host_config)).0
    }

    /// A waiver holds to the end of its day, by what the clock says when it is decided.
    fn is_waived(&self, waived: bool) {
        let status = self.create("old", r#""Privileged":true"#);
        assert_eq!(status, if waived { 201 } else { 403 });
        if waived {
            self.guarded.engine.docker_ok(&["rm", "old"]);
        }
    }

    fn waives_to_the_end_of_a_day(&self) {
        let end = self.last_day.tomorrow().unwrap().to_zoned(TimeZone::UTC).unwrap().timestamp();
        // It is another day in the guard's own time zone.
        for (seconds, waived) in [(-3_600, true), (60, false), (-3_600, true)] {
            self.clock.set(end.as_second() - Timestamp::now().as_second() + seconds);
            self.is_waived(waived);
        }
    }

    /// On SIGHUP, ten years ahead and two years back.
    fn takes_settings(&mut self) {
        let stricter = format!("[guard.rules]\n{RULE} = \"deny\"\n{}", self.settings);
        for ahead in [TEN_YEARS, TWO_YEARS_BACK] {
            self.clock.set(ahead);
            for (settings, wanted) in [(&stricter, 403), (&self.settings, 201)] {
                fs::write(self.guarded.folder.path().join("dockward.toml"), settings).unwrap();
                self.guarded.signal(Signal::HUP);
                let mut turn = 0..;
                until("the new settings do not hold", || {
                    let name = format!("by-{wanted}-{ahead}-{}", turn.next().unwrap());
                    self.create(&name, "") == wanted
                });
            }
        }
    }

    /// While it runs, and sends it on.
    fn signs_what_it_decided(&self) {
        let last = self.guarded.entries(&[]).last().unwrap()["seq"].as_u64().unwrap();
        until("no checkpoint of that is sent", || self.checkpoints.sizes().last() > Some(&last));
        assert!(self.checkpoints.sizes().is_sorted());
    }

    /// It ended ten years ahead, and is killed two years back.
    fn starts_before_its_last_entry(&mut self) {
        for (turn, ahead) in [(10, 0), (11, TWO_YEARS_BACK), (12, 0)] {
            self.clock.set(ahead);
            self.guarded.again_with(|command| runs_by(&self.clock, command));
            self.is_waived(true);
            let name = format!("made-{turn}");
            assert_eq!(self.create(&name, ""), 201);
            self.decided.push((name, ahead));
            if ahead == 0 {
                self.guarded.end();
            } else {
                until("outcomes are not recorded", || {
                    let (went_on, ended) = ended(&self.guarded.entries(&[]));
                    went_on == ended
                });
                self.guarded.signal(Signal::KILL);
                self.guarded.guard.wait().unwrap();
            }
        }
    }

    fn is_on_record(&self) {
        let all = self.guarded.entries(&[]);
        assert!(all.iter().enumerate().all(|(at, one)| one["seq"] == at), "they are in order");
        for (name, ahead) in &self.decided {
            let one = of(&all, "decision").find(|one| one["resources"][0] == **name).unwrap();
            let time: Timestamp = one["time"].as_str().unwrap().parse().unwrap();
            let off = time.as_second() - Timestamp::now().as_second() - ahead;
            assert!(off.abs() < 3_600, "the guard did not see the jump: {one}");
        }
        let (went_on, ended) = ended(&all);
        assert_eq!(went_on, ended, "each has one outcome");
        assert!(of(&all, "outcome").all(|one| one["status"] != "unknown"), "{all:#?}");
        let lists = of(&all, "reads").filter(|one| one["operation"] == "container-list");
        let counts = lists.map(|one| one["count"].as_u64().unwrap());
        assert_eq!(counts.sum::<u64>(), self.reads as u64, "none is lost or counted twice");
        let kept = self.guarded.folder.path().join("kept");
        fs::write(&kept, self.checkpoints.notes().last().unwrap()).unwrap();
        let kept = kept.to_str().unwrap();
        let verified = self.guarded.dockward(&["ledger", "verify", "LEDGER", "--checkpoint", kept]);
        assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    }

    /// An hour is an hour before what the clock says to who asks; entries have what it said to the guard.
    fn shows_by_the_clock(&self) {
        let since = |ahead: i64| {
            self.clock.set(ahead);
            let mut command = crate::run::command(self.guarded.folder.path());
            self.clock.governs(&mut command);
            command.args(["ledger", "show", "ledger", "--since", "12h", "--format", "json"]);
            let shown = crate::run::Run::new(&command.output().unwrap());
            let shown = shown.json()["entries"].to_string();
            ["never-0", "never-1", "never-2"].map(|name| shown.contains(name))
        };
        assert_eq!(since(0), [true, true, false], "ten years ahead is since then, too");
        assert_eq!(since(TEN_YEARS), [true, false, false]);
        assert_eq!(since(TWO_YEARS_BACK), [true, true, true]);
    }
}

fn of<'a>(all: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    all.iter().filter(move |one| one["kind"] == kind)
}

/// The decisions that went on, and those that have an outcome, once for each.
fn ended(all: &[Value]) -> (Vec<u64>, Vec<u64>) {
    let allowed = of(all, "decision").filter(|one| one["verdict"] == "allow");
    let went_on = allowed.map(|one| one["seq"].as_u64().unwrap()).collect();
    let ended = of(all, "outcome").map(|one| one["decision"].as_u64().unwrap());
    let mut ended: Vec<_> = ended.collect();
    ended.sort_unstable();
    (went_on, ended)
}

/// In a time zone where the next day begins 14 hours earlier.
fn runs_by(clock: &WallClock, command: &mut Command) {
    clock.governs(command);
    command.env("TZ", "<+14>-14");
}

fn half_a_head(guarded: &Guarded) -> Raw {
    let mut raw = Raw::to(&guarded.socket());
    raw.send("GET /_ping HTTP/1.1\r\nHost: do");
    raw
}

/// Nothing has come, and the other end has not closed.
fn is_waited_for(raw: &mut Raw) -> bool {
    raw.0.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let read = raw.0.read(&mut [0]);
    raw.0.set_read_timeout(Some(super::PATIENCE)).unwrap();
    read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}
