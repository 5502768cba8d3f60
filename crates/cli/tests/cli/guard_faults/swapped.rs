//! A folder of the host is another one at the start than it was when the container was made.

use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::path::Path;
use std::process::Command;

use dockward_testbed::Suite;

use super::start;
use crate::guard::{Guarded, IMAGE};
use crate::run::Run;

#[test]
fn a_source_that_was_swapped_after_it_was_judged_is_judged_again_on_20_10() {
    swapped("a_source_that_was_swapped_after_it_was_judged_20_10", Suite::Bookworm);
}

#[test]
fn a_source_that_was_swapped_after_it_was_judged_is_judged_again_on_28_5() {
    swapped("a_source_that_was_swapped_after_it_was_judged_28_5", Suite::Sid);
}

fn swapped(test: &str, suite: Suite) {
    let settings = "[guard]\nbind-roots = [\"/srv/data\"]\n";
    let Some(mut guarded) = start(test, suite, "", settings) else { return };
    let data = guarded.engine.root().join("srv/data");
    fs::create_dir_all(data.join("deep/er")).unwrap();
    for (name, source) in [
        ("link", "/srv/data/link"),
        ("above", "/srv/data/above/in"),
        ("loose", "/srv/data/deep/er"),
        ("same", "/srv/data/same"),
    ] {
        fs::create_dir_all(guarded.engine.root().join(source.trim_start_matches('/'))).unwrap();
        guarded.passes(&["create", "--name", name, "-v", &format!("{source}:/m"), IMAGE, "true"]);
    }
    replace(&data.join("link"), "/etc");
    replace(&data.join("above"), "/var/lib");
    fs::create_dir_all(guarded.engine.root().join("var/lib/in")).unwrap();
    guarded.is_denied(&["start", "link"], "guard-bind-root");
    guarded.is_denied(&["start", "above"], "guard-bind-root");
    guarded.is_denied(&["restart", "link"], "guard-bind-root");
    guarded.is_denied(&["cp", "link:/m", "-"], "guard-bind-root");
    guarded.passes(&["start", "same"]);
    // Root may mount what others can write to; these may not.
    chown(data.join("deep"), Some(1000), Some(1000)).unwrap();
    chown(guarded.socket(), None, Some(1000)).unwrap();
    let told = as_another(&guarded, &["start", "loose"]);
    assert!(told.code != 0 && told.err.contains("guard-bind-root"), "{}", told.err);
    guarded.passes(&["start", "loose"]);
    let running = guarded.engine.docker_ok(&["ps", "-a", "--format", "{{.Names}} {{.Status}}"]);
    let created = running.lines().filter(|line| line.contains("Created")).count();
    assert_eq!(created, 2, "{running}");
    guarded.end();
}

/// The docker command of a user who is not root.
fn as_another(guarded: &Guarded, words: &[&str]) -> Run {
    let mut command = Command::new("timeout");
    command.args(["60", "chroot", "--userspec=1000:1000"]).arg(guarded.engine.root());
    command.args(["docker", "-H", "unix:///run/guard.sock"]).args(words).env("HOME", "/tmp");
    Run::new(&command.output().unwrap())
}

/// The folder gives way to a link.
fn replace(folder: &Path, to: &str) {
    fs::remove_dir_all(folder).unwrap();
    symlink(to, folder).unwrap();
}
