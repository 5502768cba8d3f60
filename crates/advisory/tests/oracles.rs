//! The orders against the programs whose orders they are, over random pairs. One process is asked for
//! all pairs at once; `scripts/oracles` installs them where CI runs.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use dockward_advisory::order::{Compare, composer, dpkg, gem, maven, pep440, rpm, semver};
use dockward_testbed::Skip;

/// Numbers that are the same in each run: a linear congruence (Knuth's MMIX), so that a failure
/// repeats.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn some(&mut self, most: usize, of: &[&str]) -> String {
        (0..self.below(most + 1)).map(|_| self.one(of)).collect()
    }
}

/// A program that reads pairs and writes orders.
struct Oracle {
    name: &'static str,
    command: &'static [&'static str],
    /// What must succeed for the program to be there.
    probe: &'static [&'static str],
    compare: Compare,
    version: fn(&mut Dice) -> String,
}

impl Oracle {
    fn is_there(&self) -> bool {
        command(self.probe)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    fn pairs(&self, count: usize, seed: u64) -> Vec<(String, String)> {
        let mut dice = Dice(seed);
        let version = self.version;
        (0..count).map(|_| (version(&mut dice), version(&mut dice))).collect()
    }

    fn agrees(&self, count: usize, seed: u64) {
        let pairs = self.pairs(count, seed);
        let orders = ask(command(self.command), &pairs);
        let mut answers = orders.lines();
        for (a, b) in &pairs {
            let theirs: i32 = answers.next().expect("an answer to each pair").parse().unwrap();
            let ours = (self.compare)(a, b);
            assert_eq!(ours, theirs.cmp(&0), "{} has {a} {b} otherwise", self.name);
        }
    }

    /// Asks in two processes, each about half.
    fn check(&self, test: &str, count: usize) {
        if !self.is_there() {
            Skip::because(format!("{} is not here", self.name)).announce(test);
            return;
        }
        std::thread::scope(|scope| {
            let halves = [1, 2].map(|seed| scope.spawn(move || self.agrees(count / 2, seed)));
            for half in halves {
                half.join().unwrap();
            }
        });
    }
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles"));
    command.env("NODE_PATH", "/usr/share/nodejs:/usr/lib/node_modules/npm/node_modules");
    command
}

fn ask(mut command: Command, pairs: &[(String, String)]) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let text: String = pairs.iter().map(|(a, b)| format!("{a}\t{b}\n")).collect();
    let writing = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap()
}

const NUMBERS: [&str; 6] = ["0", "1", "2", "9", "10", "01"];

fn dpkg_version(dice: &mut Dice) -> String {
    let pieces = ["0", "1", "2", "10", "01", ".", "~", "+", "a", "b", "rc"];
    let revision = match dice.below(3) {
        0 => String::new(),
        _ => format!("-{}{}", dice.one(&["0", "1", "a", "~", "+"]), dice.some(2, &pieces)),
    };
    let epoch = dice.one(&["", "", "0:", "1:"]);
    format!("{epoch}{}{}{revision}", dice.one(&NUMBERS), dice.some(5, &pieces))
}

fn rpm_version(dice: &mut Dice) -> String {
    let pieces = ["0", "1", "2", "10", "01", ".", "~", "^", "_", "a", "b", "rc"];
    let release = match dice.below(3) {
        0 => String::new(),
        _ => format!("-{}{}", dice.one(&NUMBERS), dice.some(3, &pieces)),
    };
    let epoch = dice.one(&["", "", "0:", "1:"]);
    format!("{epoch}{}{}{release}", dice.one(&NUMBERS), dice.some(5, &pieces))
}

fn gem_version(dice: &mut Dice) -> String {
    let pieces = [".0", ".1", ".10", ".01", ".a", ".b", ".rc", ".0.0", ".b2", ".B", ".1a2"];
    let end = dice.one(&["", "", "-1", "-a", "-rc.1", "-x-1"]);
    format!("{}{}{end}", dice.one(&NUMBERS), dice.some(5, &pieces))
}

fn python_version(dice: &mut Dice) -> String {
    let separator = |dice: &mut Dice| dice.one(&["", ".", "-", "_"]).to_owned();
    let mut text = format!("{}{}", dice.one(&["", "", "v", "0!", "1!"]), dice.one(&NUMBERS));
    text += &dice.some(2, &[".0", ".1", ".01"]);
    for words in [&["a", "beta", "B", "c", "pre", "rc"][..], &["post", "r", "rev"], &["dev"]] {
        if dice.below(3) == 0 {
            text += &separator(dice);
            text += dice.one(words);
            text += dice.one(&["", "0", ".1", "2", "_2"]);
        }
    }
    if dice.below(4) == 0 {
        text += dice.one(&["+1", "+a", "+A.2", "+a-1", "+1.a", "+01"]);
    }
    text
}

fn npm_version(dice: &mut Dice) -> String {
    let small = ["0", "1", "2", "9", "10"];
    let core = [dice.one(&small), dice.one(&small), dice.one(&["0", "1"])].join(".");
    let before = match dice.below(3) {
        0 => String::new(),
        1 => dice.one(&["beta", "rc1", "a.1"]).to_owned(),
        _ => format!(
            "-{}{}",
            dice.one(&["a", "0", "1", "b", "-"]),
            dice.some(2, &[".1", ".a", ".10", "-1"])
        ),
    };
    format!("{}{core}{before}{}", dice.one(&["", "v", "="]), dice.one(&["", "+b", "+1"]))
}

fn composer_version(dice: &mut Dice) -> String {
    let stability = match dice.below(3) {
        0 => String::new(),
        _ => {
            let word = dice
                .one(&["-stable", "-beta", "b", "RC", "-rc", "-alpha", "_a", "-patch", "pl", "p"]);
            format!("{word}{}", dice.one(&["", "1", ".2", "-10", "0", "1.2"]))
        }
    };
    let core = format!("{}{}", dice.one(&NUMBERS), dice.some(3, &[".0", ".1", ".10"]));
    format!("{}{core}{stability}{}", dice.one(&["", "v"]), dice.one(&["", "", "-dev"]))
}

/// No list begins with what is nothing, and no full stop stands before a word but at the end, where
/// Maven takes it for a hyphen as its specification says: see `maven.rs`.
fn maven_version(dice: &mut Dice) -> String {
    let pieces = [
        "-alpha", "-alpha-1", "a2", "b1", "m2", "-m", "-M3", "-rc", "-sp", "-sp1", "-jre", "x1",
        "-1", "-2", "-10", "-1.1", "-rc1.1",
    ];
    let core = format!("{}{}", dice.one(&NUMBERS), dice.some(3, &[".0", ".1", ".10", ".01"]));
    let end = dice.one(&["", "", ".0", "-SNAPSHOT", ".Final", "-ga", "-RELEASE", ".0.0"]);
    format!("{core}{}{end}", dice.some(2, &pieces))
}

#[test]
fn a_million_random_versions_are_ordered_as_dpkg_orders_them() {
    let oracle = Oracle {
        name: "Dpkg::Version of libdpkg-perl",
        command: &["perl", "dpkg.pl"],
        probe: &["perl", "-MDpkg::Version", "-e", "1"],
        compare: dpkg::compare,
        version: dpkg_version,
    };
    oracle.check("a_million_random_versions_are_ordered_as_dpkg_orders_them", 1_000_000);
}

#[test]
fn random_versions_are_ordered_as_rpm_orders_them() {
    let oracle = Oracle {
        name: "rpm",
        command: &["rpm", "--eval", "%{lua:dofile('rpm.lua')}"],
        probe: &["rpm", "--version"],
        compare: rpm::compare,
        version: rpm_version,
    };
    oracle.check("random_versions_are_ordered_as_rpm_orders_them", 200_000);
}

#[test]
fn random_versions_are_ordered_as_rubygems_orders_them() {
    let oracle = Oracle {
        name: "RubyGems",
        command: &["ruby", "gem.rb"],
        probe: &["ruby", "--version"],
        compare: gem::compare,
        version: gem_version,
    };
    oracle.check("random_versions_are_ordered_as_rubygems_orders_them", 100_000);
}

#[test]
fn random_versions_are_ordered_as_pythons_packaging_orders_them() {
    let oracle = Oracle {
        name: "python3-packaging",
        command: &["/usr/bin/python3", "pep440.py"],
        probe: &["/usr/bin/python3", "-c", "import packaging.version"],
        compare: pep440::compare,
        version: python_version,
    };
    oracle.check("random_versions_are_ordered_as_pythons_packaging_orders_them", 100_000);
}

#[test]
fn random_versions_are_ordered_as_node_semver_orders_them() {
    let oracle = Oracle {
        name: "node-semver",
        command: &["node", "npm.js"],
        probe: &["node", "-e", "require('semver')"],
        compare: semver::compare,
        version: npm_version,
    };
    oracle.check("random_versions_are_ordered_as_node_semver_orders_them", 100_000);
}

#[test]
fn random_versions_are_ordered_as_composer_orders_them() {
    let oracle = Oracle {
        name: "php-composer-semver",
        command: &["php", "composer.php"],
        probe: &["php", "-r", "require '/usr/share/php/Composer/Semver/autoload.php';"],
        compare: composer::compare,
        version: composer_version,
    };
    oracle.check("random_versions_are_ordered_as_composer_orders_them", 100_000);
}

const MAVEN: &str =
    "/usr/share/maven/lib/maven-artifact-3.x.jar:/usr/share/maven/lib/commons-lang3.jar";

#[test]
fn random_versions_are_ordered_as_maven_orders_them() {
    let oracle = Oracle {
        name: "Maven",
        command: &["java", "-cp", MAVEN, "Maven.java"],
        probe: &["java", "-cp", MAVEN, "org.apache.maven.artifact.versioning.ComparableVersion"],
        compare: maven::compare,
        version: maven_version,
    };
    oracle.check("random_versions_are_ordered_as_maven_orders_them", 100_000);
}
